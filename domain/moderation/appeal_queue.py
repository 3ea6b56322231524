"""The moderators' queue of appeals, claims, and an appeal as a moderator works on it."""

import msgspec

from db.engine import DB
from db.queries import appeals as queries
from db.queries import juries
from db.queries.appeals import AppealRow, FreeAppeal
from db.queries.juries import SaidReason
from domain.core import access, clock, cursors, ids, permissions
from domain.core.access import Viewer
from domain.core.cursors import Page, QueuePlace
from domain.core.errors import Conflict, NotFound, Refused
from domain.core.retries import retried
from domain.moderation import appeals, care, cases, deciding, staff, statements
from domain.moderation.care import UNLIMITED, HardLimits
from domain.moderation.cases import CLAIM_MINUTES, CaseView
from domain.moderation.jury_kinds import Hearing, JuryState
from domain.moderation.kinds import AppealState, Party, StatementKind
from domain.moderation.statements import Statement

# Appeals on a page of the queue, and those of one side on the page of one.
QUEUED, SHOWN = 100, 50


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

    ``others`` is what others of the same side have said against the decision, who get the same answer, the first of
    them. ``decision`` are the statements that were made together. ``refusal`` is why this moderator may not decide the
    appeal, None if they may. ``offered`` is what they may decide instead, where somebody who reported it has appealed.
    ``reasons`` are those of a jury that has ended, without who gave them.
    """

    appeal: QueuedAppeal
    state: AppealState
    answer: str
    claimed_until: int
    decision: list[Statement]
    case: CaseView
    offered: tuple[StatementKind, ...]
    refusal: Refused | None
    hearing: Hearing
    reasons: list[SaidReason]
    others: list[str]


async def queue(viewer: Viewer, cursor: str = "") -> Page[QueuedAppeal]:
    """What is open, by when it is due, but what the viewer is a party to. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    after = cursors.queue_place(cursor)
    rows = await queries.queue(viewer.id, QUEUED + 1, after.due_at, after.id)
    found = [_queued(row, viewer) for row in rows[:QUEUED]]
    last = found[-1] if len(rows) > QUEUED else None
    return Page(found, cursors.after(QueuePlace(1, last.due_at, 0, 0, last.id)) if last else "")


async def figures(viewer: Viewer) -> AppealFigures:
    """Of what the viewer's queue lists. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return AppealFigures(*await queries.count_open(viewer.id, clock.now()))


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
    """An appeal with all that is needed to decide it.

    Errors: ``SignedOut``, ``NotFound``, ``Forbidden`` for a party to it, who would read what others say.
    """
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(appeal)
    if row is None or row.is_left:
        raise NotFound
    made = await statements.row(row.statement)
    refusal = await deciding.hearing_refusal(viewer, appeal, made)
    if refusal is not None and not await deciding.has_decided(viewer, made.mod_case):
        raise refusal
    case = await cases.read(viewer, made.mod_case)
    jury = await juries.one(appeal)
    if jury is not None and jury.state == JuryState.SITTING:
        refusal = refusal or deciding.HEARD_BY_JURY
    closed = row.state != AppealState.OPEN or (jury is not None and jury.state != JuryState.SITTING)
    return AppealView(
        appeal=_queued(row, viewer),
        state=AppealState(row.state),
        answer=row.answer,
        claimed_until=row.claimed_until,
        decision=[one for one in case.statements if one.decided_at == ids.time_of(made.id)],
        case=case,
        offered=_offered(case) if row.party == Party.REPORTER else (),
        refusal=refusal,
        hearing=appeals.hearing_of(jury, Party(row.party)),
        reasons=await juries.reasons(appeal) if jury is not None and closed else [],
        others=await _others(row),
    )


async def _others(row: AppealRow) -> list[str]:
    if row.state != AppealState.OPEN:
        return []
    return [one.words for one in await queries.open_of_side(row.statement, row.party, SHOWN) if one.id != row.id]


def _offered(case: CaseView) -> tuple[StatementKind, ...]:
    return tuple(kind for kind in case.offered if kind is not StatementKind.NO_BREACH)


async def first_free(viewer: Viewer, most_hard: HardLimits = UNLIMITED) -> FreeAppeal | None:
    """The appeal that is due first among those that this moderator may decide and nobody else has; ``most_hard`` as in
    ``cases.claim_next``.
    """
    access.require(permissions.may_moderate(viewer))
    return await queries.first_free(viewer.id, clock.now(), easy=await care.has_enough(viewer, most_hard))


@retried
async def claim(viewer: Viewer, appeal: int) -> None:
    """Claims an appeal, or makes an own claim last longer.

    Errors: ``NotFound``, ``Forbidden`` for whoever may not decide it, ``Conflict`` while somebody else has it.
    """
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(appeal)
    if row is None:
        raise NotFound
    made = await statements.row(row.statement)
    access.require(await deciding.hearing_refusal(viewer, appeal, made))
    now = clock.now()
    until = now + CLAIM_MINUTES * clock.MINUTE_MS
    async with DB.writing():
        # Its case is looked at again, and locked before it, as by whoever decides it.
        await care.note_claim(viewer.id, made.mod_case, until)
        if not await queries.claim(appeal, viewer.id, until, now):
            raise Conflict("Another moderator has this appeal, a jury hears it, or it has been decided.")
        await staff.check_role(viewer)


@retried
async def release(viewer: Viewer, appeal: int) -> None:
    """Gives a claim back; harmless without one."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row = await queries.one(appeal)
        if row is not None and await queries.release(appeal, viewer.id):
            await care.note_release(viewer.id, (await statements.row(row.statement)).mod_case)
