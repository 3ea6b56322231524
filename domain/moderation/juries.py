"""Hears appeals: jurors answer, seats that are given up go to others, and the fifth vote ends it.

Nobody is told how many have voted, or what. What a jury decides it says in the same words each time.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from db.engine import DB
from db.queries import appeals, cases, sanctions
from db.queries import juries as queries
from db.queries.appeals import AppealRow
from db.queries.juries import JurorRow, JuryRow
from db.queries.statements import StatementRow
from domain.core import clock, events, text_parsing
from domain.core.access import Viewer, member
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, collect
from domain.core.events import PostDeleted
from domain.core.moderation_events import AppealDecided, SummonsEnds
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.core.translatable import N_
from domain.moderation import jury_audits, jury_lot, jury_seating, reversals, statements
from domain.moderation.appeals import DUE_MS, let_evidence_go
from domain.moderation.jury_kinds import SEATED, JuryState, JuryVote, SeatState
from domain.moderation.jury_seating import SEATS, TO_REVERSE
from domain.moderation.kinds import AppealState, Party

MAX_REASON = 500
# Seats, and juries, in a pass of the sweep.
BATCH = 100
# What is stored as the answer to an appeal, and as the explanation of a reversal; pages translate it.
VERDICTS = {
    JuryState.UPHELD: N_(
        "Five members, drawn by lot, have heard the appeal. Fewer than four of them found the decision wrong, so it"
        " stands."
    ),
    JuryState.REVERSED: N_(
        "Five members, drawn by lot, have heard the appeal. At least four of them found the decision wrong, so it is"
        " taken back."
    ),
}
ANSWERED = N_("You have answered this summons, or your time to answer is over.")


class Seat(NamedTuple):
    """A seat with its jury, the appeal that is heard and the decision that was appealed."""

    juror: JurorRow
    jury: JuryRow
    appeal: AppealRow
    made: StatementRow


class Answer(msgspec.Struct, frozen=True):
    """What a juror answers. ``vote`` is None for those who give their seat up, ``version`` that of the seat that they
    have seen.
    """

    state: SeatState
    version: int
    vote: JuryVote | None = None
    reason: str = ""


async def seat(juror: int) -> Seat:
    """Errors: ``NotFound``."""
    row = await queries.juror(juror)
    jury = await queries.one(row.jury) if row else None
    appeal = await appeals.one(row.jury) if row else None
    if row is None or jury is None or appeal is None:
        raise NotFound
    return Seat(row, jury, appeal, await statements.row(appeal.statement))


@retried
async def answer(viewer: Viewer, juror: int, given: Answer) -> None:
    """Votes, abstains or passes. The vote of somebody who is involved by now is set aside, and somebody else drawn.

    Errors: ``SignedOut``, ``NotFound`` for somebody else's seat, ``Forbidden``, ``Invalid`` with the fields ``vote``
    and ``reason``, ``Conflict`` when the seat has been answered, its time is over or the jury has ended.
    """
    member(viewer)
    text_parsing.check_sizes(reason=(given.reason, MAX_REASON))
    known = await seat(juror)
    if known.juror.account != viewer.id:
        raise NotFound
    reason = text_parsing.clean(given.reason)
    missing = Invalid("Choose one of the two.") if given.state is SeatState.VOTED and given.vote is None else None
    collect(vote=missing, reason=text_parsing.too_long(reason, MAX_REASON))
    if given.state is SeatState.VOTED and (viewer.is_moderator or viewer.frozen_until):
        raise Forbidden("You can’t vote on a jury now: moderators don’t, and nobody does whose posting is frozen.")
    if not known.juror.audit:
        await _void_if_pointless(known.jury.appeal)
    async with DB.writing():
        await cases.lock(known.made.mod_case)
        found = await seat(juror)
        if found.jury.state != JuryState.SITTING and not found.juror.audit:
            raise Conflict("This jury has ended.")
        if found.juror.state != SeatState.SUMMONED or found.juror.ends_at <= clock.now():
            raise Conflict(ANSWERED)
        state = await _counted(viewer, found, given.state)
        new = found.juror._replace(state=state, vote=given.vote, reason=reason, version=given.version)
        if not await queries.answer(new, clock.now()):
            raise Conflict("This summons has changed since you opened it. Look at it again.")
        if found.juror.audit:
            await jury_audits.pause_if_failed(viewer.id)
        else:
            await _settle(found)


async def _counted(viewer: Viewer, found: Seat, state: SeatState) -> SeatState:
    """What becomes of an answer. An audit is nobody's appeal any more."""
    if state is not SeatState.VOTED or found.juror.audit:
        return state
    involved = await jury_lot.is_involved(viewer.id, found.made.mod_case)
    return SeatState.SET_ASIDE if involved else state


@retried
async def give_up_all(account: int) -> None:
    """Gives up every seat that waits for an account's answer."""
    for one in await queries.summoned(account):
        async with DB.writing():
            known = await seat(one.id)
            await cases.lock(known.made.mod_case)
            found = await seat(one.id)
            passed = found.juror._replace(state=SeatState.PASSED)
            if await queries.answer(passed, clock.now()) and not passed.audit:
                await _settle(found)


def verdict(votes: Sequence[JuryVote]) -> JuryState | None:
    """What these votes decide, however others may vote; None while that is open."""
    reverse = votes.count(JuryVote.REVERSE)
    if reverse >= TO_REVERSE:
        return JuryState.REVERSED
    return JuryState.UPHELD if len(votes) - reverse > SEATS - TO_REVERSE else None


async def _settle(found: Seat) -> None:
    """Fills seats that were given up, and ends the jury once all have voted, or once nobody else can be drawn."""
    held = [one for one in await queries.seats(found.jury.appeal) if one.state in SEATED]
    votes = [JuryVote(one.vote) for one in held if one.vote is not None]
    missing = SEATS - len(held)
    if missing:
        missing -= await jury_seating.fill(found.jury, found.made, missing)
    if missing or len(votes) == SEATS:
        await _close(found, verdict(votes) or JuryState.REFERRED)


async def _close(found: Seat, state: JuryState) -> None:
    if not await jury_seating.close(found.jury.appeal, state):
        return
    now, appeal, made = clock.now(), found.appeal, found.made
    found_missed = appeal.party == Party.REPORTER and state is JuryState.REVERSED
    if state is JuryState.REFERRED or found_missed:
        # A jury sanctions nobody: what to do about a breach that was missed says another moderator.
        await appeals.put_off(appeal.id, now + DUE_MS)
        return
    words = VERDICTS[state]
    if state is JuryState.UPHELD:
        await appeals.answer(appeal.id, AppealState.UPHELD, words, None, now)
        await events.record(AppealDecided(appeal.id))
    else:
        await _reverse(found, words)
        await appeals.answer_all(appeal.statement, appeal.party, AppealState.GRANTED, words, None, now)
    await let_evidence_go(made.mod_case)


async def _reverse(found: Seat, words: str) -> None:
    standing = [one for one in await statements.of_decision(found.made) if await statements.is_reversible(one)]
    written = [await reversals.write(one, words, None) for one in standing]
    for reversal in written:
        await queries.add_reversal(reversal, found.jury.appeal)
    if written:
        # Everybody is told once of all that was decided together.
        await events.record(events.CaseDecided(case=found.made.mod_case, statement=written[-1]))


async def summons_ended(event: SummonsEnds) -> None:
    """A juror's time is over: somebody else is drawn if they have not answered."""
    await _lapse(event.juror)


@retried
async def _lapse(juror: int) -> None:
    async with DB.writing():
        try:
            known = await seat(juror)
        except NotFound:
            return
        await cases.lock(known.made.mod_case)
        found = await seat(juror)
        if await _is_over(found.juror) and await queries.lapse(juror) and found.jury.state == JuryState.SITTING:
            await _settle(found)


async def _is_over(juror: JurorRow) -> bool:
    """Whether a juror's time is over, or they have left."""
    return juror.ends_at <= clock.now() or await _has_left(juror.account)


async def _has_left(account: int | None) -> bool:
    """Whether whoever had this account, None once it is gone, has left the network."""
    return account is None or await sanctions.one(account) is None


async def end_due() -> int:
    """Ends seats whose event was lost, or whose juror has left, and juries whose appellant has, or whose subject went.

    Returns how many.
    """
    pace = Pace()
    seats, void = await queries.due(clock.now(), BATCH), await queries.left(BATCH)
    for juror in seats:
        await _lapse(juror)
        await pace.rest()
    for jury in void:
        await _void_if_pointless(jury)
        await pace.rest()
    return len(seats) + len(void)


async def post_purged(event: PostDeleted) -> None:
    """Ends juries about a post that is gone for good, or about a picture of it."""
    for jury in await queries.about_post(event.post):
        await _void_if_pointless(jury)


@retried
async def _void_if_pointless(jury: int) -> None:
    """Ends a jury of which nobody waits for the verdict, since whoever appealed has left or has their answer; or whose
    subject is gone: points and sanctions stand, so a moderator decides the appeal by what is kept.
    """
    appeal = await appeals.one(jury)
    if appeal is None:
        return
    case = (await statements.row(appeal.statement)).mod_case
    is_waited_for = appeal.state == AppealState.OPEN and not await _has_left(appeal.appellant)
    if is_waited_for and not await queries.is_gone(case):
        return
    async with DB.writing():
        await cases.lock(case)
        if await jury_seating.close(jury, JuryState.VOID) and is_waited_for:
            await appeals.put_off(jury, clock.now() + DUE_MS)
