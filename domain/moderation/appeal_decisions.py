"""Decides appeals: by a moderator who has neither made the decision nor is a party to it, and in words."""

import msgspec

from db.engine import DB
from db.queries import appeals as queries
from db.queries import cases as case_queries
from db.queries.appeals import AppealRow
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import access, clock, events, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, Refused, collect
from domain.core.retries import retried
from domain.moderation import actions, cases, decisions, evidence, reports, reversals, statements, wording
from domain.moderation.actions import Author
from domain.moderation.cases import CLAIM_MINUTES, CaseView
from domain.moderation.decisions import Decision
from domain.moderation.kinds import AppealState, Party, StatementKind
from domain.moderation.statements import MAX_EXPLANATION, Statement

# Appeals on the page of the queue.
QUEUED = 100


class QueuedAppeal(msgspec.Struct, frozen=True):
    """An appeal in the queue. Times are Unix milliseconds; ``mine``: the viewer has it, ``claimed``: somebody does."""

    id: int
    party: Party
    words: str
    lodged_at: int
    due_at: int
    overdue: bool
    claimed: bool
    mine: bool


class AppealFigures(msgspec.Struct, frozen=True):
    """How many appeals are open, and how many of those are overdue."""

    open: int
    overdue: int


class AppealView(msgspec.Struct, frozen=True):
    """An appeal as a moderator works on it, with the decision and its case.

    ``refusal`` is why this one may not decide it, None if they may. ``offered`` is what they may decide instead of the
    decision, where somebody who reported it has appealed.
    """

    appeal: QueuedAppeal
    state: AppealState
    answer: str
    claimed_until: int
    statement: Statement
    case: CaseView
    offered: tuple[StatementKind, ...]
    refusal: Refused | None


async def queue(viewer: Viewer) -> list[QueuedAppeal]:
    """What is open, by when it is due. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return [_queued(row, viewer) for row in await queries.queue(QUEUED)]


async def figures(viewer: Viewer) -> AppealFigures:
    """Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return AppealFigures(*await queries.count_open(clock.now()))


def _queued(row: AppealRow, viewer: Viewer) -> QueuedAppeal:
    now = clock.now()
    claimed = row.claimed_by is not None and row.claimed_until > now
    return QueuedAppeal(
        row.id,
        Party(row.party),
        row.words,
        ids.time_of(row.id),
        row.due_at,
        row.state == AppealState.OPEN and row.due_at < now,
        claimed,
        claimed and row.claimed_by == viewer.id,
    )


async def read(viewer: Viewer, appeal: int) -> AppealView:
    """An appeal with all that is needed to decide it. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(appeal)
    if row is None or row.appellant is None:
        raise NotFound
    made = await statements.row(row.statement)
    case = await cases.read(viewer, made.mod_case)
    return AppealView(
        appeal=_queued(row, viewer),
        state=AppealState(row.state),
        answer=row.answer,
        claimed_until=row.claimed_until,
        statement=next(one for one in case.statements if one.id == made.id),
        case=case,
        offered=_offered(case) if row.party == Party.REPORTER else (),
        refusal=await _refusal(viewer, made),
    )


def _offered(case: CaseView) -> tuple[StatementKind, ...]:
    return tuple(kind for kind in case.offered if kind is not StatementKind.NO_BREACH)


async def _refusal(viewer: Viewer, made: StatementRow) -> Refused | None:
    """Why a moderator may not decide an appeal: they have decided it before, or are a party to it."""
    reported_it = await case_queries.is_reported_by(made.mod_case, viewer.id)
    return permissions.may_decide_appeal(
        viewer, made.account, decided_it=viewer.id in (made.author, made.second), reported_it=reported_it
    )


async def first_free(viewer: Viewer) -> int | None:
    """The appeal that is due first among those that this moderator may decide and nobody else has."""
    access.require(permissions.may_moderate(viewer))
    found = await queries.first_free(viewer.id, clock.now())
    return found.id if found else None


@retried
async def claim(viewer: Viewer, appeal: int) -> None:
    """Claims an appeal, or makes an own claim last longer.

    Errors: ``NotFound``, ``Forbidden`` for whoever may not decide it, ``Conflict`` while somebody else has it.
    """
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(appeal)
    if row is None:
        raise NotFound
    access.require(await _refusal(viewer, await statements.row(row.statement)))
    now = clock.now()
    if not await queries.claim(appeal, viewer.id, now + CLAIM_MINUTES * clock.MINUTE_MS, now):
        raise Conflict("Another moderator has this appeal, or it has been decided.")


async def release(viewer: Viewer, appeal: int) -> None:
    """Gives a claim back; harmless without one."""
    access.require(permissions.may_moderate(viewer))
    await queries.release(appeal, viewer.id)


@retried
async def uphold(viewer: Viewer, appeal: int, words: str, *, names_nobody: bool = False) -> None:
    """Turns an appeal down: the decision stands. Whoever lodged it reads ``words``.

    Errors: ``NotFound``, ``Forbidden``, ``Invalid`` with the fields ``answer`` and ``names_nobody``, ``Conflict``.
    """
    async with DB.writing():
        row, made, _case = await _lock(viewer, appeal)
        words = await _checked(words, made, names_nobody)
        await _answer(viewer, row, AppealState.UPHELD, words, made)


@retried
async def grant(viewer: Viewer, appeal: int, words: str, *, names_nobody: bool = False) -> int:
    """Takes the decision back that the sanctioned has appealed. Returns the id of the reversal.

    Errors: as ``uphold``.
    """
    async with DB.writing():
        row, made, _case = await _lock(viewer, appeal)
        if row.party != Party.SANCTIONED or not await statements.is_reversible(made):
            raise Conflict("There is nothing to take back: this decision is not in force.")
        words = await _checked(words, made, names_nobody)
        reversal = await reversals.write(made, words, viewer.id)
        await _answer(viewer, row, AppealState.GRANTED, words, made)
    return reversal


@retried
async def decide_again(viewer: Viewer, appeal: int, decision: Decision) -> int:
    """Finds a breach where the decision found none, as somebody who reported it has said. Returns the last statement.

    Errors: as ``decisions.decide``.
    """
    access.require(permissions.may_moderate(viewer))
    decisions.check_sizes(decision.facts, decision.explanation)
    async with DB.writing():
        row, made, case = await _lock(viewer, appeal)
        if row.party != Party.REPORTER:
            raise NotFound
        if decision.kind is StatementKind.NO_BREACH or decision.sanction is StatementKind.PERMANENT_SUSPENSION:
            problem = Invalid("Choose one of the decisions.")
            raise Invalid(problem.words, fields={"kind": problem})
        finding = await decisions.checked(case, decision, await evidence.of_case(made.mod_case))
        statement = await actions.take(
            case, decisions.kinds_of(decision), finding, Author(viewer.id), decision.days or 0
        )
        await case_queries.touch(made.mod_case)
        await _answer(viewer, row, AppealState.GRANTED, finding.explanation or finding.facts, made)
    return statement


async def _lock(viewer: Viewer, appeal: int) -> tuple[AppealRow, StatementRow, CaseRow]:
    """Within a transaction: an open appeal, its decision and its case, locked, if it is the viewer's to decide."""
    access.require(permissions.may_moderate(viewer))
    known = await queries.one(appeal)
    if known is None or known.appellant is None:
        raise NotFound
    made = await statements.row(known.statement)
    # The case first, as whoever lodges an appeal does, or takes the decision back.
    case = await case_queries.lock(made.mod_case)
    row = await queries.lock(appeal)
    assert case is not None
    if row is None:
        raise NotFound
    access.require(await _refusal(viewer, made))
    if row.state != AppealState.OPEN:
        raise Conflict("This appeal has been decided meanwhile. What you wrote is below.")
    if row.claimed_by not in (None, viewer.id) and row.claimed_until > clock.now():
        raise Conflict("Another moderator has this appeal now. What you wrote is below.")
    return row, made, case


async def _checked(words: str, made: StatementRow, names_nobody: bool) -> str:
    """The answer as it is stored. Errors: ``Invalid``."""
    text_parsing.check_sizes(answer=(words, MAX_EXPLANATION))
    words = text_parsing.clean(words)
    kept = await evidence.of_case(made.mod_case)
    collect(
        answer=wording.required(words, MAX_EXPLANATION),
        names_nobody=wording.names_problem(words, names_nobody, kept),
    )
    return words


async def _answer(viewer: Viewer, row: AppealRow, state: AppealState, words: str, made: StatementRow) -> None:
    """Answers this appeal and every other one of the same side, and has them told.

    Who wins an appeal is told by the statement, or by the outcome of their report.
    """
    now = clock.now()
    answered = await queries.answer(row.statement, row.party, state, words, viewer.id, now)
    if state is AppealState.UPHELD:
        for appeal in answered:
            await events.record(events.AppealDecided(appeal))
    kept = evidence.kept_until(now)
    await evidence.expire(made.mod_case, kept)
    await reports.expire_guests(made.mod_case, kept)
