"""Triggers that note which rows are written, while replication runs; otherwise there are none.

Each inserts the table's name and the row's key, a JSON list, into ``change``, in the same transaction as the write.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial

import asyncpg
import structlog

from db.engine import DB, Unavailable
from db.sql import SQL

LOG = structlog.get_logger()

ACTIONS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
PREFIX = "copied_"
THERE = SQL(
    "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'copied\\_%' ESCAPE '\\'",
    """SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
       WHERE t.tgname LIKE 'copied\\_%'""",
)
# How long a lock is waited for on PostgreSQL, where everybody else waits behind, and how many times.
BRIEFLY = SQL("SELECT 1", "SET LOCAL lock_timeout = '1s'")
TRIES = 15
# Several processes start at once: one of them makes the triggers, the others find them.
ALONE = SQL("SELECT 1", "SELECT pg_advisory_xact_lock(7165834402)")
Keys = Mapping[str, Sequence[str]]


async def note(tables: Keys) -> bool:
    """Has the tables' changes noted from now on; returns False when they were already.

    ``tables`` maps names to the columns of primary keys: ``{"vote": ("account", "post")}``.
    """
    made = {table: _triggers(table, key) for table, key in tables.items()}
    wanted = {name for triggers in made.values() for name in triggers}
    if {row[0] for row in await DB.fetch(THERE)} == wanted:
        return False
    for some in _steps(made):
        await _briefly(partial(_make, {name: how for table in some for name, how in made[table].items()}))
    await _drop_all({row[0]: row[1] for row in await DB.fetch(THERE) if row[0] not in wanted})
    return True


async def ignore() -> None:
    """Removes all triggers of the copy: no changes are noted any more."""
    await _drop_all({row[0]: row[1] for row in await DB.fetch(THERE)})


def _steps(tables: Iterable[str]) -> list[list[str]]:
    """Tables that are locked together: on PostgreSQL each alone, since those who write take them in any order."""
    return [list(tables)] if DB.dialect == "sqlite" else [[table] for table in tables]


async def _make(wanted: Mapping[str, Sequence[str]]) -> None:
    there = {row[0] for row in await DB.fetch(THERE)}
    for name in sorted(wanted.keys() - there):
        for statement in wanted[name]:
            await DB.fetch(SQL(statement))


async def _drop_all(unwanted: Mapping[str, str]) -> None:
    """Drops triggers, given by name with their tables. One whose table stays locked is dropped the next time."""
    for some in _steps(dict.fromkeys(unwanted.values())):
        try:
            await _briefly(partial(_drop_of, {name: table for name, table in unwanted.items() if table in some}))
        except Unavailable as error:
            LOG.warning("changes.not_dropped", tables=some, error=str(error))


async def _drop_of(unwanted: Mapping[str, str]) -> None:
    there = {row[0] for row in await DB.fetch(THERE)}
    for name in sorted(unwanted.keys() & there):
        await _drop(name, unwanted[name])


async def _briefly(step: Callable[[], Awaitable[None]]) -> None:
    """Runs a step in a transaction that gives up a lock after a second, since writers queue behind it; retries.

    Errors: ``Unavailable`` after TRIES.
    """
    for _ in range(TRIES):
        try:
            async with DB.writing():
                await DB.fetch(BRIEFLY)
                await DB.fetch(ALONE)
                await step()
                return
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(1)
    raise Unavailable("Tables can't be locked: a long transaction reads or writes them")


async def _drop(name: str, table: str) -> None:
    if DB.dialect == "sqlite":
        await DB.fetch(SQL(f"DROP TRIGGER {name}"))
    else:
        await DB.fetch(SQL(f"DROP TRIGGER {name} ON {table}"))
        await DB.fetch(SQL(f"DROP FUNCTION IF EXISTS {name}()"))


def _triggers(table: str, key: Sequence[str]) -> dict[str, list[str]]:
    """The statements that make each of a table's triggers, by a name that changes when they do."""
    made = {}
    for action, sides in ACTIONS.items():
        draw = _sqlite if DB.dialect == "sqlite" else _postgres
        digest = hashlib.sha256(repr(draw(table, key, action, sides, "")).encode()).hexdigest()[:8]
        name = f"{PREFIX}{table}_{action.lower()}_{digest}"
        made[name] = draw(table, key, action, sides, name)
    return made


def _sqlite(table: str, key: Sequence[str], action: str, sides: Sequence[str], name: str) -> list[str]:
    keys = {side: ", ".join(f"{side}.{one}" for one in key) for side in sides}
    puts = [f"INSERT INTO change (table_name, key) VALUES ('{table}', json_array({keys[side]}))" for side in sides]
    if len(sides) == 2:
        same = " AND ".join(f"OLD.{one} IS NEW.{one}" for one in key)
        puts[0] = f"INSERT INTO change (table_name, key) SELECT '{table}', json_array({keys['OLD']}) WHERE NOT ({same})"
    return [f"CREATE TRIGGER {name} AFTER {action} ON {table} BEGIN {'; '.join(puts)}; END"]


def _postgres(table: str, key: Sequence[str], action: str, sides: Sequence[str], name: str) -> list[str]:
    """Once for a statement, however many rows it writes."""
    rows = {"OLD": "stale", "NEW": "fresh"}
    keys = " UNION ".join(f"SELECT {', '.join(key)} FROM {rows[side]}" for side in sides)
    seen = " ".join(f"{side} TABLE AS {rows[side]}" for side in sides)
    put = f"SELECT '{table}', json_build_array({', '.join(key)})::text FROM ({keys}) k"
    body = f"BEGIN INSERT INTO change (table_name, key) {put}; RETURN NULL; END"
    run = f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$",
        f"CREATE TRIGGER {name} AFTER {action} ON {table} REFERENCING {seen} {run}",
    ]
