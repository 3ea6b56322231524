"""Joining, signing in and out, and people's pages."""

from functools import lru_cache
from typing import Any

from litestar import get, post
from litestar.types import ASGIApp

from domain.accounts import credentials, network, profiles, sessions, signup
from domain.core import ids
from domain.core.errors import Conflict, Invalid, NotFound, Refused
from domain.timelines import profile as lists
from web import errors, feed, filters, forms, i18n, page, security, state, templating
from web.page import Answer, Asked
from web.routes import posts, timelines
from web.terms import first_terms

CARRIED = ("text", "reply_to", "quote", "cover", "visibility", "replies_to", "key")


def _agent(request: Asked) -> str:
    return request.headers.get("user-agent", "")


async def _enter(request: Asked, account: int, to: str) -> Answer:
    """Signs this device in; the one that was signed in here before is signed out."""
    old = page.viewer(request)
    if old.signed_in:
        await sessions.end(old, old.session)
    token = await sessions.start(account, _agent(request))
    return page.go(request, to, state.of(request).cookies.signed_in(token))


@get("/setup")
async def setup_form(request: Asked) -> ASGIApp:
    if page.visit(request).network.founded:
        return page.go(request, "/")
    return _setup(request, forms.Form(hue="11"), forms.Form())


def _setup(request: Asked, form: forms.Form, problems: forms.Form, status: int = 200) -> Answer:
    title = page.say(request, "Open your network")
    return page.show(request, "accounts/setup.html", title, status=status, bare=True, form=form, errors=problems)


@post("/setup")
async def setup(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    about = network.About(
        form["network_name"], form["description"], form["contact"], int(form["hue"]) if form["hue"].isdecimal() else 11
    )
    person = signup.Person(
        handle=form["handle"],
        name=form["name"],
        password=form["password"],
        email=form["email"],
        locale=page.locale(request),
    )
    try:
        account = await network.found(about, person, first_terms(page.locale(request)))
    except Conflict:
        return page.go(request, "/")
    except Invalid as problem:
        return _setup(request, form, forms.Form(errors.fields(request, problem)), 422)
    return await _enter(request, account, "/")


def _door(request: Asked) -> signup.Door:
    settings = state.of(request).settings
    version = page.visit(request).network.terms_version
    return signup.Door(settings.signup_open, settings.email_required, settings.minimum_age, version)


def _signup(request: Asked, form: forms.Form, problems: forms.Form, status: int = 200) -> Answer:
    door = _door(request)
    return page.show(
        request,
        "accounts/signup.html",
        page.say(request, "Join"),
        status=status,
        bare=True,
        form=form,
        errors=problems,
        email_required=door.email_required,
        minimum_age=door.minimum_age,
        terms_version=door.terms_version,
        closed=not door.open,
    )


@get("/signup")
async def signup_form(request: Asked) -> ASGIApp:
    if page.viewer(request).signed_in:
        return page.go(request, "/")
    return _signup(request, forms.Form(), forms.Form())


@post("/signup")
async def sign_up(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    person = signup.Person(
        handle=form["handle"],
        name=form["name"],
        password=form["password"],
        email=form["email"],
        birth_date=form["birth_date"],
        # Accepted is the version that was on the form: an operator may have published another since.
        accepted_terms=form["terms"] == str(page.visit(request).network.terms_version),
        locale=page.locale(request),
    )
    try:
        state.of(request).limits.signup.take(security.address(request.scope))
        account = await signup.sign_up(person, _door(request))
    except Invalid as problem:
        return _signup(request, form, forms.Form(errors.fields(request, problem)), 422)
    except Refused as refusal:
        return _signup(request, form, forms.Form(form=errors.words(request, refusal)), errors.status_of(refusal))
    return await _enter(request, account, "/")


def _signin(request: Asked, form: forms.Form, error: str = "", status: int = 200) -> Answer:
    carried = {name: form[name] for name in CARRIED if form[name]}
    return page.show(
        request,
        "accounts/signin.html",
        page.say(request, "Sign in"),
        status=status,
        bare=True,
        form=form,
        error=error,
        next=page.local(form["next"]),
        carried=carried,
    )


@get("/signin")
async def signin_form(request: Asked) -> ASGIApp:
    to = page.local(forms.query(request, "next"))
    if page.viewer(request).signed_in:
        return page.go(request, to)
    return _signin(request, forms.Form(next=to))


@post("/signin")
async def sign_in(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    limit = state.of(request).limits.signin
    keys = (f"who {form['handle'].strip().lower()[:254]}", f"from {security.address(request.scope)}")
    try:
        for key in keys:
            limit.check(key)
        account = await credentials.prove(form["handle"], form["password"])
    except Invalid as problem:
        for key in keys:
            limit.take(key)
        return _signin(request, form, errors.words(request, problem), 422)
    except Refused as refusal:
        return _signin(request, form, errors.words(request, refusal), errors.status_of(refusal))
    answer = await _enter(request, account, page.local(form["next"]))
    if not form["text"]:
        return answer
    return await _go_on_writing(request, account, form, answer)


async def _go_on_writing(request: Asked, account: int, form: forms.Form, entered: Answer) -> Answer:
    """The form with the text that was on its way when the session ended."""
    cookies = [header for header in entered.headers if header[0] == b"set-cookie"]
    token = cookies[0][1].partition(b"=")[2].partition(b";")[0].decode()
    page.visit(request).viewer = await sessions.viewer(token)
    kept = forms.Form({name: form[name] for name in CARRIED})
    answer = await posts.form_page(request, kept)
    answer.headers += cookies
    return answer


@post("/signout")
async def sign_out(request: Asked) -> ASGIApp:
    viewer = page.viewer(request)
    if viewer.signed_in:
        await sessions.end(viewer, viewer.session)
    return page.go(request, "/", state.of(request).cookies.signed_out())


def _reset_ask(request: Asked, sent: bool) -> Answer:
    mail = bool(state.of(request).settings.smtp_url)
    title = page.say(request, "New password")
    return page.show(request, "accounts/reset_ask.html", title, bare=True, sent=sent, mail=mail, form=forms.Form())


@get("/reset")
async def reset_ask_form(request: Asked) -> ASGIApp:
    return _reset_ask(request, sent=False)


@post("/reset")
async def reset_ask(request: Asked) -> ASGIApp:
    """The same answer whether there is such an account or not."""
    form = await forms.read(request)
    state.of(request).limits.signin.take(f"reset {security.address(request.scope)}")
    if state.of(request).settings.smtp_url:
        await credentials.ask_reset(form["email"])
    return _reset_ask(request, sent=True)


def _reset(request: Asked, token: str, error: str = "", status: int = 200) -> Answer:
    title = page.say(request, "Choose a new password")
    headers = [(b"referrer-policy", b"no-referrer")]
    return page.show(
        request, "accounts/reset.html", title, status=status, bare=True, token=token, error=error, headers=headers
    )


@get("/reset/{token:str}")
async def reset_form(request: Asked, token: str) -> ASGIApp:
    await credentials.reset_account(token)
    return _reset(request, token)


@post("/reset/{token:str}")
async def reset(request: Asked, token: str) -> ASGIApp:
    form = await forms.read(request)
    try:
        account = await credentials.reset(token, form["password"])
    except Invalid as problem:
        return _reset(request, token, errors.words(request, problem), 422)
    return await _enter(request, account, "/")


@post("/preferences")
async def preferences(request: Asked) -> ASGIApp:
    """Language and theme, by the switches at the foot: an account's, or a guest's cookies."""
    form = await forms.read(request)
    visit = page.visit(request)
    locale = form["locale"] if form["locale"] in page.LOCALES else ""
    theme = form["theme"] if form["theme"] in page.THEMES else ""
    if visit.viewer.signed_in:
        await profiles.read_as(
            visit.viewer,
            locale=locale or visit.viewer.locale,
            theme=theme or visit.viewer.theme,
            hide_reposts=visit.viewer.hide_reposts,
            hide_replies=visit.viewer.hide_replies,
        )
    cookies = state.of(request).cookies
    chosen = [cookies.set(name, value) for name, value in ((cookies.locale, locale), (cookies.theme, theme)) if value]
    return page.go(request, page.local(form["next"]), chosen)


TABS = {"posts": "", "replies": "/replies", "votes": "/votes"}


async def _profile(request: Asked, handle: str, tab: lists.Tab) -> Answer:
    viewer = page.viewer(request)
    person = await profiles.by_handle(viewer, handle)
    before = timelines.cursor(request)
    here = f"/@{person.handle}{TABS[tab]}"
    content = b""
    if person.readable and not person.blocked:
        found = await lists.read(viewer, person.id, tab, before)
        content = await feed.feed(request, found, here, "timelines/_empty_profile.html", first=before is None)
    if page.is_fragment(request) and before:
        return Answer(content)
    frame = profile_frame(page.locale(request), person, tab).fill({"feed": content})
    return page.whole(
        request, person.name, frame, active="me" if person.relation == "self" else "", shared=person.relation == "guest"
    )


@lru_cache(maxsize=1024)
def profile_frame(locale: str, person: profiles.Profile, tab: lists.Tab) -> templating.Stencil:
    """The page around a person's posts, for one who stands to them as the viewer does."""
    return templating.cut(
        locale,
        "accounts/profile.html",
        ("feed",),
        profile=_shown(person),
        relation=person.relation,
        muted=person.muted,
        follows_you=person.follows_you,
        tab=tab,
        tabs=_tabs(locale, person, tab),
        may_read=person.readable,
    )


def _shown(person: profiles.Profile) -> dict[str, Any]:
    return {
        "id": str(person.id),
        "handle": person.handle,
        "name": person.name,
        "hue": person.hue,
        "bio": person.bio,
        "mentions": person.bio_mentions,
        "links": [(link.label, link.address) for link in person.links],
        "private": person.private,
        "posts": person.posts,
        "followers": person.followers,
        "following": person.followings,
        "joined_ms": ids.time_of(person.id),
    }


def _tabs(locale: str, person: profiles.Profile, tab: str) -> list[tuple[str, str, str, bool]]:
    words = {"posts": i18n.say(locale, "Posts"), "replies": i18n.say(locale, "Replies")}
    if person.relation == "self":
        words["votes"] = i18n.say(locale, "Votes")
    return [(key, words[key], f"/@{person.handle}{TABS[key]}", key == tab) for key in words]


@get("/@/{handle:str}")
async def profile(request: Asked, handle: str) -> ASGIApp:
    return await _profile(request, handle, "posts")


@get("/@/{handle:str}/replies")
async def replies(request: Asked, handle: str) -> ASGIApp:
    return await _profile(request, handle, "replies")


@get("/@/{handle:str}/votes")
async def votes(request: Asked, handle: str) -> ASGIApp:
    if page.viewer(request).handle.lower() != handle.lower():
        raise NotFound
    return await _profile(request, handle, "votes")


@get("/@/{handle:str}/menu")
async def menu(request: Asked, handle: str) -> ASGIApp:
    person = await profiles.by_handle(page.viewer(request), handle)
    return page.show(
        request,
        "accounts/_menu.html" if page.is_fragment(request) else "accounts/menu.html",
        f"@{person.handle}",
        profile=_shown(person),
        relation=person.relation,
        muted=person.muted,
        account_id=str(person.id),
    )


@get("/about")
async def about(request: Asked) -> ASGIApp:
    accounts, written = await network.numbers()
    return page.show(
        request,
        "pages/about.html",
        page.say(request, "About"),
        stats={"accounts": accounts, "posts": written},
        version=page.VERSION,
        source="",
        shared=True,
    )


@get("/terms")
async def terms(request: Asked) -> ASGIApp:
    latest = await network.latest_terms()
    shown = {"version": latest.version, "text": filters.paragraphs(latest.text), "published_ms": latest.published_at}
    return page.show(request, "pages/terms.html", page.say(request, "Terms"), terms=shown, shared=True)


HANDLERS = [
    setup_form, setup, signup_form, sign_up, signin_form, sign_in, sign_out, reset_ask_form, reset_ask, reset_form,
    reset, preferences, profile, replies, votes, menu, about, terms,
]  # fmt: skip
