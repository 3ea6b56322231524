"""Notes on cases: for moderators alone, and for none who is a party."""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import closing
from domain.core import clock
from domain.core.access import GUEST
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, SignedOut
from domain.moderation import case_notes, cases, evidence
from domain.moderation.kinds import StatementKind
from tests.helpers.moderation import reported
from tests.helpers.people import PASSWORD, LiveNetwork, Member


async def seen(member: Member, case: int) -> list[str]:
    return [one.words for one in (await cases.read(await member.viewer(), case)).notes]


async def test_moderators_write_for_each_other(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    second = await network.moderator("max")
    await case_notes.add(await moderator.viewer(), case, "  He has done this before.  ")
    await case_notes.add(await second.viewer(), case, "Not here.")
    view = await cases.read(await second.viewer(), case)
    assert [(one.handle, one.words, one.mine) for one in view.notes] == [
        ("mona", "He has done this before.", False),
        ("max", "Not here.", True),
    ]
    # A note changes nothing that a moderator has to see before they decide, and stays when it is decided.
    assert view.version == 2
    await moderator.decide(case, StatementKind.WARNING)
    await case_notes.add(await moderator.viewer(), case, "We will see.")
    assert len(await seen(second, case)) == 3


async def test_only_ones_own_are_deleted(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    second = await network.moderator("max")
    await case_notes.add(await moderator.viewer(), case, "Mine.")
    (note,) = (await cases.read(await moderator.viewer(), case)).notes
    with pytest.raises(NotFound):
        await case_notes.remove(await second.viewer(), case, note.id)
    with pytest.raises(NotFound):
        await case_notes.remove(await moderator.viewer(), case + 1, note.id)
    await case_notes.remove(await moderator.viewer(), case, note.id)
    assert await seen(moderator, case) == []


async def test_members_and_guests_have_no_notes(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    await case_notes.add(await moderator.viewer(), case, "Mine.")
    for viewer, refusal in ((await ana.viewer(), NotFound), (await eve.viewer(), NotFound), (GUEST, SignedOut)):
        with pytest.raises(refusal):
            await case_notes.add(viewer, case, "Me too.")
        with pytest.raises(refusal):
            await cases.read(viewer, case)
    assert await network.count("case_note") == 1


@pytest.mark.parametrize("is_reporter", [True, False])
async def test_a_party_reads_and_writes_none(network: LiveNetwork, is_reporter: bool) -> None:
    """A moderator whom the case is about, or who has reported it."""
    ana, party, moderator = await network.member("ana"), await network.moderator("max"), await network.moderator()
    eve = await network.member("eve")
    post = await (eve if is_reporter else party).post("You will be sorry.")
    await (party if is_reporter else ana).report(post)
    case = await network.open_case()
    await case_notes.add(await moderator.viewer(), case, "Look at this one.")
    assert await seen(party, case) == []
    with pytest.raises(Forbidden):
        await case_notes.add(await party.viewer(), case, "It was a joke.")


@pytest.mark.parametrize("words", ["", " \n ", "x" * 2001, "x" * 100_000])
async def test_notes_have_words_and_not_too_many(network: LiveNetwork, words: str) -> None:
    _, _, moderator, _, case = await reported(network)
    with pytest.raises(Refused) as refusal:
        await case_notes.add(await moderator.viewer(), case, words)
    assert isinstance(refusal.value, Invalid)
    assert set(refusal.value.fields) == {"note"}
    assert await network.count("case_note") == 0


async def test_a_case_has_only_so_many(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_notes, "MAX_NOTES", 2)
    _, _, moderator, _, case = await reported(network)
    for _ in range(2):
        await case_notes.add(await moderator.viewer(), case, "Again.")
    with pytest.raises(Conflict):
        await case_notes.add(await moderator.viewer(), case, "Again.")


async def test_notes_go_with_the_evidence(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.WARNING)
    await case_notes.add(await moderator.viewer(), case, "We will see.")
    with clock.fixed_at(clock.now() + (evidence.KEPT_DAYS - 1) * clock.DAY_MS):
        await evidence.purge_due()
    assert await network.count("case_note") == 1
    with clock.fixed_at(clock.now() + (evidence.KEPT_DAYS + 1) * clock.DAY_MS):
        await evidence.purge_due()
    assert await network.count("case_note") == 0
    # None is kept for longer than what it is about.
    with pytest.raises(Conflict):
        await case_notes.add(await moderator.viewer(), case, "Still?")


async def test_a_note_stays_when_its_author_leaves(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    second = await network.moderator("max")
    await case_notes.add(await second.viewer(), case, "Mine.")
    await DB.fetch(SQL("UPDATE account SET role = 'member' WHERE id = ?1"), second.id)
    await closing.leave(await second.viewer(), "max", PASSWORD)
    await network.settle()
    (note,) = (await cases.read(await moderator.viewer(), case)).notes
    assert (note.handle, note.words, note.mine) == ("", "Mine.", False)


async def test_a_case_that_nobody_has_confirmed_has_none(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await DB.fetch(SQL("UPDATE mod_case SET state = 0 WHERE id = ?1"), case)
    with pytest.raises(NotFound):
        await case_notes.add(await moderator.viewer(), case, "Early.")
