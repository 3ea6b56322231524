"""What a member, and an operator, can set."""

from typing import Any

from litestar import delete, get, post
from litestar.types import ASGIApp

from asgi import responses
from asgi.asgi_types import Request
from asgi.responses import Response
from domain.accounts import closing, credentials, profiles, sessions
from domain.core.access import THEMES, ReadingPreferences, Theme, account_holder, member
from domain.core.errors import Invalid, Refused
from domain.graph import people
from domain.media import attachments
from domain.moderation import brake_profiles, work
from domain.notifications import feeds, subscriptions
from web import errors, forms, page, passwords, state, user_agents
from web.routes import back


def show_settings(
    request: Request, template: str, title: str, form: forms.Form, status: int = 200, **context: Any
) -> Response:
    problems = context.pop("errors", forms.Form())
    return page.show(
        request,
        f"settings/{template}.html",
        page.translate(request, title),
        status=status,
        active="settings",
        form=form,
        errors=problems,
        **context,
    )


def redirect_saved(request: Request, where: str, what: str = "1", headers: responses.Headers = ()) -> Response:
    return page.redirect(request, f"/settings/{where}?saved={what}", headers)


def just_saved(request: Request) -> str:
    return forms.query(request, "saved")


@get("/settings")
async def index(request: Request) -> ASGIApp:
    viewer = member(page.viewer(request))
    roles = {"operator": viewer.is_operator, "moderator": viewer.is_moderator}
    waiting = await work.count_open(viewer)
    return show_settings(request, "index", "Settings", forms.Form(), **roles, cases=waiting)


@get("/settings/profile")
async def profile_form(request: Request) -> ASGIApp:
    return await profile_page(request)


async def profile_page(request: Request, problems: forms.Form | None = None, status: int = 200) -> Response:
    """What stands there now, and what is wrong with a picture that was sent."""
    person = await profiles.by_handle(member(page.viewer(request)), page.viewer(request).handle)
    form = forms.Form(name=person.name, bio=person.bio, hue=str(person.hue))
    return _profile(request, person, form, [(link.label, link.address) for link in person.links], problems, status)


def _profile(
    request: Request,
    person: profiles.Profile,
    form: forms.Form,
    links: list[tuple[str, str]],
    problems: forms.Form | None = None,
    status: int = 200,
) -> Response:
    shown = {**form, "links": links}
    return page.show(
        request,
        "settings/profile.html",
        page.translate(request, "Profile"),
        status=status,
        active="settings",
        form=shown,
        errors=problems or forms.Form(),
        saved=just_saved(request),
        person=person,
    )


@post("/settings/profile")
async def profile(request: Request) -> ASGIApp:
    form = await forms.read(request)
    links = [(form[f"link_label_{n}"], form[f"link_url_{n}"]) for n in range(1, profiles.MAX_LINKS + 1)]
    person = profiles.ProfileOwner(
        form["name"], form["bio"], forms.number(form["hue"]), [profiles.ProfileLink(*link) for link in links]
    )
    try:
        await brake_profiles.edit(page.viewer(request), person)
    except Invalid as problem:
        kept = forms.Form(name=form["name"], bio=form["bio"], hue=form["hue"])
        before = await profiles.by_handle(page.viewer(request), page.viewer(request).handle)
        return _profile(request, before, kept, links, forms.Form(errors.fields(request, problem)), 422)
    return redirect_saved(request, "profile")


async def _account(request: Request, problems: forms.Form, email: str | None = None, status: int = 200) -> Response:
    known = await credentials.email_of(page.viewer(request)) if email is None else email
    form = forms.Form(email=known)
    return show_settings(request, "account", "Account", form, status, errors=problems, saved=just_saved(request))


@get("/settings/account")
async def account_form(request: Request) -> ASGIApp:
    return await _account(request, forms.Form())


@post("/settings/account/email")
async def email(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        async with passwords.proof(request) as viewer:
            await credentials.change_email(viewer, form["proof"], form["email"])
    except Invalid as problem:
        found = errors.fields(request, problem)
        return await _account(request, forms.Form(found | {"proof": found.pop("current", "")}), form["email"], 422)
    return redirect_saved(request, "account", "email", (await passwords.remember(request, viewer.id),))


@post("/settings/account/password")
async def password(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        async with passwords.proof(request) as viewer:
            await credentials.change_password(viewer, form["current"], form["new"])
    except Invalid as problem:
        return await _account(request, forms.Form(errors.fields(request, problem)), status=422)
    return redirect_saved(request, "account", "password", (await passwords.remember(request, viewer.id),))


@get("/settings/reading")
async def reading_form(request: Request) -> ASGIApp:
    viewer = member(page.viewer(request))
    form = forms.Form(
        locale=page.locale(request),
        theme=viewer.reading.theme,
        hide_reposts="1" if viewer.reading.hide_reposts else "",
        hide_replies="1" if viewer.reading.hide_replies else "",
        data_saver="1" if viewer.reading.data_saver else "",
        alt_required="1" if await attachments.is_alt_required(viewer) else "",
    )
    return show_settings(request, "reading", "Reading", form, saved=just_saved(request))


@post("/settings/reading")
async def reading(request: Request) -> ASGIApp:
    form = await forms.read(request)
    await profiles.set_reading_preferences(
        page.viewer(request),
        ReadingPreferences(
            locale=form["locale"] if form["locale"] in page.LOCALES else "",
            theme=THEMES.get(form["theme"], Theme.AUTO),
            hide_reposts=form.on("hide_reposts"),
            hide_replies=form.on("hide_replies"),
            data_saver=form.on("data_saver"),
        ),
    )
    await attachments.require_alt(page.viewer(request), form.on("alt_required"))
    return redirect_saved(request, "reading")


@get("/settings/privacy")
async def privacy_form(request: Request) -> ASGIApp:
    viewer = member(page.viewer(request))
    return show_settings(
        request,
        "privacy",
        "Privacy",
        forms.Form(private="1" if viewer.private else ""),
        saved=just_saved(request),
        muted_people=await people.muted(viewer),
        blocked_people=await people.blocked(viewer),
    )


@post("/settings/privacy")
async def privacy(request: Request) -> ASGIApp:
    form = await forms.read(request)
    viewer = member(page.viewer(request))
    await profiles.set_private(viewer, form.on("private"))
    return redirect_saved(request, "privacy")


@get("/settings/devices")
async def devices(request: Request) -> ASGIApp:
    found = [
        {
            "id": one.id,
            "agent": user_agents.describe(one.agent) or page.translate(request, "Unknown browser"),
            "mobile": user_agents.is_mobile(one.agent),
            "created_ms": one.created_at,
            "seen_ms": one.seen_at,
            "current": one.current,
        }
        for one in await sessions.devices(page.viewer(request))
    ]
    by_hand = [one for one in await subscriptions.devices(page.viewer(request)) if one.session is None]
    return show_settings(
        request, "devices", "Devices", forms.Form(), sessions=found,
        feed=bool(await feeds.address_of(page.viewer(request))), push_hosts=sorted({one.host for one in by_hand}),
    )  # fmt: skip


@delete("/sessions/{session:str}", status_code=200)
async def end_session(request: Request, session: str) -> ASGIApp:
    await sessions.end(page.viewer(request), session)
    return back.done(request, {"ended": True}, "/settings/devices")


@delete("/sessions", status_code=200)
async def end_other_sessions(request: Request) -> ASGIApp:
    form = await forms.read(request)
    # Without the boxes of the page of devices, all of it ends.
    offered = form.on("offered")
    await sessions.end_others(
        page.viewer(request),
        feed=form.on("feed") or not offered,
        push_addresses=form.on("push_addresses") or not offered,
    )
    answer = back.done(request, {"ended": True}, "/settings/devices")
    answer.headers = (*answer.headers, await passwords.remember(request, page.viewer(request).id))
    return answer


def _leave(request: Request, error: str = "", status: int = 200) -> Response:
    handle = account_holder(page.viewer(request)).handle
    days = state.backup_days(request)
    return show_settings(request, "leave", "Leave", forms.Form(), status, handle=handle, error=error, backup_days=days)


@get("/settings/leave")
async def leave_form(request: Request) -> ASGIApp:
    return _leave(request)


@post("/settings/leave")
async def leave(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        async with passwords.proof(request) as viewer:
            await closing.leave(viewer, form["handle"], form["password"])
    except Refused as refusal:
        return _leave(request, errors.words(request, refusal), errors.status_of(refusal))
    out = state.of(request).cookies.signed_out(purged=form.on("purged"))
    return page.redirect(request, "/", (*out, await passwords.forget(request, viewer.id)))


HANDLERS = [
    index, profile_form, profile, account_form, email, password, reading_form, reading, privacy_form, privacy, devices,
    end_session, end_other_sessions, leave_form, leave,
]  # fmt: skip
