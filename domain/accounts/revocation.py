"""Ends what gives access to an account without its password: docs/architecture.md has the table of what ends when.

Each is called in the transaction of what it follows from, after :func:`lock` or :func:`lock_signed_in`.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum, auto

from db.queries import credentials as queries
from db.queries.credentials import CredentialState
from db.tables.accounts import Reset, Session
from db.tables.notifications import SigninCode
from domain.core import clock, events, signals
from domain.core.access import Viewer, account_holder
from domain.core.errors import SignedOut


class Grant(Enum):
    """What other areas hand out for an account and no session ends.

    Each ends in the transaction of the revocation. An event would end it only when a worker comes to it, and until then
    a thief of the password would read on.
    """

    # The secret address of the feed of notifications.
    FEED = auto()
    # Push addresses that were entered by hand.
    PUSH_ADDRESSES = auto()
    # The confirmation that digests may go to an address, unless that still is the account's address.
    DIGEST_ADDRESS = auto()
    # The link under which others see the account's standing.
    STANDING_LINK = auto()
    # All settings of notifications, among them that address and the feed: only when the account is closed.
    NOTIFICATION_SETTINGS = auto()


Ending = Callable[[int], Awaitable[None]]
_endings: dict[Grant, Ending] = {}


async def lock(account: int) -> CredentialState | None:
    """Locks the account's credential until the transaction ends: sign-ins and reset links wait for it.

    None when the account has left.
    """
    return await queries.lock_credential(account)


async def lock_signed_in(viewer: Viewer) -> None:
    """Locks the credential of somebody whose session is still there, and keeps that session until the transaction ends:
    what a request was allowed to do when it came in, it may not do once the session has ended. Errors: ``SignedOut``.
    """
    await lock(account_holder(viewer).id)
    if not await queries.hold_session(viewer.session):
        raise SignedOut


async def end_links(account: int) -> None:
    """Ends reset links, those that were asked for and not mailed yet too, proofs that somebody goes in with just now,
    and device cookies."""
    await queries.change_credential(account, clock.now())
    for name in filter(None, await queries.reset_names(account) or ()):
        await events.withdraw(events.PasswordResetRequested(name))
    await Reset.delete().where(Reset.account == account)


async def end_sessions(account: int, but: str = "") -> None:
    """Signs out every device ``but`` one session's, with their pushes and keys, and ends sign-in codes."""
    await Session.delete().where((Session.account == account) & (Session.id != but))
    await SigninCode.delete().where(SigninCode.account == account)
    signals.send(signals.Kind.VIEWER, account)


def register(endings: Mapping[Grant, Ending]) -> None:
    """Says how grants end: app/wiring.py calls this once with the functions of the areas that hand them out."""
    _endings.update(endings)


async def end(account: int, *grants: Grant) -> None:
    """Ends some of an account's grants. Errors: ``LookupError`` when it is not known how, so that nothing is revoked by
    half: the caller's transaction fails."""
    for grant in grants:
        if grant not in _endings:
            raise LookupError(f"No ending is registered for {grant.name}: see app/wiring.py")
        await _endings[grant](account)
