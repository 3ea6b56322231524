"""Purging an account that has left: its posts, reposts, votes, follows and, at last, its row."""

from collections.abc import Sequence

from db.engine import DB
from db.queries import deletion as queries
from db.queries import graph, home_activity, notification_writes, posts, reposts, timelines, votes
from db.queries.reposts import RepostByAccount
from db.tables.accounts import Account
from domain.accounts import closing
from domain.core import signals
from domain.core.events import AccountLeft
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.media import profile_images
from domain.posts import deletion

# Rows removed per transaction, so that others can write in between.
BATCH = 50


async def purge(event: AccountLeft) -> None:
    """Removes everything of an account and corrects others' counts. Safe to repeat: it continues where it stopped."""
    account, pace = event.account, Pace()
    while written := await queries.some_of(account, BATCH):
        for post in written:
            await deletion.purge_now(post)
            await pace.rest()
    while reposted := await reposts.some_by(account, BATCH):
        await _unrepost(account, reposted, pace)
        await pace.rest()
    while voted := await votes.some_by(account, BATCH):
        await _unvote(account, voted, pace)
        await pace.rest()
    await _forget_in_notices(account, pace)
    await closing.cut_ties(account)
    await profile_images.forget(account)
    await _remove_row(account)


@retried
async def _unrepost(account: int, reposted: Sequence[RepostByAccount], pace: Pace) -> None:
    async with DB.writing():
        await posts.lock(*(repost.post for repost in reposted))
        await timelines.withdraw_reposts([repost.id for repost in reposted])
        for repost in reposted:
            await reposts.remove(account, repost.post)
            await pace.step()


@retried
async def _unvote(account: int, voted: Sequence[int], pace: Pace) -> None:
    async with DB.writing():
        await posts.lock(*voted)
        for post in voted:
            await votes.cast(account, post, 0)
            await pace.step()


async def _forget_in_notices(account: int, pace: Pace) -> None:
    """Takes the account out of everybody's notifications; the others in a group stay."""
    while recipients := await notification_writes.recipients_of(account, BATCH):
        await _forget_in(recipients, account, pace)
        await pace.rest()


@retried
async def _forget_in(recipients: Sequence[int], account: int, pace: Pace) -> None:
    async with DB.writing():
        await notification_writes.lock(*recipients)
        for recipient in recipients:
            await notification_writes.drop(recipient, account)
            signals.send(signals.Kind.NOTICES, recipient)
            await pace.step()


@retried
async def _remove_row(account: int) -> None:
    async with DB.writing():
        await notification_writes.lock(account)
        await graph.lock(account)
        await notification_writes.clear(account)
        await home_activity.forget(account)
        await timelines.clear(account)
        await Account.delete().where(Account.id == account)
        signals.send(signals.Kind.LEFT, account)
