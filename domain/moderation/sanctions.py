"""Freezes and suspends accounts, and ends what ends by itself.

The statements of reasons say what is in force. Two columns of the account repeat until when, for every request and
every list that asks: they are written by :func:`refresh` alone, within the transaction of a decision, of a reversal,
or of the event that was recorded for the moment when a sanction ends.
"""

from collections.abc import Iterable

import msgspec

from db.engine import DB
from db.queries import sanctions as queries
from db.queries import statements
from db.queries.statements import SanctionRow
from domain.core import clock, events, signals
from domain.core.access import Role
from domain.core.errors import Conflict
from domain.core.events import SanctionEnds
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.moderation import staff
from domain.moderation.kinds import TIMED, StatementKind

# For how many days moderators may freeze or suspend.
DAYS = (1, 3, 7, 30, 90, 365)
# Accounts in one transaction of the sweep.
BATCH = 100


class AccountSanctions(msgspec.Struct, frozen=True):
    """Until when an account may not post, and until when it is suspended: Unix milliseconds, 0 if it is not so now."""

    frozen_until: int = 0
    suspended_until: int = 0


async def of_account(account: int) -> AccountSanctions:
    """What is in force against an account now."""
    found, now = await queries.one(account), clock.now()
    if found is None:
        return AccountSanctions()
    return AccountSanctions(*(until if until > now else 0 for until in (found.frozen_until, found.suspended_until)))


async def offered(account: int) -> tuple[StatementKind, ...]:
    """What may be done about an account: nothing once it has left, or has a role; and what takes two moderators only
    where there are two.
    """
    found = await queries.one(account)
    if found is None or found.role != Role.MEMBER:
        return ()
    timed = (StatementKind.FREEZE, StatementKind.SUSPENSION)
    return timed if await staff.is_alone() else (*timed, StatementKind.PERMANENT_SUSPENSION)


def ends_at(kind: StatementKind, days: int, decided_at: int) -> int | None:
    """When a sanction ends, None for one without an end; times in Unix milliseconds."""
    return decided_at + days * clock.DAY_MS if kind in TIMED else None


async def check_can_sanction(account: int) -> None:
    """Within a transaction: locks the account that is to be sanctioned.

    Errors: ``Conflict`` when it has left, or has a role.
    """
    found = await queries.lock(account)
    if found is None:
        raise Conflict("This account has left: there is nothing to freeze or to suspend.")
    if found.role != Role.MEMBER:
        raise Conflict("This account can't be frozen or suspended now: ask an operator.")


async def refresh(account: int) -> None:
    """Within a transaction: has the account be what the statements in force say, from now on."""
    before = await queries.lock(account)
    if before is None:
        return
    rows = await statements.sanctions(account, clock.now())
    frozen_until = _until(rows, StatementKind.FREEZE)
    suspended_until = _until(rows, StatementKind.SUSPENSION, StatementKind.PERMANENT_SUSPENSION)
    if (frozen_until, suspended_until) == (before.frozen_until, before.suspended_until):
        return
    await queries.put(account, frozen_until, suspended_until)
    signals.send(signals.Kind.VIEWER, account)
    if bool(suspended_until) != bool(before.suspended_until):
        # Whatever pages are kept of it, or name it, are not what guests may see now.
        signals.send(signals.Kind.LEFT, account)


def _until(rows: Iterable[SanctionRow], *kinds: StatementKind) -> int:
    """The latest end of these kinds, ``clock.LAST`` for one without an end, 0 when there is none."""
    return max((clock.LAST if row.ends_at is None else row.ends_at for row in rows if row.kind in kinds), default=0)


async def schedule_end(account: int, ends: int) -> None:
    """Within a transaction: has a sanction end at ``ends`` (Unix milliseconds)."""
    await events.record(SanctionEnds(account), max(1, ends - clock.now()))


async def ended(event: SanctionEnds) -> None:
    """A sanction's time is over: the account is what other statements leave of it."""
    await refresh(event.account)


@retried
async def end_due() -> int:
    """Ends sanctions whose event was lost, or given up. Returns how many accounts it looked at."""
    pace, found = Pace(), 0
    while due := await queries.due(clock.now(), BATCH):
        async with DB.writing():
            for account in due:
                await refresh(account)
        found += len(due)
        await pace.rest()
    return found
