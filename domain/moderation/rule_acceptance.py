"""Notes which version of the rules a member has accepted."""

from db.engine import DB
from db.queries import rules as queries
from domain.core.access import Viewer, member
from domain.core.errors import Conflict


async def accept(viewer: Viewer, version: int) -> None:
    """Notes that the viewer accepts the rules in force, which must be the ``version`` that they have read.

    Errors: ``SignedOut``, ``Conflict`` when newer rules have been published since.
    """
    member(viewer)
    async with DB.writing():
        book = await queries.latest()
        if book is None or book.version != version:
            raise Conflict("The rules have changed since you opened this page. Read them once more.")
        await queries.accept(viewer.id, version)
