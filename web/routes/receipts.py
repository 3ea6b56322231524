"""What was removed of one's deleted posts, and from where."""

from litestar import get
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from domain.core import clock, ids
from domain.core.access import member
from domain.posts import receipts
from web import page, state


@get("/settings/receipts")
async def listed(request: Request) -> ASGIApp:
    days = state.backup_days(request)
    shown = [
        {
            "id": str(one.post), "written_ms": ids.time_of(one.post), "deleted_ms": one.deleted_at,
            "purged_ms": one.purged_at, "lines": one.lines,
            "backups_ms": (one.purged_at or one.deleted_at) + days * clock.DAY_MS,
        }
        for one in await receipts.of(member(page.viewer(request)))
    ]  # fmt: skip
    title = page.translate(request, "Deleted posts")
    return page.show(request, "settings/receipts.html", title, receipts=shown, backup_days=days, active="settings")


HANDLERS = [listed]
