"""An address that several accounts have: nobody proves by signing up that it is theirs, and nobody loses by it."""

import argon2
import pytest

from domain.accounts import credentials, emails
from domain.core.errors import Invalid
from domain.notifications import digests
from tests.helpers.people import PASSWORD, LiveNetwork, Member

HOUSE = "house@tilly.example"
OTHER = "another lamp in the window"


async def member(network: LiveNetwork, handle: str, password: str = PASSWORD) -> Member:
    made = await network.member(handle, email=HOUSE)
    if password != PASSWORD:
        await credentials.change_password(await made.viewer(), PASSWORD, password)
    return made


async def confirm(member: Member) -> None:
    await digests.choose(await member.viewer(), digests.DAILY)
    await digests.confirm(await digests.confirm_token(member.id, HOUSE))


async def test_the_password_says_who_is_meant(network: LiveNetwork) -> None:
    ana = await member(network, "ana")
    stranger = await member(network, "stranger", OTHER)
    assert (await credentials.prove(HOUSE, PASSWORD)).account == ana.id, "a stranger's sign-up takes nothing away"
    assert (await credentials.prove(" House@Tilly.example", OTHER)).account == stranger.id
    for who, password in ((HOUSE, "neither of these"), ("ana", OTHER), ("stranger", PASSWORD)):
        with pytest.raises(Invalid):
            await credentials.prove(who, password)


async def test_who_confirmed_the_address_comes_first_then_the_oldest(network: LiveNetwork) -> None:
    ana, ben = await member(network, "ana"), await member(network, "ben")
    assert (await credentials.prove(HOUSE, PASSWORD)).account == ana.id
    await confirm(ben)
    assert (await credentials.prove(HOUSE, PASSWORD)).account == ben.id
    for number in range(credentials.SHARED_MOST):
        await member(network, f"squatter{number}", OTHER)
    assert (await credentials.prove(HOUSE, PASSWORD)).account == ben.id


async def test_older_squatters_do_not_hide_who_confirmed(network: LiveNetwork) -> None:
    for number in range(credentials.SHARED_MOST):
        await member(network, f"squatter{number}", OTHER)
    ana = await member(network, "ana")
    assert (await credentials.prove("ana", PASSWORD)).account == ana.id, "the handle always works"
    with pytest.raises(Invalid):
        await credentials.prove(HOUSE, PASSWORD)
    await confirm(ana)
    assert (await credentials.prove(HOUSE, PASSWORD)).account == ana.id


async def test_a_wrong_password_takes_as_long_however_many_have_the_address(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    real = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, hashed: str, password: str) -> bool:
        verified.append(hashed)
        return real(self, hashed, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    counts = []
    for number in range(3):
        verified.clear()
        with pytest.raises(Invalid):
            await credentials.prove(HOUSE, "neither of these")
        counts.append(len(verified))
        await member(network, f"ana{number}")
    assert counts == [credentials.SHARED_MOST] * 3
    for who in ("ana1", "nobody"):
        verified.clear()
        with pytest.raises(Invalid):
            await credentials.prove(who, "neither of these")
        assert len(verified) == 1


async def test_a_domain_in_unicode_is_the_same_address(network: LiveNetwork) -> None:
    ana = await network.member("ana", email="ana@b\u00fccher.example")
    for typed in ("Ana@B\u00fccher.example", "ana@xn--bcher-kva.example"):
        assert (await credentials.prove(typed, PASSWORD)).account == ana.id
        assert emails.normalized(typed) == await credentials.email_of(await ana.viewer())


def test_nobodys_hash_costs_what_a_members_does() -> None:
    assert not credentials._HASHER.check_needs_rehash(credentials._NOBODY)
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        credentials._HASHER.verify(credentials._NOBODY, "a lamp in every window")
