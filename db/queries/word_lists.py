"""Lists of words that filters ask for."""

from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class WordListRow(NamedTuple):
    """A list, in the order of its columns; ``words`` has one on a line, ``updated_at`` is in Unix milliseconds."""

    id: int
    name: str
    words: str
    version: int
    updated_at: int


_COLUMNS = "l.id, l.name, l.words, l.version, l.updated_at"
ALL = SQL(f"SELECT {_COLUMNS} FROM word_list l ORDER BY l.name")
ONE = SQL(f"SELECT {_COLUMNS} FROM word_list l WHERE l.id = ?1")
ADD = SQL("INSERT INTO word_list (id, name, words, updated_at) VALUES (?1, ?2, ?3, ?4)")
REWRITE = SQL("""
    UPDATE word_list SET words = ?2, updated_at = ?3, version = version + 1 WHERE id = ?1 AND version = ?4 RETURNING id
""")
DROP = SQL("DELETE FROM word_list WHERE id = ?1 AND version = ?2 RETURNING id")


async def everything() -> list[WordListRow]:
    """All lists, by name."""
    return list(map(WordListRow._make, await DB.fetch(ALL)))


async def one(words: int) -> WordListRow | None:
    row = await DB.one(ONE, words)
    return None if row is None else WordListRow._make(row)


async def add(words: int, name: str, text: str, now: int) -> None:
    """Errors: ``ConstraintViolation`` for a name that is taken."""
    await DB.fetch(ADD, words, name, text, now)


async def rewrite(words: int, text: str, now: int, version: int) -> bool:
    """False when the list is no longer at this version."""
    return await DB.one(REWRITE, words, text, now, version) is not None


async def drop(words: int, version: int) -> bool:
    """False when the list is no longer at this version."""
    return await DB.one(DROP, words, version) is not None
