"""Copies new posts and reposts into the home timelines of followers who read them. Every step is safe to repeat."""

import msgspec

from db.queries import accounts, timelines
from domain.core import events, ids, signals
from domain.core.events import CopiesContinued, PostPublished, Reposted

# Copies made per event, and followers looked at. The rest of a large audience is an event of its own, so that others
# come in between.
BATCH, LOOKED_AT = 500, 3000


async def published(event: PostPublished) -> None:
    await copies_continued(CopiesContinued(event.author, event.post, event.post, event.author, 0, 0))


async def reposted(event: Reposted) -> None:
    await copies_continued(CopiesContinued(event.account, event.repost, event.post, event.author, event.account, 0))


async def copies_continued(event: CopiesContinued) -> None:
    """Copies one entry to the next followers of ``event.source``; runs inside the outbox's transaction."""
    audience = await accounts.audience(event.source)
    if audience is None:
        return
    if audience.pull_since is not None and event.entry > audience.pull_since:
        signals.send(signals.Kind.HOME, event.source, event.entry)
        return
    if not await timelines.entry_exists(event.entry, event.actor) or not audience.followers:
        return
    entry = (event.source, event.entry, event.post, event.author, event.actor)
    if audience.followers <= BATCH:
        # Most authors: nobody needs to be counted first.
        await timelines.fan_out(*entry, event.after, ids.LAST)
        signals.send(signals.Kind.HOME, event.source, event.entry)
        return
    found = await timelines.next_followers(event.source, event.after, BATCH, LOOKED_AT)
    if not found.looked_at:
        return
    last = found.last_receiving if found.receiving == BATCH else found.last
    if found.receiving:
        await timelines.fan_out(*entry, event.after, last)
    # Who gets no copies may have an old page open all the same.
    signals.send(signals.Kind.HOME, event.source, event.entry)
    if found.receiving == BATCH or found.looked_at == LOOKED_AT:
        await events.record(msgspec.structs.replace(event, after=last))
