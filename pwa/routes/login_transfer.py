"""The network at another address: what apps pin, the keys of devices, and sign-in for newcomers from the old one."""

import re
from typing import Any

import msgspec
from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.client_address import client_address
from asgi.responses import Response
from domain.core.errors import Refused
from domain.domain_migration import announcements, device_keys, login_transfer, pinned_keys
from web import assets, errors, forms, origins, page, state
from web.routes import sessions

ADDRESS = "/.well-known/parvis-move"
HERE = "here"
_NONCE = re.compile(r"[\w-]{22,64}", re.ASCII)


class ArrivalBody(msgspec.Struct):
    """What a device's script says of its key."""

    key: str


@get(ADDRESS)
async def known(request: Request) -> ASGIApp:
    """The network's keys, its last notice, and whose device this is; with ``?nonce=`` a proof that this is the network.

    The proof is what tells the network from whoever answers at its address once it has gone. It names the address, so
    that nobody can pass on what the network answers at another; without PARVIS_ORIGIN there is none.
    """
    public, notice = await pinned_keys.public(), await announcements.last()
    device = await device_keys.here(page.viewer(request))
    said: dict[str, Any] = {"network": public.network, "keys": public, "notice": notice, "device": device}
    nonce = forms.query(request, "nonce")
    if _NONCE.fullmatch(nonce) and (origin := origins.of(request)):
        said["here"] = await pinned_keys.sign(HERE, f"{origin} {nonce}")
    return page.json(said)


@post("/move/device")
async def register(request: Request) -> ASGIApp:
    """A signed-in device tells its public key."""
    given = await forms.read_json(request, ArrivalBody)
    return page.json(await device_keys.register(page.viewer(request), given.key), 201)


@get("/moved")
async def moved(request: Request) -> ASGIApp:
    """Kept by the service worker, which shows it when the old address does not answer; a script fills it in."""
    scripts = (f'<script src="{assets.address(f"pwa/static/{name}.js")}" type="module"></script>' for name in PAGE)
    found = await announcements.current()
    return page.show(
        request, "pwa/moved.html", page.translate(request, "A new address"), bare=True, to=found.to if found else "",
        head="".join(scripts),
    )  # fmt: skip


PAGE = ("pages/moved", "pages/offline")


@get("/arrive")
async def arrive_form(request: Request) -> ASGIApp:
    """Where an installed app leads; what it brings stands behind the #, which no server sees."""
    return await _arrive(request, page.local_address(forms.query(request, "next")))


async def _arrive(request: Request, to: str, error: str = "", status: int = 200) -> Response:
    found = await announcements.current()
    return page.show(
        request,
        "pwa/arrive.html",
        page.translate(request, "Welcome to the new address"),
        status=status,
        bare=True,
        to=to,
        error=error,
        came_from=found.origin if found else "",
        signed_in=page.viewer(request).signed_in,
        handle=page.viewer(request).handle,
        headers=((b"referrer-policy", b"no-referrer"),),
        head=f'<script src="{assets.address("pwa/static/pages/arrive.js")}" type="module"></script>',
    )


@post("/arrive")
async def arrive(request: Request) -> ASGIApp:
    """With a code that a device signed. Who is signed in here already stays who they are."""
    form = await forms.read(request)
    to = page.local_address(form["next"])
    if page.viewer(request).signed_in:
        return page.redirect(request, to)
    limit, key = state.of(request).limits.signin, f"from {client_address(request.scope)}"
    try:
        limit.take(key)
        proof = await login_transfer.redeem(form["code"], origins.of(request))
    except Refused as refusal:
        return await _arrive(request, to, errors.words(request, refusal), errors.status_of(refusal))
    limit.give(key)
    return await sessions.enter(request, proof.account, to, proof.changed_at)


HANDLERS = [known, register, moved, arrive_form, arrive]
