"""A crisis: two moderators say so, with public words and an end. It ends by itself, or earlier by one of them.

While it lasts everything of the brake holds, and nobody can sign up.
"""

import msgspec

from db.engine import DB
from db.queries import brake as queries
from db.queries.brake import CrisisRow
from domain.core import access, clock, events, ids, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, collect
from domain.core.moderation_events import CrisisEnds, WorkWaits
from domain.core.retries import retried
from domain.moderation import brake, public_log, public_words, staff

# For how many hours a crisis may be declared: at most 14 days.
HOURS = (6, 24, 72, 168, 336)
# A proposal to which nobody agrees lapses.
PROPOSAL_MS = clock.DAY_MS
END, HAND = "end", "hand"


class CrisisView(msgspec.Struct, frozen=True):
    """What is proposed, or in force (``since``), and for how many hours; ``mine``: the viewer proposed it.

    Times are in Unix milliseconds, None for what there is not; a proposal lapses at ``lapses_at``.
    """

    id: int
    words: str
    hours: int
    mine: bool
    since: int | None
    ends_at: int | None
    lapses_at: int


async def read(viewer: Viewer) -> CrisisView | None:
    """The crisis in force, or the one that is proposed. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    row = await queries.crisis()
    if row is None or _is_over(row, clock.now()):
        return None
    mine = row.proposer == viewer.id
    return CrisisView(row.id, row.words, row.hours, mine, row.since, row.ends_at, ids.time_of(row.id) + PROPOSAL_MS)


def _is_over(row: CrisisRow, now: int) -> bool:
    return now >= (ids.time_of(row.id) + PROPOSAL_MS if row.ends_at is None else row.ends_at)


@retried
async def propose(viewer: Viewer, words: str, hours: int | None) -> None:
    """Proposes a crisis; nothing happens until another moderator agrees.

    Errors: ``SignedOut``, ``NotFound``, ``Invalid`` with the fields ``words`` and ``hours``, ``Conflict`` where nobody
    else could agree, or there is one already.
    """
    access.require(permissions.may_moderate(viewer))
    words, problem = public_words.checked(words)
    collect(words=problem, hours=None if hours in HOURS else Invalid("Choose for how long."))
    assert hours is not None
    if await staff.is_alone():
        raise Conflict("This takes two moderators, and this network has one.")
    async with DB.writing():
        moderates, row = await staff.still_moderates(viewer.id), await queries.lock_crisis()
        if row is not None and _is_over(row, clock.now()):
            await _end(row, END)
        if not moderates or not await queries.propose(ids.new(), viewer.id, words, hours):
            raise Conflict("Somebody else has proposed one. It is shown here now.")
        await events.record(WorkWaits())


@retried
async def agree(viewer: Viewer, crisis: int) -> None:
    """Begins the crisis that another moderator has proposed.

    Errors: ``SignedOut``, ``NotFound``, ``Conflict`` when there is no such proposal any more, or it is the viewer's
    own.
    """
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        # Accounts are locked first, as when a role is taken.
        two = await _are_two(viewer, await queries.crisis())
        row, now = await queries.lock_crisis(), clock.now()
        if row is None or row.id != crisis or row.since is not None or _is_over(row, now) or not two:
            raise Conflict("There is nothing here for you to agree to: look at it again.")
        ends_at = now + row.hours * clock.HOUR_MS
        await queries.begin(crisis, now, ends_at)
        await public_log.add_switch(public_log.CRISIS_ON, "", row.words, ends_at)
        await events.record(CrisisEnds(crisis), ends_at - now)
        DB.after_commit(brake.forget)


async def _are_two(viewer: Viewer, row: CrisisRow | None) -> bool:
    """Whether it is two who say so, and both still moderate."""
    if row is None or row.proposer is None or row.proposer == viewer.id:
        return False
    return all([await staff.still_moderates(one) for one in sorted((row.proposer, viewer.id))])


@retried
async def end(viewer: Viewer, crisis: int) -> None:
    """Ends a crisis, or withdraws what was proposed, whoever it was. Harmless once it is over.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await staff.check_role(viewer)
        row = await queries.lock_crisis()
        if row is not None and row.id == crisis:
            await _end(row, END if _is_over(row, clock.now()) else HAND)


async def ended(event: CrisisEnds) -> None:
    """The time of a crisis is over."""
    row = await queries.lock_crisis()
    if row is not None and row.id == event.crisis:
        await _end(row, END)


@retried
async def end_due() -> None:
    """Ends a crisis whose event was lost, and drops a proposal that nobody has agreed to."""
    async with DB.writing():
        row = await queries.lock_crisis()
        if row is not None and _is_over(row, clock.now()):
            await _end(row, END)


async def _end(row: CrisisRow, why: str) -> None:
    """Within a transaction: ends it, once."""
    if await queries.drop(row.id) and row.since is not None:
        await public_log.add_switch(public_log.CRISIS_OFF, why)
        DB.after_commit(brake.forget)
