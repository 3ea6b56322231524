"""The network's secrets, by name."""

from typing import NamedTuple

from db.engine import DB
from db.sql import SQL

VALUE = SQL("SELECT value FROM secret WHERE name = ?1")
KEEP = SQL("INSERT INTO secret (name, value, made_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
RENAME = SQL("UPDATE secret SET name = ?2 WHERE name = ?1 AND value = ?3")
PUSH_KEYS = SQL("SELECT name, value, made_at FROM secret WHERE name LIKE 'vapid%'")
DROP_PUSH_KEY = SQL("""
    DELETE FROM secret WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM push_subscription s WHERE s.vapid = ?2)
""")


class PushKeyRow(NamedTuple):
    """A key that signs pushes; ``value`` is its private half, ``made_at`` Unix milliseconds."""

    name: str
    value: str
    made_at: int


async def value(name: str) -> str | None:
    found: str | None = await DB.value(VALUE, name)
    return found


async def keep(name: str, value: str, now: int) -> None:
    """Stores a secret, unless there is one of this name."""
    await DB.fetch(KEEP, name, value, now)


async def rename(name: str, new: str, value: str) -> None:
    """Renames a secret if that is still its value."""
    await DB.fetch(RENAME, name, new, value)


async def push_keys() -> list[PushKeyRow]:
    return [PushKeyRow(*row) for row in await DB.fetch(PUSH_KEYS)]


async def drop_push_key(name: str, public: str) -> None:
    """Deletes a push key, unless a subscription was made with it."""
    await DB.fetch(DROP_PUSH_KEY, name, public)
