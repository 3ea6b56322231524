"""Watches the outbox from every process: metrics, and a mail to operators when work is left undone."""

import asyncio
from collections.abc import Awaitable

import structlog

from app import metrics
from domain.core import clock
from domain.core.outages import STATUS
from domain.keeping import dead_letters
from domain.keeping.dead_letters import Backlog, Lane
from domain.keeping.handover import STANCE
from settings import Settings
from web import alarms

LOG = structlog.get_logger()

# How often each process counts what waits, in seconds; every how many of these it looks whether to tell.
LOOK, LOOKS_PER_ALARM = 15.0, 4


async def run(settings: Settings) -> None:
    """Looks for ever."""
    looks = 0
    while True:
        await asyncio.sleep(LOOK)
        looks += 1
        await _calmly(measure())
        if not looks % LOOKS_PER_ALARM:
            await _calmly(alarm(settings))


async def _calmly(work: Awaitable[object]) -> None:
    """A database that is away is looked at again."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - whatever a driver or a mail server says
        if STATUS.refusal(error) is None:
            LOG.warning("outbox.not_watched", error=type(error).__name__)


async def measure() -> Backlog:
    """Counts what waits, for the metrics too."""
    found = await dead_letters.backlog()
    for name, lane in (("short", found.short), ("leased", found.leased)):
        metrics.OUTBOX_DUE.labels(name).set(lane.due)
        metrics.OUTBOX_AGE.labels(name).set(_age_ms(lane) / 1000)
    metrics.OUTBOX_FAILING.set(found.failing)
    metrics.OUTBOX_DEAD.set(found.given_up)
    return found


async def alarm(settings: Settings) -> None:
    """Tells operators of events that gave up, or that have been due or have failed for too long."""
    found = await measure()
    late_ms = max(_age_ms(found.short), _age_ms(found.leased), _age_ms(Lane(found.failing, found.failing_since)))
    if STANCE.still or not (found.given_up or late_ms > dead_letters.LATE_MS):
        return
    minutes = late_ms // 60_000
    LOG.error("outbox.stuck", given_up=found.given_up, minutes=minutes)
    await alarms.outbox_stuck(settings, found.given_up, minutes)


def _age_ms(lane: Lane) -> int:
    return max(0, clock.now() - lane.since) if lane.due else 0
