"""Signed-in devices. The cookie holds a random token, the database only its hash."""

import secrets

import msgspec

from db.engine import DB
from db.queries import accounts, credentials
from db.queries.accounts import ViewerRow
from db.tables.accounts import Session
from db.tables.notifications import SigninCode
from domain.accounts import revocation
from domain.accounts.credentials import digest
from domain.accounts.revocation import Grant
from domain.core import clock, signals
from domain.core.access import (
    GRANTED,
    GUEST,
    THEMES,
    BadgeCounts,
    HomeState,
    ReadingPreferences,
    Role,
    Viewer,
    account_holder,
)
from domain.core.errors import Conflict, NotFound
from domain.core.trust import LEVELS

# A device that has not been seen for so long is signed out, in days.
IDLE_DAYS = 180
# How exact "last seen" is, in milliseconds: one write an hour and device, not one a page.
SEEN_EVERY = 3_600_000
# The longest list of devices. More can be signed out all together.
SHOWN = 100
# What is kept of a browser's name for itself.
MAX_AGENT = 300


class SignedInDevice(msgspec.Struct, frozen=True):
    """A signed-in browser; ``id`` is the hash of its token, times are Unix milliseconds."""

    id: str
    agent: str
    created_at: int
    seen_at: int
    current: bool


async def start(account: int, agent: str, changed_at: int | None = None) -> str:
    """Signs a device in. Returns the token for its cookie.

    ``changed_at`` is that of the proof that the account is theirs, if it took one. Errors: ``Conflict`` when what they
    proved it with was revoked since, or the account has left.
    """
    token = secrets.token_urlsafe(32)
    new = credentials.NewSession(digest(token), account, agent[:MAX_AGENT], clock.now(), changed_at)
    if not await credentials.start_session(new):
        raise Conflict("Something came in between. Send it again.")
    return token


async def viewer(token: str) -> Viewer:
    """The account that a session's token signs in; a guest when the token is unknown or has idled too long."""
    return await _of_session(digest(token))


async def again(viewer: Viewer) -> Viewer:
    """Somebody who is signed in as they are now: a guest once their session has ended."""
    return await _of_session(account_holder(viewer).session)


async def _of_session(session: str) -> Viewer:
    row = await accounts.viewer(session)
    if row is None:
        return GUEST
    now = clock.now()
    if now - row.seen_at > SEEN_EVERY:
        if now - row.seen_at > IDLE_DAYS * 86_400_000:
            return GUEST
        await Session.update({Session.seen_at: now}).where(Session.id == row.session)
    return _viewer(row, now)


def _viewer(row: ViewerRow, now: int) -> Viewer:
    """Errors: ``KeyError`` for a role or a theme that this version does not know."""
    # Whoever has a role is never suspended: an archive may say otherwise, and would lock the operator out.
    suspended_until = row.suspended_until if row.suspended_until > now and row.role == Role.MEMBER else 0
    return Viewer(
        id=row.id,
        handle=row.handle,
        name=row.name,
        hue=row.hue,
        avatar_small=row.avatar_small,
        roles=frozenset() if suspended_until else GRANTED[row.role],
        private=bool(row.private),
        session=row.session,
        restricted=bool(row.restricted),
        rules_version=row.rules_version,
        frozen_until=row.frozen_until if row.frozen_until > now else 0,
        suspended_until=suspended_until,
        trust=LEVELS[row.trust],
        reading=ReadingPreferences(
            locale=row.locale,
            theme=THEMES[row.theme],
            hide_reposts=bool(row.hide_reposts),
            hide_replies=bool(row.hide_replies),
            data_saver=bool(row.data_saver),
        ),
        home=HomeState(floor=row.home_floor, follows_wide=bool(row.follows_wide)),
        counts=BadgeCounts(requests=row.requests, unread=row.unread),
    )


async def devices(viewer: Viewer) -> list[SignedInDevice]:
    """The viewer's devices, last seen first, and at most ``SHOWN`` of them."""
    own = Session.select().where(Session.account == account_holder(viewer).id)
    rows = await own.order_by(Session.seen_at, ascending=False).limit(SHOWN)
    return [
        SignedInDevice(row["id"], row["agent"], row["created_at"], row["seen_at"], row["id"] == viewer.session)
        for row in rows
    ]


async def end(viewer: Viewer, session: str) -> None:
    """Signs one of the viewer's own devices out; a code that was made there ends with it. Errors: ``NotFound``."""
    gone = (
        await Session.delete()
        .where((Session.id == session) & (Session.account == account_holder(viewer).id))
        .returning(Session.id)
    )
    if not gone:
        raise NotFound
    await SigninCode.delete().where(SigninCode.account == viewer.id)
    signals.send(signals.Kind.VIEWER, viewer.id)


async def end_others(viewer: Viewer, *, feed: bool = True, push_addresses: bool = True) -> None:
    """Signs every other device out, and ends reset links; with them the feed's address and the push addresses entered
    by hand, if so wished."""
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        await revocation.end_links(viewer.id)
        await revocation.end_sessions(viewer.id, but=viewer.session)
        if feed:
            await revocation.end(viewer.id, Grant.FEED)
        if push_addresses:
            await revocation.end(viewer.id, Grant.PUSH_ADDRESSES)


async def forget_idle() -> None:
    await Session.delete().where(Session.seen_at < clock.now() - IDLE_DAYS * 86_400_000)
