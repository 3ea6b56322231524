"""Networks that are backed up and brought back in tests."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from archive import export, records
from archive.progress import ignore_progress
from db import schema
from db.engine import DB
from domain.accounts import network_profile
from domain.core.leases import Lease
from domain.media.stores import STORES
from ops.backup import replicator, restoring, sealing
from ops.backup.making import Maker
from ops.backup.replicator import Replicator
from ops.backup.repository import Repository
from ops.backup.restoring import Restored, Wanted
from settings import Settings

PRIVATE, PUBLIC = sealing.new_pair()
TO, IDENTITY = sealing.recipients(PUBLIC), sealing.identities(PRIVATE)
Rows = dict[str, list[tuple[Any, ...]]]


class Host:
    """One machine: an open network, and the place of its backups."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.settings, self.url = settings, url
        self.repository = Repository(url)

    def maker(self, *, follows: bool = True, takes_over: bool = False) -> Maker:
        return Maker(self.repository, TO, self.settings.work, "https://tilly.example", follows, takes_over)

    async def back_up(self) -> int:
        """The new backup's number."""
        return (await self.maker().run()).number

    async def catch_up(self) -> None:
        """Copies all that has changed."""
        async with Lease(replicator.LEASE).held() as had:
            assert had
            await Replicator(self.url, TO).catch_up()


async def bring_back(
    host: Host, settings: Settings, wanted: Wanted | None = None, identity: Any = IDENTITY
) -> Restored:
    """Restores with other settings; afterwards that database is open."""
    await DB.close()
    network_profile.forget()
    done = await restoring.restore(host.repository, settings, identity, wanted or Wanted(), ignore_progress)
    await reopen(settings)
    await STORES.open(settings.objects_url, settings.objects)
    return done


async def reopen(settings: Settings) -> None:
    """Opens another machine's database in place of the one that is open."""
    await DB.close()
    network_profile.forget()
    await DB.open(settings.url)
    await schema.check()


async def rows(folder: Path) -> Rows:
    """All of the open database, as an archive has it."""
    file = folder / "archive"
    file.unlink(missing_ok=True)
    await export.write(file)
    with sqlite3.connect(file) as database:
        return {
            table: sorted(database.execute(f'SELECT * FROM "{table}"').fetchall(), key=repr) for table in records.TABLES
        }


def elsewhere(settings: Settings, folder: Path, url: str = "") -> Settings:
    """The settings of another machine, with its data in ``folder``."""
    return msgspec.structs.replace(settings, data=str(folder), database_url=url)


# What a restore may have otherwise than it was: where files lie is this host's own, and what it was removing is gone.
OWN = ("object_store", "pending_removal")


def same(was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for table in was:
        if table not in OWN:
            assert now[table] == was[table], table
