"""Triggers that note which rows are written, while a copy follows them; without one there are none and cost nothing.

Each writes the table's name and the row's key as a JSON list into ``change``, in the transaction of the deed.
"""

import hashlib
from collections.abc import Mapping, Sequence

from db.engine import DB
from db.sql import SQL

DEEDS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
PREFIX = "copied_"
THERE = SQL(
    "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'copied\\_%' ESCAPE '\\'",
    """SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
       WHERE t.tgname LIKE 'copied\\_%'""",
)
# Several processes start at once: one of them makes the triggers, the others find them.
ALONE = SQL("SELECT 1", "SELECT pg_advisory_xact_lock(7165834402)")
Keys = Mapping[str, Sequence[str]]


async def note(tables: Keys) -> bool:
    """Has the tables' changes noted from now on; ``tables`` gives each its key's columns. Whether that was news."""
    wanted = {name: made for table, key in tables.items() for name, made in _triggers(table, key).items()}
    if {row[0] for row in await DB.fetch(THERE)} == set(wanted):
        return False
    async with DB.writing():
        await DB.fetch(ALONE)
        there = {row[0]: row[1] for row in await DB.fetch(THERE)}
        for name in there.keys() - wanted.keys():
            await _drop(name, there[name])
        for name in sorted(wanted.keys() - there.keys()):
            for statement in wanted[name]:
                await DB.fetch(SQL(statement))
    return True


async def ignore() -> None:
    """Has no changes noted any more."""
    if not await DB.fetch(THERE):
        return
    async with DB.writing():
        await DB.fetch(ALONE)
        for name, table in await DB.fetch(THERE):
            await _drop(name, table)


async def _drop(name: str, table: str) -> None:
    if DB.dialect == "sqlite":
        await DB.fetch(SQL(f"DROP TRIGGER {name}"))
    else:
        await DB.fetch(SQL(f"DROP TRIGGER {name} ON {table}"))
        await DB.fetch(SQL(f"DROP FUNCTION IF EXISTS {name}()"))


def _triggers(table: str, key: Sequence[str]) -> dict[str, list[str]]:
    """The statements that make each of a table's triggers, by a name that changes when they do."""
    made = {}
    for deed, sides in DEEDS.items():
        draw = _sqlite if DB.dialect == "sqlite" else _postgres
        digest = hashlib.sha256(repr(draw(table, key, deed, sides, "")).encode()).hexdigest()[:8]
        name = f"{PREFIX}{table}_{deed.lower()}_{digest}"
        made[name] = draw(table, key, deed, sides, name)
    return made


def _sqlite(table: str, key: Sequence[str], deed: str, sides: Sequence[str], name: str) -> list[str]:
    puts = [
        f"INSERT INTO change (tab, key) VALUES ('{table}', json_array({', '.join(f'{side}.{one}' for one in key)}))"
        for side in sides
    ]
    if len(sides) == 2:
        same = " AND ".join(f"OLD.{one} IS NEW.{one}" for one in key)
        keys = ", ".join(f"OLD.{one}" for one in key)
        puts[0] = f"INSERT INTO change (tab, key) SELECT '{table}', json_array({keys}) WHERE NOT ({same})"
    return [f"CREATE TRIGGER {name} AFTER {deed} ON {table} BEGIN {'; '.join(puts)}; END"]


def _postgres(table: str, key: Sequence[str], deed: str, sides: Sequence[str], name: str) -> list[str]:
    """Once for a statement, however many rows it writes."""
    rows = {"OLD": "stale", "NEW": "fresh"}
    keys = " UNION ".join(f"SELECT {', '.join(key)} FROM {rows[side]}" for side in sides)
    seen = " ".join(f"{side} TABLE AS {rows[side]}" for side in sides)
    put = f"SELECT '{table}', json_build_array({', '.join(key)})::text FROM ({keys}) k"
    body = f"BEGIN INSERT INTO change (tab, key) {put}; RETURN NULL; END"
    run = f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$",
        f"CREATE TRIGGER {name} AFTER {deed} ON {table} REFERENCING {seen} {run}",
    ]
