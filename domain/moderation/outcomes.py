"""Tells people of decisions: whom they concern, and everyone who reported the case. Nobody is named to anybody.

Each is told by an event of their own, which waits for nobody else's notifications.
"""

from db.queries import appeals, statements
from db.queries import reports as queries
from db.queries.reports import ReportRow
from domain.core import clock, events
from domain.core.events import AnswerDue, AnswersContinued, CaseDecided, StatementMade
from domain.core.moderation_events import AppealDecided, GuestAppealAnswerDue
from domain.moderation.kinds import BREACHES, Outcome, StatementKind
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind

# Reports whose events are recorded in one transaction; the next ones have an event of their own.
BATCH = 200
RETRY_MS = 20


async def decided(event: CaseDecided) -> None:
    """Has the account told that a decision concerns, and then those who reported the case."""
    statement = await statements.one(event.statement)
    if statement is not None and statement.kind != StatementKind.NO_BREACH:
        await events.record(StatementMade(statement.account, statement.id))
    await answers_continued(AnswersContinued(event.case))


async def statement_made(event: StatementMade) -> None:
    """Notifies an account of a decision about it; what takes one back is no new one."""
    made = await statements.one(event.statement)
    taken_back = made is not None and made.kind == StatementKind.REVERSAL
    kind = NotificationKind.REVERSAL if taken_back else NotificationKind.STATEMENT
    if not await notices.try_from_network(event.account, event.statement, kind=kind):
        await events.record(event, RETRY_MS)


async def answers_continued(event: AnswersContinued) -> None:
    """Records an event for each report of a case that has another outcome than its reporter knows of."""
    outcome = await of_case(event.case)
    if outcome is None:
        return
    found = await queries.to_answer(event.case, outcome, event.after, BATCH)
    for report in found:
        await events.record(AnswerDue(report))
    if len(found) == BATCH:
        await events.record(AnswersContinued(event.case, found[-1]))


async def of_case(case: int) -> Outcome | None:
    """What reporters are told of a case: that moderators acted as long as any of what they did stands.

    None while the case is not decided.
    """
    made = await statements.of_cases([case])
    acted = {one.id for one in made if one.kind in BREACHES}
    if acted:
        return Outcome.ACTION if acted - {one.reverses for one in made} else Outcome.REVERSED
    return Outcome.NO_BREACH if made else None


async def answer_due(event: AnswerDue) -> None:
    """Gives a report the outcome of its case and tells whoever sent it, once for each outcome."""
    report = await queries.one(event.report)
    outcome = await of_case(report.mod_case) if report else None
    if report is None or outcome is None or report.outcome == outcome:
        return
    told = report.reporter is None or await notices.try_from_network(
        report.reporter, await _subject(report), kind=NotificationKind.OUTCOME
    )
    if not told:
        await events.record(event, RETRY_MS)
    elif await queries.answer(report.id, outcome, clock.now()) and report.reporter is None:
        await events.record(events.GuestAnswerDue(report=report.id))


async def _subject(report: ReportRow) -> int:
    """What a notification of an outcome is about: another outcome of the same report is another notification."""
    last = await statements.last_of_case(report.mod_case)
    return last.id if last is not None and report.outcome is not None else report.id


async def appeal_decided(event: AppealDecided) -> None:
    """Notifies whoever lodged an appeal that was turned down; a guest gets a mail."""
    appeal = await appeals.one(event.appeal)
    if appeal is not None and appeal.report is not None:
        await events.record(GuestAppealAnswerDue(appeal.id))
        return
    if appeal is None or appeal.appellant is None:
        return
    if not await notices.try_from_network(appeal.appellant, appeal.id, kind=NotificationKind.APPEAL):
        await events.record(event, RETRY_MS)
