"""Says which level of trust an account has: what it has earned, less what points cost it.

:func:`refresh` alone writes ``account.trust``: after a decision or a reversal, and in a sweep for what time brings.
What was earned stays so; points cost levels for as long as they count.
"""

import contextlib

import msgspec

from db.engine import DB
from db.queries import trust as queries
from db.queries.trust import DueRow, TrustRow
from domain.core import clock, ids, signals, trust
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.core.events import CaseDecided
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.core.trust import LEVELS, TrustLevel, TrustLimits, TrustNeeds, TrustPolicy, TrustProgress
from domain.moderation import statements
from domain.posts import posting_limits

# Accounts per statement of the sweep. Whoever has not read for so many days has nothing new to show for it.
BATCH, RECENT_DAYS = 500, 3
# A post has stood once it is older than this.
STOOD_MS = clock.DAY_MS
MOST = 2**31 - 1


class OwnTrust(msgspec.Struct, frozen=True):
    """How far the viewer is. ``lost``: how many of the levels that they have earned points cost them;
    ``held_back``: they reach none while points count; ``needs`` is what the next level that they
    have not earned takes, None once they have earned all; ``limits`` what they may post within an hour, None where
    nothing is limited.
    """

    level: TrustLevel
    earned: TrustLevel
    lost: int
    held_back: bool
    progress: TrustProgress
    needs: TrustNeeds | None
    limits: TrustLimits | None


async def mine(viewer: Viewer, policy: TrustPolicy) -> OwnTrust | None:
    """None for a guest."""
    if not viewer.signed_in:
        return None
    row = await queries.one(viewer.id) or TrustRow(viewer.trust, 0, 0, 0)
    earned = LEVELS[row.earned]
    following = None if earned is TrustLevel.REGULAR else policy.needs(LEVELS[earned + 1])
    progress = await _progress(viewer.id, row, policy)
    lost, held_back = min(row.lost, earned), row.lost > 0
    return OwnTrust(viewer.trust, earned, lost, held_back, progress, following, posting_limits.of(viewer, policy))


@retried
async def refresh(account: int, policy: TrustPolicy) -> bool:
    """Gives an account the level that it has earned and not lost. Safe to repeat. Returns whether that changed any."""
    async with DB.writing():
        level = await queries.lock(account)
        if level is None:
            return False
        before = await queries.one(account) or TrustRow(level, 0, 0, 0)
        points = await statements.points(account)
        earned = before.earned if points else max(before.earned, await _earned(account, before, policy))
        lost = min(policy.lost(points), TrustLevel.REGULAR)
        now = trust.lowered(LEVELS[earned], lost)
        if (now, earned, lost) == (level, before.earned, before.lost):
            return False
        await queries.put(account, now, earned, lost)
        if now != level:
            signals.send(signals.Kind.VIEWER, account)
    return True


async def _earned(account: int, row: TrustRow, policy: TrustPolicy) -> TrustLevel:
    return policy.earned(await _progress(account, row, policy))


async def _progress(account: int, row: TrustRow, policy: TrustPolicy) -> TrustProgress:
    # Two days by the calendar may be some minutes around midnight.
    age = (clock.now() - ids.time_of(account)) // clock.DAY_MS
    return TrustProgress(min(row.days, age + 1), row.reads, await _stood(account, policy.most_posts))


async def _stood(account: int, most: int) -> int:
    return await queries.stood(account, ids.first(clock.now() - STOOD_MS), most)


async def decided(event: CaseDecided, policy: TrustPolicy) -> None:
    """Points of a decision cost levels at once, and come back with its reversal."""
    with contextlib.suppress(NotFound):
        await refresh((await statements.row(event.statement)).account, policy)


async def refresh_due(policy: TrustPolicy) -> int:
    """Raises those who have earned another level, or whose points no longer count. Returns how many it has changed."""
    last, changed, pace = 0, 0, Pace()
    today = clock.now() // clock.DAY_MS
    while found := await queries.due(last, today - RECENT_DAYS, BATCH):
        for row in found:
            if row.lost or _may_rise(row, policy):
                changed += await refresh(row.account, policy)
                await pace.rest()
        last = found[-1].account
    return changed


def _may_rise(row: DueRow, policy: TrustPolicy) -> bool:
    """Whether an account has been there and has read enough for another level, if its posts are enough."""
    return policy.earned(TrustProgress(row.days, row.reads, MOST)) > row.earned
