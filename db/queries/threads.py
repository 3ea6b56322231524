"""Threads: upwards to the first post, downwards level by level."""

from typing import NamedTuple

from db.engine import DB
from db.queries.posts import ITSELF, PARENT, Reader, Reply, select, visible_replies
from db.queries.visibility import VISIBLE_UNMUTED
from db.sql import SQL


class Ancestor(NamedTuple):
    """A post above another one in its thread; ``parent`` is None for the first post."""

    id: int
    parent: int | None


ANCESTORS = SQL("""
    WITH RECURSIVE up (id, parent, depth) AS (
        SELECT id, parent, 0 FROM post WHERE id = ?1
        UNION ALL SELECT p.id, p.parent, up.depth + 1 FROM post p JOIN up ON p.id = up.parent WHERE up.depth < ?2)
    SELECT id, parent FROM up WHERE depth > 0 ORDER BY depth
""")

_REPLIES_AFTER, _REPLIES_BEFORE = ITSELF.format("parent = ?2 AND id > ?3"), ITSELF.format("parent = ?2 AND id < ?3")
OLDEST = SQL(select(_REPLIES_AFTER, VISIBLE_UNMUTED, "ORDER BY s.entry", "LIMIT ?4", PARENT))
NEWEST = SQL(select(_REPLIES_BEFORE, VISIBLE_UNMUTED, "ORDER BY s.entry DESC", "LIMIT ?4", PARENT))
TOP = SQL(
    select(
        """(SELECT id AS entry, id AS post, 0 AS actor, ups - downs AS score FROM post
            WHERE parent = ?2 AND (ups - downs, id) < (?5, ?3)) s""",
        VISIBLE_UNMUTED,
        "ORDER BY s.score DESC, s.entry DESC",
        "LIMIT ?4",
        PARENT,
    )
)

# The first ?3 replies of each of several posts: on SQLite a subquery bound to the outer row, elsewhere a lateral join.
_FIRST = f"""
    SELECT p.id FROM post p JOIN account a ON a.id = p.author
    WHERE p.parent = w.value AND {VISIBLE_UNMUTED} ORDER BY p.id LIMIT ?3
"""
CHILDREN = SQL(
    select(
        f"""(SELECT c.id AS entry, c.id AS post, 0 AS actor FROM json_each(?2) w CROSS JOIN post c
            WHERE c.id IN ({_FIRST})) s""",
        "true",
        "ORDER BY s.entry",
        more=PARENT,
    ),
    select(
        f"""(SELECT f.id AS entry, f.id AS post, 0 AS actor FROM unnest(CAST(?2 AS bigint[])) w (value)
            CROSS JOIN LATERAL ({_FIRST}) f) s""",
        "true",
        "ORDER BY s.entry",
        more=PARENT,
    ),
)


async def ancestors(post: int, limit: int) -> list[Ancestor]:
    """At most ``limit`` posts above one, the nearest first. Not all of them need be visible to the viewer."""
    return [Ancestor._make(row) for row in await DB.fetch(ANCESTORS, post, limit)]


async def oldest(reader: Reader, post: int, after: int, limit: int) -> list[Reply]:
    """Direct replies with ids above ``after``."""
    return await visible_replies(OLDEST, reader, post, after, limit)


async def newest(reader: Reader, post: int, before: int, limit: int) -> list[Reply]:
    return await visible_replies(NEWEST, reader, post, before, limit)


async def top(reader: Reader, post: int, score: int, before: int, limit: int) -> list[Reply]:
    """Direct replies below the cursor, which is the last one's score and id; the highest score first."""
    return await visible_replies(TOP, reader, post, before, limit, score)


async def children(reader: Reader, parents: list[int], limit: int) -> list[Reply]:
    """The first ``limit`` replies of each of ``parents``, oldest first."""
    return await visible_replies(CHILDREN, reader, DB.ids(parents), limit) if parents else []
