"""What was decided about a member: their standing, and each statement of reasons."""

from litestar import get
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.moderation import statements
from domain.moderation.statements import POINTS_DAYS
from web import forms, moderation_context, page
from web.routes import timelines


@get("/standing")
async def standing(request: Request) -> ASGIApp:
    before = timelines.cursor(request)
    found = await statements.mine(page.viewer(request), before)
    rows = [moderation_context.statement(one, page.locale(request)) for one in found.items]
    older = f"/standing?before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "moderation/_statements.html", statements=rows, older_url=older).encode())
    title = page.translate(request, "Your standing")
    points = await statements.points(page.viewer(request).id)
    return page.show(
        request, "moderation/standing.html", title, statements=rows, older_url=older, points=points, days=POINTS_DAYS
    )


@get("/statements/{statement_id:str}")
async def statement(request: Request, statement_id: str) -> ASGIApp:
    found = await statements.read(page.viewer(request), forms.parse_id(statement_id))
    shown = moderation_context.statement(found, page.locale(request))
    return page.show(request, "moderation/statement.html", page.translate(request, "Decision"), statement=shown)


HANDLERS = [standing, statement]
