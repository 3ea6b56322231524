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

from app.asgi import create_app
from db import postgres, schema
from db.engine import DB
from domain.accounts import network as networks
from domain.core import clock, ids
from domain.accounts import signup
from settings import Settings
from tests import cast, people
from tests.people import HASH, Member, Network, Site, living
from tests.services import Cluster, throwaway

# Nothing in tests waits for these unless it sets them.
QUICK: dict[str, Any] = {"guest_cache_ms": 0, "undo_seconds": 0, "outbox_in_server": False}


class Store(Protocol):
    """Where databases come from; ``kind`` is "founded", "migrated" or "empty"."""

    async def copy(self, kind: str) -> str: ...


class Files:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        (folder / "empty.sqlite").touch()
        for kind in ("migrated", "founded"):
            asyncio.run(_make(f"sqlite:///{folder / kind}.sqlite", kind))

    async def copy(self, kind: str) -> str:
        file = self._folder / f"copy{next(self._numbers)}.sqlite"
        shutil.copy(self._folder / f"{kind}.sqlite", file)
        return f"sqlite:///{file}"


class Databases:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._last = ""
        self._numbers = itertools.count()
        for kind in ("empty", "migrated", "founded"):
            url = cluster.create(kind)
            asyncio.run(_make(url, kind))

    async def copy(self, kind: str) -> str:
        name = f"copy{next(self._numbers)}"
        connection = await asyncpg.connect(**postgres.config(self._cluster.url("postgres")))
        try:
            if self._last:
                await connection.execute(f"DROP DATABASE {self._last} WITH (FORCE)")
            self._last = ""
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {kind} STRATEGY FILE_COPY")
        finally:
            await connection.close()
        return self._cluster.url(name)


async def _make(url: str, kind: str) -> None:
    if kind == "empty":
        return
    await DB.open(url)
    await schema.migrate()
    if kind == "founded":
        networks.forget()
        await networks.found(cast.ABOUT, cast.person(cast.ROLES[0]), cast.TERMS)
    await DB.close()


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Store]]:
    """Each engine is started when it is first asked for."""
    made: dict[str, Store] = {}
    with _Stack() as stack:

        def store(engine: str) -> Store:
            if engine not in made and engine == "sqlite":
                made[engine] = Files(tmp_path_factory.mktemp("databases"))
            elif engine not in made:
                made[engine] = Databases(stack.enter_context(throwaway()))
            return made[engine]

        yield store
