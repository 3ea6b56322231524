"""Copying new posts and reposts into followers' home timelines. Every step is safe to repeat."""

import msgspec

from db.queries import accounts, timelines
from domain.core import events, signals
from domain.core.events import CopiesContinued, PostPublished, Reposted

# Followers served per event. The rest of a large audience is an event of its own, so that others come in between.
BATCH = 500


async def published(event: PostPublished) -> None:
    await go_on(CopiesContinued(event.author, event.post, event.post, event.author, 0, 0))


async def reposted(event: Reposted) -> None:
    await go_on(CopiesContinued(event.account, event.repost, event.post, event.author, event.account, 0))


async def go_on(event: CopiesContinued) -> None:
    """Copies one entry to the next followers of ``event.source``; runs inside the outbox's transaction."""
    pull_since = await accounts.pull_since(event.source)
    if pull_since is not None and event.entry > pull_since:
        signals.send(signals.HOME, event.source, event.entry)
        return
    if not await timelines.stands(event.entry, event.actor):
        return
    after, count = await timelines.fan_out(
        event.source, event.entry, event.post, event.author, event.actor, event.after, BATCH
    )
    if count:
        signals.send(signals.HOME, event.source, event.entry)
    if count == BATCH:
        await events.record(msgspec.structs.replace(event, after=after))
