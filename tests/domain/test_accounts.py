"""Joining, proving who one is, and the devices that one is signed in on."""

import asyncio
from datetime import UTC, datetime

import pytest

from db.engine import DB
from db.queries import credentials as queries
from db.queries.credentials import NewSession
from domain.accounts import credentials, network_profile, profiles, sessions, signup
from domain.core import clock, events
from domain.core.access import GUEST
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, SignedOut
from ops.demo import cast
from tests.conftest import Watch
from tests.helpers.people import PASSWORD, LiveNetwork

POLICY = signup.SignupPolicy(open=True, email_required=False, minimum_age=16, terms_version=1)


def form(**fields: object) -> signup.NewMember:
    given = {
        "handle": "Ana_R", "name": "Ana", "password": PASSWORD, "birth_date": "1990-01-01", "accepted_terms": True,
        **fields,
    }  # fmt: skip
    return signup.NewMember(**given)  # type: ignore[arg-type]


async def fields_refused(person: signup.NewMember, policy: signup.SignupPolicy = POLICY) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        await signup.sign_up(person, policy)
    return set(refusal.value.fields)


async def test_the_terms_that_were_accepted_are_recorded(network: LiveNetwork) -> None:
    account = await signup.sign_up(form(), signup.SignupPolicy(True, False, 16, terms_version=3))
    assert await network.count("account", f"id = {account} AND terms_version = 3 AND terms_at > 0") == 1
    assert await network.count("credential", f"account = {account} AND password_hash LIKE '$argon2id$%'") == 1
    assert (await credentials.prove("@ANA_r", PASSWORD)).account == account


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"handle": ""}, "handle"),
        ({"handle": "a b"}, "handle"),
        ({"handle": "ána"}, "handle"),
        ({"handle": "a" * 31}, "handle"),
        ({"handle": "Admin"}, "handle"),
        ({"handle": "ana\n"}, None),
        ({"name": " "}, "name"),
        ({"name": "n" * 51}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"password": "aaaaaaaaaaaa"}, "password"),
        ({"handle": "long_enough_name", "password": "Long_Enough_Name"}, "password"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.c\r\nBcc: x@y.z"}, "email"),
        ({"email": "b@x.org,root"}, "email"),
        ({"birth_date": ""}, "birth_date"),
        ({"birth_date": "yesterday"}, "birth_date"),
        ({"birth_date": "1850-01-01"}, "birth_date"),
        ({"birth_date": "2999-01-01"}, "birth_date"),
        ({"accepted_terms": False}, "terms"),
    ],
)
async def test_what_does_not_fit(network: LiveNetwork, wrong: dict[str, object], field: str | None) -> None:
    if field is None:
        await signup.sign_up(form(**wrong), POLICY)
        return
    assert await fields_refused(form(**wrong)) == {field}
    assert await network.count("account") == 1


async def test_the_age_floor_falls_on_the_birthday(network: LiveNetwork, watch: Watch) -> None:
    noon = datetime(2027, 3, 10, 12, tzinfo=UTC)
    watch.ahead = int(noon.timestamp() * 1000) - clock.now()
    assert await fields_refused(form(birth_date="2011-03-11")) == {"birth_date"}
    await signup.sign_up(form(birth_date="2011-03-10"), POLICY)
    await signup.sign_up(form(handle="leap", birth_date="2008-02-29"), POLICY)
    await signup.sign_up(form(handle="baby", birth_date=""), signup.SignupPolicy(True, False, 0, 1))


async def test_a_handle_is_taken_in_any_case(network: LiveNetwork) -> None:
    await signup.sign_up(form(handle="Ana"), POLICY)
    assert await fields_refused(form(handle="aNA")) == {"handle"}
    assert await network.count("account") == 2


async def test_one_handle_at_once_goes_to_one(network: LiveNetwork) -> None:
    tries = await asyncio.gather(*(signup.sign_up(form(), POLICY) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in tries) == ["Invalid", "Invalid", "Invalid", "int"]
    assert await network.count("account") == await network.count("credential") == 2


async def test_doors(network: LiveNetwork) -> None:
    with pytest.raises(Forbidden):
        await signup.sign_up(form(), signup.SignupPolicy(False, False, 16, 1))
    assert await fields_refused(form(), signup.SignupPolicy(True, True, 16, 1)) == {"email"}
    await signup.sign_up(form(email=" Ana@Tilly.example "), signup.SignupPolicy(True, True, 16, 1))
    assert await network.count("credential", "email = 'ana@tilly.example'") == 1


async def test_a_network_is_founded_once(network: LiveNetwork) -> None:
    with pytest.raises(Conflict):
        await networks_found("usurper")
    assert await network.count("account") == 1


async def networks_found(handle: str) -> None:
    await network_profile.found(cast.ABOUT, form(handle=handle), "Mine now")


async def test_only_an_operator_changes_the_network(network: LiveNetwork) -> None:
    from domain.accounts import network_profile

    ana = await network.member("ana")
    for viewer, error in ((GUEST, SignedOut), (await ana.viewer(), Forbidden)):
        with pytest.raises(error):
            await network_profile.edit(viewer, network_profile.NetworkInfo(name="Mine"), "Terms", ana.processor)
    operator = await (await network.operator()).viewer()
    await network_profile.edit(operator, cast.ABOUT, cast.TERMS, ana.processor)
    assert (await network_profile.latest_terms()).version == 1, "the same terms are no new version"
    await network_profile.edit(operator, network_profile.NetworkInfo(name="Tilly 2"), "Other terms", ana.processor)
    assert (await network_profile.about()).name == "Tilly 2"
    assert (await network_profile.latest_terms()).version == (await network_profile.about()).terms_version == 2
    with pytest.raises(Invalid) as refusal:
        await network_profile.edit(
            operator, network_profile.NetworkInfo(name="Tilly", contact="b@x.org,root"), "Other terms", ana.processor
        )
    assert set(refusal.value.fields) == {"contact"}


async def test_unknown_accounts_and_wrong_passwords_look_the_same(network: LiveNetwork) -> None:
    ana = await network.member("ana", email="ana@tilly.example")
    for who in ("ana", "Ana@Tilly.Example"):
        assert (await credentials.prove(who, PASSWORD)).account == ana.id
    words = set()
    for who, password in (("ana", "wrong password"), ("nobody", PASSWORD), ("", ""), ("x@y.z", PASSWORD), ("'", "'")):
        with pytest.raises(Invalid) as refusal:
            await credentials.prove(who, password)
        words.add((str(refusal.value), tuple(refusal.value.fields)))
    assert len(words) == 1


async def test_an_address_is_kept_in_one_spelling(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    for wrong in ("b@x.org,root", "b@localhost", "b@x.org\r\nBcc: c@y.org"):
        with pytest.raises(Invalid) as refusal:
            await credentials.change_email(await ana.viewer(), PASSWORD, wrong)
        assert list(refusal.value.fields) == ["email"]
    await credentials.change_email(await ana.viewer(), PASSWORD, " Ana@B\u00fccher.example")
    assert await credentials.email_of(await ana.viewer()) == "ana@xn--bcher-kva.example"
    await credentials.change_email(await ana.viewer(), PASSWORD, " ")
    assert await credentials.email_of(await ana.viewer()) == ""


async def test_devices(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    phone = await network.device(ana.id, "ana", "Phone")
    laptop = await network.device(ana.id, "ana", "Laptop")
    viewer = await phone.viewer()
    assert sorted((one.agent, one.current) for one in await sessions.devices(viewer)) == [
        ("Laptop", False),
        ("Phone", True),
        ("tests", False),
    ]
    theirs = (await ben.viewer()).session
    for wrong in (theirs, "nonsense"):
        with pytest.raises(NotFound):
            await sessions.end(viewer, wrong)
    await sessions.end(viewer, (await laptop.viewer()).session)
    assert await laptop.viewer() == GUEST
    await sessions.end_others(viewer)
    assert [(await one.viewer()).signed_in for one in (ana, phone, ben)] == [False, True, True]
    with pytest.raises(SignedOut):
        await sessions.devices(GUEST)


async def test_the_table_of_sessions_signs_nobody_in(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    session = (await ana.viewer()).session
    assert await sessions.viewer(session) == GUEST
    assert await network.count("session", f"id = '{ana.token}'") == 0


async def test_an_idle_device_is_signed_out(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    watch.forward(100 * 86_400)
    assert (await ana.viewer()).signed_in
    watch.forward(100 * 86_400)
    assert (await ana.viewer()).signed_in
    assert await ben.viewer() == GUEST
    await sessions.forget_idle()
    assert await network.count("session") == 1


async def test_another_password_signs_out_the_others(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    phone = await network.device(ana.id, "ana")
    for current, new, field in (("wrong", "a new password", "current"), (PASSWORD, "short", "new")):
        with pytest.raises(Invalid) as refusal:
            await credentials.change_password(await ana.viewer(), current, new)
        assert list(refusal.value.fields) == [field]
    assert (await phone.viewer()).signed_in
    await credentials.change_password(await ana.viewer(), PASSWORD, "a new password")
    assert [(await one.viewer()).signed_in for one in (ana, phone)] == [True, False]
    assert (await credentials.prove("ana", "a new password")).account == ana.id
    with pytest.raises(Invalid):
        await credentials.prove("ana", PASSWORD)


async def test_reset_links_work_once_and_not_for_long(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana")
    old = await credentials.make_reset(ana.id)
    token = await credentials.make_reset(ana.id)
    for wrong in (old, "nonsense", credentials.digest(token)):
        with pytest.raises(Forbidden):
            await credentials.reset(wrong, "another password")
    with pytest.raises(Invalid):
        await credentials.reset(token, "short")
    assert await credentials.reset(token, "another password") == ana.id
    assert await ana.viewer() == GUEST
    with pytest.raises(Forbidden):
        await credentials.reset(token, "yet another password")
    late = await credentials.make_reset(ana.id)
    watch.forward(3601)
    with pytest.raises(Forbidden):
        await credentials.reset(late, "yet another password")
    await credentials.forget_old_resets()
    assert await network.count("reset") == 0


async def test_a_link_that_is_mailed_again_ends_no_other_until_it_is_used(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana", email="ana@example.org")
    watch.forward(1)
    due = events.PasswordResetDue(ana.id, "ana@example.org", "en")
    first, second = [await credentials.answer_due(due) or "" for _ in range(2)]
    assert [await credentials.reset_account(token) for token in (first, second)] == [ana.id, ana.id]
    await credentials.reset(second, "another lamp in the window")
    with pytest.raises(Forbidden):
        await credentials.reset_account(first)


async def test_profiles_take_what_fits(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await network.member("ben")
    link = profiles.ProfileLink("Home", "tilly.example")
    await profiles.edit(await ana.viewer(), profiles.ProfileOwner(" A\nR ", "Friend of @Ben\nand @nobody", 3, [link]))
    shown = await profiles.by_handle(GUEST, "ANA")
    assert (shown.name, shown.bio_mentions, shown.links[0].address) == ("A R", " ben ", "https://tilly.example")
    wrong = profiles.ProfileOwner("", "b" * 501, 24, [profiles.ProfileLink("x", "javascript:alert(1)")])
    with pytest.raises(Invalid) as refusal:
        await profiles.edit(await ana.viewer(), wrong)
    assert set(refusal.value.fields) == {"name", "bio", "hue", "links"}


async def test_the_list_of_devices_is_bounded(network: LiveNetwork) -> None:
    """However often somebody has signed in; those seen last are on it."""
    ana = await network.member("ana")
    now = clock.now()
    async with DB.writing():
        for number in range(120):
            await queries.start_session(NewSession(f"{number:064}", ana.id, f"agent {number}", now + number, None))
    found = await sessions.devices(await ana.viewer())
    assert [one.agent for one in found] == [f"agent {number}" for number in range(119, 19, -1)]
