"""Home timelines anew, for everybody, from posts, reposts and follows: after a network was loaded."""

from collections.abc import Callable

from db.engine import DB
from db.queries import timelines as queries

# Viewers served per transaction.
BATCH = 200


async def rebuild(told: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Fills each timeline down to its floor, as if everything had been copied when it was published.

    Safe to repeat; ``told`` hears how many of how many viewers have theirs.
    """
    async with DB.writing():
        await queries.clear_all()
    total, done, last = await queries.viewers(), 0, 0
    while viewers := await queries.viewers_after(last, BATCH):
        async with DB.writing():
            await queries.refill(viewers)
        last, done = viewers[-1], done + len(viewers)
        told(done, max(done, total))
