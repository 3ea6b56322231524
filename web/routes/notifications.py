"""Pages and actions: notifications, those that are set aside, and bells."""

from typing import get_args

from litestar import delete, get, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core import ids
from domain.core.access import member
from domain.notifications import bells, notices
from domain.notifications.kinds import Tab
from web import forms, notification_rendering, page
from web.routes import back, timelines

HERE = "/notifications"
TABS: tuple[Tab, ...] = get_args(Tab)


def _tab(request: Request) -> Tab:
    """The tab that ``?only=`` names; "all" for anything else."""
    name = forms.query(request, "only")
    return next((tab for tab in TABS if tab == name), "all")


@get(HERE)
async def listed(request: Request) -> ASGIApp:
    viewer = member(page.viewer(request))
    tab, before = _tab(request), timelines.cursor(request)
    found = await notices.page(viewer, tab, before)
    here = HERE if tab == "all" else f"{HERE}?only={tab}"
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
        tab=tab,
        unread=viewer.counts.unread,
        set_aside=await notices.people_set_aside(viewer.id),
        first=not before,
        active="notifications",
    )


@put(f"{HERE}/read")
async def read(request: Request) -> ASGIApp:
    """Marks as read what the page showed: all of a tab up to an entry."""
    upto = ids.parse(forms.query(request, "upto") or (await forms.read(request))["upto"])
    left = await notices.read(page.viewer(request), upto or ids.LAST, _tab(request))
    return back.done(request, {"unread": left})


@get(f"{HERE}/aside")
async def set_aside(request: Request) -> ASGIApp:
    viewer = member(page.viewer(request))
    people = [
        (
            notification_rendering.row(one.person),
            await notification_rendering.lines(viewer, one.notices, page.templates(request)),
        )
        for one in await notices.set_aside(viewer)
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
async def add_bell(request: Request, account_id: str) -> ASGIApp:
    await bells.add(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {"bell": True})


@delete("/accounts/{account_id:str}/bell", status_code=200)
async def remove_bell(request: Request, account_id: str) -> ASGIApp:
    await bells.remove(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {"bell": False})


HANDLERS = [listed, read, set_aside, let_through, dismiss, add_bell, remove_bell]
