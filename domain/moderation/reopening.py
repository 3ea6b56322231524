"""Brings a case back before the moderators when the author of a hidden post has edited it."""

from db.queries import cases
from domain.core import clock, events
from domain.core.errors import NotFound
from domain.core.events import HiddenPostEdited
from domain.moderation import case_alerts, clocks, evidence, restrictions, subjects
from domain.moderation.kinds import CaseState, Severity

RETRY_MS = clock.MINUTE_MS


async def hidden_post_edited(event: HiddenPostEdited) -> None:
    """Reopens the case with what the post says now. Safe to repeat: each version of the post reopens it once.

    It waits where the edit would else escape: while the author may still undo a deletion, and while nobody has
    confirmed another report of the same.
    """
    row = await cases.lock(event.case)
    if row is None or row.post is None or row.state != CaseState.DECIDED:
        return
    try:
        snapshot = await subjects.snapshot_for_author(row.account, row.post)
    except NotFound:
        found = await restrictions.now(row.post)
        if found.version and not found.there:
            await events.record(event, RETRY_MS)
        # Else it is purged, or nobody sees the account.
        return
    match await cases.unclosed(row.subject_kind, row.subject):
        case CaseState.WAITING:
            await events.record(event, RETRY_MS)
            return
        case CaseState.OPEN:
            # Moderators see there what it says now.
            return
    if await evidence.keep(row.id, snapshot):
        await cases.reopen(row.id, clocks.due_at(Severity(row.severity), clock.now()))
        await evidence.expire(row.id, clock.LAST)
        if row.severity == Severity.URGENT:
            await case_alerts.announce(row.id)
