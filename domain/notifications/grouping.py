"""One notice per cause, however often it is asked for; votes, reposts and follows gather in one until it is read."""

from typing import NamedTuple

from db.queries import notification_writes as queries
from db.tables.notifications import NoticeState
from domain.core import clock, events, ids, signals
from domain.notifications import preferences
from domain.notifications.kinds import ACCEPTED, BELL, FOLLOW, MENTION, QUOTE, REPLY, REPOST, REQUEST, VOTE
from domain.notifications.preferences import ACCEPT, ASIDE, DROP, NEWCOMER_DAYS, PAGE, PUSH

# What makes a cause one: of a post that is said, nobody is told twice, whichever way it concerns them. Stored.
SAID, VOTES, REPOSTS, FOLLOWS, REQUESTS, GRANTS = range(1, 7)
TOPICS = {
    MENTION: SAID, REPLY: SAID, QUOTE: SAID, BELL: SAID, REPOST: REPOSTS, VOTE: VOTES, FOLLOW: FOLLOWS,
    REQUEST: REQUESTS, ACCEPTED: GRANTS,
}  # fmt: skip
GROUPED = (VOTE, REPOST, FOLLOW)
DAY = 86_400_000


class Cause(NamedTuple):
    """``account`` is told that ``actor`` did something; ``post`` is what was said or voted on, 0 for a follow."""

    account: int
    kind: int
    post: int
    actor: int

    @property
    def key(self) -> tuple[int, int, int, int]:
        return self.account, TOPICS[self.kind], self.post, self.actor


class NoticeKey(NamedTuple):
    """Where a cause goes: its ``state`` at first; ``push``: whether devices are told as well."""

    state: NoticeState
    push: bool


async def put(cause: Cause, *, quietly: bool = False) -> None:
    """Notes a cause that stands, once; one that was taken back comes back where it was, without a word.

    ``quietly``: as read. Call it while holding the account's notices.
    """
    if await queries.part(*cause.key) is not None:
        if await queries.stand(*cause.key, True):
            signals.send(signals.NOTICES, cause.account)
        return
    place = await _place(cause)
    if place is None:
        return
    entry = ids.new()
    group = await queries.group(*cause[:3]) if cause.kind in GROUPED and not (place.state or quietly) else None
    if group is None:
        await queries.new(entry, *cause, unread=not quietly, state=place.state)
    else:
        await queries.grow(group[0], cause.actor, entry)
    notice = entry if group is None else group[0]
    await queries.new_part(*cause.key, notice, entry)
    if place.push and not quietly:
        # A group that everybody had left begins anew.
        await events.record(events.Noticed(cause.account, notice, entry, fresh=group is None or not group[1]))
    signals.send(signals.NOTICES, cause.account)


async def withdraw(cause: Cause) -> None:
    """Takes a cause back; a notice that nobody stands in is not shown. Call it while holding."""
    if await queries.stand(*cause.key, False):
        signals.send(signals.NOTICES, cause.account)


async def _place(cause: Cause) -> NoticeKey | None:
    """Where it goes; None when the account is not to be told."""
    if cause.account == cause.actor:
        return None
    wanted = await preferences.of(cause.account)
    between = await queries.between(cause.account, cause.actor, cause.post)
    if between is None or not wanted.wants(cause.kind, PAGE):
        return None
    blocked, muted, known, readable, pushed = between
    policy = ACCEPT if known or cause.kind in (REQUEST, ACCEPTED) else _policy(wanted, cause.actor)
    if blocked or muted or not readable or policy == DROP:
        return None
    state = NoticeState.SET_ASIDE if policy == ASIDE else NoticeState.SHOWN
    return NoticeKey(state, bool(pushed) and policy != ASIDE and wanted.wants(cause.kind, PUSH))


def _policy(wanted: preferences.Preferences, actor: int) -> int:
    """What a member wants of somebody they do not follow; of two answers the stricter."""
    young = clock.now() - ids.time_of(actor) < NEWCOMER_DAYS * DAY
    return max(wanted.strangers, wanted.newcomers if young else ACCEPT)
