"""Copying new posts and reposts into followers' home timelines. Every step is safe to repeat."""

from db.engine import DB
from db.queries import accounts, timelines
from domain.core.events import PostPublished, Reposted

# Followers served per transaction: small enough that nobody waits for the write lock.
BATCH = 500


async def published(event: PostPublished) -> None:
    await _copy(event.author, event.post, event.post, event.author, 0)


async def reposted(event: Reposted) -> None:
    await _copy(event.account, event.repost, event.post, event.author, event.account)


async def _copy(source: int, entry: int, post: int, author: int, actor: int) -> None:
    pull_since = await accounts.pull_since(source)
    if pull_since is not None and entry > pull_since:
        return
    after, count = 0, BATCH
    while count == BATCH:
        async with DB.writing():
            if not await timelines.stands(entry, actor):
                return
            after, count = await timelines.fan_out(source, entry, post, author, actor, after, BATCH)
