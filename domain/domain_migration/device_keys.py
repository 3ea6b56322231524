"""A signed-in device's own key, whose private half never leaves it; it ends with the session."""

import msgspec

from db.engine import DB
from db.queries import domain_migration as queries
from domain.accounts import revocation
from domain.core import clock, ids
from domain.core.access import Viewer, account_holder
from domain.core.errors import Invalid
from domain.domain_migration import pinned_keys


class KeyedDevice(msgspec.Struct, frozen=True):
    """A device as it names itself in a code; ``id`` is decimal."""

    id: str
    session: str


async def register(viewer: Viewer, public: str) -> KeyedDevice:
    """Ties a key (a point of P-256, base64url) to the viewer's session, in place of an earlier one.

    Errors: ``SignedOut``, also when the session has ended since the request came in; ``Invalid``.
    """
    session = account_holder(viewer).session
    if len(public) > 100 or not pinned_keys.is_point(public):
        raise Invalid("This is no key of a device.")
    made = ids.new()
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        await queries.register(made, session, public, clock.now())
    return KeyedDevice(str(made), session)


async def here(viewer: Viewer) -> KeyedDevice | None:
    """The device of the viewer's session, if it has told its key."""
    found = await queries.of_session(viewer.session) if viewer.session else None
    return KeyedDevice(str(found), viewer.session) if found else None
