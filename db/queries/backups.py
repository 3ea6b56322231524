"""Backups, replication, rehearsals, and the handover to another host."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists, open_post
from db.sql import SQL
from db.tables.backups import SiteState

CHANGES = SQL("SELECT id, table_name, key FROM change ORDER BY id LIMIT ?1")
PENDING = SQL("SELECT 1 FROM change LIMIT 1")
DROP = SQL("DELETE FROM change WHERE id IN {ids:1}")
DROP_ALL = SQL("DELETE FROM change")
REPLICATION_STATE = SQL("SELECT place, writer, number, head, copied_at FROM replication_state WHERE id = 1")
BEGIN = SQL("""
    INSERT INTO replication_state (id, place, writer, number, head, copied_at) VALUES (1, ?1, ?2, 0, '', ?3)
    ON CONFLICT (id) DO UPDATE SET place = excluded.place, writer = excluded.writer, number = 0, head = '',
    copied_at = excluded.copied_at
""")
ADVANCE = SQL(
    "UPDATE replication_state SET number = ?2, head = ?3 WHERE id = 1 AND writer = ?1 AND number = ?2 - 1 RETURNING id"
)
CAUGHT_UP = SQL("UPDATE replication_state SET copied_at = ?1 WHERE id = 1 AND copied_at < ?1")
END = SQL("DELETE FROM replication_state")
# Whatever the transaction reads after this is of one moment.
ONE_MOMENT = SQL("SELECT 1", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

START = SQL("INSERT INTO backup (id, place) VALUES (?1, ?2)")
DONE = SQL("UPDATE backup SET number = ?2, took_ms = ?3, size = ?4, sent = ?5 WHERE id = ?1")
FAILED = SQL("UPDATE backup SET problem = ?2, took_ms = ?3 WHERE id = ?1")
BACKUPS = SQL("SELECT id, place, number, took_ms, size, sent, problem FROM backup ORDER BY id DESC LIMIT ?1")
LAST_GOOD = SQL("""
    SELECT id, place, number, took_ms, size, sent, problem FROM backup WHERE number IS NOT NULL ORDER BY id DESC LIMIT 1
""")
LAST_GOOD_AT = SQL("""
    SELECT id, place, number, took_ms, size, sent, problem FROM backup WHERE number IS NOT NULL AND place = ?1
    ORDER BY id DESC LIMIT 1
""")
FORGET = SQL("DELETE FROM backup WHERE id < ?1")

REHEARSED = SQL("INSERT INTO rehearsal (id, backup, recovery_ms, loss_ms, problem) VALUES (?1, ?2, ?3, ?4, ?5)")
REHEARSALS = SQL("SELECT id, backup, recovery_ms, loss_ms, problem FROM rehearsal ORDER BY id DESC LIMIT ?1")

TABLES = SQL(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
)
SITE_MODE = SQL("SELECT state, address FROM handover WHERE id = 1")
SET_SITE_MODE = SQL("""
    INSERT INTO handover (id, state, address, since) VALUES (1, ?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, address = excluded.address, since = excluded.since
""")
RESET_SITE_MODE = SQL("DELETE FROM handover")
OPERATORS = SQL(f"""
    SELECT c.email, a.locale FROM account a JOIN credential c ON c.account = a.id
    WHERE a.role = 'operator' AND {account_exists()} AND c.email <> ''
""")
PUBLIC_POST = SQL(f"""
    SELECT p.id, a.handle FROM post p JOIN account a ON a.id = p.author
    WHERE p.parent IS NULL AND {open_post()} ORDER BY p.id DESC LIMIT 1
""")
SIZE = SQL(
    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "SELECT pg_database_size(current_database())",
)
FOUNDED_AT = SQL("SELECT created_at FROM network")
ANYBODY = SQL("SELECT 1 FROM account LIMIT 1")


class ChangeRow(NamedTuple):
    """A row that was written and is not copied yet; ``key`` is JSON, as in ``db.tables.backups.Change``."""

    id: int
    table_name: str
    key: str


class ReplicationRow(NamedTuple):
    """How far the copy is: see ``db.tables.backups.ReplicationState``."""

    place: str
    writer: str
    number: int
    head: str
    copied_at: int


class BackupRow(NamedTuple):
    """One attempt to make a backup: see ``db.tables.backups.Backup``."""

    id: int
    place: str
    number: int | None
    took_ms: int | None
    size: int | None
    sent: int | None
    problem: str


class RehearsalRow(NamedTuple):
    """A trial restore: see ``db.tables.backups.Rehearsal``."""

    id: int
    backup: int | None
    recovery_ms: int | None
    loss_ms: int | None
    problem: str


class SiteModeRow(NamedTuple):
    """Whether this host only reads, or leads to ``address``: see ``db.tables.backups.Handover``."""

    state: int
    address: str


class PublicPost(NamedTuple):
    """A post that everybody may read, and its author's handle."""

    id: int
    handle: str


class OperatorAddress(NamedTuple):
    email: str
    locale: str


async def changes(limit: int) -> list[ChangeRow]:
    """The first rows that were written, oldest first."""
    return [ChangeRow(*row) for row in await DB.fetch(CHANGES, limit)]


async def pending() -> bool:
    """Whether anything was written that is not copied yet."""
    return await DB.one(PENDING) is not None


async def drop(changes: list[int]) -> None:
    """Deletes changes that are copied, by id: others with lower ids may be committed later."""
    await DB.fetch(DROP, DB.ids(changes))


async def drop_all() -> None:
    await DB.fetch(DROP_ALL)


async def replication_state() -> ReplicationRow | None:
    """None while no copy follows the changes."""
    row = await DB.one(REPLICATION_STATE)
    return ReplicationRow(*row) if row else None


async def begin(place: str, writer: str, now: int) -> None:
    """Begins a chain without segments, in place of any other."""
    await DB.fetch(BEGIN, place, writer, now)


async def advance(writer: str, number: int, head: str) -> bool:
    """Records that the next segment is written; False when another process was first."""
    return await DB.one(ADVANCE, writer, number, head) is not None


async def caught_up(at: int, every: int) -> None:
    """Records that nothing is left to copy, unless that was recorded less than ``every`` milliseconds ago."""
    state = await replication_state()
    if state is not None and at - state.copied_at > every:
        await DB.fetch(CAUGHT_UP, at)


async def end() -> None:
    await DB.fetch(END)


async def one_moment() -> None:
    """Called first in a transaction: everything it reads is of one moment."""
    await DB.fetch(ONE_MOMENT)


async def size() -> int:
    """The database's size in bytes."""
    return int(await DB.value(SIZE))


async def founded_at() -> int:
    """When the network was founded, Unix milliseconds; 0 before."""
    return await DB.value(FOUNDED_AT) or 0


async def anybody() -> bool:
    """Whether the network has an account."""
    return await DB.one(ANYBODY) is not None


async def start(identifier: int, place: str) -> None:
    await DB.fetch(START, identifier, place)


async def done(identifier: int, number: int, took_ms: int, size: int, sent: int) -> None:
    await DB.fetch(DONE, identifier, number, took_ms, size, sent)


async def failed(identifier: int, problem: str, took_ms: int) -> None:
    await DB.fetch(FAILED, identifier, problem, took_ms)


async def backups(limit: int) -> list[BackupRow]:
    """The last attempts, newest first."""
    return [BackupRow(*row) for row in await DB.fetch(BACKUPS, limit)]


async def last_good(place: str | None = None) -> BackupRow | None:
    """The newest backup that was finished, anywhere or at one place."""
    row = await (DB.one(LAST_GOOD) if place is None else DB.one(LAST_GOOD_AT, place))
    return BackupRow(*row) if row else None


async def forget(before: int) -> None:
    """Deletes attempts with lower ids."""
    await DB.fetch(FORGET, before)


async def rehearsed(rehearsal: RehearsalRow) -> None:
    await DB.fetch(REHEARSED, *rehearsal)


async def rehearsals(limit: int) -> list[RehearsalRow]:
    """The last ones, newest first."""
    return [RehearsalRow(*row) for row in await DB.fetch(REHEARSALS, limit)]


async def tables() -> set[str]:
    """The names of all tables of the database but the engine's own."""
    return {row[0] for row in await DB.fetch(TABLES)}


async def site_mode() -> SiteModeRow | None:
    """None while the network runs here as usual."""
    row = await DB.one(SITE_MODE)
    return SiteModeRow(*row) if row else None


async def set_site_mode(state: SiteState, address: str, now: int) -> None:
    await DB.fetch(SET_SITE_MODE, state, address, now)


async def reset_site_mode() -> None:
    await DB.fetch(RESET_SITE_MODE)


async def public_post() -> PublicPost | None:
    """The newest post that everybody may read."""
    row = await DB.one(PUBLIC_POST)
    return PublicPost(*row) if row else None


async def operators() -> list[OperatorAddress]:
    """Operators who gave an email address."""
    return [OperatorAddress(*row) for row in await DB.fetch(OPERATORS)]
