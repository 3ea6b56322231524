"""Home timelines of members who read them. Derived: they can be rebuilt from posts, reposts and follows."""

from enum import IntEnum

from piccolo.columns import BigInt, SmallInt
from piccolo.table import Table


class Timeline(Table, tablename="timeline"):
    """``entry`` is the post's id, or the repost's with ``actor`` who reposted (0: nobody, it is the post itself)."""

    viewer = BigInt(primary_key=True)
    entry = BigInt()
    post = BigInt()
    author = BigInt()
    actor = BigInt()


class HomeState(IntEnum):
    """``READY``: copies are made, and everything above the floor is there. ``IDLE``: no copies are made. ``FILLING``:
    copies are made again, and what came before is still being put into the timeline."""

    READY = 0
    IDLE = 1
    FILLING = 2


class HomeActivity(Table, tablename="home_activity"):
    """``opened_at`` is when the member last opened home, in Unix milliseconds, up to half a day early.

    ``state`` is a ``HomeState``. A member without a row has not opened home yet.
    """

    account = BigInt(primary_key=True)
    opened_at = BigInt()
    state = SmallInt()
