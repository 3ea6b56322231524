"""Words of moderators with those whom a case concerns: who gets them, who may answer, and who learns nothing."""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.core.access import GUEST
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, SignedOut
from domain.moderation import case_messages, cases, evidence
from domain.moderation.kinds import Party, StatementKind
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork, Member

QUESTION = "Is this a line from a song?"


async def ask(moderator: Member, case: int, party: Party = Party.SANCTIONED, words: str = QUESTION) -> None:
    await case_messages.write(await moderator.viewer(), case, party, words)


async def received(member: Member) -> list[str]:
    return [one.words for one in (await case_messages.mine(await member.viewer())).items]


async def first(member: Member) -> int:
    return (await case_messages.mine(await member.viewer())).items[0].id


async def notified(member: Member) -> int:
    return sum(one.kind is NotificationKind.CASE_MESSAGE for one in await notices.since(member.id, 0, 50))


async def said(moderator: Member, case: int) -> list[tuple[Party, bool, str]]:
    view = await cases.read(await moderator.viewer(), case)
    return [(one.party, one.by_moderator, one.words) for one in view.messages]


@pytest.mark.parametrize("party", Party)
async def test_one_side_gets_it_and_answers(network: LiveNetwork, party: Party) -> None:
    ana, eve, moderator, _, case = await reported(network)
    tom = await network.member("tom")
    to, other = (eve, ana) if party is Party.SANCTIONED else (ana, eve)
    before = (await cases.read(await moderator.viewer(), case)).version
    await ask(moderator, case, party)
    await network.settle()
    assert [await received(one) for one in (to, other, tom)] == [[QUESTION], [], []]
    assert [await notified(one) for one in (to, other, tom)] == [1, 0, 0]
    assert (await cases.read(await moderator.viewer(), case)).version == before
    message = await first(to)
    await case_messages.answer(await to.viewer(), message, " It is. ")
    assert await said(moderator, case) == [(party, True, QUESTION), (party, False, "It is.")]
    # Whoever decides has to see the answer first.
    assert (await cases.read(await moderator.viewer(), case)).version == before + 1
    (one,) = (await case_messages.mine(await to.viewer())).items
    assert ([answer.words for answer in one.answers], one.answerable) == (["It is."], True)
    for stranger in (other, tom):
        with pytest.raises(NotFound):
            await case_messages.answer(await stranger.viewer(), message, "Me too.")


async def test_an_answer_calls_for_attention_until_somebody_replies(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)

    async def answered() -> bool:
        (one,) = (await cases.queue(await moderator.viewer())).cases
        return one.answered

    assert not await answered()
    await ask(moderator, case)
    assert not await answered()
    await case_messages.answer(await eve.viewer(), await first(eve), "It is.")
    assert await answered()
    await eve._tick()
    await ask(moderator, case, words="Thank you.")
    assert not await answered()


async def test_reporters_answer_each_for_themselves(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    tom, lea = await network.members("tom", "lea")
    await tom.report(post)
    await tom._tick()
    await ask(moderator, case, Party.REPORTER)
    await lea._tick()
    await lea.report(post)
    await network.settle()
    # Whoever comes later was not asked.
    assert [await received(one) for one in (ana, tom, lea, eve)] == [[QUESTION], [QUESTION], [], []]
    await case_messages.answer(await ana.viewer(), await first(ana), "From ana.")
    (one,) = (await case_messages.mine(await tom.viewer())).items
    assert one.answers == []
    with pytest.raises(NotFound):
        await case_messages.answer(await lea.viewer(), await first(tom), "Late.")


async def test_only_so_many_answers_and_messages(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_messages, "MAX_MESSAGES", 2)
    _, eve, moderator, _, case = await reported(network)
    await ask(moderator, case)
    message = await first(eve)
    for _ in range(case_messages.MAX_ANSWERS):
        await case_messages.answer(await eve.viewer(), message, "It is.")
    assert not (await case_messages.mine(await eve.viewer())).items[0].answerable
    with pytest.raises(Conflict):
        await case_messages.answer(await eve.viewer(), message, "It is.")
    # Each message may be answered anew.
    await eve._tick()
    await ask(moderator, case)
    await case_messages.answer(await eve.viewer(), await first(eve), "It is.")
    with pytest.raises(Conflict):
        await ask(moderator, case)


async def test_after_the_decision_nobody_writes(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    await ask(moderator, case)
    await moderator.decide(case, StatementKind.WARNING)
    (one,) = (await case_messages.mine(await eve.viewer())).items
    assert not one.answerable
    with pytest.raises(Conflict):
        await case_messages.answer(await eve.viewer(), one.id, "It is.")
    with pytest.raises(Conflict):
        await ask(moderator, case)


async def test_who_may_not_decide_may_not_write(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    party, second = await network.moderator("max"), await network.moderator("mira")
    await party.report(post)
    with pytest.raises(Forbidden):
        await ask(party, case)
    for viewer, refusal in ((await ana.viewer(), NotFound), (await eve.viewer(), NotFound), (GUEST, SignedOut)):
        with pytest.raises(refusal):
            await case_messages.write(viewer, case, Party.SANCTIONED, QUESTION)
    await cases.claim(await moderator.viewer(), case)
    with pytest.raises(Conflict):
        await ask(second, case)
    await ask(moderator, case)
    assert (await cases.read(await party.viewer(), case)).messages == []


@pytest.mark.parametrize("words", ["", "Ask @ana.", "Eve, is it?", "x" * 2001, "See https://parvis.example"])
async def test_a_message_names_nobody(network: LiveNetwork, words: str) -> None:
    _, eve, moderator, _, case = await reported(network)
    with pytest.raises(Refused) as refusal:
        await ask(moderator, case, words=words)
    assert isinstance(refusal.value, Invalid)
    assert set(refusal.value.fields) <= {"message", "names_nobody"}
    assert await received(eve) == []


async def test_a_message_has_somebody_to_go_to(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await DB.fetch(SQL("UPDATE report SET reporter = NULL"))
    for party in (Party.REPORTER, None):
        with pytest.raises(Invalid) as refusal:
            await case_messages.write(await moderator.viewer(), case, party, QUESTION)
        assert set(refusal.value.fields) == {"party"}


@pytest.mark.parametrize("words", ["", "  ", "x" * 1001, "x" * 100_000])
async def test_an_answer_has_words_and_not_too_many(network: LiveNetwork, words: str) -> None:
    _, eve, moderator, _, case = await reported(network)
    await ask(moderator, case)
    with pytest.raises(Invalid) as refusal:
        await case_messages.answer(await eve.viewer(), await first(eve), words)
    assert set(refusal.value.fields) == {"words"}


async def test_messages_go_with_the_evidence(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    await ask(moderator, case)
    await case_messages.answer(await eve.viewer(), await first(eve), "It is.")
    await moderator.decide(case, StatementKind.WARNING)
    with clock.fixed_at(clock.now() + (evidence.KEPT_DAYS + 1) * clock.DAY_MS):
        await evidence.purge_due()
    assert await network.count("case_message") == 0
    assert await received(eve) == []
    # What was still to be told is told no more.
    await network.settle()
    assert await notified(eve) == 0


async def test_the_suspended_read_and_answer(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    other = await eve.post("You will be sorry again.")
    await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=7)
    await DB.fetch(SQL("UPDATE mod_case SET state = 1, closed_at = NULL WHERE id = ?1"), case)
    await ask(moderator, case)
    await case_messages.answer(await eve.viewer(), await first(eve), "It is.")
    assert len(await said(moderator, case)) == 2
    assert not await ana.sees(other)
