"""Tells authors that a post of theirs, which waited for a moderator, has been published."""

from db.queries import notification_causes, restrictions
from domain.core import events
from domain.core.moderation_events import HoldEnded
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind

RETRY_MS = 20


async def told(event: HoldEnded) -> None:
    """Notifies the author; what was decided otherwise, they are told by the decision."""
    found = await restrictions.current(event.post)
    if found is None or not found.exists or not found.allowed:
        return
    author = await notification_causes.author(event.post)
    if author is None:
        return
    kind = NotificationKind.RELEASE
    if not await notices.try_from_network(author, event.post, kind=kind, post=event.post):
        await events.record(event, RETRY_MS)
