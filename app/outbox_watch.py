"""Measures the outbox from every process, and mails operators when work is stuck."""

import asyncio

import structlog

from app import metrics
from domain.backups.handover import SITE_MODE
from domain.core import dead_letters
from domain.core.dead_letters import Backlog
from domain.core.outages import DATABASE_STATUS
from settings import Settings
from web import operator_mails

LOG = structlog.get_logger()

# How often each process counts what waits, in seconds; every how many of these it looks whether to tell.
LOOK, LOOKS_PER_ALARM = 15.0, 4


async def run(settings: Settings) -> None:
    """Looks for ever."""
    looks = 0
    while True:
        await asyncio.sleep(LOOK)
        looks += 1
        await DATABASE_STATUS.tolerate(measure() if looks % LOOKS_PER_ALARM else alarm(settings), "outbox.not_watched")


async def measure() -> Backlog:
    """Counts what waits, for the metrics too."""
    found = await dead_letters.backlog()
    for name, lane in (("short", found.short), ("leased", found.leased)):
        metrics.OUTBOX_DUE.labels(name).set(lane.due)
        metrics.OUTBOX_AGE.labels(name).set(dead_letters.age_ms(lane.since) / 1000)
    metrics.OUTBOX_FAILING.set(found.failing)
    metrics.OUTBOX_DEAD.set(found.given_up)
    return found


async def alarm(settings: Settings) -> None:
    """Tells operators of events that gave up, or that have been due or have failed for too long."""
    found = await measure()
    late_ms = max(dead_letters.age_ms(found.since), dead_letters.age_ms(found.failing_since))
    if SITE_MODE.writes_stopped or not (found.given_up or late_ms > dead_letters.LATE_MS):
        return
    minutes = late_ms // 60_000
    LOG.error("outbox.stuck", given_up=found.given_up, minutes=minutes)
    await operator_mails.outbox_stuck(settings, found.given_up, minutes)
