"""Finds posts and accounts for a bulk decision, and what moderators are shown of them.

What is found is what everybody may see: moderators read nothing here that they could not read without their role.
"""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists, account_shown, open_post, post_exists
from db.sql import SQL


class FoundPostRow(NamedTuple):
    """A post, and the role of its author."""

    id: int
    account: int
    version: int
    text: str
    role: str


class FoundAccountRow(NamedTuple):
    id: int
    role: str


class SampleRow(NamedTuple):
    """An account that subjects are of; ``trust`` is a ``TrustLevel``."""

    id: int
    handle: str
    followers: int
    trust: int


_POSTS = f"""
    SELECT p.id, p.author, p.version, p.text, a.role FROM post p JOIN account a ON a.id = p.author
    WHERE {open_post()} AND p.id >= ?1 AND a.id >= ?2 AND a.id < ?3
"""
_NEWEST = "ORDER BY p.id DESC LIMIT ?4"
POSTS = SQL(f"{_POSTS} {_NEWEST}")
POSTS_WITH = SQL(f"{_POSTS} AND (lower(p.text) LIKE ?5 ESCAPE '!' OR lower(p.text) LIKE ?6 ESCAPE '!') {_NEWEST}")
POSTS_AMONG = SQL(f"{_POSTS} AND p.id IN {{ids:5}} {_NEWEST}")
POSTS_WITH_AMONG = SQL(
    f"""{_POSTS} AND (lower(p.text) LIKE ?5 ESCAPE '!' OR lower(p.text) LIKE ?6 ESCAPE '!') AND p.id IN {{ids:7}}
    {_NEWEST}"""
)
ACCOUNTS = SQL(f"""
    SELECT a.id, a.role FROM account a WHERE {account_shown()} AND a.id >= ?1 AND a.id < ?2 ORDER BY a.id DESC LIMIT ?3
""")
# Posts that have the same file: identical files are stored once.
WITH_FILE = SQL("""
    SELECT DISTINCT m.post FROM rendition r JOIN media m ON m.id = r.media
    WHERE r.key = ?1 AND m.post IS NOT NULL AND m.removed = 0
""")
IS_EVIDENCE = SQL("SELECT 1 FROM evidence_file WHERE key = ?1 LIMIT 1")
TEXTS = SQL(f"SELECT p.id, p.text FROM post p WHERE p.id IN {{ids:1}} AND {post_exists()}")
SAMPLES = SQL(
    f"SELECT a.id, a.handle, a.followers, a.trust FROM account a WHERE a.id IN {{ids:1}} AND {account_exists()}"
)
# Accounts with breaches that count (StatementKind neither 0 nor 3) from the id ?2 on.
WITH_BREACHES = SQL("""
    SELECT count(DISTINCT s.account) FROM statement s WHERE s.account IN {ids:1} AND s.id >= ?2 AND s.kind NOT IN (0, 3)
        AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id)
""")
NAMES = SQL(f"SELECT a.handle, a.name FROM account a WHERE a.id IN {{ids:1}} AND {account_exists()}")


async def posts(
    since: int, first: int, end: int, limit: int, words: Sequence[str] = (), among: Sequence[int] | None = None
) -> list[FoundPostRow]:
    """The newest posts from the id ``since`` on, of accounts from the id ``first`` to before ``end``.

    ``words``: their text has one of these two, in lower case; ``among``: they are among these.
    """
    patterns = [f"%{_literal(word)}%" for word in words]
    values = [*patterns, *([DB.ids(among)] if among is not None else [])]
    statement = {
        (False, False): POSTS,
        (True, False): POSTS_WITH,
        (False, True): POSTS_AMONG,
        (True, True): POSTS_WITH_AMONG,
    }[bool(words), among is not None]
    with DB.off_loop():
        rows = await DB.fetch(statement, since, first, end, limit, *values)
    return list(map(FoundPostRow._make, rows))


def _literal(word: str) -> str:
    """A text as LIKE takes it by its letters."""
    for sign in "!%_":
        word = word.replace(sign, f"!{sign}")
    return word


async def accounts(first: int, end: int, limit: int) -> list[FoundAccountRow]:
    """The newest accounts from the id ``first`` to before ``end``."""
    return list(map(FoundAccountRow._make, await DB.fetch(ACCOUNTS, first, end, limit)))


async def with_file(key: str) -> list[int]:
    """The posts that have this stored file."""
    return [row[0] for row in await DB.fetch(WITH_FILE, key)]


async def is_evidence(key: str) -> bool:
    """Whether a case keeps this stored file."""
    return await DB.one(IS_EVIDENCE, key) is not None


async def texts(posts: Sequence[int]) -> dict[int, str]:
    """What those of these posts say that are still there."""
    return {row[0]: row[1] for row in await DB.fetch(TEXTS, DB.ids(posts))}


async def samples(accounts: Sequence[int]) -> list[SampleRow]:
    """Those of these accounts that have not left."""
    return list(map(SampleRow._make, await DB.fetch(SAMPLES, DB.ids(accounts))))


async def count_with_breaches(accounts: Sequence[int], since: int) -> int:
    """How many of these accounts have broken a rule, by statements from the id ``since`` on that stand."""
    return int(await DB.value(WITH_BREACHES, DB.ids(accounts), since))


async def names(accounts: Sequence[int]) -> list[tuple[str, str]]:
    """Handle and name of each of these accounts that has not left."""
    return [(row[0], row[1]) for row in await DB.fetch(NAMES, DB.ids(accounts))]
