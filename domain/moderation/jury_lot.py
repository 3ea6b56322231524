"""Draws jurors by lot among members who have opted in and have nothing to do with the parties."""

import random
from collections.abc import Container, Sequence

from db.queries import jury_pool
from db.queries.jury_pool import Bounds
from domain.core import clock, ids
from domain.moderation.statements import POINTS_DAYS

# How many days an account has to be there before it is drawn, and how many summonses it has at a time.
MIN_DAYS, MAX_SUMMONS = 30, 2
# Candidates who are looked at together, and how many are looked at before a jury is given up.
TOGETHER, MOST = 40, 2000
# Nobody can know beforehand who will be drawn.
LOT = random.SystemRandom()


def pick(order: Sequence[int], fit: Container[int], seats: int) -> list[int]:
    """The first of a shuffled ``order`` that are ``fit``, as many as there are seats."""
    return [account for account in order if account in fit][:seats]


async def draw(jury: int, case: int, seats: int) -> list[int]:
    """Within a transaction that has locked the case: accounts for so many seats; fewer if there are too few members,
    and none where what the parties have done themselves has left out more than half of those who were looked at: they
    would else choose their jury, such as by muting all but their friends.

    Whoever is drawn can't opt out, or be drawn for another jury, before the transaction ends.
    """
    now = clock.now()
    bounds = Bounds(
        jury=jury,
        case=case,
        newest=ids.first(now - MIN_DAYS * clock.DAY_MS),
        since=ids.first(now - POINTS_DAYS * clock.DAY_MS),
        summons=MAX_SUMMONS,
        now=now,
    )
    pool = await jury_pool.pool(now)
    order = LOT.sample(pool, min(len(pool), MOST))
    parties = await jury_pool.parties(case)
    drawn: list[int] = []
    looked_at = singled_out = 0
    for start in range(0, len(order), TOGETHER):
        if len(drawn) == seats:
            break
        some = order[start : start + TOGETHER]
        fit = await jury_pool.fit(some, bounds) - parties
        left_out = await jury_pool.singled_out(fit, parties)
        looked_at, singled_out = looked_at + len(fit), singled_out + len(left_out)
        found = await jury_pool.lock(fit - left_out - await jury_pool.tied(fit, parties))
        # Another jury may have drawn them before they were locked.
        drawn += pick(some, await jury_pool.fit(found, bounds), seats - len(drawn))
    return [] if 2 * singled_out > looked_at else drawn


async def is_involved(account: int, case: int) -> bool:
    """Whether somebody has something to do with a party by now; they had not when they were drawn."""
    parties = await jury_pool.parties(case)
    return account in parties or bool(await jury_pool.involved({account}, parties))
