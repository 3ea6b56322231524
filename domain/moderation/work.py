"""What a moderator does next: a case, an appeal, or a complaint from upstream."""

from enum import IntEnum

import msgspec

from domain.core import access, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, NotFound
from domain.moderation import appeal_queue, cases, upstream_desk
from domain.moderation.care import UNLIMITED, HardLimits
from domain.moderation.kinds import Severity
from domain.moderation.queued_cases import EVERYTHING, QueueScope

# Another moderator may take what is free in between, or work on it just now.
TRIES = 10


class WorkKind(IntEnum):
    """In this order where two are due at the same time."""

    CASE = 0
    COMPLAINT = 1
    APPEAL = 2


class Work(msgspec.Struct, frozen=True):
    """A case, an appeal or a complaint that the viewer has claimed."""

    kind: WorkKind
    id: int


async def count_open(viewer: Viewer) -> int:
    """How many cases, appeals and complaints from upstream are open, for whoever may see them; 0 for others."""
    if permissions.may_moderate(viewer) is not None:
        return 0
    complaints = await upstream_desk.figures(viewer)
    return await cases.count_open(viewer) + (await appeal_queue.figures(viewer)).open + complaints.open


async def claim_next(viewer: Viewer, most_hard: HardLimits = UNLIMITED, scope: QueueScope = EVERYTHING) -> Work | None:
    """Claims what comes first for this moderator; None when nothing is free.

    Urgent cases and orders of authorities come first, then the rest, each by when it is due, and at last complaints
    that nobody has made sure of; with a narrower ``scope``, cases only. ``most_hard`` as in ``cases.claim_next``.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    for _ in range(TRIES):
        if (first := await _first_free(viewer, most_hard, scope)) is None:
            break
        if (claimed := await _claim(viewer, first, most_hard, scope)) is not None:
            return Work(first.kind, claimed)
    return None


async def _first_free(viewer: Viewer, most_hard: HardLimits, scope: QueueScope) -> Work | None:
    free: list[tuple[int, int, WorkKind, int]] = []
    if case := await cases.first_free(viewer, most_hard, scope):
        free.append((int(case.severity != Severity.URGENT), case.due_at, WorkKind.CASE, case.id))
    if scope != EVERYTHING:
        return Work(*free[0][2:]) if free else None
    if complaint := await upstream_desk.first_free(viewer):
        free.append((upstream_desk.rest(complaint), complaint.due_at, WorkKind.COMPLAINT, complaint.id))
    if appeal := await appeal_queue.first_free(viewer, most_hard):
        free.append((1, appeal.due_at, WorkKind.APPEAL, appeal.id))
    return Work(*min(free)[2:]) if free else None


async def _claim(viewer: Viewer, first: Work, most_hard: HardLimits, scope: QueueScope) -> int | None:
    """The id of what is claimed: of the next case, where somebody else has just taken the first; None for nothing."""
    try:
        match first.kind:
            case WorkKind.CASE:
                return await cases.claim_next(viewer, most_hard, scope)
            case WorkKind.COMPLAINT:
                await upstream_desk.claim(viewer, first.id)
            case WorkKind.APPEAL:
                await appeal_queue.claim(viewer, first.id)
    except (Conflict, NotFound):
        return None
    return first.id
