"""What people are told when something happens.

Each reaction looks at what stands now rather than at what the event says, so that it may come twice, late or in any
order. Whoever writes holds the account's notices; if another process has them, the event comes again in a moment.
"""

import msgspec

from db.queries import notification_writes as queries
from db.queries import timelines
from domain.core import events, ids, signals
from domain.core.events import (
    BellsContinued,
    CauseContinued,
    FollowAccepted,
    FollowAsked,
    Followed,
    FollowUnasked,
    PostEdited,
    PostNoticesContinued,
    PostPublished,
    Reposted,
    Unfollowed,
    Unreposted,
    Voted,
)
from domain.notifications import grouping, kinds, preferences
from domain.notifications.grouping import SAID, Cause
from domain.notifications.kinds import ACCEPTED, BELL, FOLLOW, MENTION, QUOTE, REPLY, REPOST, REQUEST, VOTE
from domain.notifications.preferences import PAGE, PUSH

AGAIN_MS = 20
# People with a bell on an author who are told per event; the rest is an event of its own.
BATCH = 200


async def published(event: PostPublished) -> None:
    await said(PostNoticesContinued(event.post, event.author, fresh=True))


async def edited(event: PostEdited) -> None:
    """An edit may name others, or somebody no longer."""
    await said(PostNoticesContinued(event.post, event.author, fresh=False))


async def said(event: PostNoticesContinued) -> None:
    """Tells those whom a post answers, quotes or names, each once, and then those with a bell."""
    if not await _tell_named(event.post, event.author):
        await events.record(event, AGAIN_MS)
    elif event.fresh:
        await rung(BellsContinued(event.post, event.author, 0))


async def _tell_named(post: int, author: int) -> bool:
    """False when somebody else is changing the notices of one of them, who must be told later."""
    if not await queries.hold(author):  # an edit at the same time must be looked at after this, or before
        return False
    wanted = await _meant(post)
    unnamed = {*await queries.noticed_as(post, MENTION, author)} - {*wanted}
    complete = True
    for account in sorted({*wanted, *unnamed}):
        if not await queries.hold(account):
            complete = False
        elif account in wanted:
            await grouping.put(Cause(account, wanted[account], post, author))
        else:
            await grouping.withdraw(Cause(account, MENTION, post, author))
    return complete


async def _meant(post: int) -> dict[int, int]:
    """Whom a post concerns, and how: who is answered is not told of the mention as well."""
    said = await queries.said(post)
    if said is None:
        return {}
    _, answered, quoted, _ = said
    found = dict.fromkeys(await queries.mentioned(post), MENTION)
    return found | ({quoted: QUOTE} if quoted else {}) | ({answered: REPLY} if answered else {})


async def rung(event: BellsContinued) -> None:
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
        signals.send(signals.NOTICES, account)
    if len(accounts) == BATCH:
        await events.record(msgspec.structs.replace(event, after=accounts[-1]))


async def voted(event: Voted) -> None:
    """Only votes up are told."""
    author = await queries.author(event.post)
    if author is not None:
        await _caused(CauseContinued(author, VOTE, event.post, event.account, quietly=False))


async def reposted(event: Reposted | Unreposted) -> None:
    author = await queries.author(event.post)
    if author is not None:
        await _caused(CauseContinued(author, REPOST, event.post, event.account, quietly=False))


async def followed(event: Followed | Unfollowed) -> None:
    """Whoever has granted a request knows it: the follow is noted as read."""
    granted = isinstance(event, Followed) and event.granted
    await _caused(CauseContinued(event.followee, FOLLOW, 0, event.follower, quietly=granted))


async def asked(event: FollowAsked | FollowUnasked) -> None:
    await _caused(CauseContinued(event.target, REQUEST, 0, event.requester, quietly=False))


async def accepted(event: FollowAccepted) -> None:
    await _caused(CauseContinued(event.requester, ACCEPTED, 0, event.target, quietly=False))


async def caused(event: CauseContinued) -> None:
    """Looks again at a cause that found its account's notices held."""
    if not event.post or await queries.author(event.post) is not None:
        await _caused(event)


async def _caused(event: CauseContinued) -> None:
    """Makes the notices say what stands now. One whose account is held by somebody else comes again by itself: not the
    deed's own event, from which more would follow once more.
    """
    if not await queries.hold(event.account):
        await events.record(event, AGAIN_MS)
        return
    cause = Cause(event.account, event.kind, event.post, event.actor)
    if await _stands(cause):
        await grouping.put(cause, quietly=event.quietly)
    else:
        await grouping.withdraw(cause)


async def _stands(cause: Cause) -> bool:
    match cause.kind:
        case kinds.VOTE:
            return await queries.votes_up(cause.actor, cause.post)
        case kinds.REPOST:
            return await queries.reposts(cause.actor, cause.post)
        case kinds.REQUEST:
            return await queries.asks(cause.actor, cause.account)
        case kinds.ACCEPTED:
            return await queries.follows(cause.account, cause.actor)
        case _:
            return await queries.follows(cause.actor, cause.account)
