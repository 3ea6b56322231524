"""What a push says: one JSON for declarative web push and for the service worker, built from what stands now."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from domain.accounts.network_profile import NetworkInfo
from domain.core.translatable import N_
from domain.domain_migration import announcements
from domain.notifications import deliveries, notices, preferences, subscriptions
from domain.notifications.deliveries import Delivery, Quiet
from domain.notifications.kinds import ACCEPTED, BELL, FOLLOW, MENTION, QUOTE, REPLY, REPOST, REQUEST, VOTE
from domain.notifications.notices import NoticeView
from domain.notifications.preferences import Preferences
from pwa import icons
from settings import Settings
from web import i18n, notification_text

# The most that fits into a push after encryption (RFC 8291), in bytes.
MOST_BYTES = 3993
HOUR = 3600


class Manner(NamedTuple):
    """How a kind of push is delivered: ``ttl`` is how long it is worth telling, in seconds."""

    urgency: str
    ttl: int


MANNERS = {
    MENTION: Manner("high", 72 * HOUR),
    REPLY: Manner("high", 72 * HOUR),
    QUOTE: Manner("normal", 72 * HOUR),
    REPOST: Manner("low", 24 * HOUR),
    VOTE: Manner("low", 24 * HOUR),
    FOLLOW: Manner("low", 72 * HOUR),
    REQUEST: Manner("normal", 168 * HOUR),
    ACCEPTED: Manner("normal", 72 * HOUR),
    BELL: Manner("normal", 24 * HOUR),
}
SUMMARY, TEST, MOVE = Manner("normal", 12 * HOUR), Manner("high", 300), Manner("high", 28 * 24 * HOUR)

DISCREET = N_("You have a new notification.")
SUMMED_UP = N_("%(count)s new notifications")
IN_QUIET_HOURS = N_("They came in your quiet hours.")
MOVES, STAYS = N_("%(network)s is moving"), N_("%(network)s stays where it is")
MOVES_TO, STAYS_AT = N_("Its new address is %(to)s."), N_("It does not move after all.")
WORKS = N_("Notifications work")
WORKS_HERE = N_("This device gets the notifications of %(network)s.")
NEWS = N_("News on %(network)s")
ANSWER, VOTE_UP, LET_IN = N_("Reply"), N_("Vote"), N_("Accept")
ANSWERED = (MENTION, REPLY, QUOTE, BELL)

Say = Callable[..., str]


class Push(NamedTuple):
    """What goes out: ``data`` is the plaintext; ``topic`` replaces an older push that still waits at the service."""

    data: str
    manner: Manner
    topic: str


class Facts(NamedTuple):
    """What is the same for every push of one batch; ``now`` in Unix milliseconds."""

    settings: Settings
    network: NetworkInfo
    mac_key: bytes
    now: int

    @property
    def origin(self) -> str:
        return self.settings.origin.rstrip("/") or f"http://{self.settings.host}:{self.settings.port}"


async def build(facts: Facts, delivery: Delivery) -> Push | Quiet | None:
    """What to send, or until when to wait.

    None when there is nothing to tell any more: it was read, taken back, is not wanted now, or is not theirs to see.
    """
    locale = i18n.choose(delivery.locale or delivery.device_locale, "", facts.settings.language)

    def say(words: str, **params: object) -> str:
        return i18n.translate(locale, words, **params)

    if delivery.notice == deliveries.TEST:
        words = say(WORKS), say(WORKS_HERE, network=facts.network.name)
        return await _push(facts, delivery, locale, words, TEST, "/settings/push", "test")
    if delivery.notice == deliveries.MOVE:
        return await _of_move(facts, delivery, locale, say)
    return await _of_news(facts, delivery, locale, say)


async def _of_news(facts: Facts, delivery: Delivery, locale: str, say: Say) -> Push | Quiet | None:
    wanted = await preferences.of(delivery.account)
    quiet = wanted.quiet_until(facts.now)
    notice, count = delivery.notice, 1
    if notice == deliveries.SUMMARY:
        if quiet:
            return Quiet(delivery, quiet, delivery.entry)
        count, found = await deliveries.quiet_news(delivery, wanted)
        notice = found or 0
    if count > 1:
        words = say(SUMMED_UP, count=i18n.full(locale, count)), say(IN_QUIET_HOURS)
        return await _push(facts, delivery, locale, words, SUMMARY, "/notifications", "summary")
    view = await notices.one(delivery.account, notice) if notice else None
    if view is None or not view.unread or not wanted.wants(view.kind, preferences.PUSH):
        return None
    if quiet:
        return Quiet(delivery, quiet, view.entry)
    return await _of_notice(facts, delivery, wanted, locale, say, view)


async def _of_notice(
    facts: Facts, delivery: Delivery, wanted: Preferences, locale: str, say: Say, view: NoticeView
) -> Push:
    manner, group, to = MANNERS[view.kind], f"n{view.id}", notification_text.path(view)
    if wanted.discreet:
        words = facts.network.name, say(DISCREET)
        data: dict[str, Any] = {}
        actions: list[dict[str, str]] = []
    else:
        words = notification_text.line(locale, view), _body(locale, view)
        data = {"post": str(view.post.id) if view.post else None, "actor": str(view.actor[0])}
        actions = _actions(facts, delivery, say, view)
    return await _push(
        facts, delivery, locale, words, manner, to, group, actions=actions, at=view.at,
        silent=bool(delivery.silent), data={"notice": str(view.id), **data},
    )  # fmt: skip


async def _of_move(facts: Facts, delivery: Delivery, locale: str, say: Say) -> Push | None:
    """Told whatever hour it is, since there may be no other; without a sound in quiet hours."""
    signed, move = await announcements.last(), await announcements.standing()
    if signed is None:
        return None
    title = say(MOVES if move else STAYS, network=facts.network.name)
    words = title, say(MOVES_TO, to=move.to) if move else say(STAYS_AT)
    if not delivery.p256dh:
        return Push(" ".join((f"{title}.", words[1])), MOVE, "move")
    quiet = (await preferences.of(delivery.account)).quiet_until(facts.now)
    data = {"move": msgspec.to_builtins(signed)}
    return await _push(facts, delivery, locale, words, MOVE, "/moved", "move", silent=bool(quiet), data=data)


async def _push(
    facts: Facts,
    delivery: Delivery,
    locale: str,
    words: tuple[str, str],
    manner: Manner,
    to: str,
    group: str,
    *,
    actions: list[dict[str, str]] | None = None,
    at: int = 0,
    silent: bool = False,
    data: dict[str, Any] | None = None,
) -> Push:
    if not delivery.p256dh:
        # Nothing is encrypted for this address: whoever carries it may read it.
        return Push(say_news(facts, locale), manner, group)
    receipt = subscriptions.receipt(facts.mac_key, delivery.subscription, facts.now)
    said: dict[str, Any] = {"account": str(delivery.account), "receipt": receipt, "notice": None, "post": None}
    unread = await notices.unread(delivery.account)
    title, body = words
    notification = {
        "title": title,
        "body": body,
        "lang": locale,
        "dir": i18n.direction(locale),
        "tag": group,
        "navigate": _absolute(facts, delivery, to),
        "icon": facts.origin + icons.address(facts.network, "any-192"),
        "badge": facts.origin + icons.address(facts.network, "badge-96"),
        "silent": silent,
        "timestamp": at or facts.now,
        "actions": actions or [],
        "data": {**said, "actor": None, **(data or {})},
    }
    whole = {"web_push": 8030, "notification": notification, "app_badge": unread, "mutable": True}
    return Push(_fitted(whole, notification), manner, group)


def say_news(facts: Facts, locale: str) -> str:
    return i18n.translate(locale, NEWS, network=facts.network.name)


def _absolute(facts: Facts, delivery: Delivery, path: str) -> str:
    """An address that says for whom it is: on a shared device somebody else may be signed in by now."""
    return f"{facts.origin}{path}{'&' if '?' in path else '?'}for={delivery.account}"


def _body(locale: str, view: NoticeView) -> str:
    return f"@{view.actor[1]}" if view.post is None else notification_text.excerpt(locale, view.post)


def _actions(facts: Facts, delivery: Delivery, say: Say, view: NoticeView) -> list[dict[str, str]]:
    wanted: list[tuple[str, str, str]] = []
    if view.post is not None and view.kind in ANSWERED:
        wanted = [
            ("reply", ANSWER, f"/compose?reply_to={view.post.id}"),
            ("vote", VOTE_UP, f"/notifications/{view.id}/vote"),
        ]
    elif view.kind == REQUEST:
        wanted = [("accept", LET_IN, f"/notifications/{view.id}/accept")]
    return [
        {"action": action, "title": say(words), "navigate": _absolute(facts, delivery, path)}
        for action, words, path in wanted
    ]


def _fitted(whole: dict[str, Any], notification: dict[str, Any]) -> str:
    """The JSON, with as much of the body as fits."""
    made = msgspec.json.encode(whole)
    while len(made) > MOST_BYTES:
        body: str = notification["body"]
        over = len(made) - MOST_BYTES
        notification["body"] = body[: -(over // 4 + 8)] + "…" if len(body) > over // 4 + 8 else ""
        if not body:
            notification["title"] = notification["title"][: -(over // 4 + 8)]
        made = msgspec.json.encode(whole)
    return made.decode()
