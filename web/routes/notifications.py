"""Notifications, what is kept apart of them, and bells."""

from litestar import delete, get, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core import ids
from domain.core.access import member
from domain.notifications import bells, notices
from domain.notifications.notices import SHELVES, Shelf
from web import forms, notification_rendering, page
from web.routes import back, timelines

HERE = "/notifications"


def _shelf(request: Request) -> Shelf:
    """The list that is asked for; the whole one for anything else."""
    asked = forms.query(request, "only")
    return next((shelf for shelf in SHELVES if shelf == asked), "all")


@get(HERE)
async def listed(request: Request) -> ASGIApp:
    viewer = member(page.viewer(request))
    shelf, before = _shelf(request), timelines.cursor(request)
    found = await notices.page(viewer, shelf, before)
    here = HERE if shelf == "all" else f"{HERE}?only={shelf}"
    lines = await notification_rendering.lines(viewer, found.items, page.templates(request))
    older = f"{here}{'&' if '?' in here else '?'}before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "notifications/_list.html", lines=lines, older_url=older).encode())
    return page.show(
        request,
        "notifications/notifications.html",
        page.translate(request, "Notifications"),
        lines=lines,
        older_url=older,
        shelf=shelf,
        unread=viewer.counts.unread,
        aside=await notices.aside(viewer.id),
        first=before is None,
        active="notifications",
    )


@put(f"{HERE}/read")
async def read(request: Request) -> ASGIApp:
    """Marks as read what was on the page: all of a list up to an entry."""
    upto = ids.parse(forms.query(request, "upto") or (await forms.read(request))["upto"])
    left = await notices.read(page.viewer(request), upto or ids.LAST, _shelf(request))
    return back.done(request, {"unread": left})


@get(f"{HERE}/aside")
async def aside(request: Request) -> ASGIApp:
    viewer = member(page.viewer(request))
    people = [
        (
            notification_rendering.row(apart.person),
            await notification_rendering.lines(viewer, apart.notices, page.templates(request)),
        )
        for apart in await notices.set_aside(viewer)
    ]
    title = page.translate(request, "Set aside")
    return page.show(request, "notifications/aside.html", title, people=people, active="notifications")


@put(f"{HERE}/aside/{{account_id:str}}")
async def let_through(request: Request, account_id: str) -> ASGIApp:
    await notices.let_through(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {})


@delete(f"{HERE}/aside/{{account_id:str}}", status_code=200)
async def dismiss(request: Request, account_id: str) -> ASGIApp:
    await notices.dismiss(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {})


@put("/accounts/{account_id:str}/bell")
async def ring(request: Request, account_id: str) -> ASGIApp:
    await bells.ring(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {"bell": True})


@delete("/accounts/{account_id:str}/bell", status_code=200)
async def unring(request: Request, account_id: str) -> ASGIApp:
    await bells.unring(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {"bell": False})


HANDLERS = [listed, read, aside, let_through, dismiss, ring, unring]
