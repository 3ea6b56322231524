"""Subscriptions and receipts from browsers' scripts, the member's page of devices, and pages with one button."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import delete, get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core import clock
from domain.core.access import member
from domain.core.errors import Invalid, NotFound
from domain.core.translatable import N_
from domain.notifications import deliveries, notices, push_keys, subscriptions
from domain.notifications.kinds import NotificationKind
from domain.notifications.notices import Face, NoticeView
from domain.notifications.subscriptions import PushDevice
from web import assets, errors, forms, notification_text, page, user_agents
from web.routes import back

PROBLEMS = {
    "refused": N_("The push service refused the last notification. Turn notifications on again there."),
    "key": N_("The push service no longer takes what we sign for this device. Turn notifications on again there."),
    "large": N_("The last notification was too large for the push service."),
    "address": N_("This address leads to no public server, so nothing is sent to it."),
    "silent": N_("The push service could not be reached for hours. Send a test to see whether it is back."),
}
# A push counts as late when its receipt has not come after this time, in milliseconds.
LATE_MS = 600_000


class SubscriptionBody(msgspec.Struct):
    """A browser's subscription, as its script reports it."""

    endpoint: str
    keys: dict[str, str] = {}
    replaces: str | None = None
    zone: str = ""
    permission: str = ""
    key: str = ""


class ShownReceipt(msgspec.Struct):
    receipt: str


@get("/push/state")
async def push_state(request: Request) -> ASGIApp:
    viewer = page.viewer(request)
    device = await subscriptions.here(viewer) if viewer.signed_in else None
    found = {"id": str(device.id), "endpoint_hash": subscriptions.digest(device.endpoint)} if device else None
    answer = {"key": (await push_keys.vapid()).public, "account": str(viewer.id), "subscription": found}
    # The member removed this device from another one: the browser here ends its subscription too.
    off = viewer.signed_in and device is None and await subscriptions.is_off(viewer)
    return page.json({**answer, "off": True} if off else answer)


@post("/push/subscriptions")
async def subscribe(request: Request) -> ASGIApp:
    member(page.viewer(request))
    given = await forms.read_json(request, SubscriptionBody)
    # Again: a body that was held open may have outlasted the session.
    viewer = member(page.viewer(request))
    offer = subscriptions.Offer(
        given.endpoint,
        given.keys.get("p256dh", "").rstrip("="),
        given.keys.get("auth", "").rstrip("="),
        key=given.key,
        replaces=given.replaces or "",
        zone=given.zone[:64],
        permission=given.permission[:16],
        locale=page.locale(request),
    )
    device = await subscriptions.subscribe(viewer, offer)
    return page.json({"id": str(device)}, 201)


@delete("/push/subscriptions/{device:str}", status_code=200)
async def unsubscribe(request: Request, device: str) -> ASGIApp:
    await subscriptions.end(page.viewer(request), forms.parse_id(device))
    return back.done(request, {"ended": True}, "/settings/push?done=removed")


@post("/push/subscriptions/{device:str}/test", status_code=200)
async def test(request: Request, device: str) -> ASGIApp:
    await deliveries.test(page.viewer(request), forms.parse_id(device))
    return back.done(request, {"sent": True}, "/settings/push?done=tested")


@post("/push/receipts")
async def receipt(request: Request) -> ASGIApp:
    """A device reports that it has shown a push; its token is the only proof needed."""
    await subscriptions.confirm((await forms.read_json(request, ShownReceipt)).receipt)
    return Response(b"", 204, ())


@post("/push/addresses", status_code=200)
async def enter(request: Request) -> ASGIApp:
    """An address of RFC 8030 typed in, such as UnifiedPush gives."""
    form = await forms.read(request)
    offer = subscriptions.Offer(
        form["endpoint"].strip(),
        form["p256dh"].strip().rstrip("="),
        form["auth"].strip().rstrip("="),
        locale=page.locale(request),
    )
    try:
        await subscriptions.enter(page.viewer(request), offer)
    except Invalid as problem:
        return await _health(request, form, errors.words(request, problem), 422)
    return page.redirect(request, "/settings/push?done=entered")


@get("/settings/push")
async def health(request: Request) -> ASGIApp:
    return await _health(request, forms.Form())


async def _health(request: Request, form: forms.Form, error: str = "", status: int = 200) -> Response:
    viewer = member(page.viewer(request))
    current = (await push_keys.vapid()).public
    shown = [_shown(request, device, current) for device in await subscriptions.devices(viewer)]
    return page.show(
        request, "pwa/push.html", page.translate(request, "Push notifications"), status=status, active="settings",
        devices=sorted(shown, key=lambda one: not one["here"]), here=any(one["here"] for one in shown),
        waiting=any(one["waiting"] for one in shown), done=forms.query(request, "done"), form=form, error=error,
        head=f'<script src="{assets.address("pwa/static/pages/push.js")}" type="module"></script>',
    )  # fmt: skip


def _shown(request: Request, device: PushDevice, current: str) -> Mapping[str, Any]:
    by_hand = device.session is None
    named = page.translate(request, "Address entered by hand") if by_hand else user_agents.describe(device.agent)
    sent, confirmed = device.sent_at or 0, device.confirmed_at or 0
    late = sent > confirmed and (clock.now() - sent > LATE_MS or sent - (confirmed or device.made_at) > clock.DAY_MS)
    return {
        "id": str(device.id),
        "name": named or page.translate(request, "Unknown browser"),
        "by_hand": by_hand,
        "mobile": user_agents.is_mobile(device.agent),
        "here": not by_hand and device.session == page.viewer(request).session,
        "host": device.host if by_hand else "",
        "encrypted": device.encrypted,
        "made_ms": device.made_at,
        "sent_ms": device.sent_at,
        "confirmed_ms": device.confirmed_at,
        "late": late and not by_hand,
        "waiting": device.waiting,
        "stopped": device.failed >= deliveries.MOST_FAILED,
        "problem": page.translate(request, PROBLEMS.get(device.problem, PROBLEMS["refused"])) if device.problem else "",
        "old_key": bool(device.key) and device.key != current,
    }


@get("/notifications/{notice:str}/vote")
async def vote_form(request: Request, notice: str) -> ASGIApp:
    """For devices whose notifications open pages instead of running scripts: one button, then the post."""
    view = await _notice(request, notice)
    if view.post is None or view.actor is None:
        raise NotFound
    if view.post.my_vote > 0:
        return page.redirect(request, notification_text.path(view))
    words = page.translate(request, "Vote"), f"/posts/{view.post.id}/vote?_method=PUT&value=up"
    return _one_button(request, view, view.actor, *words)


@get("/notifications/{notice:str}/accept")
async def accept_form(request: Request, notice: str) -> ASGIApp:
    view = await _notice(request, notice)
    if view.kind is not NotificationKind.REQUEST or view.actor is None:
        raise NotFound
    words = page.translate(request, "Accept"), f"/requests/{view.actor.id}?_method=PUT"
    return _one_button(request, view, view.actor, *words)


async def _notice(request: Request, notice: str) -> NoticeView:
    view = await notices.one(member(page.viewer(request)).id, forms.parse_id(notice))
    if view is None:
        raise NotFound
    return view


def _one_button(request: Request, view: NoticeView, actor: Face, verb: str, action: str) -> Response:
    locale = page.locale(request)
    return page.show(
        request,
        "pwa/act.html",
        verb,
        active="notifications",
        line=notification_text.line(locale, view),
        verb=verb,
        action=action,
        actor=actor,
        text=notification_text.excerpt(locale, view.post) if view.post else "",
        to=notification_text.path(view),
    )


HANDLERS = [
    push_state,
    subscribe,
    unsubscribe,
    test,
    receipt,
    enter,
    health,
    vote_form,
    accept_form,
]
