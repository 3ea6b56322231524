"""The network at another address: what apps pin, the keys of devices, and the door for who comes from the old one."""

import re
from typing import Any

import msgspec
from litestar import get, post
from litestar.types import ASGIApp

from domain.core.errors import Invalid, Refused
from domain.moving import announcements, arrivals, devices, keys
from web import assets, errors, forms, origins, page, security, state
from web.answers import Answer
from web.page import Asked
from web.routes import sessions

ADDRESS = "/.well-known/parvis-move"
HERE = "here"
_NONCE = re.compile(r"[\w-]{22,64}", re.ASCII)


class Given(msgspec.Struct):
    """What a device's script says of its key."""

    key: str


@get(ADDRESS)
async def known(request: Asked) -> ASGIApp:
    """The network's keys, its last notice, and whose device this is; with ``?nonce=`` a proof that this is the network.

    The proof is what tells the network from whoever answers at its address once it has gone. It names the address, so
    that nobody can pass on what the network answers at another; without PARVIS_ORIGIN there is none.
    """
    public, notice = await keys.public(), await announcements.last()
    device = await devices.here(page.viewer(request))
    said: dict[str, Any] = {"network": public.network, "keys": public, "notice": notice, "device": device}
    nonce = forms.query(request, "nonce")
    if _NONCE.fullmatch(nonce) and (origin := origins.of(request)):
        said["here"] = await keys.sign(HERE, f"{origin} {nonce}")
    return page.json(said)


@post("/move/device")
async def register(request: Asked) -> ASGIApp:
    """A signed-in device tells its public key."""
    try:
        given = msgspec.json.decode(await request.body(), type=Given)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Invalid("This can't be read.") from None
    return page.json(await devices.register(page.viewer(request), given.key), 201)


@get("/moved")
async def moved(request: Asked) -> ASGIApp:
    """Kept by the service worker, which shows it when the old address does not answer; a script fills it in."""
    scripts = (f'<script src="{assets.address(f"pwa/static/{name}.js")}" type="module"></script>' for name in PAGE)
    found = await announcements.standing()
    return page.show(
        request, "pwa/moved.html", page.say(request, "A new address"), bare=True, to=found.to if found else "",
        head="".join(scripts),
    )  # fmt: skip


PAGE = ("pages/moved", "pages/offline")


@get("/arrive")
async def arrive_form(request: Asked) -> ASGIApp:
    """Where an installed app leads; what it brings stands behind the #, which no server sees."""
    return await _arrive(request, page.local(forms.query(request, "next")))


async def _arrive(request: Asked, to: str, error: str = "", status: int = 200) -> Answer:
    found = await announcements.standing()
    return page.show(
        request, "pwa/arrive.html", page.say(request, "Welcome to the new address"), status=status, bare=True, to=to,
        error=error, came_from=found.origin if found else "", signed_in=page.viewer(request).signed_in,
        handle=page.viewer(request).handle, headers=((b"referrer-policy", b"no-referrer"),),
        head=f'<script src="{assets.address("pwa/static/pages/arrive.js")}" type="module"></script>',
    )  # fmt: skip


@post("/arrive")
async def arrive(request: Asked) -> ASGIApp:
    """With a code that a device signed. Who is signed in here already stays who they are."""
    form = await forms.read(request)
    to = page.local(form["next"])
    if page.viewer(request).signed_in:
        return page.go(request, to)
    limit, key = state.of(request).limits.signin, f"from {security.address(request.scope)}"
    try:
        limit.take(key)
        proof = await arrivals.redeem(form["code"], origins.of(request))
    except Refused as refusal:
        return await _arrive(request, to, errors.words(request, refusal), errors.status_of(refusal))
    limit.give(key)
    return await sessions.enter(request, proof.account, to, proof.changed_at)


HANDLERS = [known, register, moved, arrive_form, arrive]
