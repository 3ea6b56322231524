"""Passwords as people type them: which limits a try must pass, and the cookie by which a browser is known again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgi.asgi_types import Request, header
from asgi.client_address import client_address
from asgi.sessions import parse_cookies
from domain.accounts import credentials, device_cookies
from domain.accounts.credentials import Proof
from domain.core.access import Viewer, account_holder
from domain.core.errors import Invalid
from web import page, state


async def sign_in(request: Request, who: str, password: str) -> Proof:
    """That somebody typed the name and password of an account. Errors: ``Invalid``, ``TooMany``."""
    guesses = state.of(request).limits.guesses
    if cookie := _cookie(request):
        named = await credentials.named(who)
        if device := await device_cookies.recognize(cookie, named):
            try:
                with guesses.known(device.nonce):
                    return await credentials.prove_owner(device.owner, password)
            except Invalid:
                # Of several accounts with one address, another may be meant.
                if len(named) == 1:
                    raise
    async with guesses.sign_in(credentials.normalized(who), client_address(request.scope)):
        return await credentials.prove(who, password)


@asynccontextmanager
async def proof(request: Request) -> AsyncIterator[Viewer]:
    """Around a check of one's own password, suspended or not; gives who that is. Errors: ``SignedOut``, ``TooMany``."""
    viewer = account_holder(page.viewer(request))
    guesses = state.of(request).limits.guesses
    cookie = _cookie(request)
    device = await device_cookies.recognize(cookie, await credentials.named(viewer.handle)) if cookie else None
    if device:
        with guesses.known(device.nonce):
            yield viewer
    else:
        async with guesses.proof(viewer.id, client_address(request.scope)):
            yield viewer


async def remember(request: Request, account: int) -> tuple[bytes, bytes]:
    """A header by which this browser is known from now on when the account's password is typed there."""
    cookies = state.of(request).cookies
    return cookies.set(cookies.device, await device_cookies.issue(_cookie(request), account))


async def forget(request: Request, account: int) -> tuple[bytes, bytes]:
    """A header after which this browser is known no more."""
    cookies = state.of(request).cookies
    left = await device_cookies.forget(_cookie(request), account)
    return cookies.set(cookies.device, left) if left else cookies.set(cookies.device, "", 0)


def _cookie(request: Request) -> str:
    jar = parse_cookies(header(request.scope, b"cookie"))
    return jar.get(state.of(request).cookies.device, "")
