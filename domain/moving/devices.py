"""A signed-in device's own key, whose private half never leaves it; it ends with the session."""

import msgspec

from db.queries import moving as queries
from domain.core import clock, ids
from domain.core.access import Viewer, member
from domain.core.errors import Invalid
from domain.moving import keys


class Device(msgspec.Struct, frozen=True):
    """A device as it names itself in a code; ``id`` is decimal."""

    id: str
    session: str


async def register(viewer: Viewer, public: str) -> Device:
    """Ties a key (a point of P-256, base64url) to the viewer's session, in place of an earlier one.

    Errors: ``SignedOut``, ``Invalid``.
    """
    session = member(viewer).session
    if len(public) > 100 or not keys.is_point(public):
        raise Invalid("This is no key of a device.")
    made = ids.new()
    await queries.register(made, session, public, clock.now())
    return Device(str(made), session)


async def here(viewer: Viewer) -> Device | None:
    """The device of the viewer's session, if it has told its key."""
    found = await queries.of_session(viewer.session) if viewer.session else None
    return Device(str(found), viewer.session) if found else None
