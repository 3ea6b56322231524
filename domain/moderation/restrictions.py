"""Takes posts away from everybody's sight, and brings them back."""

from db.queries import publishing
from db.queries import restrictions as queries
from db.tables.posts import PostState
from domain.core import signals


async def remove_post(post: int) -> bool:
    """Within a transaction: nobody sees the post from now on. Returns False when it is gone, or hidden by its author.

    Safe to repeat.
    """
    await _set(post, PostState.REMOVED, -1)
    return await queries.exists(post)


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
