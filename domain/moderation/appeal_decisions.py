"""Decides appeals: by a moderator who has neither made the decision nor is a party to it, and in words."""

from db.engine import DB
from db.queries import appeals as queries
from db.queries import cases
from db.queries.appeals import AppealRow
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import access, clock, events, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, collect
from domain.core.retries import retried
from domain.moderation import actions, deciding, decisions, evidence, reversals, statements, wording
from domain.moderation.actions import Author
from domain.moderation.decisions import Decision
from domain.moderation.kinds import AppealState, Party, StatementKind
from domain.moderation.statements import MAX_EXPLANATION


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
        await cases.touch(made.mod_case)
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
    case = await cases.lock(made.mod_case)
    row = await queries.lock(appeal)
    assert case is not None
    if row is None:
        raise NotFound
    access.require(await deciding.appeal_refusal(viewer, made))
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
    await evidence.expire(made.mod_case, evidence.kept_until(now))
