"""What an operator sees of backups and rehearsals: when, how large, how long, and what is overdue."""

from collections.abc import Sequence
from secrets import token_hex

import msgspec

from db.queries import backups as queries
from db.queries import leases
from db.queries.backups import BackupRow, RehearsalRow
from domain.core import access, clock, ids, permissions
from domain.core.access import Viewer

SHOWN = 30
KEPT_MS = 400 * 86_400_000
# How long one process has for giving an alarm before another may, in milliseconds.
TELLING_MS = 10 * 60_000


class BackupSummary(msgspec.Struct, frozen=True):
    """One attempt; ``number`` is 0 while it runs, or when it failed for ``problem``. Milliseconds, and bytes."""

    at: int
    place: str
    number: int
    took_ms: int
    size: int
    sent: int
    problem: str


class RehearsalSummary(msgspec.Struct, frozen=True):
    """A trial restore; ``recovery_ms`` and ``loss_ms`` are None when it failed before they were known."""

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


class Operator(msgspec.Struct, frozen=True):
    """An operator's email address, and the language they chose, "" for none."""

    address: str
    locale: str


async def state(viewer: Viewer, place: str | None = None) -> BackupState:
    """The last backups and rehearsals, and how old the newest good backup is, at one ``place`` or at any.

    Errors: ``SignedOut``, ``Forbidden``.
    """
    access.require(permissions.may_see_backups(viewer))
    copied = await queries.replication_state()
    return BackupState(
        [_backup(row) for row in await queries.backups(SHOWN)],
        [_rehearsal(row) for row in await queries.rehearsals(SHOWN)],
        await last_success_at(place),
        copied.copied_at if copied else 0,
    )


async def last_success_at(place: str | None = None) -> int:
    """When the newest good backup was begun, anywhere or at one place, Unix milliseconds; 0 without one."""
    row = await queries.last_good(place)
    return time_of(row) if row else 0


def time_of(row: BackupRow) -> int:
    """When a try was begun, Unix milliseconds."""
    return ids.time_of(row.id)


async def founded_at() -> int:
    """When the network was founded, Unix milliseconds; 0 before."""
    return await queries.founded_at()


async def may_tell(alarm: str) -> str:
    """Claims an alarm for this process. Returns the claim for ``told``; "" while another has it, or it was sent.

    A claim ends after TELLING_MS, unless ``told`` extends it.
    """
    holder, now = token_hex(8), clock.now()
    return holder if await leases.take(alarm, holder, now + TELLING_MS, now) else ""


async def told(alarm: str, claim: str, hours: int) -> None:
    """Notes that an alarm was sent, and is not to be sent again for some ``hours``."""
    await leases.renew(alarm, claim, clock.now() + hours * 3_600_000)


async def operators() -> list[Operator]:
    """Whom alarms are mailed to."""
    return [Operator(row.email, row.locale) for row in await queries.operators()]


async def start(place: str) -> int:
    """Records that a backup begins. Returns its id."""
    begun = ids.new()
    await queries.forget(ids.first(clock.now() - KEPT_MS))
    await queries.start(begun, place)
    return begun


async def done(begun: int, number: int, size: int, sent: int) -> None:
    """Records that a backup is complete, as manifest ``number``; ``size`` and ``sent`` in bytes."""
    await queries.done(begun, number, clock.now() - ids.time_of(begun), size, sent)


async def failed(begun: int, problem: str) -> None:
    await queries.failed(begun, problem, clock.now() - ids.time_of(begun))


async def rehearsed(at: int, backup: int, recovery_ms: int | None, loss_ms: int | None, problem: str) -> None:
    await queries.rehearsed(RehearsalRow(ids.new(at), backup, recovery_ms, loss_ms, problem))


def _backup(row: BackupRow) -> BackupSummary:
    return BackupSummary(
        time_of(row), row.place, row.number or 0, row.took_ms or 0, row.size or 0, row.sent or 0, row.problem
    )


def _rehearsal(row: RehearsalRow) -> RehearsalSummary:
    return RehearsalSummary(ids.time_of(row.id), row.backup or 0, row.recovery_ms, row.loss_ms, row.problem)
