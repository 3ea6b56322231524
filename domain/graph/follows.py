"""Following: open accounts at once, private ones on request."""

from db.engine import DB
from db.queries import bells, timelines
from db.queries import graph as queries
from domain.accounts import profiles
from domain.accounts.profiles import Relation
from domain.core import access, events, ids, permissions
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden, NotFound
from domain.core.events import AccountMadePublic
from domain.core.retries import retried

# Requests accepted per event when an account opens; the rest get an event of their own.
BATCH = 100
# How many people one account may follow: a page older than the stored home timeline is merged from all of them.
MAX_FOLLOWS = 5000


@retried
async def follow(viewer: Viewer, account: int, fanout_limit: int) -> Relation:
    """Follows an open account, or asks a private one.

    Errors: ``NotFound``, ``Forbidden`` for oneself or across a block.
    For example ``await follow(viewer, ana.id, 10_000)`` is "requested" when Ana's account is private.
    """
    member(viewer)
    other = await profiles.by_id(viewer, account)
    access.require(permissions.may_follow(viewer, other.id, other.handle, blocked=other.blocked))
    if other.following:
        return Relation.FOLLOWING
    async with DB.writing():
        await queries.lock(viewer.id, account)
        # Read again under the locks: the account may have blocked the viewer or become private meanwhile.
        between = await queries.between(viewer.id, account)
        if between is None or between.blocked:
            raise NotFound
        if between.following >= MAX_FOLLOWS:
            raise Forbidden("You can follow at most %(limit)s people.", limit=MAX_FOLLOWS)
        if between.private:
            if await queries.ask(viewer.id, account):
                await events.record(events.FollowRequested(requester=viewer.id, target=account))
            return Relation.REQUESTED
        await _add(viewer.id, account, fanout_limit)
    return Relation.FOLLOWING


@retried
async def unfollow(viewer: Viewer, account: int) -> Relation:
    """Ends a follow or withdraws a request; without either it changes nothing."""
    member(viewer)
    async with DB.writing():
        await queries.lock(viewer.id, account)
        await unask(viewer.id, account)
        if await remove(viewer.id, account):
            await timelines.drop_followee(viewer.id, account)
    return Relation.NONE


@retried
async def accept(viewer: Viewer, requester: int, fanout_limit: int) -> None:
    """Lets a requester follow. Errors: ``NotFound`` without such a request."""
    member(viewer)
    async with DB.writing():
        await queries.lock(viewer.id, requester)
        if not await unask(requester, viewer.id):
            raise NotFound("This request is no longer there.")
        await _grant(requester, viewer.id, fanout_limit)


@retried
async def decline(viewer: Viewer, requester: int) -> None:
    """Removes a request; the requester is not notified."""
    member(viewer)
    async with DB.writing():
        await unask(requester, viewer.id)


async def grant_all(event: AccountMadePublic, fanout_limit: int) -> None:
    """Accepts the next BATCH of requests to an account that has opened; does nothing if it is private again.

    Safe to repeat; call it while writing.
    """
    requesters = await queries.requests_to(event.account, BATCH)
    await queries.lock(event.account, *requesters)
    if not await queries.is_open(event.account):
        return
    for requester in requesters:
        # One may have been withdrawn before the locks were taken.
        if await unask(requester, event.account):
            await _grant(requester, event.account, fanout_limit)
    if len(requesters) == BATCH:
        await events.record(event)


async def _grant(requester: int, target: int, fanout_limit: int) -> None:
    await _add(requester, target, fanout_limit, granted=True)
    await events.record(events.FollowAccepted(requester=requester, target=target))


async def unask(requester: int, target: int) -> bool:
    """Removes a request; False when there was none. Call it while writing."""
    gone = await queries.unask(requester, target)
    if gone:
        await events.record(events.FollowRequestClosed(requester=requester, target=target))
    return gone


async def _add(follower: int, followee: int, fanout_limit: int, *, granted: bool = False) -> None:
    if await queries.follow(follower, followee, fanout_limit, ids.new()):
        await events.record(events.Followed(follower=follower, followee=followee, granted=granted))


async def remove(follower: int, followee: int) -> bool:
    """Ends a follow and its bell; False when there was none. Call it with both accounts locked.

    The caller removes the followee's posts from the follower's timeline, whose rows are locked last.
    """
    gone = await queries.unfollow(follower, followee)
    if gone:
        await bells.remove(follower, followee)
        await events.record(events.Unfollowed(follower=follower, followee=followee))
    return gone
