"""Brings a case back before the moderators when the author of a hidden post has edited it."""

from db.queries import cases
from domain.core import clock
from domain.core.errors import NotFound
from domain.core.events import HiddenPostEdited
from domain.moderation import clocks, evidence, subjects
from domain.moderation.kinds import CaseState, Severity


async def hidden_post_edited(event: HiddenPostEdited) -> None:
    """Reopens the case with what the post says now. Safe to repeat: each version of the post reopens it once."""
    row = await cases.lock(event.case)
    if row is None or row.post is None or row.state != CaseState.DECIDED:
        return
    try:
        snapshot = await subjects.snapshot_for_author(row.account, row.post)
    except NotFound:
        # It was deleted since, or its account has left.
        return
    if await evidence.keep(row.id, snapshot):
        await cases.reopen(row.id, clocks.due_at(Severity(row.severity), clock.now()))
        await evidence.expire(row.id, clock.LAST)
