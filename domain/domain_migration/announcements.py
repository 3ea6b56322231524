"""What the network says of its address: notices, signed and numbered, of which the last one counts."""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from db.engine import DB
from db.queries import domain_migration as queries
from domain.core import clock, events
from domain.core.errors import Conflict, Invalid
from domain.core.events import MoveAnnounced
from domain.domain_migration import pinned_keys
from domain.domain_migration.pinned_keys import Keys, SignedMessage

PURPOSE = "move"
VERSION = 1
# How long a notice is good for, in days: until then the old name must not fall into other hands.
DAYS = 365
# Clocks may differ by so much.
SLACK_MS = clock.DAY_MS
# How long a process may go on with what it has just read, in milliseconds.
FRESH = 2000


class SignedMoveNotice(msgspec.Struct, frozen=True, rename={"origin": "from", "version": "v"}):
    """The network moves from ``origin`` to ``to``, or stays where it is ("").

    A higher ``number`` counts; ``at`` and ``until``, between which it is good, are Unix milliseconds.
    """

    version: int
    network: str
    origin: str
    to: str
    number: int
    at: int
    until: int


async def announce(origin: str, to: str, days: int = DAYS) -> SignedMoveNotice:
    """Says that the network moves from one address to another; every device that takes pushes is told.

    Errors: ``Invalid``.
    """
    origin, to = bare(origin), bare(to)
    if to == origin:
        raise Invalid("The new address is the old one.")
    if origin.startswith("https://") and not to.startswith("https://"):
        raise Invalid("The new address must begin with https://, as the old one does.")
    return await _say(origin, to, days)


async def withdraw() -> SignedMoveNotice:
    """Takes the last notice back: apps that have it forget it. Errors: ``Conflict`` when none stands."""
    found = await current()
    if found is None:
        raise Conflict("No move is announced.")
    return await _say(found.origin, "", DAYS, found.until)


async def _say(origin: str, to: str, days: int, until: int = 0) -> SignedMoveNotice:
    """Good for so many ``days``, and at least ``until`` a moment."""
    network = (await pinned_keys.public()).network
    async with DB.writing():
        now = clock.now()
        # By the clock, so that it is higher even after a backup was restored that lacks the last ones.
        number = max(now, await queries.last() + 1)
        notice = SignedMoveNotice(VERSION, network, origin, to, number, now, max(now + days * clock.DAY_MS, until))
        signed = await pinned_keys.sign(PURPOSE, msgspec.json.encode(notice).decode())
        await queries.add(number, signed.text, signed.ed25519, signed.p256)
        await events.record(MoveAnnounced(number, 0))
    forget()
    return notice


async def last() -> SignedMessage | None:
    """The notice with the highest number that is good now, be it that the network stays; None without one."""
    found = await _last()
    return found[1] if found else None


async def current() -> SignedMoveNotice | None:
    """The move that is announced; None when there is none, or it was taken back, or is too old."""
    found = await _last()
    return found[0] if found and found[0].to else None


_kept: tuple[int, Any, tuple[SignedMoveNotice, SignedMessage] | None] = (0, None, None)


async def _last() -> tuple[SignedMoveNotice, SignedMessage] | None:
    global _kept
    now = clock.now()
    if _kept[1] is not DB.engine or not 0 <= now - _kept[0] < FRESH:
        rows = await queries.notices()
        known = await pinned_keys.public() if rows else None
        _kept = (
            now,
            DB.engine,
            newest(known, [SignedMessage(row.text, row.ed25519, row.p256) for row in rows], now) if known else None,
        )
    return _kept[2]


def forget() -> None:
    """Reads afresh next time."""
    global _kept
    _kept = (0, None, None)


def newest(known: Keys, found: list[SignedMessage], now: int) -> tuple[SignedMoveNotice, SignedMessage] | None:
    """Of notices, in any order, the one that counts: the highest number of those that the network signed, if it is
    neither too old nor of tomorrow. An older one never comes back to life."""
    signed = [(notice, one) for one in found if (notice := read(known, one))]
    last = max(signed, key=lambda one: one[0].number, default=None)
    return last if last and last[0].at <= now + SLACK_MS and now < last[0].until else None


def read(known: Keys, signed: SignedMessage) -> SignedMoveNotice | None:
    """A notice, if this network signed it with both keys."""
    if not pinned_keys.verify(known, PURPOSE, signed):
        return None
    try:
        notice = msgspec.json.decode(signed.text, type=SignedMoveNotice)
    except msgspec.MsgspecError:
        return None
    return notice if notice.version == VERSION and notice.network == known.network else None


def bare(address: str) -> str:
    """An address as browsers write an origin. Errors: ``Invalid``."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not host or not plain:
        raise Invalid("%(address)s is not a bare address such as https://example.org.", address=address[:200])
    try:
        name = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        raise Invalid("%(address)s is not a bare address such as https://example.org.", address=address[:200]) from None
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{name}" + (f":{port}" if port and port != usual else "")
