"""Ends what gives access to an account without its password: docs/architecture.md has the table of what ends when.

Each is called in the transaction of what it follows from, after :func:`lock` or :func:`hold`.
"""

from db.queries import credentials as queries
from db.queries.credentials import CredentialState
from db.tables.accounts import Reset, Session
from db.tables.notifications import NoticeSetting, PushSubscription, SigninCode
from domain.core import clock, events, signals
from domain.core.access import Viewer, member
from domain.core.errors import SignedOut


async def lock(account: int) -> CredentialState | None:
    """Locks the account's credential until the transaction ends: sign-ins and reset links wait for it.

    None when the account has left.
    """
    return await queries.lock_credential(account)


async def hold(viewer: Viewer) -> None:
    """Locks the credential of somebody whose session is still there: what a request was allowed to do when it came in,
    it may not do once the session has ended. Errors: ``SignedOut``."""
    await lock(member(viewer).id)
    if await has_ended(viewer):
        raise SignedOut


async def has_ended(viewer: Viewer) -> bool:
    """Whether somebody who was signed in is so no longer."""
    return viewer.signed_in and not await Session.exists().where(Session.id == viewer.session)


async def end_links(account: int) -> None:
    """Ends reset links, those that were asked for and not mailed yet too, proofs that somebody goes in with just now,
    and device cookies."""
    await queries.change_credential(account, clock.now())
    for name in filter(None, await queries.reset_names(account) or ()):
        await events.withdraw(events.ResetAsked(name))
    await Reset.delete().where(Reset.account == account)


async def end_sessions(account: int, but: str = "") -> None:
    """Signs out every device ``but`` one session's, with their pushes and keys, and ends sign-in codes."""
    await Session.delete().where((Session.account == account) & (Session.id != but))
    await SigninCode.delete().where(SigninCode.account == account)
    signals.send(signals.VIEWER, account)


async def end_feed(account: int) -> None:
    """Ends the address at which the member's notifications can be read."""
    await NoticeSetting.update({NoticeSetting.feed_token: None}).where(NoticeSetting.account == account)


async def end_push_addresses(account: int) -> None:
    """Ends push addresses that were entered by hand: no session ends them."""
    await PushSubscription.delete().where((PushSubscription.account == account) & PushSubscription.session.is_null())
