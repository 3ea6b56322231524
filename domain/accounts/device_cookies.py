"""Device cookies: a browser on which an account has signed in is known again when its password is typed there.

See OWASP's "Slow Down Online Guessing Attacks with Device Cookies". A cookie holds a token for each of a few accounts,
the newest first. A token is ``issued.nonce.mac``; it signs nobody in, and does not say whose it is.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from secrets import token_urlsafe
from typing import NamedTuple

from domain.accounts.credentials import Credentials
from domain.core import clock, secrets

# Accounts of one browser, and how long a token is good for, in days.
MOST, DAYS = 5, 365
LONGEST = 1000
_TOKEN = re.compile(r"(\d{13})\.([\w-]{22})\.[\w-]{43}", re.ASCII)


class Device(NamedTuple):
    """A known browser of an account; ``nonce`` tells it from others."""

    owner: Credentials
    nonce: str


async def issue(cookie: str, account: int) -> str:
    """The cookie with a new token for an account, in place of an earlier one."""
    key = await _key()
    issued, nonce = str(clock.now()), token_urlsafe(16)
    token = f"{issued}.{nonce}.{_mac(key, account, issued, nonce)}"
    return "~".join([token, *_others(key, cookie, account)][:MOST])


async def forget(cookie: str, account: int) -> str:
    """The cookie without an account's token, "" when nothing is left."""
    return "~".join(_others(await _key(), cookie, account))


async def recognize(cookie: str, named: Sequence[Credentials]) -> Device | None:
    """The first of the accounts that this browser has a token for; tokens from before ``changed_at`` are void."""
    key = await _key()
    since = clock.now() - DAYS * 86_400_000
    for owner in named:
        for token in _tokens(cookie):
            issued, nonce, _ = token.split(".")
            if _is_for(key, token, owner.account) and int(issued) >= max(since, owner.changed_at):
                return Device(owner, nonce)
    return None


def _others(key: bytes, cookie: str, account: int) -> list[str]:
    return [token for token in _tokens(cookie) if not _is_for(key, token, account)]


def _tokens(cookie: str) -> list[str]:
    return [token for token in cookie[:LONGEST].split("~")[:MOST] if _TOKEN.fullmatch(token)]


def _is_for(key: bytes, token: str, account: int) -> bool:
    issued, nonce, mac = token.split(".")
    return hmac.compare_digest(_mac(key, account, issued, nonce), mac)


def _mac(key: bytes, account: int, issued: str, nonce: str) -> str:
    signed = f"device {account} {issued} {nonce}".encode()
    return secrets.padless(hmac.digest(key, signed, hashlib.sha256))


async def _key() -> bytes:
    return await secrets.key("device-cookie")
