"""Simulations of filters: the posts that they go through, and what they found."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_shown, once_open_post, open_account, open_post, post_exists
from db.sql import SQL


class SimulationRow(NamedTuple):
    """A simulation, in the order of ADD; ``since``, ``until`` and ``next_post`` are ids of posts. ``lists`` says as of
    when the word lists were that it looked for.
    """

    filter: int
    run: int
    condition: str
    state: int
    since: int
    until: int
    next_post: int
    tally: str
    touched_at: int
    lists: str


class PastPostRow(NamedTuple):
    """A post that is or was public, and its author as they are now. ``posts_before`` is how many they published in the
    hour before.
    """

    id: int
    author: int
    text: str
    cover: str | None
    is_reply: int
    locale: str
    trust: int
    posts_before: int


class HubRow(NamedTuple):
    """An account that many follow."""

    id: int
    handle: str


class SampleRow(NamedTuple):
    """A post that was hit; ``gone``: moderators have removed it or suspended its author since."""

    post: int
    handle: str
    text: str
    cover: str | None
    wrong: int
    gone: int


_FIELDS = ", ".join(SimulationRow._fields)
OF_FILTER = SQL(f"SELECT {_FIELDS} FROM simulation WHERE filter = ?1")
ADD = SQL(f"INSERT INTO simulation ({_FIELDS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
DROP = SQL("DELETE FROM simulation WHERE filter = ?1 RETURNING filter")
# SimulationState.RUNNING is 0. One that does not go on has lost its worker, and its event with it.
DROP_STUCK = SQL("DELETE FROM simulation WHERE state = 0 AND touched_at < ?1 RETURNING filter")
DROP_OLD = SQL("DELETE FROM simulation WHERE touched_at < ?1 RETURNING filter")
ADVANCE = SQL("""
    UPDATE simulation SET state = ?4, next_post = ?5, tally = ?6, touched_at = ?7
    WHERE filter = ?1 AND run = ?2 AND next_post = ?3 AND state = 0 RETURNING filter
""")
# What posts were looked at may have been deleted since.
ADD_HITS = SQL("""
    INSERT INTO simulation_hit (filter, post, wrong) SELECT ?1, p.id, 0 FROM post p WHERE p.id IN {ids:2}
    ON CONFLICT DO NOTHING
""")
MARK = SQL("""
    UPDATE simulation_hit SET wrong = CASE WHEN post IN {ids:3} THEN 1 ELSE 0 END
    WHERE filter = (SELECT s.filter FROM simulation s WHERE s.filter = ?1 AND s.run = ?2 AND s.state = 1)
    RETURNING post
""")
SAMPLE = SQL(f"""
    SELECT p.id, a.handle, p.text, p.cover, h.wrong, CASE WHEN {open_post()} THEN 0 ELSE 1 END FROM simulation_hit h
    JOIN post p ON p.id = h.post JOIN account a ON a.id = p.author
    WHERE h.filter = ?1 AND {once_open_post()} ORDER BY p.id DESC
""")
# An hour of ids. Two terms, as there are two indexes on a post's author.
_BEFORE = "c.author = p.author AND c.id >= p.id - 15099494400000 AND c.id < p.id"
POSTS = SQL(f"""
    SELECT p.id, p.author, p.text, p.cover, CASE WHEN p.parent IS NULL THEN 0 ELSE 1 END, a.locale, a.trust,
        (SELECT count(*) FROM post c WHERE {_BEFORE} AND c.parent IS NULL AND {post_exists("c")})
        + (SELECT count(*) FROM post c WHERE {_BEFORE} AND c.parent IS NOT NULL AND {post_exists("c")})
    FROM post p JOIN account a ON a.id = p.author
    WHERE p.id >= ?1 AND p.id < ?2 AND {once_open_post()} ORDER BY p.id LIMIT ?3
""")
DESCRIPTIONS = SQL("SELECT post, alt FROM media WHERE post IN {ids:1} ORDER BY post, place")
# Tags of public posts, by how many posts have them.
TOP_TAGS = SQL(f"""
    SELECT t.tag FROM post_tag t JOIN post p ON p.id = t.post JOIN account a ON a.id = p.author
    WHERE t.post >= ?1 AND t.post < ?2 AND {open_post()}
    GROUP BY t.tag ORDER BY count(*) DESC, t.tag LIMIT ?3
""")
TAGGED = SQL("SELECT post, tag FROM post_tag WHERE post IN {ids:1} AND tag IN {texts:2}")
MEMBERS = SQL(f"SELECT count(*) FROM account a WHERE {account_shown()}")
HUBS = SQL(f"""
    SELECT a.id, a.handle FROM account a
    WHERE a.followers > 0 AND a.followers <= ?1 AND {account_shown()} AND {open_account()}
    ORDER BY a.followers DESC, a.id DESC LIMIT ?2
""")
FOLLOWED = SQL("SELECT follower, followee FROM follow WHERE follower IN {ids:1} AND followee IN {ids:2}")


async def of_filter(filter_: int) -> SimulationRow | None:
    row = await DB.one(OF_FILTER, filter_)
    return None if row is None else SimulationRow._make(row)


async def add(new: SimulationRow) -> None:
    """Errors: ``ConstraintViolation`` while another one runs, or if the filter is gone or has one."""
    await DB.fetch(ADD, *new)


async def drop(filter_: int) -> bool:
    """Within a transaction: deletes a filter's simulation; one that runs ends. False if there is none."""
    return await DB.one(DROP, filter_) is not None


async def drop_stuck(before: int) -> None:
    """Deletes what runs and has not gone on since ``before`` (Unix milliseconds)."""
    await DB.fetch(DROP_STUCK, before)


async def drop_old(before: int) -> int:
    """Deletes simulations that last went on before ``before`` (Unix milliseconds). Returns how many."""
    return len(await DB.fetch(DROP_OLD, before))


async def advance(row: SimulationRow, state: int, next_post: int, tally: str, now: int) -> bool:
    """Writes down how far a simulation has come. False if it is gone, or another worker has gone on with it."""
    found = await DB.one(ADVANCE, row.filter, row.run, row.next_post, state, next_post, tally, now)
    return found is not None


async def add_hits(filter_: int, posts: Sequence[int]) -> None:
    """Within a transaction: the posts that are shown of a simulation."""
    await DB.fetch(ADD_HITS, filter_, DB.ids(posts))


async def mark(filter_: int, run: int, wrong: Sequence[int]) -> bool:
    """Says of each post that is shown whether it is wrong. False if this run is not the newest, or shows none."""
    return bool(await DB.fetch(MARK, filter_, run, DB.ids(wrong)))


async def sample(filter_: int) -> list[SampleRow]:
    """The posts that are shown of a simulation and that everybody may still see, the newest first."""
    return list(map(SampleRow._make, await DB.fetch(SAMPLE, filter_)))


async def posts(first: int, end: int, limit: int) -> list[PastPostRow]:
    """Public posts with ids from ``first`` on and before ``end``, the oldest first."""
    return list(map(PastPostRow._make, await DB.fetch(POSTS, first, end, limit)))


async def descriptions(posts: Sequence[int]) -> dict[int, list[str]]:
    """The descriptions of the media of posts, "" for what has none; nothing for posts without media."""
    found: dict[int, list[str]] = {}
    for post, alt in await DB.fetch(DESCRIPTIONS, DB.ids(posts)):
        found.setdefault(post, []).append(alt or "")
    return found


async def top_tags(first: int, end: int, limit: int) -> list[str]:
    """The tags that most public posts have."""
    return [row[0] for row in await DB.fetch(TOP_TAGS, first, end, limit)]


async def tagged(posts: Sequence[int], tags: Sequence[str]) -> dict[int, list[str]]:
    """Which of the tags posts have."""
    found: dict[int, list[str]] = {}
    for post, tag in await DB.fetch(TAGGED, DB.ids(posts), DB.texts(tags)):
        found.setdefault(post, []).append(tag)
    return found


async def hubs(share: int, limit: int) -> list[HubRow]:
    """Accounts that most people follow, but no more than one in ``share`` of all members; none is private."""
    members = int(await DB.value(MEMBERS))
    return list(map(HubRow._make, await DB.fetch(HUBS, members // share, limit)))


async def followed(followers: Sequence[int], accounts: Sequence[int]) -> dict[int, set[int]]:
    """Which of ``accounts`` each of the followers follows."""
    found: dict[int, set[int]] = {}
    for follower, followee in await DB.fetch(FOLLOWED, DB.ids(followers), DB.ids(accounts)):
        found.setdefault(follower, set()).add(followee)
    return found
