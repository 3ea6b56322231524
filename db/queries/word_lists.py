"""Lists of words that filters ask for, and words that wait for a second moderator."""

from typing import NamedTuple

from db.engine import DB, Row
from db.queries.visibility import account_exists
from db.sql import SQL


class WordListRow(NamedTuple):
    """A list, in the order of its columns; ``words`` has one on a line, ``updated_at`` is in Unix milliseconds.

    ``author`` has written the words, ``second`` has agreed to them: None for nobody, or for somebody who has left.
    """

    id: int
    name: str
    words: str
    version: int
    updated_at: int
    author: int | None
    second: int | None


class ProposalRow(NamedTuple):
    """Other words for a list, in the order of PROPOSALS; ``proposed_at`` in Unix milliseconds."""

    word_list: int
    words: str
    author: int
    handle: str
    proposed_at: int


_COLUMNS = ", ".join(f"l.{field}" for field in WordListRow._fields)
ALL = SQL(f"SELECT {_COLUMNS} FROM word_list l ORDER BY l.name")
_BY_ID = f"SELECT {_COLUMNS} FROM word_list l WHERE l.id = ?1"
ONE = SQL(_BY_ID)
LOCK = SQL(_BY_ID, f"{_BY_ID} FOR NO KEY UPDATE")
_IN_ORDER = "SELECT l.id FROM word_list l ORDER BY l.id"
SHARE_ALL = SQL(_IN_ORDER, f"{_IN_ORDER} FOR SHARE OF l")
ADD = SQL("INSERT INTO word_list (id, name, words, updated_at, author) VALUES (?1, ?2, ?3, ?4, ?5)")
REWRITE = SQL("""
    UPDATE word_list SET words = ?2, updated_at = ?3, author = ?4, second = ?5, version = version + 1 WHERE id = ?1
""")
AGREE = SQL("UPDATE word_list SET second = ?2, version = version + 1 WHERE id = ?1")
TOUCH = SQL("UPDATE word_list SET version = version + 1 WHERE id = ?1")
DROP = SQL("DELETE FROM word_list WHERE id = ?1")
PROPOSE = SQL("INSERT INTO word_proposal (word_list, words, author, proposed_at) VALUES (?1, ?2, ?3, ?4)")
PROPOSALS = SQL(f"""
    SELECT p.word_list, p.words, p.author, a.handle, p.proposed_at FROM word_proposal p
    JOIN account a ON a.id = p.author AND {account_exists()} ORDER BY p.proposed_at, p.word_list
""")
DROP_PROPOSAL = SQL("DELETE FROM word_proposal WHERE word_list = ?1")
TOUCH_PROPOSED_BY = SQL("""
    UPDATE word_list SET version = version + 1
    WHERE id IN (SELECT p.word_list FROM word_proposal p WHERE p.author = ?1)
""")
DROP_PROPOSALS_BY = SQL("DELETE FROM word_proposal WHERE author = ?1")


async def everything() -> list[WordListRow]:
    """All lists, by name."""
    return list(map(WordListRow._make, await DB.fetch(ALL)))


async def one(words: int) -> WordListRow | None:
    return _row(await DB.one(ONE, words))


async def lock(words: int) -> WordListRow | None:
    """Within a transaction: a list that nobody else changes until its end."""
    return _row(await DB.one(LOCK, words))


def _row(row: Row | None) -> WordListRow | None:
    return None if row is None else WordListRow._make(row)


async def share_all() -> None:
    """Within a transaction: keeps all lists as they are until its end."""
    await DB.fetch(SHARE_ALL)


async def add(words: int, name: str, text: str, now: int, author: int) -> None:
    """Errors: ``ConstraintViolation`` for a name that is taken."""
    await DB.fetch(ADD, words, name, text, now, author)


async def rewrite(words: int, text: str, now: int, author: int, second: int | None) -> None:
    """Within a transaction that has locked the list."""
    await DB.fetch(REWRITE, words, text, now, author, second)


async def agree(words: int, second: int) -> None:
    """Within a transaction that has locked the list: notes that somebody else agrees to its words."""
    await DB.fetch(AGREE, words, second)


async def drop(words: int) -> None:
    """Within a transaction that has locked the list."""
    await DB.fetch(DROP, words)


async def proposals() -> list[ProposalRow]:
    """Words that wait for a second moderator, the oldest first: at most one text for each list."""
    return list(map(ProposalRow._make, await DB.fetch(PROPOSALS)))


async def propose(words: int, text: str, author: int, now: int) -> None:
    """Within a transaction that has locked the list: has other words wait, in place of those that waited before."""
    await DB.fetch(DROP_PROPOSAL, words)
    await DB.fetch(PROPOSE, words, text, author, now)
    await DB.fetch(TOUCH, words)


async def drop_proposal(words: int) -> None:
    """Within a transaction that has locked the list; harmless where nothing waits."""
    await DB.fetch(DROP_PROPOSAL, words)
    await DB.fetch(TOUCH, words)


async def drop_proposals_by(author: int) -> None:
    """Within a transaction: takes back all that somebody has proposed. Nobody agrees to it who has seen it before."""
    await DB.fetch(TOUCH_PROPOSED_BY, author)
    await DB.fetch(DROP_PROPOSALS_BY, author)
