"""Fixtures. Every test that asks for a database runs on both engines, each time on a fresh copy of one template.

A module about one engine only, or about HTTP alone, says so with a fixture ``engine`` of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from adapters import addresses
from app import logs
from app.asgi import create_app
from db import schema
from db.engine import DB
from domain.accounts import credentials, network_profile
from domain.core import clock
from domain.media.stores import STORES
from domain.moderation import transparency
from ops.rigs import ceph_cluster
from ops.rigs.ceph_cluster import Ceph
from ops.rigs.postgres_cluster import Cluster, throwaway
from settings import Settings
from tests.helpers import shared
from tests.helpers.databases import Databases, Files, Store
from tests.helpers.people import LiveNetwork, LiveSite, living
from tests.helpers.services import MailServer, mail_server
from web import live

# Nothing in tests waits for these unless it sets them; the worker works when it is told to.
QUICK: dict[str, Any] = {"guest_cache_ms": 0, "undo_seconds": 0, "log_minutes": 0, "outbox_in_server": False}


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
        transparency.forget()
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
            transparency.forget()
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
