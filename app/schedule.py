"""Sweeps that run every hour, and jobs that have a time of their own."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app import backup_jobs
from asgi import policy
from domain.accounts import credentials, handles, login_codes, sessions
from domain.backups.handover import SITE_MODE
from domain.core import dead_letters
from domain.domain_migration import login_transfer
from domain.media import uploads
from domain.moderation import (
    appeals,
    brake_holds,
    brake_switch,
    bulk_previews,
    bulk_work,
    care,
    case_alerts,
    complaint_alerts,
    crisis,
    evidence,
    figures,
    filter_hits,
    filter_simulations,
    founding,
    guest_reports,
    juries,
    public_log,
    sanctions,
    standing_links,
    trust_levels,
    upstream,
)
from domain.notifications import digests, push_keys
from domain.posts import link_previews, receipts
from domain.timelines import activity, home
from settings import Settings

LOG = structlog.get_logger()

MINUTE, HOUR = 60.0, 3600.0
Sweep = Callable[[], Awaitable[object]]


async def run(settings: Settings) -> None:
    """Sweeps for ever: what is forgotten once an hour, and what has an hour of its own every minute."""
    levels = policy.trust_policy(settings)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            _every(
                HOUR,
                sessions.forget_idle,
                credentials.forget_old_resets,
                handles.forget_released,
                login_codes.forget_old,
                push_keys.forget_unused,
                lambda: home.trim_all(settings.home_length),
                lambda: activity.retire_idle(settings.home_idle_days),
                uploads.forget_abandoned,
                link_previews.forget_unused,
                receipts.finish_open,
                receipts.forget_old,
                login_transfer.forget_old,
                dead_letters.forget_old,
                appeals.close_left,
                evidence.purge_due,
                filter_hits.forget_old,
                founding.publish_missing,
                public_log.add_missing,
                public_log.announce_waiting,
                guest_reports.forget_old,
                upstream.forget_old,
                figures.count_due,
                standing_links.forget_old,
                care.forget_old,
                case_alerts.forget_closed,
                complaint_alerts.forget_closed,
                bulk_previews.forget_old,
                bulk_work.go_on,
                lambda: trust_levels.refresh_due(levels),
                filter_simulations.forget_old,
            )
        )
        tasks.create_task(
            _every(MINUTE, sanctions.end_due, juries.end_due, brake_switch.look, crisis.end_due, brake_holds.release)
        )
        if settings.smtp_url:
            tasks.create_task(_every(MINUTE, digests.record_due))
        if settings.backup_url:
            tasks.create_task(_every(MINUTE, lambda: backup_jobs.back_up(settings)))


async def _every(seconds: float, *sweeps: Sweep) -> None:
    """A sweep that fails is logged and tried again the next time."""
    while True:
        await asyncio.sleep(seconds)
        for sweep in () if SITE_MODE.writes_stopped else sweeps:
            try:
                await sweep()
            except Exception:
                LOG.exception("sweep.failed")
