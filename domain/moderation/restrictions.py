"""Takes posts away from everybody's sight, and brings them back."""

import msgspec

from db.queries import publishing
from db.queries import restrictions as queries
from db.tables.posts import PostState
from domain.core import signals


class PostNow(msgspec.Struct, frozen=True):
    """A reported post as it is now: ``there`` until its author deletes it, ``removed`` by moderators or not."""

    version: int
    text: str
    cover: str | None
    there: bool
    removed: bool


async def now(post: int) -> PostNow:
    """What has become of a reported post; version 0 once it is purged."""
    row = await queries.current(post)
    if row is None:
        return PostNow(0, "", None, there=False, removed=False)
    return PostNow(row.version, row.text, row.cover, there=bool(row.exists), removed=not row.allowed)


async def remove_post(post: int) -> bool:
    """Within a transaction: nobody sees the post from now on. Returns False when it is gone, or hidden by its author.

    Safe to repeat.
    """
    await _set(post, PostState.REMOVED, -1)
    return (await now(post)).there


async def restore_post(post: int) -> None:
    """Within a transaction: the post is where it was, unless its author has deleted it."""
    await _set(post, PostState.VISIBLE, 1)


async def _set(post: int, state: PostState, counts: int) -> None:
    changed = await queries.set_state(post, state)
    if changed is None:
        return
    if changed.exists:
        await publishing.count(changed.author, changed.parent, changed.quote, counts)
    signals.send(signals.Kind.POST, post)
    if changed.parent is not None:
        signals.send(signals.Kind.POST, changed.parent)
