"""Pushes an authority's complaint to the moderators on duty, as urgent cases are, until somebody has taken it.

It is due within an hour, and nothing may have been opened for it yet. But anybody can say that they are an authority,
by the public form or in the header of a mail, and confirm a mailbox of their own. So only those complaints are pushed
without limit that a moderator has entered or made sure of, or whose sender the operator knows and whose address is
confirmed. Of all others so few are pushed in a day that nobody can wake moderators at will: UNPROVED of senders whom
the operator knows, and as many of strangers, so that these can't use up what is for those. Each moderator is told of
such a complaint once, and within its first hour only.
"""

from db.queries import complaint_alerts as queries
from db.queries import upstream
from db.queries.upstream import ComplaintRow
from domain.core import clock, events, ids
from domain.core.moderation_events import AuthorityWaits
from domain.moderation import clocks
from domain.moderation.case_alerts import AGAIN_MS, NEXT_MS
from domain.moderation.upstream_kinds import Channel, ComplaintState, Sender, Verified
from domain.notifications import deliveries

# Complaints within 24 hours that are pushed although nobody has made sure of their sender.
UNPROVED = 3


async def announce(complaint: int, sender: Sender) -> None:
    """Within a transaction: has moderators told of a complaint that counts from now on, if it is an authority's."""
    if sender is Sender.AUTHORITY:
        await queries.forget(complaint)
        await events.record(AuthorityWaits(complaint))


async def go_on(complaint: int, sender: Sender) -> None:
    """Within a transaction: the same of one whose sender is now known better; nobody is told again for that."""
    if sender is Sender.AUTHORITY:
        await events.record(AuthorityWaits(complaint))


async def tell_next(event: AuthorityWaits) -> None:
    """Tells the next moderator, if nobody has taken the complaint, and comes back for as long as it waits.

    Safe to repeat: one is told within NEXT_MS.
    """
    row, now = await upstream.lock(event.complaint), clock.now()
    if row is None or row.state != ComplaintState.OPEN or row.sender != Sender.AUTHORITY:
        return
    is_proved = await _is_proved(row)
    if not is_proved and not await _may_wake(row, now):
        return
    if row.claimed_by is not None and row.claimed_until > now:
        # Who has it may give it back, or let it lapse.
        await events.record(event, min(row.claimed_until - now, NEXT_MS))
        return
    last = await queries.last_told_at(row.id)
    if last is not None and now - last < NEXT_MS:
        return
    await _tell(row, now, again=is_proved and last is not None and now - last >= AGAIN_MS)
    await events.record(event, NEXT_MS)


async def _is_proved(row: ComplaintRow) -> bool:
    if row.channel == Channel.ENTERED or row.verified == Verified.BY_MODERATOR:
        return True
    return row.verified == Verified.BY_LINK and await queries.is_listed(row.id)


async def _may_wake(row: ComplaintRow, now: int) -> bool:
    """Whether a complaint that nobody has made sure of is one of the few that are pushed, and in its first hour."""
    came = ids.time_of(row.id)
    if now - came >= clocks.ORDER_HOURS * clock.HOUR_MS:
        return False
    listed = await queries.is_listed(row.id)
    return await queries.unproved_before(row.id, ids.first(came - clock.DAY_MS), listed=listed) < UNPROVED


async def _tell(row: ComplaintRow, now: int, *, again: bool) -> None:
    """Tells whoever was not told yet, or, ``again``, the first one once more."""
    found = await queries.next_moderator(row.id, now, most_failed=deliveries.MOST_FAILED)
    if found is None and again:
        await queries.forget(row.id)
        found = await queries.next_moderator(row.id, now, most_failed=deliveries.MOST_FAILED)
    if found is not None:
        await queries.told(row.id, found, now)
        await deliveries.plan_alert(found, row.id)


async def is_waiting(complaint: int, account: int) -> bool:
    """Whether a moderator is still to be told of a complaint."""
    return await queries.is_waiting(complaint, account, clock.now())


async def forget_closed() -> None:
    """Forgets whom complaints were pushed to that are closed."""
    await queries.forget_closed()
