"""Who may be drawn for juries: members opt in, and out again. Nobody else is told."""

import msgspec

from db.engine import DB
from db.queries import jury_pool
from domain.core import clock, ids
from domain.core.access import Viewer, member
from domain.core.retries import retried
from domain.moderation import juries, jury_audits, statements
from domain.moderation.jury_lot import MIN_DAYS


class JuryService(msgspec.Struct, frozen=True):
    """Whether a member may be drawn. ``drawn_from`` is when their account is old enough, ``paused_until`` until when
    they are not drawn after audits that they have failed (Unix milliseconds, 0 if that is over). ``has_points`` and
    ``has_role``: not while they have.
    """

    opted_in: bool
    drawn_from: int
    paused_until: int
    has_points: bool
    has_role: bool


async def mine(viewer: Viewer) -> JuryService:
    """Errors: ``SignedOut``."""
    standing, now = await jury_pool.standing(member(viewer).id), clock.now()
    old_enough = ids.time_of(viewer.id) + MIN_DAYS * clock.DAY_MS
    return JuryService(
        opted_in=standing is not None,
        drawn_from=old_enough if old_enough > now else 0,
        paused_until=standing.paused_until if standing and standing.paused_until > now else 0,
        has_points=await statements.points(viewer.id) > 0,
        has_role=viewer.is_moderator,
    )


async def opt_in(viewer: Viewer) -> None:
    """Safe to repeat. Errors: ``SignedOut``."""
    await _opt_in(member(viewer).id)


async def opt_out(viewer: Viewer) -> None:
    """Also gives up every seat that waits for an answer. Safe to repeat. Errors: ``SignedOut``."""
    await _forget(member(viewer).id)
    await juries.give_up_all(viewer.id)


@retried
async def _forget(account: int) -> None:
    async with DB.writing():
        # A jury that is being drawn comes first: its seats are given up afterwards.
        await jury_pool.lock_standing(account)
        await jury_pool.opt_out(account)


@retried
async def _opt_in(account: int) -> None:
    async with DB.writing():
        await jury_pool.opt_in(account, clock.now())
        # Going and coming back ends no pause.
        await jury_audits.pause_if_failed(account)
