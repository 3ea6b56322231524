"""What the network says of itself."""

from litestar import get
from litestar.types import ASGIApp

from domain.accounts import network
from web import filters, page
from web.page import Asked


@get("/about")
async def about(request: Asked) -> ASGIApp:
    accounts, written = await network.numbers()
    return page.show(
        request,
        "pages/about.html",
        page.say(request, "About"),
        stats={"accounts": accounts, "posts": written},
        version=page.VERSION,
        source="",
        shared=True,
    )


@get("/terms")
async def terms(request: Asked) -> ASGIApp:
    latest = await network.latest_terms()
    shown = {"version": latest.version, "text": filters.paragraphs(latest.text), "published_ms": latest.published_at}
    return page.show(request, "pages/terms.html", page.say(request, "Terms"), terms=shown, shared=True)


HANDLERS = [about, terms]
