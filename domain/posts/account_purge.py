"""What an account that leaves takes with it: its posts, reposts, votes, ties, and at last its row."""

from collections.abc import Sequence

from db.engine import DB, Row
from db.queries import graph, home_activity, notifications, timelines
from db.queries import publishing as queries
from db.tables.accounts import Account
from domain.accounts import closing
from domain.core import signals
from domain.core.events import AccountLeft
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.media import profile_images
from domain.posts import deletion

# Rows taken per transaction, so that others can write in between.
BATCH = 50


async def purge(event: AccountLeft) -> None:
    """Removes everything of an account and keeps others' counts right. Safe to repeat: it goes on where it stopped."""
    account, pace = event.account, Pace()
    while posts := await queries.some_of(account, BATCH):
        for post in posts:
            await deletion.purge_now(post)
            await pace.rest()
    while reposted := await queries.some_reposts_by(account, BATCH):
        await _unrepost(account, reposted, pace)
        await pace.rest()
    while voted := await queries.some_votes_by(account, BATCH):
        await _unvote(account, voted, pace)
        await pace.rest()
    await _forget_in_notices(account, pace)
    await closing.cut_ties(account)
    await profile_images.forget(account)
    await _remove_row(account)


@retried
async def _unrepost(account: int, reposted: Sequence[Row], pace: Pace) -> None:
    """Takes back some of the account's reposts, ``(id, post)``."""
    async with DB.writing():
        await queries.lock(*(post for _, post in reposted))
        await timelines.withdraw_reposts([repost for repost, _ in reposted])
        for _, post in reposted:
            await queries.unrepost(account, post)
            await pace.step()


@retried
async def _unvote(account: int, voted: Sequence[int], pace: Pace) -> None:
    async with DB.writing():
        await queries.lock(*voted)
        for post in voted:
            await queries.vote(account, post, 0)
            await pace.step()


async def _forget_in_notices(account: int, pace: Pace) -> None:
    """Nobody is told of somebody who is gone; the others in a group stay."""
    while recipients := await notifications.recipients_of(account, BATCH):
        await _forget_in(recipients, account, pace)
        await pace.rest()


@retried
async def _forget_in(recipients: Sequence[int], account: int, pace: Pace) -> None:
    async with DB.writing():
        await notifications.hold(*recipients)
        for recipient in recipients:
            await notifications.drop(recipient, account)
            signals.send(signals.NOTICES, recipient)
            await pace.step()


@retried
async def _remove_row(account: int) -> None:
    async with DB.writing():
        await notifications.hold(account)
        await graph.lock(account)
        await notifications.clear(account)
        await home_activity.forget(account)
        await timelines.clear(account)
        await Account.delete().where(Account.id == account)
        signals.send(signals.LEFT, account)
