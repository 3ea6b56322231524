"""What a complaint from upstream is about is kept when it comes, and as long as it is needed."""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import closing
from domain.core import clock
from domain.core.errors import Conflict, NotFound
from domain.moderation import cases, evidence, guest_reports, upstream, upstream_evidence, upstream_work
from domain.moderation.kinds import CaseState, StatementKind
from domain.moderation.reports import NamedRule
from domain.moderation.upstream_kinds import Sender
from domain.moderation.upstream_work import Closing
from tests.conftest import Watch
from tests.helpers.complaints import WORDS, filed, mail, opened, read
from tests.helpers.moderation import guest_form
from tests.helpers.people import PASSWORD, LiveNetwork, Member

RULE = NamedRule(1, 6)
DAY = clock.DAY_MS // 1000


def address(post: int) -> str:
    return f"https://parvis.test/@eve/{post}"


async def kept(network: LiveNetwork) -> int:
    return await network.count("evidence")


async def close(moderator: Member, complaint: int) -> None:
    how = Closing((await read(moderator, complaint)).version, answers=False)
    await upstream_work.close(await moderator.viewer(), complaint, how, can_mail=True)


async def open_all(moderator: Member, complaint: int) -> int:
    """Opens a case for each address; returns the first one's."""
    places = [one.place for one in (await read(moderator, complaint)).addresses]
    await upstream_work.open_cases(await moderator.viewer(), complaint, places, RULE)
    case = (await read(moderator, complaint)).addresses[0].case
    assert case is not None
    return case


async def test_deleting_post_and_account_ends_no_complaint(network: LiveNetwork) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    post = await eve.post("You will be sorry.")
    complaint = await opened(mail(f"{WORDS}\n{address(post)}\nhttps://parvis.test/@eve"))
    assert (await cases.queue(await moderator.viewer())).cases == []
    await eve.delete(post)
    await closing.leave(await eve.viewer(), "eve", PASSWORD)
    await network.settle()
    view = await read(moderator, complaint)
    assert [one.can_open for one in view.addresses] == [True, True]
    case = await open_all(moderator, complaint)
    found = await cases.read(await moderator.viewer(), case)
    assert [one.content.text for one in found.evidence] == ["You will be sorry."]
    assert found.post == post
    of_account = (await read(moderator, complaint)).addresses[1].case
    assert of_account is not None
    assert (await cases.read(await moderator.viewer(), of_account)).evidence[0].content.handle == "eve"


async def test_pictures_are_kept_by_reference(network: LiveNetwork) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    post = await eve.show("Look.")
    complaint = await opened(mail(address(post)))
    assert await network.count("evidence_file") == 1
    await eve.delete(post)
    await network.settle()
    case = await open_all(moderator, complaint)
    (piece,) = (await cases.read(await moderator.viewer(), case)).evidence
    assert await DB.value(SQL("SELECT uses FROM stored_object WHERE key = ?1"), piece.files[0].key) == 1


async def test_a_form_keeps_it_too_and_drops_it_with_what_nobody_confirms(network: LiveNetwork, watch: Watch) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    post = await eve.post("You will be sorry.")
    await filed(addresses=f"{address(post)}\nhttps://other.example/@eve\nhttps://parvis.test/@nobody")
    assert await kept(network) == 1
    (case,) = await DB.fetch(SQL("SELECT id, state FROM mod_case"))
    assert case[1] == CaseState.WAITING
    with pytest.raises(NotFound):
        await cases.read(await moderator.viewer(), case[0])
    assert await cases.claim_next(await moderator.viewer()) is None
    watch.forward(7 * DAY + 60)
    await upstream.forget_old()
    assert await network.count("mod_case", f"state = {CaseState.VOID.value}") == 1
    assert await evidence.purge_due() == 1
    assert await kept(network) == 0


async def test_each_revision_is_kept_once_however_many_complain(network: LiveNetwork, watch: Watch) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    post = await eve.post("You will be sorry.")
    one = await filed(addresses=f"{address(post)}\n{address(post)}?again", sender=Sender.AUTHORITY)
    other = await filed(addresses=address(post), sender=Sender.AUTHORITY)
    assert await kept(network) == 1
    await close(moderator, one)
    watch.forward(1)
    assert await network.count("mod_case", f"state = {CaseState.WAITING.value}") == 1, "the other one needs it"
    await close(moderator, other)
    assert await network.count("mod_case", f"state = {CaseState.VOID.value}") == 1
    assert await evidence.purge_due() == 0
    watch.forward(190 * DAY)
    assert await evidence.purge_due() == 1


async def test_it_is_kept_again_once_confirmed(network: LiveNetwork) -> None:
    eve = await network.member("eve")
    post = await eve.post("You will be sorry.")
    complaint = await filed(addresses=address(post))
    await eve.edit(post, "You will be very sorry.")
    await upstream.confirm(await upstream.token(complaint))
    assert await kept(network) == 2


async def test_what_a_guest_has_reported_waits_for_both(network: LiveNetwork, watch: Watch) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    post = await eve.post("You will be sorry.")
    complaint = await filed(addresses=address(post), sender=Sender.AUTHORITY)
    await guest_reports.file(guest_form(post), can_mail=True)
    assert await network.count("mod_case") == 1
    watch.forward(8 * DAY)
    await guest_reports.forget_old()
    assert await network.count("mod_case", f"state = {CaseState.WAITING.value}") == 1
    await close(moderator, complaint)
    assert await network.count("mod_case", f"state = {CaseState.VOID.value}") == 1


async def test_what_is_open_already_gets_it(network: LiveNetwork) -> None:
    eve, ana, moderator = await network.member("eve"), await network.member("ana"), await network.moderator()
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    case = await network.open_case()
    await eve.edit(post, "You will be very sorry.")
    complaint = await opened(mail(address(post)))
    view = await cases.read(await moderator.viewer(), case)
    assert len(view.evidence) == 2
    # Decided before anybody has looked at the complaint: a case of its own has what was kept.
    await moderator.decide(case, StatementKind.NO_BREACH)
    await eve.delete(post)
    await network.settle()
    fresh = await open_all(moderator, complaint)
    assert fresh != case
    found = await cases.read(await moderator.viewer(), fresh)
    assert [one.content.text for one in found.evidence] == ["You will be very sorry."]


async def test_strangers_keep_no_more_than_a_bound(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream_evidence, "STRANGERS", 2)
    monkeypatch.setattr(upstream_evidence, "CONFIRMED", 3)
    eve, moderator = await network.member("eve"), await network.moderator()
    posts = [await eve.post(f"Post {number}") for number in range(4)]
    made = [await filed(addresses=address(post), email=f"a{post}@nordhost.example") for post in posts]
    assert await kept(network) == 2
    await upstream.confirm(await upstream.token(made[-1]))
    assert await kept(network) == 3, "whoever has confirmed is no stranger"
    await upstream.confirm(await upstream.token(made[2]))
    assert await kept(network) == 3
    gone = await filed(addresses=address(posts[2]), sender=Sender.AUTHORITY)
    await eve.delete(posts[2])
    await network.settle()
    with pytest.raises(Conflict, match="nothing of it was kept"):
        await open_all(moderator, gone)
