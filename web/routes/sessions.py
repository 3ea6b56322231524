"""Signing in and out, a lost password, and the switches for language and theme."""

import contextlib

from litestar import get, post
from litestar.types import ASGIApp

from domain.accounts import codes, credentials, profiles
from domain.accounts import sessions as devices
from domain.accounts.credentials import Proof
from domain.core.errors import Invalid, Refused, TooMany
from web import errors, forms, page, passwords, security, state
from web.answers import Answer
from web.page import Asked
from web.routes import composing


def _agent(request: Asked) -> str:
    return request.headers.get("user-agent", "")


async def enter(request: Asked, account: int, to: str, changed_at: int | None = None) -> Answer:
    """Signs this device in; the one that was signed in here before is signed out. Errors: as ``sessions.start``."""
    token = await devices.start(account, _agent(request), changed_at)
    old = page.viewer(request)
    if old.signed_in:
        await devices.end(old, old.session)
    known = await passwords.remember(request, account)
    return page.go(request, to, (*state.of(request).cookies.signed_in(token), known))


def _signin(request: Asked, form: forms.Form, error: str = "", status: int = 200, code_error: str = "") -> Answer:
    return page.show(
        request,
        "accounts/signin.html",
        page.say(request, "Sign in"),
        status=status,
        bare=True,
        form=form,
        error=error,
        next=page.local(form["next"]),
        carried=composing.carried(form),
        code_error=code_error,
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
    try:
        proof = await passwords.sign_in(request, form["handle"], form["password"])
    except Refused as refusal:
        return _signin(request, form, errors.words(request, refusal), errors.status_of(refusal))
    return await _go_on(request, proof, form)


@post("/signin/code")
async def sign_in_by_code(request: Asked) -> ASGIApp:
    """With a code from a browser that is signed in. A right one ends whatever session the cookie was for."""
    form = await forms.read(request)
    limit, key = state.of(request).limits.signin, f"from {security.address(request.scope)}"
    try:
        limit.take(key)
        proof = await codes.redeem(form["code"])
    except Refused as refusal:
        return _signin(request, form, "", errors.status_of(refusal), code_error=errors.words(request, refusal))
    limit.give(key)
    return await _go_on(request, proof, form)


async def _go_on(request: Asked, proof: Proof, form: forms.Form) -> Answer:
    """Signs in, and leads to where one wanted to go: to the post that was on its way when a session ended, if it was
    this member's."""
    entered = await enter(request, proof.account, page.local(form["next"]), proof.changed_at)
    can_resume = composing.can_resume(form, proof.account)
    return await _go_on_writing(request, form, entered) if can_resume else entered


async def _go_on_writing(request: Asked, form: forms.Form, entered: Answer) -> Answer:
    cookies = tuple(header for header in entered.headers if header[0] == b"set-cookie")
    token = cookies[0][1].partition(b"=")[2].partition(b";")[0].decode()
    page.visit(request).viewer = await devices.viewer(token)
    answer = await composing.resume(request, form)
    answer.headers = (*answer.headers, *cookies)
    return answer


@post("/signout")
async def sign_out(request: Asked) -> ASGIApp:
    form = await forms.read(request)
    viewer = page.viewer(request)
    if viewer.signed_in:
        await devices.end(viewer, viewer.session)
    return page.go(request, "/", state.of(request).cookies.signed_out(purged=form.on("purged")))


def _reset_ask(request: Asked, sent: bool) -> Answer:
    mail = bool(state.of(request).settings.smtp_url)
    title = page.say(request, "New password")
    return page.show(request, "accounts/reset_ask.html", title, bare=True, sent=sent, mail=mail, form=forms.Form())


@get("/reset")
async def reset_ask_form(request: Asked) -> ASGIApp:
    return _reset_ask(request, sent=False)


@post("/reset")
async def reset_ask(request: Asked) -> ASGIApp:
    """The same answer whether there is such an account or not, and whether a link is mailed or was a moment ago."""
    form = await forms.read(request)
    limits, name = state.of(request).limits, credentials.normalized(form["email"])
    limits.signin.take(f"reset {security.address(request.scope)}")
    if state.of(request).settings.smtp_url:
        with contextlib.suppress(TooMany):
            limits.resets.take(name)
            await credentials.ask_reset(name)
    return _reset_ask(request, sent=True)


def _reset(request: Asked, token: str, error: str = "", status: int = 200) -> Answer:
    title = page.say(request, "Choose a new password")
    headers = ((b"referrer-policy", b"no-referrer"),)
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
    return await enter(request, account, "/")


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
            data_saver=visit.viewer.data_saver,
        )
    cookies = state.of(request).cookies
    wanted = ((cookies.locale, locale), (cookies.theme, theme))
    chosen = tuple(cookies.set(name, value) for name, value in wanted if value)
    return page.go(request, page.local(form["next"]), chosen)


HANDLERS = [
    signin_form, sign_in, sign_in_by_code, sign_out, reset_ask_form, reset_ask, reset_form, reset, preferences,
]  # fmt: skip
