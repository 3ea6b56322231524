"""What runs by the clock."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from domain.accounts import codes, credentials, sessions
from domain.notifications import digests, secrets
from domain.timelines import home
from settings import Settings

LOG = structlog.get_logger()

HOUR = 3600.0


async def run(settings: Settings) -> None:
    """Sweeps once an hour, for ever; a failed sweep is logged and tried again the next hour."""
    sweeps: list[Callable[[], Awaitable[None]]] = [
        sessions.forget_idle,
        credentials.forget_old_resets,
        codes.forget_old,
        secrets.forget_unused,
        lambda: home.trim_all(settings.home_length),
    ]
    if settings.smtp_url:
        sweeps.append(digests.take_on)
    while True:
        await asyncio.sleep(HOUR)
        for sweep in sweeps:
            try:
                await sweep()
            except Exception:
                LOG.exception("sweep.failed")
