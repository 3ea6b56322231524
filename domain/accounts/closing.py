"""Leaving: an account disappears at once and is gone from every table soon after."""

from collections.abc import Sequence

from db.engine import DB
from db.queries import graph, staff
from db.queries.graph import FollowEdge
from db.tables.accounts import Account, Credential, Reset, Session
from db.tables.graph import FollowRequest
from db.tables.notifications import SigninCode
from domain.accounts import credentials, handles, revocation
from domain.accounts.revocation import Grant
from domain.core import access, clock, events, permissions, signals
from domain.core.access import Viewer, account_holder
from domain.core.errors import Invalid, collect
from domain.core.pacing import Pace
from domain.core.retries import retried

# Follows ended per transaction: all the accounts are locked meanwhile.
EDGES = 50


async def leave(viewer: Viewer, handle: str, password: str) -> None:
    """Deletes the viewer's account, given its handle typed out and its password.

    Nobody can see it from then on; the worker removes its rows (`posts.account_purge.purge`). Errors: ``Invalid``,
    ``Forbidden`` for the last operator.
    """
    account_holder(viewer)
    await credentials.check(viewer, password)
    same = handle.strip().removeprefix("@").lower() == viewer.handle.lower()
    collect(handle=None if same else Invalid("Type your handle to confirm."))
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        # Locked: of the last two, one stays.
        operators = await staff.lock_operators() if viewer.is_operator else []
        access.require(permissions.may_leave(viewer, len(operators)))
        await disappear(viewer.id)


async def disappear(account: int) -> None:
    """Within a transaction: hides an account, ends all by which it could be used, and has it purged."""
    found = await Account.update({Account.left_at: clock.now()}).where(Account.id == account).returning(Account.handle)
    for row in found:
        await handles.reserve(row["handle"])
    for table in (Session, Credential, Reset, SigninCode):
        await table.delete().where(table.account == account)
    await revocation.end(account, Grant.NOTIFICATION_SETTINGS, Grant.PUSH_ADDRESSES, Grant.STANDING_LINK)
    await FollowRequest.delete().where((FollowRequest.target == account) | (FollowRequest.requester == account))
    await events.record(events.AccountLeft(account=account))
    signals.send(signals.Kind.VIEWER, account)


async def cut_ties(account: int) -> None:
    """Ends every follow from and to an account, a batch at a time, so that others' counts stay right."""
    pace = Pace()
    while edges := await graph.edges_of(account, EDGES):
        await _cut(edges, pace)
        await pace.rest()


@retried
async def _cut(edges: Sequence[FollowEdge], pace: Pace) -> None:
    async with DB.writing():
        await graph.lock(*{one for edge in edges for one in edge})
        for follower, followee in edges:
            await graph.unfollow(follower, followee)
            await pace.step()
