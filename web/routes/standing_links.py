"""The link under which a member shows their standing: making it, ending it, and what it shows."""

from litestar import delete, get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Headers, Response
from domain.core.errors import Invalid
from domain.moderation import standing_links
from domain.moderation.statements import POINTS_DAYS
from web import errors, forms, mails, moderation_context, page, state
from web.routes import timelines

HERE = "/standing/link"
# Whoever has the address reads it, and nobody else is to find it.
UNLISTED: Headers = ((b"x-robots-tag", b"noindex, nofollow"), (b"referrer-policy", b"no-referrer"))


@get(HERE)
async def form(request: Request) -> ASGIApp:
    return await _form(request)


async def _form(request: Request, problems: forms.Form | None = None, status: int = 200, url: str = "") -> Response:
    link = await standing_links.mine(page.viewer(request))
    return page.show(
        request,
        "moderation/standing_link.html",
        page.translate(request, "Show your standing"),
        status=status,
        expires_ms=link.expires_at if link else 0,
        choices=standing_links.DAYS,
        url=url,
        errors=problems or forms.Form(),
    )


@post(HERE, status_code=200)
async def make(request: Request) -> ASGIApp:
    """Shows the address, this once."""
    sent = await forms.read(request)
    days = int(sent["days"]) if sent["days"] in map(str, standing_links.DAYS) else None
    try:
        token = await standing_links.make(page.viewer(request), days)
    except Invalid as problem:
        return await _form(request, forms.Form(errors.fields(request, problem)), 422)
    return await _form(request, url=f"{mails.base(state.of(request).settings)}/standing/shared/{token}")


@delete(HERE, status_code=200)
async def end(request: Request) -> ASGIApp:
    await standing_links.end(page.viewer(request))
    return page.redirect(request, HERE)


@get("/standing/shared/{token:str}")
async def shared(request: Request, token: str) -> ASGIApp:
    before, locale = timelines.cursor(request), page.locale(request)
    found = await standing_links.read(token, before)
    older = f"/standing/shared/{token}?before={found.statements.next}" if found.statements.next else ""
    return page.show(
        request,
        "moderation/shared_standing.html",
        page.translate(request, "Standing of @%(handle)s", handle=found.handle),
        statements=[moderation_context.statement(one, locale) for one in found.statements.items],
        older_url=older,
        handle=found.handle,
        points=found.points,
        days=POINTS_DAYS,
        expires_ms=found.expires_at,
        head='<meta name="robots" content="noindex, nofollow">',
        headers=UNLISTED,
    )


HANDLERS = [form, make, end, shared]
