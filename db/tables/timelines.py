"""Home timelines, kept ready. Derived: they can be rebuilt from posts, reposts and follows."""

from piccolo.columns import BigInt
from piccolo.table import Table


class Timeline(Table, tablename="timeline"):
    """``entry`` is the post's id, or the repost's with ``actor`` who reposted (0: nobody, it is the post itself)."""

    viewer = BigInt(primary_key=True)
    entry = BigInt()
    post = BigInt()
    author = BigInt()
    actor = BigInt()
