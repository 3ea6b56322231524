"""One notice per cause, however often it is recorded; votes, reposts and follows share one until it is read."""

from typing import NamedTuple

from db.queries import notification_writes as queries
from db.queries.notification_writes import GroupRow, NewNotice, PartKey, Relationship
from db.tables.notifications import NoticeState
from domain.core import clock, events, ids, signals
from domain.notifications import preferences
from domain.notifications.kinds import Channel, NotificationKind
from domain.notifications.preferences import ACCEPT, ASIDE, DROP, NEWCOMER_DAYS, Preferences

DAY = 86_400_000


class Cause(NamedTuple):
    """``actor`` did something that concerns ``account``.

    ``post`` is the post that was written, voted on or reposted, 0 without one. What the network itself does has the
    account as its own ``actor``, because the column needs an account, and ``subject``: the id of what was done, which
    takes the place of the post in the key.
    """

    account: int
    kind: NotificationKind
    post: int
    actor: int
    subject: int = 0

    @property
    def key(self) -> PartKey:
        return PartKey(self.account, self.kind.rules.topic, self.subject or self.post, self.actor)


class Placement(NamedTuple):
    """Where the notice of a cause goes, and whether devices get a push."""

    state: NoticeState
    push: bool


async def add(cause: Cause, *, as_read: bool = False) -> None:
    """Writes the notice of a cause, once. One that was withdrawn becomes active again where it was, without a push.

    Call it while holding the account's notices.
    """
    if await queries.part(cause.key) is not None:
        if await queries.set_active(cause.key, True):
            signals.send(signals.Kind.NOTICES, cause.account)
        return
    placement = await _placement(cause)
    if placement is not None:
        await _write(cause, placement, as_read)
        signals.send(signals.Kind.NOTICES, cause.account)


async def withdraw(cause: Cause) -> None:
    """Removes a person from a notice; one with nobody left is not shown.

    Call it while holding the account's notices.
    """
    if await queries.set_active(cause.key, False):
        signals.send(signals.Kind.NOTICES, cause.account)


async def _write(cause: Cause, placement: Placement, as_read: bool) -> None:
    entry = ids.new()
    group = None if as_read else await _group(cause, placement)
    if group is None:
        post = cause.post or None
        unread = int(not as_read)
        await queries.insert(NewNotice(entry, cause.account, cause.kind, post, cause.actor, unread, placement.state))
    else:
        await queries.grow(group.id, cause.actor, entry)
    notice = group.id if group else entry
    await queries.insert_part(cause.key, notice, entry)
    if placement.push and not as_read:
        # A group that everybody had left begins anew.
        fresh = group is None or not group.people
        await events.record(events.Noticed(cause.account, notice, entry, fresh=fresh))


async def _group(cause: Cause, placement: Placement) -> GroupRow | None:
    if not cause.kind.rules.grouped or placement.state is not NoticeState.SHOWN:
        return None
    return await queries.group(cause.account, cause.kind, cause.post)


async def _placement(cause: Cause) -> Placement | None:
    """None when the account gets no notice of this cause."""
    if cause.kind.rules.has_actor and cause.account == cause.actor:
        return None
    wanted = await preferences.of(cause.account)
    found = await queries.relationship(cause.account, cause.actor, cause.post)
    if found is None or not wanted.wants(cause.kind, Channel.PAGE):
        return None
    policy = _policy(cause, wanted, found)
    if found.blocked or found.muted or not found.readable or policy == DROP:
        return None
    if policy == ASIDE:
        return Placement(NoticeState.SET_ASIDE, push=False)
    return Placement(NoticeState.SHOWN, push=bool(found.has_devices) and wanted.wants(cause.kind, Channel.PUSH))


def _policy(cause: Cause, wanted: Preferences, found: Relationship) -> int:
    """What the member has chosen for this actor; for a new account that they do not follow, the stricter choice."""
    if found.known or not cause.kind.rules.can_be_set_aside:
        return ACCEPT
    is_new = clock.now() - ids.time_of(cause.actor) < NEWCOMER_DAYS * DAY
    return max(wanted.strangers, wanted.newcomers if is_new else ACCEPT)
