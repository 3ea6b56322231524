"""Tells people of decisions: whom they concern, and everyone who reported the case. Nobody is named to anybody.

Each is told by an event of their own, which waits for nobody else's notifications.
"""

from db.queries import reports as queries
from db.queries import statements
from db.queries.statements import StatementRow
from domain.core import clock, events
from domain.core.events import AnswerDue, AnswersContinued, CaseDecided, StatementMade
from domain.moderation.kinds import Outcome, StatementKind
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
    """Notifies an account of a decision about it."""
    if not await notices.try_from_network(event.account, event.statement, kind=NotificationKind.STATEMENT):
        await events.record(event, RETRY_MS)


async def answers_continued(event: AnswersContinued) -> None:
    """Records an event for each report of a case that has another outcome than its reporter knows of."""
    last = await statements.last_of_case(event.case)
    if last is None:
        return
    found = await queries.to_answer(event.case, outcome_of(last), event.after, BATCH)
    for report in found:
        await events.record(AnswerDue(report))
    if len(found) == BATCH:
        await events.record(AnswersContinued(event.case, found[-1]))


def outcome_of(last: StatementRow) -> Outcome:
    """What reporters are told of a case whose last statement this is."""
    match StatementKind(last.kind):
        case StatementKind.NO_BREACH:
            return Outcome.NO_BREACH
        case StatementKind.POST_RESTORATION:
            return Outcome.REVERSED
        case StatementKind.WARNING | StatementKind.POST_REMOVAL:
            return Outcome.ACTION


async def answer_due(event: AnswerDue) -> None:
    """Gives a report the outcome of its case and tells whoever sent it, once for each outcome."""
    report = await queries.one(event.report)
    last = await statements.last_of_case(report.mod_case) if report else None
    if report is None or last is None or report.outcome == outcome_of(last):
        return
    # Another decision about the same report is another notification.
    told = report.reporter is None or await notices.try_from_network(
        report.reporter, last.id if report.outcome is not None else report.id, kind=NotificationKind.OUTCOME
    )
    if not told:
        await events.record(event, RETRY_MS)
    elif await queries.answer(report.id, outcome_of(last), clock.now()) and report.reporter is None:
        await events.record(events.GuestAnswerDue(report=report.id))
