"""Following: at once for open accounts, on request for private ones."""

from db.engine import DB
from db.queries import graph as queries
from db.queries import notifications, timelines
from domain.accounts import profiles
from domain.accounts.profiles import Relation
from domain.core import access, events, ids, permissions
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden, NotFound
from domain.core.events import AccountOpened
from domain.core.retries import retried

# Requests granted per event when an account opens; the rest is an event of its own.
BATCH = 100
# How many people one account may follow: what is older than a home timeline is put together from all of them.
MAX_FOLLOWS = 5000


@retried
async def follow(viewer: Viewer, account: int, pull_limit: int) -> Relation:
    """Follows or asks to. Errors: ``NotFound``, ``Forbidden`` for oneself and across a block."""
    member(viewer)
    other = await profiles.by_id(viewer, account)
    access.require(permissions.may_follow(viewer, other.id, other.handle, blocked=other.blocked))
    if other.following:
        return Relation.FOLLOWING
    async with DB.writing():
        await queries.lock(viewer.id, account)
        # Asked again under the locks: a block that came in between must hold, and so must a door that was closed.
        between = await queries.between(viewer.id, account)
        if between is None or between[0]:
            raise NotFound
        if between[1] >= MAX_FOLLOWS:
            raise Forbidden("You follow %(limit)s people, and that is as many as one may.", limit=MAX_FOLLOWS)
        if between[2]:
            if await queries.ask(viewer.id, account):
                await events.record(events.FollowAsked(requester=viewer.id, target=account))
            return Relation.REQUESTED
        await _tie(viewer.id, account, pull_limit)
    return Relation.FOLLOWING


@retried
async def unfollow(viewer: Viewer, account: int) -> Relation:
    """Ends a follow or takes a request back; without either it changes nothing."""
    member(viewer)
    async with DB.writing():
        await queries.lock(viewer.id, account)
        await unask(viewer.id, account)
        if await sever(viewer.id, account):
            await timelines.drop_followee(viewer.id, account)
    return Relation.NONE


@retried
async def accept(viewer: Viewer, requester: int, pull_limit: int) -> None:
    """Lets a requester follow. Errors: ``NotFound`` without such a request."""
    member(viewer)
    async with DB.writing():
        await queries.lock(viewer.id, requester)
        if not await unask(requester, viewer.id):
            raise NotFound("This request is no longer there.")
        await _grant(requester, viewer.id, pull_limit)


@retried
async def decline(viewer: Viewer, requester: int) -> None:
    """Turns a request down; the requester is not told."""
    member(viewer)
    async with DB.writing():
        await unask(requester, viewer.id)


async def grant_all(event: AccountOpened, pull_limit: int) -> None:
    """Lets the next BATCH of those who had asked follow an account that has opened; void if it is private again.

    Safe to repeat; call it while writing.
    """
    requesters = await queries.requests_to(event.account, BATCH)
    await queries.lock(event.account, *requesters)
    if not await queries.is_open(event.account):
        return
    for requester in requesters:
        # One may have been taken back before the locks were had.
        if await unask(requester, event.account):
            await _grant(requester, event.account, pull_limit)
    if len(requesters) == BATCH:
        await events.record(event)


async def _grant(requester: int, target: int, pull_limit: int) -> None:
    await _tie(requester, target, pull_limit, granted=True)
    await events.record(events.FollowAccepted(requester=requester, target=target))


async def unask(requester: int, target: int) -> bool:
    """Ends a request; False without one. Call it while writing."""
    gone = await queries.unask(requester, target)
    if gone:
        await events.record(events.FollowUnasked(requester=requester, target=target))
    return gone


async def _tie(follower: int, followee: int, pull_limit: int, *, granted: bool = False) -> None:
    if await queries.follow(follower, followee, pull_limit, ids.new()):
        await events.record(events.Followed(follower=follower, followee=followee, granted=granted))


async def sever(follower: int, followee: int) -> bool:
    """Ends a follow and its bell; False without one. Call it with both accounts locked.

    What the follower's home holds of the followee is left to the caller: rows of timelines are locked last.
    """
    gone = await queries.unfollow(follower, followee)
    if gone:
        await notifications.unring(follower, followee)
        await events.record(events.Unfollowed(follower=follower, followee=followee))
    return gone
