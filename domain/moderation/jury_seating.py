"""Convenes the jury of an appeal, and gives seats to those who are drawn for it.

A jury changes only in transactions that have locked the case of its appeal.
"""

from db.queries import juries as queries
from db.queries import jury_audits
from db.queries.juries import JuryRow
from db.queries.statements import StatementRow
from domain.core import clock, events, ids
from domain.core.moderation_events import JuryClosed, SummonsEnds, SummonsMade, WorkWaits
from domain.moderation import jury_lot, statements
from domain.moderation.jury_kinds import JuryState
from domain.moderation.kinds import Severity
from domain.moderation.rules import Rule

# Five members, of whom four have to agree to take a decision back.
SEATS, TO_REVERSE = 5, 4
# How long a juror has to answer, and for how long others are drawn in place of those who don't.
ANSWER_HOURS, DAYS = 24, 7
# How many audits there are for a seat, and among how many of the newest one is chosen.
AUDIT_SHARE, AUDITS = 0.1, 100


def hears(rule: Rule) -> bool:
    """Whether a jury hears appeals: what is urgent or against the law is for moderators alone."""
    return rule.jury and rule.severity < Severity.ILLEGAL


async def convene(appeal: int, made: StatementRow) -> None:
    """Within a transaction that has locked the case: has a jury hear the appeal, if the broken rule is for one.

    Where there are too few members it is noted that a moderator has to hear it.
    """
    rule = (await statements.rules_of([made])).get(made.id)
    if rule is None or not hears(rule):
        return
    now = clock.now()
    drawn = await jury_lot.draw(appeal, made.mod_case, SEATS)
    if len(drawn) < SEATS:
        await queries.add(JuryRow(appeal, JuryState.REFERRED, now, now, now))
        return
    await queries.add(JuryRow(appeal, JuryState.SITTING, now, now + DAYS * clock.DAY_MS, None))
    await _seat(appeal, drawn)
    if jury_lot.LOT.random() < AUDIT_SHARE * SEATS:
        await _audit()


async def fill(jury: JuryRow, made: StatementRow, missing: int) -> int:
    """Within a transaction that has locked the case: draws others for seats that were given up. Returns how many."""
    if clock.now() >= jury.ends_at:
        return 0
    drawn = await jury_lot.draw(jury.appeal, made.mod_case, missing)
    await _seat(jury.appeal, drawn)
    return len(drawn)


async def _audit() -> None:
    """Draws somebody who is given an audit, and can't tell it from a jury."""
    offered = await jury_audits.offered(AUDITS)
    if offered:
        audit = jury_lot.LOT.choice(offered)
        await _seat(audit.jury, await jury_lot.draw(audit.jury, audit.mod_case, 1), audit=True)


async def _seat(jury: int, drawn: list[int], *, audit: bool = False) -> None:
    time = ANSWER_HOURS * clock.HOUR_MS
    ends_at = clock.now() + time
    for account in drawn:
        juror = ids.new()
        await queries.seat(juror, jury, account, ends_at, audit=audit)
        await events.record(SummonsMade(juror))
        await events.record(SummonsEnds(juror), time)


async def close(jury: int, state: JuryState) -> bool:
    """Within a transaction that has locked the case: ends a jury and has its jurors told. False if it has ended."""
    if not await queries.close(jury, state, clock.now()):
        return False
    await events.record(JuryClosed(jury))
    if state is JuryState.REFERRED:
        await events.record(WorkWaits())
    return True
