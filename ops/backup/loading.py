"""Making a network of a backup that was brought: tables, rows, the changes after it, what is derived, pictures.

An embedded database is made beside its place and put there when it is whole. In PostgreSQL a mark says that a restore
is under way, so that one that was stopped begins anew and no other database is ever overwritten.
"""

import contextlib
from collections.abc import AsyncIterator, Container
from pathlib import Path
from typing import Any

import msgspec
import structlog

from adapters.objects import Down, Missing, Store
from archive import export, formats, load, records, reports
from archive.apply_changes import RowChange
from archive.progress import OnProgress
from db import schema, sqlite
from db.blocking import run_blocking
from db.engine import DB
from db.queries import backups
from db.queries import objects as queries
from db.sql import SQL
from db.table_specs import WORKING
from db.tables.backups import SiteState
from db.tables.registry import TABLES
from domain.accounts import network_profile
from domain.core import clock, concurrency, secrets
from domain.media import storage
from domain.media.stores import STORES
from ops.backup import batches, repository, samples, sealing
from ops.backup.errors import Occupied, Problem, StoreUnavailable, Tampered
from ops.backup.fetching import FetchedBackup
from ops.backup.manifest import Manifest
from ops.backup.repository import Repository
from ops.backup.sealing import Identities
from settings import Settings

LOG = structlog.get_logger()
BATCH = 200
# Rows of changes that go in together, at least: what changed often goes in once.
TOGETHER = 5000


class Loaded(msgspec.Struct):
    """``rows`` by table as they are now; ``bad``: rows that did not fit, as words; ``lost``: keys of pictures."""

    rows: dict[str, int]
    bad: list[str] = []
    lost: list[str] = []
    differ: list[str] = []


async def check_empty(settings: Settings) -> None:
    """Errors: ``Occupied``; ``Unavailable`` when the database can't be opened."""
    if settings.file is not None and not settings.file.exists():
        return
    if settings.file is not None:
        await run_blocking(_refuse_file, settings.file)
    await DB.open(settings.url)
    try:
        await _refuse_occupied(settings)
    finally:
        await DB.close()


def _refuse_file(file: Path) -> None:
    """Before it is opened, which would change what is not ours."""
    if sqlite.in_use(str(file)):
        raise Occupied("%(place)s is in use: stop `parvis serve` and `parvis worker` first.", place=file)
    _refuse_foreign(file, sqlite.tables(str(file)))


def _refuse_foreign(place: Path | str, tables: set[str]) -> None:
    if tables and "migration" not in tables:
        raise Occupied("The database at %(place)s is not one of Parvis: it has %(tables)s.",
                       place=place, tables=", ".join(sorted(tables)[:5]))  # fmt: skip


async def _refuse_occupied(settings: Settings) -> None:
    place = settings.file or "PARVIS_DATABASE_URL"
    _refuse_foreign(place, await backups.tables())
    if await schema.done() and not await _half_done() and await backups.anybody():
        raise Occupied("The database at %(place)s has people in it: a backup goes into an empty one only.",
                       place=place)  # fmt: skip


async def _half_done() -> bool:
    """Whether a restore was stopped here."""
    if "0004-copies" not in await schema.done():
        return False
    mode = await backups.site_mode()
    return mode is not None and mode.state == SiteState.RESTORING


@contextlib.asynccontextmanager
async def target(settings: Settings) -> AsyncIterator[None]:
    """The database to load into, open, migrated and empty; in its place once the block has ended well."""
    if settings.file is None:
        async with _in_postgres(settings):
            yield
        return
    half = settings.file.with_name(f"{settings.file.name}.restoring")
    await run_blocking(_remove, half)
    try:
        await DB.open(f"sqlite:///{half}")
        try:
            await schema.migrate()
            yield
        finally:
            await DB.close()
        # Somebody may have founded a network here while this one was made.
        await check_empty(settings)
        await run_blocking(_remove, settings.file)
        await run_blocking(half.rename, settings.file)
    finally:
        await run_blocking(_remove, half)


def _remove(file: Path) -> None:
    for end in ("", "-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def _in_postgres(settings: Settings) -> AsyncIterator[None]:
    await DB.open(settings.url)
    try:
        # All or nothing: half of them gone would be no database that anybody could make sense of.
        async with DB.writing():
            await _refuse_occupied(settings)
            for table in (*(one._meta.tablename for one in TABLES), "migration", WORKING):
                await DB.fetch(SQL(f'DROP TABLE IF EXISTS "{table}" CASCADE'))
        await schema.migrate()
        await backups.set_site_mode(SiteState.RESTORING, "", clock.now())
        yield
        await backups.reset_site_mode()
    finally:
        await DB.close()


async def load_rows(fetched: FetchedBackup, identity: Identities, on_progress: OnProgress) -> Loaded:
    """Into the open, migrated, empty database. Errors: ``Problem`` when it is not what the manifest says."""
    manifest = fetched.found.manifest
    report = await load.read(fetched.archive, on_progress)
    loaded = Loaded(await counts(), [str(one) for one in report.bad])
    left_out = {one[:2] for one in reports.read(reports.beside(fetched.archive))}
    counted = formats.of(manifest.archive).by_table(manifest.counts)
    loaded.differ = _differences(counted, loaded.rows, report.left_out) + await _sampled(manifest, left_out)
    loaded.bad += await _apply(fetched, identity, on_progress)
    await load.derive(on_progress)
    loaded.rows = await counts()
    if not loaded.bad and fetched.end == manifest.until:
        loaded.differ += _differences(formats.of(manifest.archive).by_table(manifest.after), loaded.rows, 0)
    network_profile.forget()
    return loaded


async def _apply(fetched: FetchedBackup, identity: Identities, on_progress: OnProgress) -> list[str]:
    """The changes, those together that are whole together. Returns what did not fit, in words."""
    bad: list[str] = []
    waiting: dict[tuple[str, tuple[Any, ...]], RowChange] = {}
    for place, segment in enumerate(fetched.segments, 1):
        body = sealing.unseal(await run_blocking(segment.file.read_bytes), identity, segment.file.name)
        waiting |= {(one.table, one.key): one for one in batches.unpacked(body, segment.archive)}
        if place == len(fetched.segments) or (not segment.more and len(waiting) >= TOGETHER):
            bad += [str(one) for one in (await load.apply(waiting.values())).bad]
            waiting = {}
        on_progress("changes", place, len(fetched.segments))
    return bad


async def counts() -> dict[str, int]:
    """Rows by table of the open database."""
    return {table: int(await DB.value(SQL(f'SELECT count(*) FROM "{table}"'))) for table in records.TABLES}


def _differences(should: dict[str, int], rows: dict[str, int], bad: int) -> list[str]:
    """Tables that have other numbers of rows than they should, in words, unless that is what did not fit."""
    found = [
        f"{table} has {rows.get(table, 0)} rows, not {count}"
        for table, count in should.items()
        if rows.get(table, 0) != count
    ]
    missing = sum(count - rows.get(table, 0) for table, count in should.items())
    return found if missing != bad else []


async def _sampled(manifest: Manifest, left_out: Container[tuple[str, str]]) -> list[str]:
    """Sampled rows that are not what they were, in words; of those that were ``left_out`` the report tells."""
    secret = await secrets.key("samples")
    names = formats.of(manifest.archive)
    found = []
    for table, rows in names.by_table(manifest.samples).items():
        keys = {tuple(msgspec.json.decode(key)): digest for key, digest in rows}
        now = await export.rows(table, list(keys))
        for key, digest in keys.items():
            row = now.get(key)
            as_it_was = row is not None and digest == samples.digest(
                names.table(table), names.own_row(table, row), secret
            )
            if not as_it_was and (table, records.said(key)) not in left_out:
                found.append(f"{table} {key} is not as it was")
    return found


async def load_pictures(at: Repository, identity: Identities, on_progress: OnProgress, some: int = 0) -> list[str]:
    """Puts every file that is used (or ``some`` of them) where this host keeps them, once that is settled. Returns the
    keys of lost ones. Errors: ``StoreUnavailable``.
    """
    place = await STORES.current()
    store = STORES.at(place.url)
    secret = await storage.hashing_key()
    total = await queries.total()
    lost: list[str] = []
    done = 0

    async def one(key: str) -> None:
        nonlocal done
        row = await queries.place(key)
        assert row is not None
        try:
            if not await _there(store, row.path, row.bytes):
                await store.put(row.path, await _picture(at, key, secret, identity))
        except Problem as error:
            if isinstance(error, StoreUnavailable):
                raise
            LOG.error("restore.picture_lost", key=key, problem=str(error))
            lost.append(key)
        except Down:
            raise StoreUnavailable("The place for pictures does not take them. Run it again when it does.") from None
        done += 1
        on_progress("pictures", done, some or total)

    async for rows in queries.used(some or BATCH):
        await concurrency.run_concurrently([row.key for row in rows], one)
        if some:
            break
    return lost


async def _there(store: Store, path: str, size: int) -> bool:
    """Whether a file was put there by a try that was stopped."""
    with contextlib.suppress(Missing):
        return await store.size(path) == size
    return False


async def _picture(at: Repository, key: str, secret: bytes, identity: Identities) -> bytes:
    """A file as it was. Errors: ``StoreUnavailable``, ``Problem`` when it is missing or another."""
    path = repository.media(key)
    body = await run_blocking(sealing.decrypt, await at.get(path), identity, path)
    if storage.key_of(secret, body) != key:
        raise Tampered("%(path)s is another file than its name says.", path=path)
    return body
