"""Codes with which a device that was signed in at the old address signs in at the new one.

A code is ``base64url(text).base64url(signature)``: the text is JSON, the signature that of the device's own key. It is
good where a move to this very address is announced, for minutes, once, and as long as the device's session lives.
"""

import re

import msgspec

from db.queries import domain_migration as queries
from db.queries.domain_migration import DeviceRow
from domain.accounts.credentials import Proof
from domain.accounts.sessions import IDLE_DAYS
from domain.core import clock, secrets
from domain.core.errors import Invalid
from domain.domain_migration import announcements, pinned_keys

PURPOSE = "arrive"
MINUTES = 10
# How far ahead a device's clock may be, in milliseconds.
AHEAD_MS = 120_000
LONGEST = 2000
_NONCE = re.compile(r"[\w-]{22,64}", re.ASCII)


class Code(msgspec.Struct, frozen=True, rename={"version": "v"}):
    """What a device signs: who it is, where it wants in, when (Unix milliseconds), and a number used once."""

    version: int
    network: str
    device: str
    session: str
    to: str
    at: int
    nonce: str


async def redeem(text: str, origin: str) -> Proof:
    """That somebody has a code that an account's device made for ``origin``; it works no more.

    Errors: ``Invalid`` with the code "unreadable", "elsewhere", "unknown", "stale" or "used".
    """
    code, said, signature = _read(text)
    now = clock.now()
    await _check_place(code, origin)
    device = await _device(code)
    message = pinned_keys.message_of(PURPOSE, said)
    if device.session != code.session or not pinned_keys.verify_p256(device.public, message, signature):
        raise _unknown()
    if now - device.seen_at > IDLE_DAYS * clock.DAY_MS:
        raise _unknown()
    if not now - MINUTES * 60_000 < code.at < now + AHEAD_MS:
        raise Invalid(
            "This way in is older than %(minutes)s minutes, or the clock of your device is wrong. "
            "Open the app at the old address again.",
            minutes=MINUTES,
            code="stale",
        )
    if not await queries.use(code.nonce, now + 2 * MINUTES * 60_000):
        raise Invalid("This way in has been used. Open the app at the old address again.", code="used")
    return Proof(device.account, device.changed_at)


def _read(text: str) -> tuple[Code, str, str]:
    """A code, the text that was signed, and the signature."""
    said, _, signature = text[:LONGEST].strip().partition(".")
    plain, code = "", None
    try:
        plain = secrets.unpadded(said).decode()
        code = msgspec.json.decode(plain, type=Code)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        pass
    if code is None or code.version != announcements.VERSION or not _NONCE.fullmatch(code.nonce):
        raise Invalid("This way in can’t be read. Open the app at the old address again.", code="unreadable")
    return code, plain, signature


async def _check_place(code: Code, origin: str) -> None:
    move = await announcements.current()
    here = move is not None and move.to == origin == code.to
    if not here or code.network != (await pinned_keys.public()).network:
        raise Invalid("This way in is for another address than this one.", code="elsewhere")


async def _device(code: Code) -> DeviceRow:
    if not code.device.isdecimal() or len(code.device) > 19 or int(code.device) >= 2**63:
        raise _unknown()
    found = await queries.device(int(code.device))
    if found is None:
        raise _unknown()
    return found


def _unknown() -> Invalid:
    return Invalid("The device that you come from is signed in no longer.", code="unknown")


async def forget_old() -> None:
    await queries.forget(clock.now())
