"""The places where objects lie: the one that new ones go to, and others that are being left.

They are rows of the database, so every process notices a move (domain/media/storage_maintenance.py) within two seconds.
"""

import contextlib
from pathlib import Path

import msgspec
import structlog

from adapters import objects
from adapters.objects import Down, Store
from db.engine import DB, Unavailable
from db.queries import objects as queries
from db.tables.media import StoreState
from domain.core import clock

LOG = structlog.get_logger()

# How long a process may go on writing to a place that is being left, in milliseconds.
FRESH = 2000


class StoragePlace(msgspec.Struct, frozen=True):
    """``url`` is "" for the folder beside the data."""

    id: int
    url: str
    state: StoreState


class Stores:
    """The process's stores. ``open`` before use; nothing is held that would need closing."""

    def __init__(self) -> None:
        self._folder = Path()
        self._places: dict[int, StoragePlace] = {}
        self._stores: dict[str, Store] = {}
        self._read_at = 0

    async def open(self, configured: str, folder: Path) -> None:
        """``configured`` is PARVIS_OBJECTS_URL, "" for ``folder`` (an absolute path). The database must be open.

        Errors: ``Unavailable`` when the objects are known to be somewhere else.
        """
        self._folder, self._stores = folder, {}
        wanted = "" if configured and objects.folder_of(configured) == self._folder else configured
        await self._read()
        if not self._places:
            await queries.first_store(wanted, clock.now())
            await self._read()
            with contextlib.suppress(Down):
                self.at(wanted).make()
        if not wanted:
            # Beside the database, which is there.
            with contextlib.suppress(Down):
                self.at("").make()
        if configured:
            await self._agree(wanted)
        elif (place := await self.current()).url:
            LOG.warning("objects.moved", now=objects.public(place.url), setting="")

    async def settle(self, configured: str, folder: Path) -> None:
        """Opens, and notes that every object is here, whatever the database says: after a network was loaded, its
        objects are where this host keeps them, and an address that came along is never asked.
        """
        wanted = "" if configured and objects.folder_of(configured) == folder else configured
        async with DB.writing():
            await queries.settle(wanted, clock.now())
        await self.open(configured, folder)

    async def _agree(self, wanted: str) -> None:
        """Heeds new keys for the place that objects are in, and warns of a setting that is out of date."""
        place = next(place for place in self._places.values() if place.state is StoreState.CURRENT)
        if objects.public(place.url) == objects.public(wanted):
            if place.url != wanted:
                await queries.readdress(place.id, wanted)
                await self._read()
            return
        known = any(objects.public(other.url) == objects.public(wanted) for other in self._places.values())
        told = objects.public(place.url) or f"the folder {self._folder}"
        if not known:
            raise Unavailable(
                f"The objects of this network are in {told}, and PARVIS_OBJECTS_URL names {objects.public(wanted)}: "
                "carry them over with `parvis objects move --to`, or name the right place"
            )
        LOG.warning("objects.moved", now=told, setting=objects.public(wanted))

    async def _read(self) -> None:
        self._places = {row.id: StoragePlace(row.id, row.url, StoreState(row.state)) for row in await queries.stores()}
        self._read_at = clock.now()

    async def current(self) -> StoragePlace:
        """Where new objects go."""
        if clock.now() - self._read_at > FRESH:
            await self._read()
        return next(place for place in self._places.values() if place.state is StoreState.CURRENT)

    async def places(self) -> list[StoragePlace]:
        """Every place there was, oldest first."""
        await self._read()
        return list(self._places.values())

    async def place(self, number: int) -> StoragePlace:
        """A place by its number."""
        if number not in self._places:
            await self._read()
        return self._places[number]

    async def of(self, number: int) -> Store:
        """The store at a place, by its number."""
        return self.at((await self.place(number)).url)

    def at(self, url: str) -> Store:
        """The store at an address, "" for the folder beside the data."""
        found = self._stores.get(url)
        if found is None:
            found = self._stores[url] = Store(url or self._folder.as_uri())
        return found

    async def enter(self, url: str) -> StoragePlace:
        """New objects go to ``url`` from now on. Returns the place."""
        wanted = "" if objects.folder_of(url) == self._folder else url
        async with DB.writing():
            await self._read()
            same = (one for one in self._places.values() if objects.public(one.url) == objects.public(wanted))
            known = next(same, None)
            if known is None or known.state is not StoreState.CURRENT:
                await queries.enter(wanted, known.id if known else None, clock.now())
        await self._read()
        return await self.current()

    async def close_left(self) -> None:
        """Notes what was left behind empty."""
        await queries.close_left()
        await self._read()

    def name(self, place: StoragePlace) -> str:
        """What to call a place in front of an operator."""
        return objects.public(place.url) or str(self._folder)


STORES = Stores()
