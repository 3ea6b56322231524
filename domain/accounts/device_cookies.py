"""Device cookies: a browser on which an account has signed in is known again when its password is typed there.

See OWASP's "Slow Down Online Guessing Attacks with Device Cookies". A cookie holds a token for each of a few accounts,
the newest first. A token is ``issued.changed_at.nonce.mac``, where the second is the credential's at that time. It
signs nobody in, and does not say whose it is.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from secrets import token_urlsafe
from typing import NamedTuple

from db.queries.credentials import Credentials
from db.tables.accounts import Credential
from domain.core import clock, secrets

# Accounts of one browser, and how long a token is good for, in days.
MOST, DAYS = 5, 365
LONGEST = 1000
_TOKEN = re.compile(r"(\d{13})\.(\d{1,15})\.([\w-]{22})\.[\w-]{43}", re.ASCII)


class KnownDevice(NamedTuple):
    """A known browser of an account; ``nonce`` tells it from others."""

    owner: Credentials
    nonce: str


async def issue(cookie: str, account: int) -> str:
    """The cookie with a new token for an account, in place of an earlier one."""
    key = await _key()
    row = await Credential.select(Credential.changed_at).where(Credential.account == account).first()
    said = f"{clock.now()}.{row['changed_at'] if row else 0}.{token_urlsafe(16)}"
    token = f"{said}.{_mac(key, account, said)}"
    return "~".join([token, *_others(key, cookie, account)][:MOST])


async def forget(cookie: str, account: int) -> str:
    """The cookie without an account's token, "" when nothing is left."""
    return "~".join(_others(await _key(), cookie, account))


async def recognize(cookie: str, named: Sequence[Credentials]) -> KnownDevice | None:
    """The first of the accounts that this browser has a token for; those made with another ``changed_at`` are void."""
    key = await _key()
    since = clock.now() - DAYS * 86_400_000
    for owner in named:
        for token in _tokens(cookie):
            issued, changed_at, nonce, _ = token.split(".")
            if _is_for(key, token, owner.account) and int(changed_at) == owner.changed_at and int(issued) >= since:
                return KnownDevice(owner, nonce)
    return None


def _others(key: bytes, cookie: str, account: int) -> list[str]:
    return [token for token in _tokens(cookie) if not _is_for(key, token, account)]


def _tokens(cookie: str) -> list[str]:
    return [token for token in cookie[:LONGEST].split("~")[:MOST] if _TOKEN.fullmatch(token)]


def _is_for(key: bytes, token: str, account: int) -> bool:
    said, _, mac = token.rpartition(".")
    return hmac.compare_digest(_mac(key, account, said), mac)


def _mac(key: bytes, account: int, said: str) -> str:
    """Of a token without it: ``issued.changed_at.nonce``."""
    signed = f"device {account} {said}".encode()
    return secrets.padless(hmac.digest(key, signed, hashlib.sha256))


async def _key() -> bytes:
    return await secrets.key("device-cookie")
