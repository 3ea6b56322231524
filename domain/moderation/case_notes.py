"""Private notes of moderators on a case: for each other, until the evidence is purged.

Whoever may not decide the case, being a party to it, neither reads nor writes them.
"""

import msgspec

from db.engine import DB
from db.queries import case_notes as queries
from db.queries import cases, evidence
from domain.core import access, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, collect
from domain.core.retries import retried
from domain.moderation import deciding, staff
from domain.moderation.kinds import CaseState

MAX_WORDS = 2000
# On one case.
MAX_NOTES = 50


class CaseNote(msgspec.Struct, frozen=True):
    """A note; ``handle`` is its author's, "" once they have left. ``written_at`` in Unix milliseconds."""

    id: int
    handle: str
    words: str
    written_at: int
    mine: bool


async def of_case(viewer: Viewer, case: int) -> list[CaseNote]:
    """The notes on a case, the oldest first. For whoever may decide the case: see ``cases.read``."""
    return [
        CaseNote(row.id, row.handle or "", row.words, ids.time_of(row.id), row.author == viewer.id)
        for row in await queries.of_case(case)
    ]


@retried
async def add(viewer: Viewer, case: int, words: str) -> None:
    """Errors: ``SignedOut``, ``NotFound``, ``Forbidden`` to a party, ``Invalid`` on ``note``, ``Conflict``."""
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(note=(words, MAX_WORDS))
    words = text_parsing.clean(words)
    collect(note=text_parsing.too_long(words, MAX_WORDS) if words else Invalid("Write the note first."))
    async with DB.writing():
        await _lock(viewer, case)
        if not await evidence.of_case(case):
            raise Conflict("What was kept of this case has been deleted, and notes would be too.")
        if await queries.count(case) >= MAX_NOTES:
            raise Conflict("This case has as many notes as there can be. Delete one of yours first.")
        await queries.add(ids.after(await queries.newest(case)), case, viewer.id, words)


@retried
async def remove(viewer: Viewer, case: int, note: int) -> None:
    """Deletes one of the viewer's own notes. Errors: ``SignedOut``, ``NotFound``, ``Forbidden`` to a party."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await _lock(viewer, case)
        if not await queries.drop(note, case, viewer.id):
            raise NotFound


async def _lock(viewer: Viewer, case: int) -> None:
    """Within a transaction: whoever purges what is kept of the case, or writes another note, waits."""
    row = await cases.lock(case)
    await staff.check_role(viewer)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    access.require(await deciding.refusal(viewer, row))
