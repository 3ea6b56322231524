"""What an operator sees of backups and rehearsals: when, how large, how long, and what is overdue."""

from collections.abc import Sequence
from secrets import token_hex

import msgspec

from db.engine import Row
from db.queries import backups as queries
from db.queries import leases
from domain.core import clock, ids
from domain.core.access import Viewer, operator

SHOWN = 30
KEPT_MS = 400 * 86_400_000
# How long one process has for giving an alarm before another may, in milliseconds.
TELLING_MS = 10 * 60_000


class BackupSummary(msgspec.Struct, frozen=True):
    """One try; ``number`` 0: it failed, for ``problem``, or runs. Times in milliseconds, sizes in bytes."""

    at: int
    place: str
    number: int
    took_ms: int
    size: int
    sent: int
    problem: str


class RehearsalSummary(msgspec.Struct, frozen=True):
    """A restore on trial; the milliseconds are None when it did not get so far."""

    at: int
    backup: int
    recovery_ms: int | None
    loss_ms: int | None
    problem: str


class BackupState(msgspec.Struct, frozen=True):
    """``good_at``: when the newest backup that counts was begun, 0 without one; ``copied_at``: until when every change
    is copied, 0 where no copy follows."""

    backups: Sequence[BackupSummary]
    rehearsals: Sequence[RehearsalSummary]
    good_at: int
    copied_at: int


async def state(viewer: Viewer, place: str | None = None) -> BackupState:
    """What stands; only backups at ``place`` count, where it is named. Errors: ``SignedOut``, ``Forbidden``."""
    operator(viewer)
    copying = await queries.copying()
    return BackupState(
        [_backup(row) for row in await queries.backups(SHOWN)],
        [RehearsalSummary(ids.time_of(row[0]), row[1] or 0, *row[2:]) for row in await queries.rehearsals(SHOWN)],
        await last_success_at(place),
        copying[4] if copying else 0,
    )


async def last_success_at(place: str | None = None) -> int:
    """When the newest good backup was begun, anywhere or at one place, Unix milliseconds; 0 without one."""
    row = await queries.last_good(place)
    return ids.time_of(row[0]) if row else 0


def time_of(row: Row) -> int:
    """When a try was begun."""
    return ids.time_of(row[0])


async def founded_at() -> int:
    """When the network was founded, Unix milliseconds; 0 before."""
    return await queries.founded_at()


async def may_tell(alarm: str) -> str:
    """Claims an alarm for one process: "" while it is claimed or was given, else what ``told`` wants.

    Unless it is told within TELLING_MS, it is anybody's again.
    """
    holder, now = token_hex(8), clock.now()
    return holder if await leases.take(alarm, holder, now + TELLING_MS, now) else ""


async def told(alarm: str, claim: str, hours: int) -> None:
    """Notes that it was given, and need not be for so many hours."""
    await leases.renew(alarm, claim, clock.now() + hours * 3_600_000)


async def operators() -> list[tuple[str, str]]:
    """``(address, language)`` of those who are told."""
    return [(row[0], row[1]) for row in await queries.operators()]


async def start(place: str) -> int:
    """Notes that a backup is begun. Returns its id."""
    begun = ids.new()
    await queries.forget(ids.first(clock.now() - KEPT_MS))
    await queries.start(begun, place)
    return begun


async def done(begun: int, number: int, size: int, sent: int) -> None:
    """Notes that it counts."""
    await queries.done(begun, number, clock.now() - ids.time_of(begun), size, sent)


async def failed(begun: int, problem: str) -> None:
    await queries.failed(begun, problem, clock.now() - ids.time_of(begun))


async def rehearsed(at: int, backup: int, recovery_ms: int | None, loss_ms: int | None, problem: str) -> None:
    await queries.rehearsed(ids.new(at), backup, recovery_ms, loss_ms, problem)


def _backup(row: Row) -> BackupSummary:
    return BackupSummary(ids.time_of(row[0]), row[1], row[2] or 0, row[3] or 0, row[4] or 0, row[5] or 0, row[6])
