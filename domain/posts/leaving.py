"""What an account that leaves takes with it: its posts, reposts, votes, ties, and at last its row."""

import contextlib

from db.engine import DB
from db.queries import notices, timelines
from db.queries import publishing as queries
from db.tables.accounts import Account
from domain.accounts import leaving
from domain.core import clock, signals
from domain.core.events import AccountLeft
from domain.media import portraits
from domain.media.objects import Away
from domain.posts import deletion, receipts

# Rows taken per transaction, so that others can write in between.
BATCH = 100


async def purge(event: AccountLeft) -> None:
    """Removes everything of an account and keeps others' counts right. Safe to repeat: it goes on where it stopped."""
    account = event.account
    while posts := await queries.some_of(account, BATCH):
        for post in posts:
            async with DB.writing():
                if (row := await queries.delete(post, account, clock.now())) is not None:
                    await queries.count(account, row[0], row[1], -1)
            # Of a receipt that goes with its account nothing is waited for: the files are on the list of removals.
            with contextlib.suppress(Away):
                await deletion.remove(account, post, clock.now())
                await receipts.finish(post)
    while reposted := await queries.some_reposts_by(account, BATCH):
        async with DB.writing():
            for post in reposted:
                if (removed := await queries.unrepost(account, post)) is not None:
                    await timelines.withdraw(account, removed)
    while voted := await queries.some_votes_by(account, BATCH):
        async with DB.writing():
            for post in voted:
                await queries.vote(account, post, 0)
    await _forget_in_notices(account)
    await leaving.cut_ties(account)
    await portraits.forget(account)
    async with DB.writing():
        await timelines.clear(account)
        await Account.delete().where(Account.id == account)
        signals.tell(signals.LEFT, account)


async def _forget_in_notices(account: int) -> None:
    """Nobody is told of somebody who is gone; the others in a group stay."""
    while recipients := await notices.recipients_of(account, BATCH):
        async with DB.writing():
            await notices.hold(*recipients)
            for recipient in recipients:
                await notices.drop(recipient, account)
                signals.tell(signals.NOTICES, recipient)
