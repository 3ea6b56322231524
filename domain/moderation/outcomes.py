"""Tells people of decisions: whom they concern, and everyone who reported the case. Nobody is named to anybody."""

from db.queries import reports as queries
from db.queries import statements
from db.queries.reports import ReportRow
from domain.core import clock, events
from domain.core.events import AnswersContinued, CaseDecided
from domain.moderation.kinds import Outcome, StatementKind
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind

# Reporters who are told in one transaction; the next ones have an event of their own.
BATCH = 100


async def decided(event: CaseDecided) -> None:
    """Tells the member of a decision about them, then those who reported the case."""
    statement = await statements.one(event.statement)
    if statement is None:
        return
    if statement.kind != StatementKind.NO_BREACH:
        await notices.from_network(statement.account, statement.id, kind=NotificationKind.STATEMENT)
    await answers_continued(AnswersContinued(event.case))


async def answers_continued(event: AnswersContinued) -> None:
    """Gives reports of a decided case their outcome, each once, whichever worker comes first."""
    last = await statements.last_of_case(event.case)
    if last is None:
        return
    outcome = Outcome.NO_BREACH if last.kind == StatementKind.NO_BREACH else Outcome.ACTION
    found = await queries.unanswered(event.case, BATCH)
    # Each reporter's notifications are locked: in one order, so that two workers never wait for each other.
    for report in sorted(found, key=lambda one: one.reporter or 0):
        if await queries.answer(report.id, outcome, clock.now()):
            await _tell(report)
    if len(found) == BATCH:
        await events.record(event)


async def _tell(report: ReportRow) -> None:
    if report.reporter is not None:
        await notices.from_network(report.reporter, report.id, kind=NotificationKind.OUTCOME)
    elif await queries.guest(report.id) is not None:
        await events.record(events.GuestAnswerDue(report=report.id))
