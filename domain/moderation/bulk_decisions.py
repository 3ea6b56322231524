"""Bulk decisions: one decision about many posts or accounts, and its undoing. The worker carries them out."""

import msgspec

from db.engine import DB
from db.queries import bulk as queries
from db.queries import bulk_candidates
from db.queries.bulk import BulkRow
from domain.core import access, clock, events, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, Refused, collect
from domain.core.moderation_events import BulkDue, WorkWaits
from domain.core.retries import retried
from domain.moderation import (
    appeal_eligibility,
    bulk_previews,
    decisions,
    sanctions,
    staff,
    statements,
    wording,
)
from domain.moderation.bulk_kinds import ALONE, OFFERED, WAIT_MS, BulkState, BulkSubjectState
from domain.moderation.kinds import TIMED, StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from domain.moderation.statements import MAX_EXPLANATION, MAX_FACTS


class ManyDecided(msgspec.Struct, frozen=True):
    """What is decided about every chosen subject; as in ``decisions.Decision``."""

    kind: StatementKind | None
    rule: NamedRule | None = None
    facts: str = ""
    explanation: str = ""
    names_nobody: bool = False
    days: int | None = None


@retried
async def decide(viewer: Viewer, bulk: int, decided: ManyDecided) -> bool:
    """Decides about what is chosen of the viewer's own preview; False where another moderator has to agree first.

    Errors: ``NotFound``, ``Invalid`` with the fields, ``Conflict`` once it is decided.
    """
    access.require(permissions.may_moderate(viewer))
    decisions.check_sizes(decided.facts, decided.explanation)
    async with DB.writing():
        row = await _lock(viewer, bulk, BulkState.PREVIEW)
        chosen = (await queries.counts(bulk)).get(BulkSubjectState.CHOSEN, 0)
        if not chosen:
            raise Invalid("Nothing is chosen.")
        is_alone = await staff.is_alone()
        if is_alone and chosen > ALONE:
            raise Invalid("More than %(most)s take two moderators, and this network has one.", most=ALONE)
        # Several decisions within a day are as many as one.
        before = await queries.count_alone(viewer.id, clock.now() - clock.DAY_MS)
        needs_second = not is_alone and chosen + before > ALONE
        row = await _checked(row, decided)
        if needs_second:
            await queries.decide(row._replace(state=BulkState.WAITING, expires_at=clock.now() + WAIT_MS))
            await events.record(WorkWaits())
            return False
        await queries.decide(row)
        await _start(bulk, None)
    return True


async def _lock(viewer: Viewer, bulk: int, state: BulkState) -> BulkRow:
    """As ``bulk_previews.lock``, unless the viewer has lost their role since the request came in."""
    row = await bulk_previews.lock(viewer, bulk, state)
    await staff.check_role(viewer)
    return row


async def _checked(row: BulkRow, decided: ManyDecided) -> BulkRow:
    """What is decided, as it is stored. Errors: ``Invalid`` with the fields."""
    facts, explanation = text_parsing.clean(decided.facts), text_parsing.clean(decided.explanation)
    collect(
        kind=_kind_problem(row, decided.kind),
        days=_days_problem(decided),
        rule=await decisions.rule_problem(decided.rule),
        facts=wording.required(facts, MAX_FACTS),
        explanation=statements.text_problem(explanation, MAX_EXPLANATION),
        names_nobody=await _names_problem(row.id, f"{facts}\n{explanation}", looked=decided.names_nobody),
    )
    assert decided.rule is not None
    return row._replace(
        kind=decided.kind,
        days=(decided.days or 0) if decided.kind in TIMED else 0,
        rule_version=decided.rule.version,
        rule_number=decided.rule.number,
        facts=facts,
        explanation=explanation,
    )


def _kind_problem(row: BulkRow, kind: StatementKind | None) -> Refused | None:
    is_offered = kind in OFFERED[SubjectKind(row.subject_kind)]
    return None if is_offered else Invalid("Choose one of the decisions.")


def _days_problem(decided: ManyDecided) -> Refused | None:
    is_missing = decided.kind in TIMED and decided.days not in sanctions.DAYS
    return Invalid("Choose for how long.") if is_missing else None


async def _names_problem(bulk: int, text: str, *, looked: bool) -> Refused | None:
    """As ``wording.names_problem``, for everybody whom it concerns."""
    people = [] if looked else await bulk_candidates.names(await queries.accounts(bulk))
    name = statements.named_in(text, (name for person in people for name in person))
    return Invalid("“%(name)s” is also the name of somebody whom this case concerns.", name=name) if name else None


async def _start(bulk: int, second: int | None) -> None:
    await queries.start(bulk, second, clock.now())
    await events.record(BulkDue(bulk))


@retried
async def agree(viewer: Viewer, bulk: int) -> None:
    """Has what another moderator has decided be carried out.

    Errors: ``NotFound``, ``Conflict`` when it is the viewer's own, or waits no longer.
    """
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row = await _lock(viewer, bulk, BulkState.WAITING)
        if row.author in (None, viewer.id) or not await staff.still_moderates(row.author or 0):
            raise Conflict("There is nothing here for you to agree to.")
        await _start(bulk, viewer.id)


@retried
async def drop(viewer: Viewer, bulk: int) -> None:
    """Gives up a preview, or a decision that waits for a second moderator: its author or any other may do so.

    Errors: ``NotFound``, ``Conflict`` once it is being carried out.
    """
    async with DB.writing():
        await queries.lock(bulk)
        row = await bulk_previews.shown(viewer, bulk)
        if row.state not in (BulkState.PREVIEW, BulkState.WAITING):
            raise Conflict("It is being carried out. You can take it back once that is done.")
        await queries.drop(bulk)


@retried
async def undo(viewer: Viewer, bulk: int, explanation: str, *, names_nobody: bool = False) -> None:
    """Has all that still stands of a bulk decision be taken back, within six months.

    Errors: ``NotFound``, ``Invalid`` with the fields, ``Conflict`` when it is not done, or too late.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(explanation=(explanation, MAX_EXPLANATION))
    async with DB.writing():
        row = await _lock(viewer, bulk, BulkState.DONE)
        now = clock.now()
        if now >= appeal_eligibility.until(row.decided_at or 0):
            raise Conflict("The time to take this back is over: it was six months.")
        words = text_parsing.clean(explanation)
        collect(
            explanation=wording.required(words, MAX_EXPLANATION),
            names_nobody=await _names_problem(bulk, words, looked=names_nobody),
        )
        await queries.begin_undo(bulk, viewer.id, now, words)
        await events.record(BulkDue(bulk, undo=True))
