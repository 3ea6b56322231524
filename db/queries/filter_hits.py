"""What filters found: hits, and the cases that they opened."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import open_post
from db.sql import SQL


class FinderRow(NamedTuple):
    """A filter that has found something: its name, and that of the rule that it enforces."""

    name: str
    rule: str


class HitRow(NamedTuple):
    """A hit, in the order of ADD; ``mode`` is a ``HitMode``, ``age`` an ``AgeGroup``."""

    id: int
    filter: int
    mode: int
    post: int | None
    language: str
    trust: int
    age: int


class GroupRow(NamedTuple):
    """How many hits there were of authors with this language, trust and age of account."""

    language: str
    trust: int
    age: int
    hits: int


class PublicHitRow(NamedTuple):
    """A post that was hit and that everybody may see, and its author."""

    post: int
    author: int


class ListedHitRow(NamedTuple):
    """A hit, the handle of the post's author if anybody may see the post, and the case that it led to."""

    id: int
    mode: int
    post: int | None
    handle: str | None
    mod_case: int | None


class FailuresRow(NamedTuple):
    """How many posts a filter has failed for, and the id of the last one's hit."""

    posts: int
    last: int


ADD = SQL(f"INSERT INTO filter_hit ({', '.join(HitRow._fields)}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
# HitMode.SENT_ANYWAY is no other hit: it follows one.
SINCE = SQL("SELECT h.filter, count(*) FROM filter_hit h WHERE h.id >= ?1 AND h.mode < 2 GROUP BY h.filter")
GROUPS = SQL("""
    SELECT h.language, h.trust, h.age, count(*) FROM filter_hit h
    WHERE h.filter = ?1 AND h.id >= ?2 AND h.mode < 2 GROUP BY h.language, h.trust, h.age
""")
PUBLIC = SQL(f"""
    SELECT p.id, p.author FROM post p JOIN account a ON a.id = p.author
    WHERE p.id IN (SELECT h.post FROM filter_hit h
            WHERE h.filter = ?1 AND h.id >= ?2 AND h.mode < 2 ORDER BY h.id DESC LIMIT ?3)
        AND {open_post()}
""")
SENT_ANYWAY = SQL("SELECT count(*) FROM filter_hit h WHERE h.filter = ?1 AND h.id >= ?2 AND h.mode = 2")
# HitMode.FAILED, since the filter was written as it is (FilterAction.WRITTEN).
FAILURES = SQL("""
    SELECT h.filter, count(*), max(h.id) FROM filter_hit h WHERE h.id >= ?1 AND h.mode = 3 AND h.id >= (
        SELECT coalesce(max(c.id), 0) FROM filter_change c WHERE c.filter = h.filter AND c.action = 0)
    GROUP BY h.filter
""")
LAST = SQL(f"""
    SELECT h.id, h.mode, h.post, CASE WHEN {open_post()} THEN a.handle END,
        (SELECT max(c.id) FROM mod_case c JOIN filter_finding n ON n.mod_case = c.id
            WHERE n.filter = h.filter AND c.subject_kind = 0 AND c.subject = h.post)
    FROM filter_hit h LEFT JOIN post p ON p.id = h.post LEFT JOIN account a ON a.id = p.author
    WHERE h.filter = ?1 AND h.id < ?2 ORDER BY h.id DESC LIMIT ?3
""")
FORGET = SQL("""
    DELETE FROM filter_hit WHERE id IN (SELECT h.id FROM filter_hit h WHERE h.id < ?1 LIMIT ?2) RETURNING id
""")
FIND = SQL("INSERT INTO filter_finding (mod_case, filter, found_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
OF_CASES = SQL("""
    SELECT n.mod_case, f.name, f.rule_name FROM filter_finding n JOIN filter_rule f ON f.id = n.filter
    WHERE n.mod_case IN {ids:1} ORDER BY n.found_at, f.id
""")
# Deleted ones, too: how fast somebody posts is not to be hidden by deleting. Two terms, as there are two indexes on a
# post's author.
POSTED = SQL("""
    SELECT (SELECT count(*) FROM post WHERE author = ?1 AND id >= ?2 AND parent IS NULL)
        + (SELECT count(*) FROM post WHERE author = ?1 AND id >= ?2 AND parent IS NOT NULL)
""")


async def add(hit: HitRow) -> None:
    await DB.fetch(ADD, *hit)


async def since(first: int) -> dict[int, int]:
    """How many hits each filter has from the id ``first`` on."""
    return {row[0]: row[1] for row in await DB.fetch(SINCE, first)}


async def failures(first: int) -> dict[int, FailuresRow]:
    """For how many posts each filter has failed as it is now, from the id ``first`` on."""
    return {filter_: FailuresRow._make(rest) for filter_, *rest in await DB.fetch(FAILURES, first)}


async def groups(filter_: int, first: int) -> list[GroupRow]:
    """The hits of a filter from the id ``first`` on, by the groups of their authors."""
    return list(map(GroupRow._make, await DB.fetch(GROUPS, filter_, first)))


async def public(filter_: int, first: int, limit: int) -> list[PublicHitRow]:
    """Public posts among the newest hits of a filter, from the id ``first`` on."""
    return list(map(PublicHitRow._make, await DB.fetch(PUBLIC, filter_, first, limit)))


async def sent_anyway(filter_: int, first: int) -> int:
    """How many posts were sent from the id ``first`` on although the filter had asked their authors."""
    return int(await DB.value(SENT_ANYWAY, filter_, first))


async def last(filter_: int, below: int, limit: int) -> list[ListedHitRow]:
    """The newest hits of a filter with ids below one."""
    return list(map(ListedHitRow._make, await DB.fetch(LAST, filter_, below, limit)))


async def forget(before: int, limit: int) -> int:
    """Deletes hits with ids before one; returns how many."""
    return len(await DB.fetch(FORGET, before, limit))


async def find(case: int, filter_: int, now: int) -> None:
    """Within a transaction: a filter has found what a case is about."""
    await DB.fetch(FIND, case, filter_, now)


async def of_cases(cases: Sequence[int]) -> dict[int, list[FinderRow]]:
    """The filters that found what these cases are about, for those that any filter has found."""
    found: dict[int, list[FinderRow]] = {}
    for case, *finder in await DB.fetch(OF_CASES, DB.ids(cases)) if cases else ():
        found.setdefault(case, []).append(FinderRow._make(finder))
    return found


async def posted(account: int, first: int) -> int:
    """How many posts an account has published with ids from ``first`` on."""
    return int(await DB.value(POSTED, account, first))
