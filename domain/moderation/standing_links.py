"""A link under which a member shows others their standing, until a day that they choose.

Only a hash of its token is kept, so it is shown once. Another link takes its place.
"""

import re
import secrets

import msgspec

from db.engine import DB
from db.queries import standing_links as queries
from db.queries.standing_links import StandingLinkRow
from domain.accounts import credentials, revocation
from domain.core import clock
from domain.core.access import Viewer, account_holder
from domain.core.cursors import Page
from domain.core.errors import Invalid, NotFound, collect
from domain.moderation import statements
from domain.moderation.statements import Statement

# For how many days a link may work.
DAYS = (7, 30, 90)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class SharedStanding(msgspec.Struct, frozen=True):
    """What a link shows: whose standing it is, the points that count now, and the decisions, newest first.

    ``expires_at`` in Unix milliseconds.
    """

    handle: str
    points: int
    statements: Page[Statement]
    expires_at: int


async def make(viewer: Viewer, days: int | None) -> str:
    """Makes a link, in place of an earlier one. Returns its token. Errors: ``SignedOut``, ``Invalid`` on ``days``."""
    account = account_holder(viewer).id
    if days not in DAYS:
        collect(days=Invalid("Choose for how long."))
    assert days is not None
    token, now = secrets.token_urlsafe(32), clock.now()
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        await queries.put(account, credentials.digest(token), now, now + days * clock.DAY_MS)
    return token


async def mine(viewer: Viewer) -> StandingLinkRow | None:
    """The viewer's link, if one works. Errors: ``SignedOut``."""
    return await queries.of(account_holder(viewer).id, clock.now())


async def end(viewer: Viewer) -> None:
    """Errors: ``SignedOut``."""
    await end_of(account_holder(viewer).id)


async def end_of(account: int) -> None:
    """Ends an account's link; a revocation does so in its own transaction."""
    await queries.drop(account)


async def read(token: str, cursor: str = "") -> SharedStanding:
    """What a link shows, to everybody who has it. Errors: ``NotFound``, also once it has ended."""
    row = await queries.by_hash(credentials.digest(token), clock.now()) if TOKEN.fullmatch(token) else None
    if row is None:
        raise NotFound
    found = await statements.of_account(row.account, cursor)
    return SharedStanding(row.handle, await statements.points(row.account), found, row.expires_at)


async def forget_old() -> None:
    """Deletes links that have ended."""
    await queries.drop_expired(clock.now())
