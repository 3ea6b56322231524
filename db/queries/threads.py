"""Threads: upwards to the first post, downwards level by level."""

from db.engine import DB, Row
from db.queries.posts import VISIBLE, unmuted
from db.sql import SQL

ANCESTORS = SQL("""
    WITH RECURSIVE up (id, parent, depth) AS (
        SELECT id, parent, 0 FROM post WHERE id = ?1
        UNION ALL SELECT p.id, p.parent, up.depth + 1 FROM post p JOIN up ON p.id = up.parent WHERE up.depth < ?2)
    SELECT id, parent FROM up WHERE depth > 0 ORDER BY depth
""")

_REPLIES = f"""
    SELECT p.id, p.replies, p.ups - p.downs AS score FROM post p JOIN account a ON a.id = p.author
    WHERE p.parent = ?2 AND {VISIBLE} AND {unmuted("p.author")}
"""
OLDEST = SQL(f"{_REPLIES} AND p.id > ?3 ORDER BY p.id LIMIT ?4")
NEWEST = SQL(f"{_REPLIES} AND p.id < ?3 ORDER BY p.id DESC LIMIT ?4")
TOP = SQL(f"""
    {_REPLIES} AND (p.ups - p.downs < ?5 OR p.ups - p.downs = ?5 AND p.id < ?3)
    ORDER BY p.ups - p.downs DESC, p.id DESC LIMIT ?4
""")

_FIRST = f"""
    SELECT p.id FROM post p JOIN account a ON a.id = p.author
    WHERE p.parent = {{parent}} AND {VISIBLE} AND {unmuted("p.author")} ORDER BY p.id LIMIT ?3
"""
CHILDREN = SQL(
    f"""
    SELECT c.id, c.parent, c.replies FROM json_each(?2) w CROSS JOIN post c
    WHERE c.id IN ({_FIRST.format(parent="w.value")}) ORDER BY c.id
""",
    f"""
    SELECT c.id, c.parent, c.replies FROM unnest(CAST(?2 AS bigint[])) w (value)
    CROSS JOIN LATERAL ({_FIRST.format(parent="w.value")}) f JOIN post c ON c.id = f.id ORDER BY c.id
""",
)


async def ancestors(post: int, limit: int) -> list[Row]:
    """``(id, parent)`` from the nearest upwards, at most ``limit``; who may see them is asked afterwards."""
    return await DB.fetch(ANCESTORS, post, limit)


async def oldest(viewer: int, post: int, after: int, limit: int) -> list[Row]:
    """Direct replies as ``(id, replies, score)``."""
    return await DB.fetch(OLDEST, viewer, post, after, limit)


async def newest(viewer: int, post: int, before: int, limit: int) -> list[Row]:
    return await DB.fetch(NEWEST, viewer, post, before, limit)


async def top(viewer: int, post: int, score: int, before: int, limit: int) -> list[Row]:
    """Highest score first; the cursor is the last one's score and id."""
    return await DB.fetch(TOP, viewer, post, before, limit, score)


async def children(viewer: int, parents: list[int], limit: int) -> list[Row]:
    """The first ``limit`` replies of each of ``parents`` as ``(id, parent, replies)``, oldest first."""
    return await DB.fetch(CHILDREN, viewer, DB.ids(parents), limit) if parents else []
