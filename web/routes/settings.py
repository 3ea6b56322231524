"""What a member, and an operator, can set."""

from typing import Any

from litestar import delete, get, post
from litestar.types import ASGIApp

from domain.accounts import credentials, leaving, network, profiles, sessions
from domain.core.access import member, operator
from domain.core.errors import Invalid, Refused
from domain.graph import people
from domain.media import attachments
from domain.notifications import feeds, subscriptions
from web import agents, answers, errors, forms, page, passwords, security, state, uploads
from web.answers import Answer
from web.page import Asked
from web.routes import back


def _show(request: Asked, template: str, title: str, form: forms.Form, status: int = 200, **context: Any) -> Answer:
    problems = context.pop("errors", forms.Form())
    return page.show(
        request, f"settings/{template}.html", page.say(request, title), status=status, active="settings", form=form,
        errors=problems, **context,
    )  # fmt: skip


def _saved(request: Asked, where: str, what: str = "1", headers: answers.Headers = ()) -> Answer:
    return page.go(request, f"/settings/{where}?saved={what}", headers)


def _was_saved(request: Asked) -> str:
    return forms.query(request, "saved")


@get("/settings")
async def index(request: Asked) -> ASGIApp:
    viewer = member(page.viewer(request))
    return _show(request, "index", "Settings", forms.Form(), operator=viewer.operator)


@get("/settings/profile")
async def profile_form(request: Asked) -> ASGIApp:
    return await profile_page(request)


async def profile_page(request: Asked, problems: forms.Form | None = None, status: int = 200) -> Answer:
    """What stands there now, and what is wrong with a picture that was sent."""
    person = await profiles.by_handle(member(page.viewer(request)), page.viewer(request).handle)
    form = forms.Form(name=person.name, bio=person.bio, hue=str(person.hue))
    return _profile(request, person, form, [(link.label, link.address) for link in person.links], problems, status)


def _profile(
    request: Asked,
    person: profiles.Profile,
    form: forms.Form,
    links: list[tuple[str, str]],
    problems: forms.Form | None = None,
    status: int = 200,
) -> Answer:
    shown = {**form, "links": links}
    return page.show(
        request, "settings/profile.html", page.say(request, "Profile"), status=status, active="settings", form=shown,
        errors=problems or forms.Form(), saved=_was_saved(request), person=person,
    )  # fmt: skip


@post("/settings/profile")
async def profile(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    links = [(form[f"link_label_{n}"], form[f"link_url_{n}"]) for n in range(1, profiles.MAX_LINKS + 1)]
    person = profiles.Person(
        form["name"], form["bio"], forms.number(form["hue"]), [profiles.Link(*link) for link in links]
    )
    try:
        await profiles.edit(page.viewer(request), person)
    except Invalid as problem:
        kept = forms.Form(name=form["name"], bio=form["bio"], hue=form["hue"])
        before = await profiles.by_handle(page.viewer(request), page.viewer(request).handle)
        return _profile(request, before, kept, links, forms.Form(errors.fields(request, problem)), 422)
    return _saved(request, "profile")


async def _account(request: Asked, problems: forms.Form, email: str | None = None, status: int = 200) -> Answer:
    known = await credentials.email_of(page.viewer(request)) if email is None else email
    form = forms.Form(email=known)
    return _show(request, "account", "Account", form, status, errors=problems, saved=_was_saved(request))


@get("/settings/account")
async def account_form(request: Asked) -> ASGIApp:
    return await _account(request, forms.Form())


@post("/settings/account/email")
async def email(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    try:
        async with passwords.proof(request) as viewer:
            await credentials.change_email(viewer, form["proof"], form["email"])
    except Invalid as problem:
        found = errors.fields(request, problem)
        return await _account(request, forms.Form(found | {"proof": found.pop("current", "")}), form["email"], 422)
    return _saved(request, "account", "email", (await passwords.remember(request, viewer.id),))


@post("/settings/account/password")
async def password(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    try:
        async with passwords.proof(request) as viewer:
            await credentials.change_password(viewer, form["current"], form["new"])
    except Invalid as problem:
        return await _account(request, forms.Form(errors.fields(request, problem)), status=422)
    return _saved(request, "account", "password", (await passwords.remember(request, viewer.id),))


@get("/settings/reading")
async def reading_form(request: Asked) -> ASGIApp:
    viewer = member(page.viewer(request))
    form = forms.Form(
        locale=page.locale(request),
        theme=viewer.theme,
        hide_reposts="1" if viewer.hide_reposts else "",
        hide_replies="1" if viewer.hide_replies else "",
        data_saver="1" if viewer.data_saver else "",
        alt_required="1" if await attachments.is_alt_required(viewer) else "",
    )
    return _show(request, "reading", "Reading", form, saved=_was_saved(request))


@post("/settings/reading")
async def reading(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    await profiles.read_as(
        page.viewer(request),
        locale=form["locale"] if form["locale"] in page.LOCALES else "",
        theme=form["theme"],
        hide_reposts=form.on("hide_reposts"),
        hide_replies=form.on("hide_replies"),
        data_saver=form.on("data_saver"),
    )
    await attachments.require_alt(page.viewer(request), form.on("alt_required"))
    return _saved(request, "reading")


@get("/settings/privacy")
async def privacy_form(request: Asked) -> ASGIApp:
    viewer = member(page.viewer(request))
    return _show(
        request,
        "privacy",
        "Privacy",
        forms.Form(private="1" if viewer.private else ""),
        saved=_was_saved(request),
        muted_people=await people.muted(viewer),
        blocked_people=await people.blocked(viewer),
    )


@post("/settings/privacy")
async def privacy(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    viewer = member(page.viewer(request))
    await profiles.open_or_close(viewer, form.on("private"))
    return _saved(request, "privacy")


@get("/settings/devices")
async def devices(request: Asked) -> ASGIApp:
    found = [
        {
            "id": one.id,
            "agent": agents.describe(one.agent) or page.say(request, "Unknown browser"),
            "mobile": agents.is_mobile(one.agent),
            "created_ms": one.created_at,
            "seen_ms": one.seen_at,
            "current": one.current,
        }
        for one in await sessions.devices(page.viewer(request))
    ]
    by_hand = [one for one in await subscriptions.devices(page.viewer(request)) if one.session is None]
    return _show(
        request, "devices", "Devices", forms.Form(), sessions=found,
        feed=bool(await feeds.address_of(page.viewer(request))), push_hosts=sorted({one.host for one in by_hand}),
    )  # fmt: skip


@delete("/sessions/{session:str}", status_code=200)
async def end_session(request: Asked, session: str) -> ASGIApp:
    await sessions.end(page.viewer(request), session)
    return back.done(request, {"ended": True}, "/settings/devices")


@delete("/sessions", status_code=200)
async def end_other_sessions(request: Asked) -> ASGIApp:
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


def _leave(request: Asked, error: str = "", status: int = 200) -> Answer:
    handle = member(page.viewer(request)).handle
    days = state.backup_days(request)
    return _show(request, "leave", "Leave", forms.Form(), status, handle=handle, error=error, backup_days=days)


@get("/settings/leave")
async def leave_form(request: Asked) -> ASGIApp:
    return _leave(request)


@post("/settings/leave")
async def leave(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    try:
        async with passwords.proof(request) as viewer:
            await leaving.leave(viewer, form["handle"], form["password"])
    except Refused as refusal:
        return _leave(request, errors.words(request, refusal), errors.status_of(refusal))
    out = state.of(request).cookies.signed_out(purged=form.on("purged"))
    return page.go(request, "/", (*out, await passwords.forget(request, viewer.id)))


@get("/settings/network")
async def network_form(request: Asked) -> ASGIApp:
    return await _network(request, saved=_was_saved(request))


async def _network(request: Asked, status: int = 200, **shown: str) -> Answer:
    """The network's two forms, the second with what is wrong with a logo."""
    operator(page.viewer(request))
    about = page.visit(request).network
    form = forms.Form(
        name=about.name,
        description=about.description,
        contact=about.contact,
        hue=str(about.hue),
        terms=(await network.latest_terms()).text,
        cards="1" if about.cards else "",
    )
    return _show(request, "network", "Network", form, status, **{"saved": "", "logo_error": "", **shown})


@post("/settings/network")
async def edit_network(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    about = network.About(
        form["name"], form["description"], form["contact"], forms.number(form["hue"]), cards=form.on("cards")
    )
    try:
        await network.edit(page.viewer(request), about, form["terms"], state.of(request).studio)
    except Invalid as problem:
        found = errors.fields(request, problem)
        found["name"] = found.pop("network_name", "")
        return _show(request, "network", "Network", form, 422, errors=forms.Form(found), saved="", logo_error="")
    return _saved(request, "network")


@post(security.LOGO, request_max_body_size=None)
async def logo(request: Asked) -> ASGIApp:
    operator(page.viewer(request))
    try:
        studio = state.of(request).studio
        async with uploads.submission(request, studio) as sent:
            file = sent.file()
            await network.set_logo(page.viewer(request), file.read() if file else b"", studio)
    except Invalid as problem:
        return await _network(request, 422, logo_error=errors.words(request, problem))
    return _saved(request, "network", "logo")


@delete("/settings/network/logo", status_code=200)
async def no_logo(request: Asked) -> ASGIApp:
    await network.remove_logo(page.viewer(request))
    return _saved(request, "network", "logo")


HANDLERS = [
    index, profile_form, profile, account_form, email, password, reading_form, reading, privacy_form, privacy, devices,
    end_session, end_other_sessions, leave_form, leave, network_form, edit_network, logo, no_logo,
]  # fmt: skip
