"""Restores the newest backup beside the running network, checks it, and removes it again."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import msgspec

from archive.progress import OnProgress
from db import schema
from db.engine import DB
from db.queries import backups
from db.sql import SQL
from domain.backups import history
from domain.core import clock, signing
from ops import smoke_test
from ops.backup import restoring
from ops.backup.errors import Problem
from ops.backup.repository import Repository
from ops.backup.restoring import Restored, Wanted
from ops.backup.sealing import Identities
from ops.rigs.ports import free_port
from settings import Settings, environment

# Pictures brought on trial.
PICTURES = 25
START_SECONDS = 60


class Rehearsed(msgspec.Struct, frozen=True):
    """``recovery_ms``: from nothing to the first page; ``loss_ms``: what would have been lost just now."""

    restored: Restored
    recovery_ms: int
    loss_ms: int


async def rehearse(at: Repository, settings: Settings, identity: Identities, on_progress: OnProgress) -> Rehearsed:
    """Restores, serves, signs in, reads, and notes how it went. Errors: ``Problem``, noted too."""
    began = clock.now()
    key, loss = await _now(settings)
    try:
        async with _aside(settings) as aside:
            restored, recovery_ms = await _try(at, aside, identity, Wanted(key=key, pictures=PICTURES), on_progress)
    except BaseException as error:
        words = str(error) if isinstance(error, Problem) else type(error).__name__
        await _note(settings, began, 0, None, loss, words)
        raise
    await _note(settings, began, restored.manifest.number, recovery_ms, loss, "")
    return Rehearsed(restored, recovery_ms, loss)


async def _now(settings: Settings) -> tuple[bytes, int]:
    """The network's key, and how far behind the copy is."""
    await DB.open(settings.url)
    try:
        await schema.check()
        copied = await backups.replication_state()
        good = copied.copied_at if copied else await history.last_success_at()
        behind = not copied or await backups.pending()
        return await signing.public_key(), clock.now() - good if behind and good else 0
    finally:
        await DB.close()


async def _note(settings: Settings, at: int, number: int, recovery_ms: int | None, loss_ms: int, problem: str) -> None:
    await DB.open(settings.url)
    try:
        await history.rehearsed(at, number, recovery_ms, loss_ms, problem)
    finally:
        await DB.close()


@contextlib.asynccontextmanager
async def _aside(settings: Settings) -> AsyncIterator[Settings]:
    """Settings of a network in a folder and a database of its own, which sends nothing; both gone at the end."""
    settings.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="rehearsal-", dir=settings.work))
    try:
        async with _scratch(settings) as url:
            yield msgspec.structs.replace(
                settings, data=str(folder), database_url=url, host="127.0.0.1", port=free_port(), workers=1,
                metrics_port=0, replica_url="", origin="", media_origin="", objects_url="", backup_url="", smtp_url="",
                outbox_in_server=False, signup_open=False,
            )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def _scratch(settings: Settings) -> AsyncIterator[str]:
    """The address of an empty database of the same engine; "" for one in the folder."""
    if settings.file is not None:
        yield ""
        return
    parts = urlsplit(settings.url)
    name = f"{parts.path.lstrip('/')}_rehearsal_{token_hex(4)}"
    await _in_live(settings, f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield parts._replace(path=f"/{name}").geturl()
    finally:
        await _in_live(settings, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _in_live(settings: Settings, statement: str) -> None:
    await DB.open(settings.url)
    try:
        await DB.fetch(SQL(statement))
    except Exception as error:  # noqa: BLE001 - whatever PostgreSQL says, in its own words
        raise Problem("PostgreSQL refuses a database for the rehearsal (its user needs CREATEDB): %(why)s",
                      why=str(error)) from None  # fmt: skip
    finally:
        await DB.close()


async def _try(
    at: Repository, aside: Settings, identity: Identities, wanted: Wanted, on_progress: OnProgress
) -> tuple[Restored, int]:
    began = time.monotonic()
    restored = await restoring.restore(at, aside, identity, wanted, on_progress)
    on_progress("serving", 0, 0)
    async with _served(aside) as base:
        await smoke_test.first_page(base, START_SECONDS)
        recovery_ms = int((time.monotonic() - began) * 1000)
        guest = await smoke_test.make_member(aside)
        await smoke_test.look_around(base, guest)
    return restored, recovery_ms


@contextlib.asynccontextmanager
async def _served(aside: Settings) -> AsyncIterator[str]:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "serve", env=environment(aside),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://{aside.host}:{aside.port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.terminate()
        await server.wait()
