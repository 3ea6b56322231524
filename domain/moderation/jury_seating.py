"""Convenes the jury of an appeal, and gives seats to those who are drawn for it.

A jury changes only in transactions that have locked the case of its appeal.
"""

from collections.abc import Iterable

from db.queries import cases, jury_audits, reports
from db.queries import juries as queries
from db.queries.juries import JuryRow
from db.queries.statements import StatementRow
from domain.core import clock, events, ids
from domain.core.moderation_events import JuryClosed, SummonsEnds, SummonsMade, WorkWaits
from domain.moderation import evidence, jury_lot, rules, statements
from domain.moderation.jury_kinds import JuryState
from domain.moderation.kinds import Severity, SubjectKind
from domain.moderation.rules import Rule

# Five members, of whom four have to agree that a decision is wrong.
SEATS, TO_REVERSE = 5, 4
# How long a juror has to answer, and for how long others are drawn in place of those who don't.
ANSWER_HOURS, DAYS = 24, 7
# How many audits there are for a seat, and among how many of the newest one is chosen.
AUDIT_SHARE, AUDITS = 0.1, 100


def hears(rule: Rule) -> bool:
    """Whether a jury hears appeals: what is urgent or against the law is for moderators alone."""
    return rule.jury and rule.severity < Severity.ILLEGAL


def is_seen(decision: Iterable[StatementRow]) -> bool:
    """Whether jurors may see what was decided about: the pictures of a profile show who it is."""
    return not any(one.post is None and one.media is not None for one in decision)


async def convene(appeal: int, made: StatementRow) -> None:
    """Within a transaction that has locked the case: has a jury hear an appeal of the sanctioned, if it is for one.

    Where there are too few members it is noted that a moderator has to hear it.
    """
    rule = (await statements.rules_of([made])).get(made.id)
    if rule is not None and hears(rule) and is_seen(await statements.of_decision(made)):
        await _convene(appeal, made)


async def convene_for_reporter(appeal: int, made: StatementRow, reporter: int) -> None:
    """The same for somebody who says that a breach was not found, under the rule that they named.

    One jury hears such a decision; appeals of others against it go to a moderator. So does a case that somebody has
    reported under a rule that is not for juries, and an account with pictures, which might be what is wrong with it.
    """
    case, report = await cases.one(made.mod_case), await reports.by(made.mod_case, reporter)
    if case is None or report is None or case.severity >= Severity.ILLEGAL:
        return
    rule = (await rules.of_version(report.rule_version)).rule(report.rule_number)
    if not hears(rule) or await queries.has_heard_reporter(made.id):
        return
    kept = await evidence.of_case(made.mod_case)
    if case.subject_kind != SubjectKind.ACCOUNT or not any(one.content.media for one in kept):
        await _convene(appeal, made)


async def _convene(appeal: int, made: StatementRow) -> None:
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
