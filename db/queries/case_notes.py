"""Private notes of moderators on cases."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL


class CaseNoteRow(NamedTuple):
    """A note; ``author`` and ``handle`` are None once its author has left."""

    id: int
    author: int | None
    handle: str | None
    words: str


ADD = SQL("INSERT INTO case_note (id, mod_case, author, words) VALUES (?1, ?2, ?3, ?4)")
OF_CASE = SQL(f"""
    SELECT n.id, n.author, a.handle, n.words FROM case_note n
    LEFT JOIN account a ON a.id = n.author AND {account_exists()} WHERE n.mod_case = ?1 ORDER BY n.id
""")
COUNT = SQL("SELECT count(*) FROM case_note WHERE mod_case = ?1")
NEWEST = SQL("SELECT coalesce(max(id), 0) FROM case_note WHERE mod_case = ?1")
DROP = SQL("DELETE FROM case_note WHERE id = ?1 AND mod_case = ?2 AND author = ?3 RETURNING id")
FORGET = SQL("DELETE FROM case_note WHERE mod_case = ?1")


async def add(note: int, case: int, author: int, words: str) -> None:
    await DB.fetch(ADD, note, case, author, words)


async def of_case(case: int) -> list[CaseNoteRow]:
    """The oldest first."""
    return list(map(CaseNoteRow._make, await DB.fetch(OF_CASE, case)))


async def count(case: int) -> int:
    return int(await DB.value(COUNT, case))


async def newest(case: int) -> int:
    """The id of the last note, 0 if there is none."""
    return int(await DB.value(NEWEST, case))


async def drop(note: int, case: int, author: int) -> bool:
    """False when this author has no such note on the case."""
    return await DB.one(DROP, note, case, author) is not None


async def forget(case: int) -> None:
    """Within a transaction: deletes all notes on a case."""
    await DB.fetch(FORGET, case)
