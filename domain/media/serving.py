"""Who may have a stored file, and its bytes."""

import msgspec
import structlog

from adapters.objects import Down, Missing
from db.queries import evidence, juries
from db.queries import media as queries
from domain.core import clock
from domain.core.access import Role, Viewer
from domain.core.errors import NotFound
from domain.media.storage import StorageUnavailable
from domain.media.stores import STORES

LOG = structlog.get_logger()


class ServableFile(msgspec.Struct, frozen=True):
    """A file as it is sent. ``open``: anybody may have it, and keep it."""

    key: str
    path: str
    store: int
    type: str
    size: int
    open: bool


async def find(key: str) -> ServableFile | None:
    """A file by its key; whether the viewer may have one that is not open says :func:`may_have`."""
    row = await queries.file(key)
    if row is None:
        return None
    return ServableFile(key, row.path, row.store, row.type, row.bytes, bool(row.open))


async def may_have(viewer: Viewer, key: str) -> bool:
    """Whether a file that is not open is for the viewer all the same."""
    return await may_keep(viewer, key) or await may_inspect(viewer, key)


async def may_keep(viewer: Viewer, key: str) -> bool:
    """Whether it is, and their browser may keep it: as a member's own, or their friend's."""
    return viewer.signed_in and await queries.is_for(viewer.id, key)


async def may_inspect(viewer: Viewer, key: str) -> bool:
    """Whether it is by the viewer's office, and nothing of it may stay on their device: moderators see what is kept as
    evidence, and jurors what they are to judge.
    """
    if not viewer.signed_in:
        return False
    if Role.MODERATOR in viewer.roles:
        return await evidence.keeps(key)
    return await juries.may_see(viewer.id, key, clock.now())


async def read(found: ServableFile, start: int, end: int) -> bytes:
    """Bytes ``start`` to ``end`` (not included) of a file. Errors: ``NotFound``, ``StorageUnavailable``."""
    try:
        body = await _read(found, start, end)
    except Missing:
        raise NotFound from None
    except Down:
        raise StorageUnavailable from None
    if len(body) != end - start:
        LOG.error("media.damaged", key=found.key)
        raise NotFound
    return body


async def _read(found: ServableFile, start: int, end: int) -> bytes:
    try:
        return await (await STORES.of(found.store)).read(found.path, start, end)
    except Missing:
        # It has moved to another store a moment ago, or it is gone.
        again = await find(found.key)
        if again is None or (again.store, again.path) == (found.store, found.path):
            raise
        return await (await STORES.of(again.store)).read(again.path, start, end)
