"""What the network says of itself."""

from litestar import get
from litestar.types import ASGIApp

from asgi import text_html
from asgi.asgi_types import Request
from domain.accounts import network_profile
from web import page


@get("/about")
async def about(request: Request) -> ASGIApp:
    accounts, written = await network_profile.size()
    return page.show(
        request,
        "pages/about.html",
        page.translate(request, "About"),
        stats={"accounts": accounts, "posts": written},
        version=page.VERSION,
        source="",
        shared=True,
    )


@get("/terms")
async def terms(request: Request) -> ASGIApp:
    latest = await network_profile.latest_terms()
    shown = {"version": latest.version, "text": text_html.paragraphs(latest.text), "published_ms": latest.published_at}
    return page.show(request, "pages/terms.html", page.translate(request, "Terms"), terms=shown, shared=True)


HANDLERS = [about, terms]
