"""What people are told when something happens.

Each reaction looks at what stands now rather than at what the event says, so that it may come twice, late or in any
order. Whoever writes holds the account's notices; if another process has them, the event comes again in a moment.
"""

from collections.abc import Awaitable, Callable

import msgspec

from db.queries import noticing as queries
from db.queries import timelines
from domain.core import events, ids, signals
from domain.core.events import (
    BellsLeft,
    Event,
    FollowAccepted,
    FollowAsked,
    Followed,
    FollowUnasked,
    PostEdited,
    PostPublished,
    Reposted,
    Unfollowed,
    Unreposted,
    Voted,
)
from domain.notifications import grouping, preferences
from domain.notifications.grouping import REQUESTS, SAID, Cause
from domain.notifications.kinds import ACCEPTED, BELL, FOLLOW, MENTION, QUOTE, REPLY, REPOST, REQUEST, VOTE
from domain.notifications.preferences import PAGE, PUSH

AGAIN_MS = 20
# People with a bell on an author who are told per event; the rest is an event of its own.
BATCH = 200


async def published(event: PostPublished) -> None:
    await _said(event)
    await rung(BellsLeft(event.post, event.author, 0))


async def edited(event: PostEdited) -> None:
    await _said(event)


async def _said(event: PostPublished | PostEdited) -> None:
    """Tells those whom a post answers, quotes or names, each once; an edit may name others."""
    if not await _hold(event, event.author):  # an edit at the same time must be looked at after this, or before
        return
    wanted = await _meant(event.post)
    unnamed = {*await queries.noticed_as(event.post, MENTION, event.author)} - {*wanted}
    held = [await queries.hold(account) for account in sorted({*wanted, *unnamed})]
    for account, mine in zip(sorted({*wanted, *unnamed}), held, strict=True):
        if mine and account in wanted:
            await grouping.put(Cause(account, wanted[account], event.post, event.author))
        elif mine:
            await grouping.withdraw(Cause(account, MENTION, event.post, event.author))
    if not all(held):
        await events.record(event, AGAIN_MS)


async def _meant(post: int) -> dict[int, int]:
    """Whom a post concerns, and how: who is answered is not told of the mention as well."""
    said = await queries.said(post)
    if said is None:
        return {}
    _, answered, quoted, _ = said
    found = dict.fromkeys(await queries.mentioned(post), MENTION)
    return found | ({quoted: QUOTE} if quoted else {}) | ({answered: REPLY} if answered else {})


async def rung(event: BellsLeft) -> None:
    """Tells the next of those who have a bell on an author of a first post."""
    said = await queries.said(event.post)
    if said is None or said[3] is not None or not await timelines.stands(event.post, 0):
        return
    accounts = await queries.bells(event.author, event.after, BATCH)
    wanting = {account: await preferences.of(account) for account in accounts}
    told = [account for account in accounts if wanting[account].wants(BELL, PAGE)]
    for account, notice, pushed in await queries.ring(told, ids.new(), event.post, event.author, SAID, BELL):
        if pushed and wanting[account].wants(BELL, PUSH):
            await events.record(events.Noticed(account, notice, notice, fresh=True))
        signals.tell(signals.NOTICES, account)
    if len(accounts) == BATCH:
        await events.record(msgspec.structs.replace(event, after=accounts[-1]))


async def voted(event: Voted) -> None:
    """Only votes up are told."""
    author = await queries.author(event.post)
    if author is not None:
        cause = Cause(author, VOTE, event.post, event.account)
        await _converge(event, cause, lambda: queries.votes_up(event.account, event.post))


async def reposted(event: Reposted | Unreposted) -> None:
    author = await queries.author(event.post)
    if author is not None:
        cause = Cause(author, REPOST, event.post, event.account)
        await _converge(event, cause, lambda: queries.reposts(event.account, event.post))


async def followed(event: Followed | Unfollowed) -> None:
    """Whoever has granted a request knows it: the follow is noted as read."""
    one, other = event.follower, event.followee
    asked = await queries.part(other, REQUESTS, 0, one) is not None
    await _converge(event, Cause(other, FOLLOW, 0, one), lambda: queries.follows(one, other), quietly=asked)


async def asked(event: FollowAsked | FollowUnasked) -> None:
    one, other = event.requester, event.target
    await _converge(event, Cause(other, REQUEST, 0, one), lambda: queries.asks(one, other))


async def accepted(event: FollowAccepted) -> None:
    one, other = event.requester, event.target
    await _converge(event, Cause(one, ACCEPTED, 0, other), lambda: queries.follows(one, other))


async def _converge(
    event: Event, cause: Cause, stands: Callable[[], Awaitable[bool]], *, quietly: bool = False
) -> None:
    if not await _hold(event, cause.account):
        return
    if await stands():
        await grouping.put(cause, quietly=quietly)
    else:
        await grouping.withdraw(cause)


async def _hold(event: Event, account: int) -> bool:
    if await queries.hold(account):
        return True
    await events.record(event, AGAIN_MS)
    return False
