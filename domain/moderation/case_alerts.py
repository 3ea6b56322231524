"""Pushes an urgent case to the moderators on duty, one after the other, until somebody has taken it.

Whoever was there last is told first; of a case that is hard to look at, those come last who have seen as much of that
as they wanted to. Who comes on duty later is told as well. Once everybody was told it begins anew after a pause, for as
long as the case waits. There is no notification in any list, and quiet hours don't hold it back: who is on duty has
asked for it.
"""

from collections.abc import Sequence

from db.queries import case_alerts as queries
from db.queries import cases
from db.queries.cases import NewCase
from domain.core import clock, events
from domain.core.moderation_events import UrgentCaseWaits
from domain.moderation import care, staff, staff_notices, unoffered, weights
from domain.moderation.care import HardLimits
from domain.moderation.kinds import CaseState, Severity
from domain.notifications import deliveries

# How long one has to take it before the next one is told, and all of them before the first one is told again.
NEXT_MS, AGAIN_MS = 5 * clock.MINUTE_MS, 15 * clock.MINUTE_MS
# Cases that wait of which one is told within AGAIN_MS, or one more where two workers tell at once: more pushes say
# nothing new, and the queue has all cases. But of each case somebody is told, however many there are.
AT_ONCE, ANY_NUMBER = 10, 2**31 - 1
# Urgent cases that only strangers have reported, that wait and of which somebody was told within an hour. A stranger is
# somebody without an account whose address is not known to be theirs, or a member of whom nothing is known yet. The
# others are in the queue all the same, and are told of once one of those is decided, or somebody else reports them too.
# Anybody can be many strangers, and could keep moderators awake; who gets so many pushes looks at the queue.
BY_STRANGERS = 5


async def opened(new: NewCase, case: int) -> None:
    """Within a transaction that has opened ``case`` by ``new``, if it was not open before: announces an urgent one."""
    if case == new.id and new.state == CaseState.OPEN and new.severity == Severity.URGENT:
        await announce(case)


async def rises(case: int, severity: Severity) -> None:
    """Within a transaction that is about to count a report of a case: announces one that is not urgent until then."""
    if severity is not Severity.URGENT:
        return
    row = await cases.one(case)
    if row is not None and (row.state, row.severity) != (CaseState.OPEN, Severity.URGENT):
        await announce(case)


async def announce(case: int) -> None:
    """Within a transaction: has moderators told of a case that has become urgent."""
    await queries.forget(case)
    await events.record(UrgentCaseWaits(case))


async def tell_next(event: UrgentCaseWaits, limits: HardLimits) -> None:
    """Tells the next moderator, if nobody has taken the case, and comes back for as long as it waits.

    Safe to repeat: one is told within NEXT_MS. ``limits`` are the network's.
    """
    row, now = await cases.lock(event.case), clock.now()
    if row is None or row.state != CaseState.OPEN or row.severity != Severity.URGENT:
        return
    if row.claimed_by is not None and row.claimed_until > now:
        # Who has it may give it back, or let it lapse.
        await events.record(event, min(row.claimed_until - now, NEXT_MS))
        return
    last = await queries.last_told_at(row.id)
    if last is not None and now - last < NEXT_MS:
        return
    if last is None and await _is_one_of_too_many(row.id, now):
        await events.record(event, NEXT_MS)
        return
    within, beyond = await care.at_work(limits)
    if await unoffered.is_one(row.id, within, beyond):
        await staff_notices.tell_operators()
    found = await _next(row.id, now, beyond, most=ANY_NUMBER if last is None else AT_ONCE)
    if found is None and last is not None and now - last >= AGAIN_MS:
        # All have been told, or know of enough: the first who does not is told once more, and so are all after them.
        found = await _next(row.id, now, beyond, most=AT_ONCE, again=True)
        if found is not None:
            await queries.forget(row.id)
    if found is not None:
        await queries.told(row.id, found, now)
        await deliveries.plan_alert(found, row.id)
    await events.record(event, NEXT_MS)


async def _is_one_of_too_many(case: int, now: int) -> bool:
    """Whether only strangers have reported a case, and moderators know of enough others of theirs."""
    if not await queries.is_by_strangers(case, weights.VOUCHED):
        return False
    return await queries.told_by_strangers(weights.VOUCHED, now - clock.HOUR_MS) >= BY_STRANGERS


async def _next(case: int, now: int, beyond: Sequence[int], *, most: int, again: bool = False) -> int | None:
    return await queries.next_moderator(
        case,
        now,
        alone=await staff.is_alone(),
        most_failed=deliveries.MOST_FAILED,
        beyond=beyond,
        again=again,
        since=now - AGAIN_MS,
        most=most,
    )


async def is_waiting(case: int, account: int) -> bool:
    """Whether a moderator is still to be told of a case."""
    return await queries.is_waiting(case, account, clock.now(), alone=await staff.is_alone())


async def forget_closed() -> None:
    """Forgets whom cases were pushed to that are decided."""
    await queries.forget_closed()
