"""What pushes contain: one JSON for declarative web push and for the service worker, built from the current state."""

import hmac
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from domain.accounts.network_profile import NetworkInfo
from domain.core import secrets
from domain.core.translatable import N_
from domain.domain_migration import announcements
from domain.moderation import case_alerts, complaint_alerts
from domain.notifications import deliveries, notices, preferences, subscriptions
from domain.notifications.deliveries import Delivery, Quiet
from domain.notifications.kinds import HOUR, Channel, PushStyle
from domain.notifications.notices import Face, NoticeView
from domain.notifications.preferences import Preferences
from domain.posts.views import PostView
from pwa import icons
from settings import Settings
from web import i18n, notification_kinds, notification_text

# The most that fits into a push after encryption (RFC 8291), in bytes.
MOST_BYTES = 3993
SUMMARY, TEST, MOVE = PushStyle("normal", 12 * HOUR), PushStyle("high", 300), PushStyle("high", 28 * 24 * HOUR)
ALERT = PushStyle("high", HOUR)

DISCREET = N_("You have a new notification.")
SUMMARY_TITLE = N_("%(count)s new notifications")
IN_QUIET_HOURS = N_("They came in your quiet hours.")
MOVES, STAYS = N_("%(network)s is moving"), N_("%(network)s stays where it is")
MOVES_TO, STAYS_AT = N_("Its new address is %(to)s."), N_("It does not move after all.")
WORKS = N_("Notifications work")
WORKS_HERE = N_("This device gets the notifications of %(network)s.")
NEWS = N_("News on %(network)s")
CASE_WAITS, COMPLAINT_WAITS = N_("An urgent case is waiting."), N_("An urgent complaint is waiting.")

Translate = Callable[..., str]


class Push(NamedTuple):
    """What is sent. ``data`` is the plaintext; a push with the same ``topic`` that waits at the service is replaced."""

    data: str
    style: PushStyle
    topic: str


class Facts(NamedTuple):
    """What all pushes of one batch share; ``now`` in Unix milliseconds."""

    settings: Settings
    network: NetworkInfo
    mac_key: bytes
    now: int

    @property
    def origin(self) -> str:
        return self.settings.origin.rstrip("/") or f"http://{self.settings.host}:{self.settings.port}"


async def build(facts: Facts, delivery: Delivery) -> Push | Quiet | None:
    """The push to send, or the end of the quiet hours that hold it back.

    None when there is nothing to send any more: the notice was read or withdrawn, is not wanted, or may not be seen.
    """
    locale = i18n.choose(delivery.locale or delivery.device_locale, "", facts.settings.language)

    def translate(words: str, **params: object) -> str:
        return i18n.translate(locale, words, **params)

    if delivery.notice == deliveries.TEST:
        words = translate(WORKS), translate(WORKS_HERE, network=facts.network.name)
        return await _push(facts, delivery, locale, words, TEST, "/settings/push", "test")
    if delivery.notice == deliveries.MOVE:
        return await _of_move(facts, delivery, locale, translate)
    if delivery.notice < deliveries.MOVE:
        return await _of_alert(facts, delivery, locale, translate)
    return await _of_notices(facts, delivery, locale, translate)


async def _of_notices(facts: Facts, delivery: Delivery, locale: str, translate: Translate) -> Push | Quiet | None:
    wanted = await preferences.of(delivery.account)
    quiet = wanted.quiet_until(facts.now)
    notice, count = delivery.notice, 1
    if notice == deliveries.SUMMARY:
        if quiet:
            return Quiet(delivery, quiet, delivery.entry)
        count, found = await deliveries.summarized(delivery, wanted)
        notice = found or 0
    if count > 1:
        words = translate(SUMMARY_TITLE, count=i18n.full(locale, count)), translate(IN_QUIET_HOURS)
        return await _push(facts, delivery, locale, words, SUMMARY, "/notifications", "summary")
    view = await notices.one(delivery.account, notice) if notice else None
    if view is None or not view.unread or not wanted.wants(view.kind, Channel.PUSH):
        return None
    if quiet:
        return Quiet(delivery, quiet, view.entry)
    return await _of_notice(facts, delivery, wanted, locale, translate, view)


async def _of_notice(
    facts: Facts, delivery: Delivery, wanted: Preferences, locale: str, translate: Translate, view: NoticeView
) -> Push:
    style, group, to = view.kind.rules.push, f"n{view.id}", notification_text.path(view)
    # A device would count the hours since the day's beginning.
    at = 0 if view.kind.rules.dated_by_day else view.at
    if wanted.discreet:
        words = facts.network.name, translate(DISCREET)
        data: dict[str, Any] = {}
        actions: list[dict[str, str]] = []
    else:
        words = notification_text.line(locale, view), _body(facts, locale, view)
        data = {"post": _id(view.post), "actor": _id(view.actor)}
        actions = _actions(facts, delivery, translate, view)
    return await _push(
        facts, delivery, locale, words, style, to, group, actions=actions, at=at,
        silent=bool(delivery.silent), data={"notice": str(view.id), **data},
    )  # fmt: skip


async def _of_move(facts: Facts, delivery: Delivery, locale: str, translate: Translate) -> Push | None:
    """Sent in quiet hours too, silently: the network may be gone when they end."""
    signed, move = await announcements.last(), await announcements.current()
    if signed is None:
        return None
    title = translate(MOVES if move else STAYS, network=facts.network.name)
    words = title, translate(MOVES_TO, to=move.to) if move else translate(STAYS_AT)
    if not delivery.p256dh:
        return Push(" ".join((f"{title}.", words[1])), MOVE, "move")
    quiet = (await preferences.of(delivery.account)).quiet_until(facts.now)
    data = {"move": msgspec.to_builtins(signed)}
    return await _push(facts, delivery, locale, words, MOVE, "/moved", "move", silent=bool(quiet), data=data)


async def _of_alert(facts: Facts, delivery: Delivery, locale: str, translate: Translate) -> Push | None:
    """Says nothing of the case or complaint, nor does its topic, which push services read. None once somebody has taken
    it."""
    about = -delivery.notice
    if await case_alerts.is_waiting(about, delivery.account):
        words, to, group = CASE_WAITS, f"/moderation/cases/{about}", f"case-{about}"
    elif await complaint_alerts.is_waiting(about, delivery.account):
        words, to, group = COMPLAINT_WAITS, f"/moderation/upstream/{about}", f"complaint-{about}"
    else:
        return None
    push = await _push(facts, delivery, locale, (facts.network.name, translate(words)), ALERT, to, group)
    return push._replace(topic=secrets.padless(hmac.digest(facts.mac_key, group.encode(), "sha256")[:15]))


async def _push(
    facts: Facts,
    delivery: Delivery,
    locale: str,
    words: tuple[str, str],
    style: PushStyle,
    to: str,
    group: str,
    *,
    actions: list[dict[str, str]] | None = None,
    at: int = 0,
    silent: bool = False,
    data: dict[str, Any] | None = None,
) -> Push:
    if not delivery.p256dh:
        # Nothing is encrypted for this address: the push service can read it.
        return Push(plain_text(facts, locale), style, group)
    receipt = subscriptions.receipt(facts.mac_key, delivery.subscription, facts.now)
    known: dict[str, Any] = {"account": str(delivery.account), "receipt": receipt, "notice": None, "post": None}
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
        "data": {**known, "actor": None, **(data or {})},
    }
    whole = {"web_push": 8030, "notification": notification, "app_badge": unread, "mutable": True}
    return Push(_fitted(whole, notification), style, group)


def plain_text(facts: Facts, locale: str) -> str:
    """What a push without encryption says."""
    return i18n.translate(locale, NEWS, network=facts.network.name)


def _absolute(facts: Facts, delivery: Delivery, path: str) -> str:
    """A full address that names its account: on a shared device somebody else may be signed in by now."""
    return f"{facts.origin}{path}{'&' if '?' in path else '?'}for={delivery.account}"


def _body(facts: Facts, locale: str, view: NoticeView) -> str:
    if view.post is not None:
        return notification_text.excerpt(locale, view.post)
    return f"@{view.actor.handle}" if view.actor else facts.network.name


def _id(of: PostView | Face | None) -> str | None:
    return None if of is None else str(of.id)


def _actions(facts: Facts, delivery: Delivery, translate: Translate, view: NoticeView) -> list[dict[str, str]]:
    actions = notification_kinds.push_actions(view.kind, view.id, view.post.id if view.post else 0)
    return [
        {
            "action": action.name,
            "title": translate(action.label),
            "navigate": _absolute(facts, delivery, action.path),
        }
        for action in actions
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
