"""Fixtures. Every test that asks for a database runs on both engines, each time on a fresh copy of one template.

A module about one engine only, or about HTTP alone, says so with a fixture ``engine`` of its own.
"""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest

from adapters import addresses
from app import logs
from app.asgi import create_app
from db import postgres, schema
from db.engine import DB
from domain.accounts import credentials, network_profile
from domain.core import clock
from domain.media.stores import STORES
from ops.demo import cast
from ops.rigs import ceph_cluster
from ops.rigs.ceph_cluster import Ceph
from ops.rigs.postgres_cluster import Cluster, throwaway
from settings import Settings
from tests.helpers import shared
from tests.helpers.people import LiveNetwork, LiveSite, living
from tests.helpers.services import MailServer, mail_server
from web import live

# Nothing in tests waits for these unless it sets them; the worker works when it is told to.
QUICK: dict[str, Any] = {"guest_cache_ms": 0, "undo_seconds": 0, "outbox_in_server": False}
KINDS = ("empty", "migrated", "founded")


class Store(Protocol):
    """Where databases come from; ``kind`` is one of KINDS."""

    async def copy(self, kind: str) -> str:
        """The address of a fresh database."""
        ...

    async def tidy(self) -> None:
        """Forgets all copies."""
        ...


class Files:
    """SQLite."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        for kind in KINDS:
            asyncio.run(_make(f"sqlite:///{folder / kind}.sqlite", kind))

    async def copy(self, kind: str) -> str:
        file = self._folder / f"copy{next(self._numbers)}.sqlite"
        shutil.copy(self._folder / f"{kind}.sqlite", file)
        return f"sqlite:///{file}"

    async def tidy(self) -> None:
        for found in self._folder.glob("copy*"):
            if found.is_dir():  # the sockets of processes that share the file
                shutil.rmtree(found)
            else:
                found.unlink()


class Databases:
    """PostgreSQL. The founded database is put back after each test, which is a hundred times quicker than a copy."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._numbers = itertools.count()
        self._used: list[str] = []
        for kind in KINDS:
            asyncio.run(_make(cluster.create(kind), kind))
        self._lent = ""
        self._rows: dict[str, str] = {}

    async def copy(self, kind: str) -> str:
        if kind == "founded" and self._lent:
            return self._cluster.url(self._lent)
        name = f"copy{next(self._numbers)}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {kind} STRATEGY FILE_COPY")
        if kind == "founded":
            self._lent, self._rows = name, await self._dump(name)
        else:
            self._used.append(name)
        return self._cluster.url(name)

    async def tidy(self) -> None:
        if self._lent and not await self._put_back(self._lent):
            self._used.append(self._lent)
            self._lent = ""
        while self._used:
            await self._execute(f"DROP DATABASE {self._used.pop()} WITH (FORCE)")

    async def _put_back(self, name: str) -> bool:
        """Gives every table its first rows again; False when the tables are not the first ones."""
        if set(await self._dump(name)) != set(self._rows):
            return False
        connection = await asyncpg.connect(**postgres.config(self._cluster.url(name)))
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            # Whatever points at whatever: all of it goes, and all of what was there comes back.
            await connection.execute("SET session_replication_role = replica")
            await connection.execute(";".join(f"DELETE FROM {table}" for table in self._rows))
            for table in self._rows:
                put = f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1::json)"
                await connection.execute(put, self._rows[table])
            # With its triggers, where a copy has followed it.
            for (name,) in await connection.fetch("SELECT proname FROM pg_proc WHERE proname LIKE 'copied\\_%'"):
                await connection.execute(f"DROP FUNCTION {name} CASCADE")
        finally:
            await connection.close()
        return True

    async def _dump(self, name: str) -> dict[str, str]:
        connection = await asyncpg.connect(**postgres.config(self._cluster.url(name)))
        try:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ask = "SELECT coalesce(json_agg(t), '[]') FROM {} t"
            return {row[0]: await connection.fetchval(ask.format(row[0])) for row in tables}
        finally:
            await connection.close()

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(**postgres.config(self._cluster.url("postgres")))
        await connection.execute(statement)
        await connection.close()


async def _make(url: str, kind: str) -> None:
    await DB.open(url)
    if kind != "empty":
        await schema.migrate()
    if kind == "founded":
        network_profile.forget()
        await network_profile.found(cast.ABOUT, cast.person(cast.ROLES[0]), cast.TERMS)
    await DB.close()


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    """Logs as a server has them, without what people wrote."""
    logs.configure(Settings(log_level="error"))


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Files(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a demo, to be copied."""
    return shared.demo(tmp_path_factory)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Cluster]:
    with throwaway() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgresql(postgres_server: Cluster) -> Store:
    return Databases(postgres_server)


@pytest.fixture(scope="session")
def ceph() -> Iterator[Ceph]:
    """A real one, for all tests that break nothing in it."""
    with ceph_cluster.throwaway() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def templates(request: pytest.FixtureRequest, engine: str) -> Store:
    found: Store = request.getfixturevalue(engine)
    return found


@pytest.fixture
async def store(templates: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    # A server has one event loop for its life; each test has its own.
    monkeypatch.setattr(credentials, "_at_once", asyncio.Semaphore(2))
    yield templates
    await templates.tidy()


@pytest.fixture
async def url(store: Store) -> str:
    """The address of a founded network that nobody has opened."""
    return await store.copy("founded")


@pytest.fixture
async def network(url: str, tmp_path: Path) -> AsyncIterator[LiveNetwork]:
    """A founded network, open; its operator is @ottilie."""
    settings = Settings(database_url=url, data=str(tmp_path), **QUICK)
    await DB.open(url)
    try:
        await schema.check()
        await STORES.open("", settings.objects)
        network_profile.forget()
        yield LiveNetwork(settings)
    finally:
        await DB.close()


OpenSite = Callable[..., Awaitable[LiveSite]]


@pytest.fixture
async def open_site(store: Store, tmp_path: Path) -> AsyncIterator[OpenSite]:
    """Serves a network in this process: ``await open_site(kind="founded", **settings)``."""
    async with AsyncExitStack() as stack:

        async def opened(kind: str = "founded", **settings: Any) -> LiveSite:
            chosen = Settings(**{"database_url": await store.copy(kind), "data": str(tmp_path), **QUICK, **settings})
            network_profile.forget()
            app = create_app(chosen)
            await stack.enter_async_context(living(app))
            site = LiveSite(LiveNetwork(chosen), app)
            stack.push_async_callback(site.close)
            return site

        yield opened


@pytest.fixture
async def site(open_site: OpenSite) -> LiveSite:
    """A founded network, served with settings that make nothing wait."""
    return await open_site()


@pytest.fixture
def private_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pushes and previews may go to plain http and to this machine."""
    monkeypatch.setattr(addresses.GUARD, "open", True)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server on loopback, for whoever names it in their settings."""
    with mail_server() as server:
        yield server


@pytest.fixture
def quick_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second for an open page's second word."""
    monkeypatch.setattr(live, "PACE", 0.02)


class Watch:
    """The domain's clock, in Unix milliseconds: it runs, and can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0
        self._real = clock.now

    def __call__(self) -> int:
        return self._real() + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += int(seconds * 1000)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(clock, "now", made)
    return made
