"""The settings page of notifications, and the links in mails that confirm an address or stop digests."""

from typing import Any

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core import permissions
from domain.core.access import Viewer, member
from domain.core.errors import Invalid
from domain.notifications import digests, feeds, preferences
from domain.notifications.kinds import OPTIONAL, Channel, NotificationKind, offered_to
from domain.notifications.preferences import ACCEPT, ASIDE, DROP, Preferences
from web import errors, forms, mails, page, state
from web.notification_kinds import TEXTS

CHANNELS = {"page": Channel.PAGE, "push": Channel.PUSH, "mail": Channel.MAIL}
POLICIES = {"accept": ACCEPT, "aside": ASIDE, "drop": DROP}
OFTEN = {"off": digests.OFF, "daily": digests.DAILY, "weekly": digests.WEEKLY}
HERE = "/settings/notifications"
# The values of the fields until quiet hours are set.
NIGHT = ("22:00", "07:00")


@get("/settings/notifications")
async def form(request: Request) -> ASGIApp:
    viewer = member(page.viewer(request))
    return await _show(request, viewer, _filled(await preferences.of(viewer.id)), forms.Form())


@post("/settings/notifications")
async def save(request: Request) -> ASGIApp:
    typed = await forms.read(request)
    viewer = member(page.viewer(request))
    try:
        await preferences.save(viewer, _wanted(typed, viewer, await preferences.of(viewer.id), _mails(request)))
    except Invalid as problem:
        return await _show(request, viewer, typed, forms.Form(errors.fields(request, problem)), 422)
    return page.redirect(request, f"{HERE}?saved=1")


@post("/settings/notifications/digest")
async def digest(request: Request) -> ASGIApp:
    typed = await forms.read(request)
    viewer = member(page.viewer(request))
    try:
        # Without mail a digest can only be switched off.
        often = OFTEN.get(typed["digest"], -1) if _mails(request) else digests.OFF
        if often:
            state.of(request).limits.signin.take(f"digest {viewer.id}")
        asked = await digests.choose(viewer, often)
    except Invalid as problem:
        kept = _filled(await preferences.of(viewer.id))
        return await _show(request, viewer, kept, forms.Form(errors.fields(request, problem)), 422)
    return page.redirect(request, f"{HERE}?saved={'asked' if asked else 'digest'}#digest")


@post("/settings/notifications/feed")
async def feed(request: Request) -> ASGIApp:
    typed = await forms.read(request)
    viewer = member(page.viewer(request))
    await (feeds.end(viewer) if typed["feed"] == "off" else feeds.renew(viewer))
    return page.redirect(request, f"{HERE}?saved=feed#feed")


def _mails(request: Request) -> bool:
    return bool(state.of(request).settings.smtp_url)


async def _show(
    request: Request, viewer: Viewer, form: forms.Form, problems: forms.Form, status: int = 200
) -> Response:
    token = await feeds.address_of(viewer)
    chosen = await digests.state(viewer)
    return page.show(
        request,
        "settings/notifications.html",
        page.translate(request, "Notifications"),
        status=status,
        active="settings",
        form=form,
        errors=problems,
        saved=forms.query(request, "saved") if status == 200 else "",
        rows=[(kind.key, page.translate(request, TEXTS[kind].heading)) for kind in _offered(viewer)],
        mail=_mails(request),
        zones=preferences.places(),
        digest={
            "often": next(name for name, value in OFTEN.items() if value == chosen.often),
            "email": chosen.email,
            "confirmed": chosen.confirmed,
        },
        feed=f"{mails.base(state.of(request).settings)}/feeds/{token}.xml" if token else "",
        newcomer_days=preferences.NEWCOMER_DAYS,
    )


def _offered(viewer: Viewer) -> tuple[NotificationKind, ...]:
    return offered_to(staff=permissions.may_moderate(viewer) is None)


def _filled(chosen: Preferences) -> forms.Form:
    """The form's values for these preferences."""
    filled = forms.Form(
        strangers=next(name for name, value in POLICIES.items() if value == chosen.strangers),
        newcomers=next(name for name, value in POLICIES.items() if value == chosen.newcomers),
        discreet="1" if chosen.discreet else "",
        quiet="" if chosen.quiet_from is None else "1",
        quiet_from=forms.clock(chosen.quiet_from) or NIGHT[0],
        quiet_to=forms.clock(chosen.quiet_to) or NIGHT[1],
        zone=chosen.zone,
    )
    for kind in OPTIONAL:
        channels = chosen.channels(kind)
        filled.update({f"{kind.key}_{name}": "1" if channels & channel else "" for name, channel in CHANNELS.items()})
    return filled


def _wanted(typed: forms.Form, viewer: Viewer, before: Preferences, mail: bool) -> Preferences:
    """The preferences that a form describes. Without mail it has no boxes for mail, and that choice stays."""
    kinds: dict[str, int] = {}
    for kind in _offered(viewer):
        channels = sum(channel for name, channel in CHANNELS.items() if typed.on(f"{kind.key}_{name}"))
        kinds[kind.key] = channels if mail else channels & ~Channel.MAIL | before.channels(kind) & Channel.MAIL
    quiet: dict[str, Any] = (
        {"quiet_from": forms.minutes(typed["quiet_from"]), "quiet_to": forms.minutes(typed["quiet_to"])}
        if typed.on("quiet")
        else {}
    )
    return Preferences(
        kinds=kinds,
        strangers=POLICIES.get(typed["strangers"], -1),
        newcomers=POLICIES.get(typed["newcomers"], -1),
        discreet=typed.on("discreet"),
        zone=typed["zone"],
        **quiet,
    )


# --- links in mails --------------------------------------------------------------------------------------------------
# They work without a session, on whatever device the mail is read. A GET changes nothing, since mail servers follow
# links too. The POST that stops digests may come from a mail program (RFC 8058), which sends no cookie and no origin.
HIDDEN = ((b"referrer-policy", b"no-referrer"),)


def _ask(request: Request, what: str, owner: digests.DigestReader, done: bool = False) -> Response:
    title = page.translate(request, "Notifications by mail")
    return page.show(
        request, "settings/mail_link.html", title, bare=True, headers=HIDDEN, what=what, owner=owner, done=done
    )


@get("/mail/confirm/{token:str}")
async def confirm_form(request: Request, token: str) -> ASGIApp:
    return _ask(request, "confirm", await digests.to_confirm(token))


@post("/mail/confirm/{token:str}", status_code=200)
async def confirm(request: Request, token: str) -> ASGIApp:
    owner = await digests.confirm(token)
    return _ask(request, "confirm", owner, done=True)


@get("/mail/stop/{token:str}")
async def stop_form(request: Request, token: str) -> ASGIApp:
    return _ask(request, "stop", await digests.to_stop(token))


@post("/mail/stop/{token:str}", status_code=200)
async def stop(request: Request, token: str) -> ASGIApp:
    owner = await digests.stop(token)
    return _ask(request, "stop", owner, done=True)


HANDLERS = [form, save, digest, feed, confirm_form, confirm, stop_form, stop]
