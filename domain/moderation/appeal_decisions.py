"""Decides appeals: by a moderator who has neither made the decision nor is a party to it, and in words."""

from collections.abc import Sequence

from db.engine import DB
from db.queries import appeals as queries
from db.queries import cases, juries
from db.queries.appeals import AppealRow
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import access, clock, events, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, collect
from domain.core.moderation_events import AppealDecided
from domain.core.retries import retried
from domain.moderation import (
    actions,
    appeals,
    care,
    deciding,
    decisions,
    evidence,
    reversals,
    staff,
    statements,
    wording,
)
from domain.moderation.actions import Author
from domain.moderation.decisions import Decision
from domain.moderation.evidence import Evidence
from domain.moderation.kinds import AppealState, Party, StatementKind
from domain.moderation.statements import MAX_EXPLANATION


@retried
async def uphold(
    viewer: Viewer, appeal: int, words: str, *, names_nobody: bool = False, version: int | None = None
) -> None:
    """Turns an appeal down, and all others of the same side: the decision stands. Whoever lodged one reads ``words``.

    ``version`` is that of the case which the moderator has seen, None is not checked. Errors: ``NotFound``,
    ``Forbidden``, ``Invalid`` with the fields ``answer`` and ``names_nobody``, ``Conflict``.
    """
    async with DB.writing():
        row, made, _case = await _lock(viewer, appeal, version)
        words = _checked(words, names_nobody, await evidence.of_case(made.mod_case))
        by, now = viewer.id, clock.now()
        for one in await queries.answer_all(row.statement, row.party, AppealState.UPHELD, words, by, now):
            await events.record(AppealDecided(one))
        await appeals.let_evidence_go(made.mod_case)
        await cases.touch(made.mod_case)
        await care.note_decision(viewer.id, made.mod_case)


@retried
async def grant(
    viewer: Viewer, appeal: int, words: str, *, names_nobody: bool = False, version: int | None = None
) -> int:
    """Takes the decision back that the sanctioned has appealed, whole. Returns the id of the last reversal.

    ``version`` and errors: as ``uphold``.
    """
    async with DB.writing():
        row, made, _case = await _lock(viewer, appeal, version)
        standing = [one for one in await statements.of_decision(made) if await statements.is_reversible(one)]
        if row.party != Party.SANCTIONED or not standing:
            raise Conflict("There is nothing to take back: this decision is not in force.")
        words = _checked(words, names_nobody, await evidence.of_case(made.mod_case))
        written = [await reversals.write(one, words, viewer.id) for one in standing]
        await events.record(events.CaseDecided(case=made.mod_case, statement=written[-1]))
        await _grant_all(viewer, row, words, made)
    return written[-1]


@retried
async def decide_again(viewer: Viewer, appeal: int, decision: Decision, words: str) -> int:
    """Finds a breach where the decision found none, as somebody who reported it has said: they read ``words``.

    Returns the last statement. Errors: as ``uphold`` and ``decisions.decide``.
    """
    access.require(permissions.may_moderate(viewer))
    decisions.check_sizes(decision.facts, decision.explanation)
    async with DB.writing():
        row, made, case = await _lock(viewer, appeal, decision.version)
        if row.party != Party.REPORTER:
            raise NotFound
        if decision.kind is StatementKind.NO_BREACH or decision.sanction is StatementKind.PERMANENT_SUSPENSION:
            collect(kind=Invalid("Choose one of the decisions."))
        await deciding.check_seen(case, decision.post_version, newest=decision.newest)
        kept = await evidence.of_case(made.mod_case)
        words = _checked(words, decision.names_nobody, kept)
        finding = await decisions.checked(case, decision, kept)
        taken = decisions.actions_of(decision)
        statement = await actions.take(case, taken, finding, Author(viewer.id), kept, decision.days or 0)
        await cases.touch(made.mod_case)
        await _grant_all(viewer, row, words, made)
    return statement


async def _lock(viewer: Viewer, appeal: int, version: int | None) -> tuple[AppealRow, StatementRow, CaseRow]:
    """Within a transaction: an open appeal, its decision and its case, locked, if it is the viewer's to decide."""
    access.require(permissions.may_moderate(viewer))
    known = await queries.one(appeal)
    if known is None or known.is_left:
        raise NotFound
    made = await statements.row(known.statement)
    # The case first, as whoever lodges an appeal does, or takes the decision back.
    case = await cases.lock(made.mod_case)
    row = await queries.lock(appeal)
    await staff.check_role(viewer)
    assert case is not None
    if row is None or row.is_left:
        raise NotFound
    if row.state != AppealState.OPEN:
        raise Conflict("This appeal has been decided meanwhile. What you wrote is below.")
    access.require(await deciding.hearing_refusal(viewer, appeal, made))
    if await juries.is_sitting(appeal):
        raise deciding.HEARD_BY_JURY
    # The first of those whose account is not gone.
    first = next(iter(await queries.open_of_side(row.statement, row.party, 1)), None)
    if first is None:
        raise NotFound
    if first.claimed_by not in (None, viewer.id) and first.claimed_until > clock.now():
        raise Conflict("Another moderator has this appeal now. What you wrote is below.")
    # Whoever works on the case, which was opened again, may decide it whatever they have seen.
    deciding.check_claim(viewer, case)
    deciding.check_version(case, version)
    return row, made, case


def _checked(words: str, names_nobody: bool, kept: Sequence[Evidence]) -> str:
    """The answer as it is stored. Errors: ``Invalid``."""
    text_parsing.check_sizes(answer=(words, MAX_EXPLANATION))
    return wording.checked("answer", words, names_nobody, kept)


async def _grant_all(viewer: Viewer, row: AppealRow, words: str, made: StatementRow) -> None:
    """Answers this appeal and every other one of the same side: what they were about is done.

    They are told by the statement, or by the outcome of their report.
    """
    await queries.answer_all(row.statement, row.party, AppealState.GRANTED, words, viewer.id, clock.now())
    await appeals.let_evidence_go(made.mod_case)
    await care.note_decision(viewer.id, made.mod_case)
