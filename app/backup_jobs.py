"""Replication, scheduled backups and the alarm about old ones, while the network runs."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import structlog

from adapters import objects
from app import metrics
from app.tasks import running
from db.queries import backups as queries
from domain.accounts import network_profile
from domain.backups import history
from domain.backups.handover import SITE_MODE
from domain.core import clock
from domain.core.leases import Lease
from settings import Settings, environment
from web import operator_mails

LOG = structlog.get_logger()

CLOCK = "backup-clock"
# After one that failed, the next is tried when so much time has passed.
AGAIN_MS = 15 * 60_000
# From when on a copy that should be seconds behind is an alarm.
BEHIND_MS = 30 * 60_000


@contextlib.asynccontextmanager
async def running_backups(settings: Settings) -> AsyncIterator[None]:
    """Copies every change while the block runs, where the settings name a place; the database must be open."""
    place = objects.public(settings.backup_url) if settings.backup_url else ""
    if not place and await queries.replication_state() is None:
        yield
        return
    # Read only where it is needed: the archive's libraries take as long to load as all the rest.
    from ops.backup import replication_state, sealing
    from ops.backup.replicator import Replicator

    await replication_state.agree(place)
    if not place:
        yield
        return
    async with running(Replicator(settings.backup_url, sealing.recipients(settings.backup_recipients)).run()):
        yield


async def back_up(settings: Settings) -> None:
    """By the clock: makes a backup when one is due, and tells operators when the newest is too old."""
    place = objects.public(settings.backup_url)
    async with Lease(CLOCK).held() as had:
        if had and not SITE_MODE.writes_stopped and await _due(settings, place):
            await _run(settings)
        await _measure(settings, place, alarming=had)


async def _due(settings: Settings, place: str) -> bool:
    newest = next(iter(await queries.backups(1)), None)
    if newest and newest.number is None and clock.now() - history.time_of(newest) < AGAIN_MS:
        return False
    if not (await network_profile.about()).founded:
        return False
    from ops.backup import replication_state

    old = clock.now() - await history.last_success_at(place) > settings.backup_hours * clock.HOUR_MS
    return old or await replication_state.end(place) is None


async def _run(settings: Settings) -> None:
    """In a process of its own: encrypting a whole network would hold up pages."""
    for command in ("run", "prune"):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app", "backup", command, env=environment(settings),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            _, said = await child.communicate()
        except asyncio.CancelledError:
            child.terminate()
            await child.wait()
            raise
        if child.returncode:
            LOG.error("backup.failed", command=command, said=said.decode(errors="replace").strip()[-500:])
            return
        LOG.info("backup.done", command=command)


async def _measure(settings: Settings, place: str, *, alarming: bool) -> None:
    """``alarming``: no other process makes a backup just now, which would put things right."""
    good = await history.last_success_at(place)
    copied = await queries.replication_state()
    if good:
        metrics.BACKUP_AGE.set((clock.now() - good) / 1000)
    if copied:
        metrics.REPLICATION_AGE.set((clock.now() - copied.copied_at) / 1000)
    if not alarming or SITE_MODE.writes_stopped:
        return
    since = good or await history.founded_at()
    if since and clock.now() - since > settings.backup_alarm_hours * clock.HOUR_MS:
        LOG.error("backup.too_old", hours=(clock.now() - since) // clock.HOUR_MS)
        await operator_mails.backup_too_old(settings, good)
    if copied and clock.now() - copied.copied_at > BEHIND_MS:
        LOG.error("replication.behind", minutes=(clock.now() - copied.copied_at) // 60_000)
        await operator_mails.replication_behind(settings, copied.copied_at)
