"""Seeded databases, built once per size and schema in ``var/bench`` and copied for each run."""

import asyncio
import atexit
import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from rich.progress import Progress

from db import migrations, schema
from db.engine import DB
from ops import seeding
from ops.rigs.postgres_cluster import Cluster, running
from ops.seed import NetworkSize, seed

Database = Literal["sqlite", "postgres"]
FOLDER = Path("var/bench")
# As a small server would set them; the rest as PostgreSQL comes, each commit waiting for the disk.
POSTGRES = ("shared_buffers=512MB", "max_wal_size=2GB", "listen_addresses=127.0.0.1")


@contextlib.contextmanager
def fresh(database: Database, size: NetworkSize) -> Iterator[tuple[str, Cluster | None]]:
    """The address of a fresh copy of the seeded database, and the server that has it, where it needs one."""
    if database == "sqlite":
        with sqlite(size) as url:
            yield url, None
    else:
        with postgres(size) as found:
            yield found


@contextlib.contextmanager
def sqlite(size: NetworkSize) -> Iterator[str]:
    """The address of a fresh copy of the seeded SQLite database, gone when the block ends."""
    kept = FOLDER / f"{_key(size)}.sqlite"
    if not kept.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        for old in FOLDER.glob(f"seed_{size.posts}_*.sqlite*"):
            old.unlink()
        unfinished = FOLDER / "unfinished.sqlite"
        unfinished.unlink(missing_ok=True)
        _make(f"sqlite:///{unfinished.resolve()}", size)
        unfinished.rename(kept)
    with tempfile.TemporaryDirectory(prefix="run-", dir=FOLDER) as folder:
        copy = Path(folder).resolve() / "parvis.sqlite"
        shutil.copyfile(kept, copy)
        yield f"sqlite:///{copy}"


@contextlib.contextmanager
def postgres(size: NetworkSize) -> Iterator[tuple[str, Cluster]]:
    """The address of a fresh copy in a PostgreSQL server of its own, and that server."""
    kept = _key(size)
    with running(_postgres_folder() / "data", POSTGRES) as cluster:
        if not cluster.exists(kept):
            cluster.drop("unfinished")
            _make(cluster.create("unfinished"), size)
            cluster.rename("unfinished", kept)
        cluster.drop("run")
        yield cluster.create("run", template=kept), cluster
        cluster.drop("run")


@cache
def _postgres_folder() -> Path:
    """Kept from run to run. But the server of root's is run by a user who can't reach root's folders: it has one of
    its own, gone at the end."""
    if os.geteuid() != 0:
        return FOLDER.resolve() / "postgres"
    folder = Path(tempfile.mkdtemp(prefix="parvis-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _make(url: str, size: NetworkSize) -> None:
    async def make() -> None:
        await DB.open(url)
        await schema.migrate()
        await DB.close()
        with Progress() as progress:
            await seed(url, size, progress=progress)

    asyncio.run(make())


def _key(size: NetworkSize) -> str:
    """A name that changes with the size, the schema and the way of seeding."""
    sources = [*Path(str(migrations.__file__)).parent.glob("m*.py"), *Path(str(seeding.__file__)).parent.glob("*.py")]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources)) + repr(size).encode())
    return f"seed_{size.posts}_{digest.hexdigest()[:12]}"
