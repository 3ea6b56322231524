"""Signing in and out, a lost password, and the switches for language and theme."""

import contextlib

import msgspec
from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.client_address import client_address
from asgi.responses import Response
from domain.accounts import credentials, login_codes, profiles, sessions
from domain.accounts.credentials import Proof
from domain.core.access import THEMES
from domain.core.errors import Invalid, Refused, TooMany
from domain.moderation import care
from web import errors, forms, page, passwords, post_forms, state


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


async def enter(request: Request, account: int, to: str, changed_at: int | None = None) -> Response:
    """Signs this device in; the one that was signed in here before is signed out. Errors: as ``sessions.start``."""
    token = await sessions.start(account, _agent(request), changed_at)
    old = page.viewer(request)
    if old.signed_in:
        await sessions.end(old, old.session)
    known = await passwords.remember(request, account)
    return page.redirect(request, to, (*state.of(request).cookies.signed_in(token), known))


def _signin(request: Request, form: forms.Form, error: str = "", status: int = 200, code_error: str = "") -> Response:
    return page.show(
        request,
        "accounts/signin.html",
        page.translate(request, "Sign in"),
        status=status,
        bare=True,
        form=form,
        error=error,
        next=page.local_address(form["next"]),
        carried=post_forms.carried_fields(form),
        code_error=code_error,
    )


@get("/signin")
async def signin_form(request: Request) -> ASGIApp:
    to = page.local_address(forms.query(request, "next"))
    if page.viewer(request).signed_in:
        return page.redirect(request, to)
    return _signin(request, forms.Form(next=to))


@post("/signin")
async def sign_in(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        proof = await passwords.sign_in(request, form["handle"], form["password"])
    except Refused as refusal:
        return _signin(request, form, errors.words(request, refusal), errors.status_of(refusal))
    return await _continue(request, proof, form)


@post("/signin/code")
async def sign_in_by_code(request: Request) -> ASGIApp:
    """With a code from a browser that is signed in. A right one ends whatever session the cookie was for."""
    form = await forms.read(request)
    limit, key = state.of(request).limits.signin, f"from {client_address(request.scope)}"
    try:
        limit.take(key)
        proof = await login_codes.redeem(form["code"])
    except Refused as refusal:
        return _signin(request, form, "", errors.status_of(refusal), code_error=errors.words(request, refusal))
    limit.give(key)
    return await _continue(request, proof, form)


async def _continue(request: Request, proof: Proof, form: forms.Form) -> Response:
    """Signs in, and leads to where one wanted to go: to the post that was on its way when a session ended, if it was
    this member's."""
    entered = await enter(request, proof.account, page.local_address(form["next"]), proof.changed_at)
    can_resume = post_forms.can_resume(form, proof.account)
    return await _continue_writing(request, form, entered) if can_resume else entered


async def _continue_writing(request: Request, form: forms.Form, entered: Response) -> Response:
    cookies = tuple(header for header in entered.headers if header[0] == b"set-cookie")
    token = cookies[0][1].partition(b"=")[2].partition(b";")[0].decode()
    page.visit(request).viewer = viewer = await sessions.viewer(token)
    # Nothing is shown to the suspended but what they are led to; what was typed stays in the browser's draft.
    if viewer.suspended_until:
        return entered
    answer = await post_forms.resume(request, form)
    answer.headers = (*answer.headers, *cookies)
    return answer


@post("/signout")
async def sign_out(request: Request) -> ASGIApp:
    form = await forms.read(request)
    viewer = page.viewer(request)
    if viewer.signed_in:
        await care.give_back(viewer)
        await sessions.end(viewer, viewer.session)
    return page.redirect(request, "/", state.of(request).cookies.signed_out(purged=form.on("purged")))


def _reset_ask(request: Request, sent: bool) -> Response:
    mail = bool(state.of(request).settings.smtp_url)
    title = page.translate(request, "New password")
    return page.show(request, "accounts/reset_ask.html", title, bare=True, sent=sent, mail=mail, form=forms.Form())


@get("/reset")
async def reset_ask_form(request: Request) -> ASGIApp:
    return _reset_ask(request, sent=False)


@post("/reset")
async def reset_ask(request: Request) -> ASGIApp:
    """The same answer whether there is such an account or not, and whether a link is mailed or was a moment ago."""
    form = await forms.read(request)
    limits, name = state.of(request).limits, credentials.normalized(form["email"])
    limits.signin.take(f"reset {client_address(request.scope)}")
    if state.of(request).settings.smtp_url:
        with contextlib.suppress(TooMany):
            limits.resets.take(name)
            await credentials.ask_reset(name)
    return _reset_ask(request, sent=True)


def _reset(request: Request, token: str, error: str = "", status: int = 200) -> Response:
    title = page.translate(request, "Choose a new password")
    headers = ((b"referrer-policy", b"no-referrer"),)
    return page.show(
        request, "accounts/reset.html", title, status=status, bare=True, token=token, error=error, headers=headers
    )


@get("/reset/{token:str}")
async def reset_form(request: Request, token: str) -> ASGIApp:
    await credentials.reset_account(token)
    return _reset(request, token)


@post("/reset/{token:str}")
async def reset(request: Request, token: str) -> ASGIApp:
    form = await forms.read(request)
    try:
        account = await credentials.reset(token, form["password"])
    except Invalid as problem:
        return _reset(request, token, errors.words(request, problem), 422)
    return await enter(request, account, "/")


@post("/preferences")
async def preferences(request: Request) -> ASGIApp:
    """Language and theme, by the switches at the foot: an account's, or a guest's cookies."""
    form = await forms.read(request)
    visit = page.visit(request)
    locale = form["locale"] if form["locale"] in page.LOCALES else ""
    theme = THEMES.get(form["theme"])
    if visit.viewer.signed_in:
        before = visit.viewer.reading
        chosen = msgspec.structs.replace(before, locale=locale or before.locale, theme=theme or before.theme)
        await profiles.set_reading_preferences(visit.viewer, chosen)
    cookies = state.of(request).cookies
    wanted = ((cookies.locale, locale), (cookies.theme, theme or ""))
    headers = tuple(cookies.set(name, value) for name, value in wanted if value)
    return page.redirect(request, page.local_address(form["next"]), headers)


HANDLERS = [
    signin_form, sign_in, sign_in_by_code, sign_out, reset_ask_form, reset_ask, reset_form, reset, preferences,
]  # fmt: skip
