"""The kinds of notifications and the rules of each.

A new kind is one entry in ``RULES`` here and one in ``web.notification_kinds`` for its words and icon. Everything else
reads these two, and a test names what is missing. ``git grep NotificationKind.VOTE`` lists what concerns votes alone.
"""

from enum import IntEnum, IntFlag
from typing import Literal

import msgspec

Tab = Literal["all", "mentions", "votes", "reposts", "follows"]
# RFC 8030, section 5.3: a device that saves power may fetch urgent pushes only.
Urgency = Literal["low", "normal", "high"]
HOUR = 3600


class NotificationKind(IntEnum):
    """What a notification is about. The numbers are stored: never change one."""

    MENTION = 1
    REPLY = 2
    QUOTE = 3
    REPOST = 4
    VOTE = 5
    FOLLOW = 6
    REQUEST = 7
    ACCEPTED = 8
    BELL = 9
    NETWORK = 10
    STATEMENT = 11
    OUTCOME = 12
    APPEAL = 13
    CASE_MESSAGE = 14
    SUMMONS = 16
    VERDICT = 17
    RELEASE = 18
    WORK = 19
    UNOFFERED = 20
    REVERSAL = 21

    @property
    def key(self) -> str:
        """Its name in stored preferences, form fields and templates: ``NotificationKind.VOTE.key == "vote"``."""
        return self.name.lower()

    @property
    def rules(self) -> "KindRules":
        """Its entry in ``RULES``."""
        return RULES[self]


class Topic(IntEnum):
    """What makes two causes the same: each account is notified once per topic, subject and actor. Stored.

    Kinds that share a topic exclude each other: a reply that also mentions its recipient makes one notification.
    """

    POST = 1
    VOTES = 2
    REPOSTS = 3
    FOLLOWS = 4
    REQUESTS = 5
    GRANTS = 6
    NETWORK = 7
    STATEMENTS = 8
    OUTCOMES = 9
    APPEALS = 10
    CASE_MESSAGES = 11
    SUMMONSES = 13
    VERDICTS = 14
    RELEASES = 15
    WORK = 16
    UNOFFERED = 17


class Channel(IntFlag):
    """Where a member may receive a kind of notification. Stored in preferences as their sum."""

    PAGE = 1
    PUSH = 2
    MAIL = 4


EVERY_CHANNEL = Channel.PAGE | Channel.PUSH | Channel.MAIL


class PushStyle(msgspec.Struct, frozen=True):
    """How a push service treats a push: ``ttl`` is how long it keeps it for a device that is offline, in seconds."""

    urgency: Urgency
    ttl: int


class KindRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one kind.

    ``tab`` is the list it appears in besides the list of all. ``grouped``: unread notifications of this kind about the
    same post are one line. ``can_be_set_aside``: the member's choices about strangers and new accounts apply.
    ``has_actor``: an account caused it; otherwise the network itself did. ``optional``: members choose the channels,
    which are ``defaults`` until they do; otherwise ``defaults`` always hold and the settings page does not list it.
    ``for_staff``: moderators and operators alone get it.
    ``dated_by_day``: its member is told on which day it was, and not at which hour a moderator was at work.
    """

    topic: Topic
    push: PushStyle
    tab: Tab = "all"
    grouped: bool = False
    can_be_set_aside: bool = True
    has_actor: bool = True
    optional: bool = True
    for_staff: bool = False
    dated_by_day: bool = False
    defaults: Channel = EVERY_CHANNEL


def _from_network(topic: Topic, push: PushStyle) -> KindRules:
    """What no member has caused, and nobody can choose not to be told."""
    return KindRules(topic=topic, push=push, can_be_set_aside=False, has_actor=False, optional=False)


def _dated_by_day(topic: Topic, push: PushStyle) -> KindRules:
    """What the network tells of the work of moderators and juries."""
    return msgspec.structs.replace(_from_network(topic, push), dated_by_day=True)


# In the order of settings and mails.
RULES: dict[NotificationKind, KindRules] = {
    NotificationKind.MENTION: KindRules(topic=Topic.POST, tab="mentions", push=PushStyle("high", 72 * HOUR)),
    NotificationKind.REPLY: KindRules(topic=Topic.POST, tab="mentions", push=PushStyle("high", 72 * HOUR)),
    NotificationKind.QUOTE: KindRules(topic=Topic.POST, tab="mentions", push=PushStyle("normal", 72 * HOUR)),
    NotificationKind.REPOST: KindRules(
        topic=Topic.REPOSTS, tab="reposts", grouped=True, push=PushStyle("low", 24 * HOUR)
    ),
    NotificationKind.VOTE: KindRules(topic=Topic.VOTES, tab="votes", grouped=True, push=PushStyle("low", 24 * HOUR)),
    NotificationKind.FOLLOW: KindRules(
        topic=Topic.FOLLOWS, tab="follows", grouped=True, push=PushStyle("low", 72 * HOUR)
    ),
    # A request waits for an answer, and an answer was asked for: neither is set aside.
    NotificationKind.REQUEST: KindRules(
        topic=Topic.REQUESTS, tab="follows", can_be_set_aside=False, push=PushStyle("normal", 168 * HOUR)
    ),
    NotificationKind.ACCEPTED: KindRules(
        topic=Topic.GRANTS, tab="follows", can_be_set_aside=False, push=PushStyle("normal", 72 * HOUR)
    ),
    NotificationKind.BELL: KindRules(topic=Topic.POST, push=PushStyle("normal", 24 * HOUR)),
    NotificationKind.NETWORK: _from_network(Topic.NETWORK, PushStyle("normal", 72 * HOUR)),
    NotificationKind.STATEMENT: _dated_by_day(Topic.STATEMENTS, PushStyle("high", 168 * HOUR)),
    NotificationKind.OUTCOME: _dated_by_day(Topic.OUTCOMES, PushStyle("low", 72 * HOUR)),
    NotificationKind.APPEAL: _dated_by_day(Topic.APPEALS, PushStyle("normal", 168 * HOUR)),
    NotificationKind.CASE_MESSAGE: _dated_by_day(Topic.CASE_MESSAGES, PushStyle("normal", 168 * HOUR)),
    # It has to be answered within a day.
    NotificationKind.SUMMONS: _from_network(Topic.SUMMONSES, PushStyle("high", 24 * HOUR)),
    NotificationKind.VERDICT: _dated_by_day(Topic.VERDICTS, PushStyle("low", 72 * HOUR)),
    NotificationKind.RELEASE: _dated_by_day(Topic.RELEASES, PushStyle("normal", 72 * HOUR)),
    # What moderators and operators are told as such, at most once an hour: while it is unread there is one.
    NotificationKind.WORK: KindRules(
        topic=Topic.WORK,
        push=PushStyle("normal", 12 * HOUR),
        grouped=True,
        can_be_set_aside=False,
        has_actor=False,
        for_staff=True,
    ),
    NotificationKind.UNOFFERED: KindRules(
        topic=Topic.UNOFFERED,
        push=PushStyle("high", HOUR),
        grouped=True,
        can_be_set_aside=False,
        has_actor=False,
        optional=False,
        for_staff=True,
    ),
    NotificationKind.REVERSAL: _dated_by_day(Topic.STATEMENTS, PushStyle("normal", 168 * HOUR)),
}

# The kinds that the settings page lists.
OPTIONAL = tuple(kind for kind, rules in RULES.items() if rules.optional)


def offered_to(*, staff: bool) -> tuple[NotificationKind, ...]:
    """Those of them that somebody can choose; ``staff``: they moderate or operate the network."""
    return tuple(kind for kind in OPTIONAL if staff or not kind.rules.for_staff)


def in_tab(tab: Tab) -> tuple[NotificationKind, ...]:
    """The kinds that a tab of the notifications page lists: ``in_tab("votes") == (NotificationKind.VOTE,)``."""
    return tuple(kind for kind, rules in RULES.items() if tab in ("all", rules.tab))
