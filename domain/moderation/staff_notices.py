"""Notifies moderators of what waits for one of them, and operators of urgent cases that nobody is offered.

A notification says that there is something and not what; within an hour somebody gets at most one of each kind. Urgent
cases and authorities' complaints are pushed besides (``case_alerts``, ``complaint_alerts``).
"""

from db.queries import staff_notices as queries
from domain.core import clock, events, ids
from domain.core.access import Role
from domain.core.moderation_events import StaffNoticeDue, WorkWaits
from domain.moderation import staff, unoffered
from domain.moderation.bulk_kinds import WAIT_MS
from domain.moderation.care import HardLimits
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind

EVERY_MS = clock.HOUR_MS
RETRY_MS = 20


async def tell_operators() -> None:
    """Within a transaction: has operators told of urgent cases that nobody is offered."""
    for one in await staff.listed():
        if one.role is Role.OPERATOR:
            await events.record(StaffNoticeDue(one.id, NotificationKind.UNOFFERED))


async def work_waits(event: WorkWaits) -> None:
    """Records an event for each moderator, since something waits for one of them."""
    for one in await staff.listed():
        await events.record(StaffNoticeDue(one.id, NotificationKind.WORK))


async def due(event: StaffNoticeDue, limits: HardLimits) -> None:
    """Notifies somebody, if there is something of which their last notification did not tell. ``limits`` are the
    network's of what is hard to look at."""
    # Their role is kept until the end: with it goes what they were notified of.
    if not await staff.still_moderates(event.account):
        return
    kind, now = NotificationKind(event.kind), clock.now()
    last = await queries.last(event.account, kind)
    last_at = ids.time_of(last) if last else 0
    if not (await _has_work(event.account, last, last_at) if kind is NotificationKind.WORK else await _is_left(limits)):
        return
    if now - last_at < EVERY_MS:
        # Urgent cases that still wait then have it recorded again.
        if kind is NotificationKind.WORK:
            await events.record(event, last_at + EVERY_MS - now)
    elif not await notices.try_from_network(event.account, ids.new(), kind=kind):
        await events.record(event, RETRY_MS)


async def _has_work(account: int, last: int, last_at: int) -> bool:
    return await queries.is_waited_for(account, clock.now(), last, last_at, last_at + WAIT_MS)


async def _is_left(limits: HardLimits) -> bool:
    return (await unoffered.found(limits)).number > 0
