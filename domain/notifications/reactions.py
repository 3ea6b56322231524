"""Creates, groups and withdraws notifications in reaction to events.

Each reaction reads the current state instead of trusting the event, so events may come twice, late or in any order. A
reaction first locks the notices of the account that it changes; if another process has them, the event is recorded
again for a moment later.
"""

from collections.abc import Awaitable, Callable

import msgspec

from db.queries import bells, notification_causes, timelines
from db.queries import notification_writes as queries
from domain.core import events, ids, signals
from domain.core.events import (
    BellsContinued,
    CauseContinued,
    FollowAccepted,
    Followed,
    FollowRequestClosed,
    FollowRequested,
    PostEdited,
    PostNoticesContinued,
    PostPublished,
    Reposted,
    Unfollowed,
    Unreposted,
    Voted,
)
from domain.notifications import grouping, preferences
from domain.notifications.grouping import Cause
from domain.notifications.kinds import Channel, NotificationKind

RETRY_MS = 20
# Accounts with a bell that one event notifies; the next ones have an event of their own.
BATCH = 200


async def published(event: PostPublished) -> None:
    await post_notices_continued(PostNoticesContinued(event.post, event.author, fresh=True))


async def edited(event: PostEdited) -> None:
    """An edit may mention others, or no longer mention somebody."""
    await post_notices_continued(PostNoticesContinued(event.post, event.author, fresh=False))


async def post_notices_continued(event: PostNoticesContinued) -> None:
    """Notifies those whom a post answers, quotes or mentions, each once, and then those with a bell on its author.

    Of a post that waits for a moderator nobody is told; once it is published there is another event.
    """
    audience = await notification_causes.audience(event.post)
    if audience is not None and audience.held:
        return
    if not await _notify_recipients(event.post, event.author):
        await events.record(event, RETRY_MS)
    elif event.fresh:
        await bells_continued(BellsContinued(event.post, event.author, 0))


async def _notify_recipients(post: int, author: int) -> bool:
    """Returns False if another worker holds one of these accounts; the caller then retries."""
    if not await queries.try_lock(author):  # an edit at the same time must be looked at after this one, or before
        return False
    recipients = await _recipients(post)
    mention = NotificationKind.MENTION
    no_longer = {*await notification_causes.notified(post, mention, author)} - {*recipients}
    complete = True
    for account in sorted({*recipients, *no_longer}):
        if not await queries.try_lock(account):
            complete = False
        elif account in recipients:
            await grouping.add(Cause(account, recipients[account], post, author))
        else:
            await grouping.withdraw(Cause(account, mention, post, author))
    return complete


async def _recipients(post: int) -> dict[int, NotificationKind]:
    """Each recipient gets at most one notification per post, in this order of priority: reply, quote, mention."""
    audience = await notification_causes.audience(post)
    if audience is None:
        return {}
    found = dict.fromkeys(await notification_causes.mentioned(post), NotificationKind.MENTION)
    if audience.quoted:
        found[audience.quoted] = NotificationKind.QUOTE
    if audience.answered:
        found[audience.answered] = NotificationKind.REPLY
    return found


async def bells_continued(event: BellsContinued) -> None:
    """Notifies the next accounts that have a bell on the author of a first post."""
    audience = await notification_causes.audience(event.post)
    if (
        audience is None
        or audience.held
        or audience.parent is not None
        or not await timelines.entry_exists(event.post, 0)
    ):
        return
    accounts = await bells.owners(event.author, event.after, BATCH)
    bell = NotificationKind.BELL
    chosen = {account: await preferences.of(account) for account in accounts}
    wanting = [account for account in accounts if chosen[account].wants(bell, Channel.PAGE)]
    written = await bells.notify(wanting, ids.new(), event.post, event.author, bell.rules.topic, bell)
    for account, notice, has_devices in written:
        if has_devices and chosen[account].wants(bell, Channel.PUSH):
            await events.record(events.Noticed(account, notice, notice, fresh=True))
        signals.send(signals.Kind.NOTICES, account)
    if len(accounts) == BATCH:
        await events.record(msgspec.structs.replace(event, after=accounts[-1]))


async def voted(event: Voted) -> None:
    """A vote up notifies the post's author; a vote down, or one taken back, withdraws that."""
    await _post_caused(NotificationKind.VOTE, event.post, event.account)


async def reposted(event: Reposted | Unreposted) -> None:
    await _post_caused(NotificationKind.REPOST, event.post, event.account)


async def _post_caused(kind: NotificationKind, post: int, actor: int) -> None:
    author = await notification_causes.author(post)
    if author is not None:
        await _caused(Cause(author, kind, post, actor))


async def followed(event: Followed | Unfollowed) -> None:
    """A member who granted a request knows of the follow: its notice is written as read."""
    granted = isinstance(event, Followed) and event.granted
    await _caused(Cause(event.followee, NotificationKind.FOLLOW, 0, event.follower), as_read=granted)


async def asked(event: FollowRequested | FollowRequestClosed) -> None:
    await _caused(Cause(event.target, NotificationKind.REQUEST, 0, event.requester))


async def accepted(event: FollowAccepted) -> None:
    await _caused(Cause(event.requester, NotificationKind.ACCEPTED, 0, event.target))


async def cause_continued(event: CauseContinued) -> None:
    """Tries a cause again whose account another worker held."""
    if not event.post or await notification_causes.author(event.post) is not None:
        cause = Cause(event.account, NotificationKind(event.kind), event.post, event.actor)
        await _caused(cause, as_read=event.quietly)


async def _caused(cause: Cause, *, as_read: bool = False) -> None:
    """Brings the notice in line with whether its cause still exists.

    When another worker holds the account, the cause is recorded by itself: the original event would run its other
    reactions again as well.
    """
    if not await queries.try_lock(cause.account):
        again = CauseContinued(cause.account, cause.kind, cause.post, cause.actor, quietly=as_read)
        await events.record(again, RETRY_MS)
    elif await STILL_TRUE[cause.kind](cause):
        await grouping.add(cause, as_read=as_read)
    else:
        await grouping.withdraw(cause)


async def _still_votes(cause: Cause) -> bool:
    return await notification_causes.votes_up(cause.actor, cause.post)


async def _still_reposts(cause: Cause) -> bool:
    return await notification_causes.reposts(cause.actor, cause.post)


async def _still_follows(cause: Cause) -> bool:
    return await notification_causes.follows(cause.actor, cause.account)


async def _still_requests(cause: Cause) -> bool:
    return await notification_causes.requests(cause.actor, cause.account)


async def _still_accepted(cause: Cause) -> bool:
    return await notification_causes.follows(cause.account, cause.actor)


# Of the kinds that are withdrawn when what caused them is undone: whether it still exists.
STILL_TRUE: dict[NotificationKind, Callable[[Cause], Awaitable[bool]]] = {
    NotificationKind.VOTE: _still_votes,
    NotificationKind.REPOST: _still_reposts,
    NotificationKind.FOLLOW: _still_follows,
    NotificationKind.REQUEST: _still_requests,
    NotificationKind.ACCEPTED: _still_accepted,
}
