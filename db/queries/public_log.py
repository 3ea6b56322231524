"""The public log: entries as they are added and read, and the tree above them."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.rules import RulebookRow
from db.queries.statements import StatementRow
from db.sql import SQL


class LogEntryRow(NamedTuple):
    """An entry, in the order of its columns."""

    id: int
    leaf: int | None
    kind: str
    day: str
    statement: int | None
    rules_version: int | None
    rule: str
    reverses: int | None
    content: str
    salt: str
    own_salt: str
    commitment: str


class ListedEntryRow(NamedTuple):
    """An entry for readers: ``reverses`` and ``reversed_by`` are leaves."""

    leaf: int
    kind: str
    day: str
    rule: str
    content: str
    salt: str
    commitment: str
    reverses: int | None
    reversed_by: int | None


class LeafRow(NamedTuple):
    """What the tree holds of an entry."""

    leaf: int
    kind: str
    day: str
    commitment: str


_COLUMNS = ", ".join(LogEntryRow._fields)
# The name of a rule is looked up on the way: a decision waits for each statement on PostgreSQL.
_RULE = "coalesce((SELECT r.name FROM rule r WHERE r.version = ?13 AND r.number = ?14), ?{})"
_PLACES = [(_RULE if field == "rule" else "?{}").format(place) for place, field in enumerate(LogEntryRow._fields, 1)]
ADD = SQL(f"INSERT INTO log_entry ({_COLUMNS}) VALUES ({', '.join(_PLACES)})")
# The entry of the bulk decision by which a statement was made.
OF_BULK = SQL(f"""
    SELECT {", ".join(f"e.{field}" for field in LogEntryRow._fields)} FROM bulk_statement b
    JOIN bulk_decision d ON d.id = b.bulk
    JOIN log_entry e ON e.id = CASE WHEN b.undo = 1 THEN d.undo_entry ELSE d.entry END WHERE b.statement = ?1
""")
COMMITMENT = SQL("SELECT commitment FROM log_entry WHERE id = ?1")
OF_STATEMENT = SQL(f"SELECT {_COLUMNS} FROM log_entry WHERE statement = ?1")
ONE = SQL(f"SELECT {_COLUMNS} FROM log_entry WHERE leaf = ?1")
FORGET = SQL("""
    UPDATE log_entry SET rule = '', content = '', salt = '', own_salt = '' WHERE leaf = ?1 OR statement IN (
        SELECT o.id FROM log_entry e JOIN statement s ON s.id = e.statement
        JOIN statement o ON o.mod_case = s.mod_case WHERE e.leaf = ?1)
    RETURNING id
""")
FORGET_PARTS = SQL("""
    UPDATE bulk_statement SET own_salt = '' WHERE bulk IN (
        SELECT d.id FROM bulk_decision d JOIN log_entry e ON e.id = d.entry OR e.id = d.undo_entry WHERE e.leaf = ?1)
""")

# In the order of time, so that what is taken back comes before what takes it back.
_STATEMENTS = ", ".join(f"s.{field}" for field in StatementRow._fields)
# Those of a bulk decision have one entry together.
_WITHOUT = """NOT EXISTS (SELECT 1 FROM log_entry e WHERE e.statement = s.id)
    AND NOT EXISTS (SELECT 1 FROM bulk_statement b WHERE b.statement = s.id)"""
STATEMENTS_WITHOUT = SQL(f"""
    SELECT {_STATEMENTS} FROM statement s WHERE {_WITHOUT}
    ORDER BY s.id LIMIT ?1
""")
RULES_WITHOUT = SQL("""
    SELECT b.version, b.published_at FROM rulebook b
    WHERE NOT EXISTS (SELECT 1 FROM log_entry e WHERE e.rules_version = b.version) ORDER BY b.version LIMIT ?1
""")
COUNT_WITHOUT = SQL(f"SELECT count(*) FROM statement s WHERE {_WITHOUT}")

_LISTED = """
    SELECT e.leaf, e.kind, e.day, e.rule, e.content, e.salt, e.commitment,
        coalesce((SELECT r.leaf FROM log_entry r WHERE r.id = e.reverses), (
            SELECT r.leaf FROM statement s JOIN bulk_statement b ON b.statement = s.reverses
            JOIN bulk_decision d ON d.id = b.bulk JOIN log_entry r ON r.id = d.entry WHERE s.id = e.statement)),
        (SELECT t.leaf FROM log_entry t WHERE t.reverses = e.id)
    FROM log_entry e WHERE e.leaf < ?1 {} ORDER BY e.leaf DESC LIMIT ?2
"""
LISTED = SQL(_LISTED.format(""))
LISTED_KIND = SQL(_LISTED.format("AND e.kind = ?3"))
LISTED_RULE = SQL(_LISTED.format("AND e.rule = ?3"))
LISTED_BOTH = SQL(_LISTED.format("AND e.kind = ?3 AND e.rule = ?4"))

# Whoever has locked the key's row, by this statement, is the only one who adds to the tree.
_KEY = "SELECT value FROM secret WHERE name = ?1"
LOCK_KEY = SQL(_KEY, f"{_KEY} FOR UPDATE SKIP LOCKED")
PENDING = SQL(f"SELECT {_COLUMNS} FROM log_entry WHERE leaf IS NULL ORDER BY id LIMIT ?1")
PLACE = SQL("UPDATE log_entry SET leaf = ?2 WHERE id = ?1 AND leaf IS NULL RETURNING id")
LEAVES = SQL("SELECT leaf, kind, day, commitment FROM log_entry WHERE leaf >= ?1 AND leaf < ?2 ORDER BY leaf")
TILE = SQL("SELECT hashes FROM log_tile WHERE level = ?1 AND number = ?2")
PUT_TILE = SQL("""
    INSERT INTO log_tile (level, number, hashes) VALUES (?1, ?2, ?3)
    ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes
""")
ADD_CHECKPOINT = SQL("INSERT INTO log_checkpoint (size, note, made_at) VALUES (?1, ?2, ?3)")
LAST_CHECKPOINT = SQL("SELECT size, note FROM log_checkpoint ORDER BY size DESC LIMIT 1")


async def add(row: LogEntryRow, rule_version: int | None = None, rule_number: int | None = None) -> None:
    """Within a transaction: adds an entry, with the name of that rule if it is about one.

    Errors: ``ConstraintViolation`` when the statement, or the version, has an entry.
    """
    await DB.fetch(ADD, *row, rule_version, rule_number)


async def of_statement(statement: int) -> LogEntryRow | None:
    row = await DB.one(OF_STATEMENT, statement)
    return LogEntryRow._make(row) if row is not None else None


async def of_bulk(statement: int) -> LogEntryRow | None:
    """The entry of a bulk decision by one of its statements."""
    row = await DB.one(OF_BULK, statement)
    return LogEntryRow._make(row) if row is not None else None


async def commitment_of(entry: int) -> str:
    return str(await DB.value(COMMITMENT, entry))


async def one(leaf: int) -> LogEntryRow | None:
    row = await DB.one(ONE, leaf)
    return LogEntryRow._make(row) if row is not None else None


async def forget(leaf: int) -> bool:
    """Deletes what an entry says and its salts; False when there is none."""
    await DB.fetch(FORGET_PARTS, leaf)
    return await DB.one(FORGET, leaf) is not None


async def statements_without(limit: int) -> list[StatementRow]:
    """Statements that have no entry, the oldest first."""
    return list(map(StatementRow._make, await DB.fetch(STATEMENTS_WITHOUT, limit)))


async def count_without() -> int:
    """How many statements have no entry."""
    return int(await DB.value(COUNT_WITHOUT))


async def rules_without(limit: int) -> list[RulebookRow]:
    """Versions of the rules that have no entry, the oldest first."""
    return list(map(RulebookRow._make, await DB.fetch(RULES_WITHOUT, limit)))


async def listed(below: int, limit: int, kind: str = "", rule: str = "") -> list[ListedEntryRow]:
    """Entries of the tree below a leaf, the newest first; ``kind`` and ``rule`` ("" for any) leave others out."""
    wanted = [one for one in (kind, rule) if one]
    statement = {
        (False, False): LISTED,
        (True, False): LISTED_KIND,
        (False, True): LISTED_RULE,
        (True, True): LISTED_BOTH,
    }[bool(kind), bool(rule)]
    return list(map(ListedEntryRow._make, await DB.fetch(statement, below, limit, *wanted)))


async def lock_key(name: str) -> str | None:
    """Within a transaction: the value of a secret, which nobody else can lock until its end; None while another has."""
    found: str | None = await DB.value(LOCK_KEY, name)
    return found


async def pending(limit: int) -> list[LogEntryRow]:
    """Entries that are not in the tree yet, the oldest first."""
    return list(map(LogEntryRow._make, await DB.fetch(PENDING, limit)))


async def place(entry: int, leaf: int) -> bool:
    """Within a transaction: gives an entry its place in the tree; False when it has one.

    Errors: ``ConstraintViolation`` when another entry is there.
    """
    return await DB.one(PLACE, entry, leaf) is not None


async def leaves(begin: int, end: int) -> list[LeafRow]:
    """The entries from one leaf to before another."""
    return list(map(LeafRow._make, await DB.fetch(LEAVES, begin, end)))


async def tile(level: int, number: int) -> str:
    """The hashes of a tile, hexadecimal and in a row; "" where there is none."""
    found: str | None = await DB.value(TILE, level, number)
    return found or ""


async def put_tiles(tiles: Sequence[tuple[int, int, str]]) -> None:
    """Within a transaction: writes tiles (level, number, hashes) as they are now."""
    for one in tiles:
        await DB.fetch(PUT_TILE, *one)


async def add_checkpoint(size: int, note: str, now: int) -> None:
    """Within a transaction. Errors: ``ConstraintViolation`` when there is one of this size."""
    await DB.fetch(ADD_CHECKPOINT, size, note, now)


async def last_checkpoint() -> tuple[int, str]:
    """The size of the tree and its signed note; 0 and "" while nothing is in it."""
    row = await DB.one(LAST_CHECKPOINT)
    return (row[0], row[1]) if row is not None else (0, "")
