"""What a moderator does next: a case, or an appeal."""

from enum import Enum, auto

import msgspec

from domain.core import access, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict
from domain.moderation import appeal_queue, cases, upstream_desk
from domain.moderation.care import UNLIMITED, HardLimits


class WorkKind(Enum):
    CASE = auto()
    APPEAL = auto()


class Work(msgspec.Struct, frozen=True):
    """A case or an appeal that the viewer has claimed."""

    kind: WorkKind
    id: int


async def count_open(viewer: Viewer) -> int:
    """How many cases, appeals and complaints from upstream are open, for whoever may see them; 0 for others."""
    if permissions.may_moderate(viewer) is not None:
        return 0
    complaints = await upstream_desk.figures(viewer)
    return await cases.count_open(viewer) + (await appeal_queue.figures(viewer)).open + complaints.open


async def claim_next(viewer: Viewer, most_hard: HardLimits = UNLIMITED) -> Work | None:
    """Claims what comes first for this moderator: urgent cases, then whatever is due first; None when nothing is free.

    ``most_hard`` as in ``cases.claim_next``.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    # Another moderator may take the appeal in between; it is not free for this one then.
    while appeal := await appeal_queue.first_free(viewer):
        if await cases.has_before(viewer, appeal.due_at, most_hard):
            break
        try:
            await appeal_queue.claim(viewer, appeal.id)
        except Conflict:
            continue
        return Work(WorkKind.APPEAL, appeal.id)
    case = await cases.claim_next(viewer, most_hard)
    return None if case is None else Work(WorkKind.CASE, case)
