"""Makes everybody's home timeline anew, from posts, reposts and follows: after a network was loaded."""

from collections.abc import Callable

from db.engine import DB
from db.queries import home_activity
from db.queries import timeline_filling as queries
from domain.core import clock

# Viewers served per transaction.
BATCH = 200


async def rebuild(on_progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Fills each timeline down to its floor, as if everything had been copied when it was published.

    A member who was idle has an empty one until they open home. Safe to repeat; ``on_progress`` is called with how many
    of how many viewers have theirs.
    """
    async with DB.writing():
        await queries.clear_all()
    total, done, last = await queries.viewers(), 0, 0
    while viewers := await queries.viewers_after(last, BATCH):
        async with DB.writing():
            await home_activity.restore(viewers, clock.now())
            await queries.refill(viewers)
        last, done = viewers[-1], done + len(viewers)
        on_progress(done, max(done, total))
