"""What was decided about a member: their standing, and each statement of reasons with what they say against it."""

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.moderation import appeals, statements
from domain.moderation.appeals import MAX_WORDS
from domain.moderation.statements import POINTS_DAYS
from web import errors, forms, moderation_context, page
from web.routes import timelines


@get("/standing")
async def standing(request: Request) -> ASGIApp:
    before = timelines.cursor(request)
    viewer, locale = page.viewer(request), page.locale(request)
    found = await statements.mine(viewer, before)
    statuses = await appeals.of_statements(viewer, (one.id for one in found.items))
    rows = [moderation_context.statement(one, locale, statuses[one.id]) for one in found.items]
    older = f"/standing?before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "moderation/_statements.html", statements=rows, older_url=older).encode())
    return page.show(
        request,
        "moderation/standing.html",
        page.translate(request, "Your standing"),
        statements=rows,
        older_url=older,
        points=await statements.points(viewer.id),
        days=POINTS_DAYS,
    )


@get("/statements/{statement_id:str}")
async def statement(request: Request, statement_id: str) -> ASGIApp:
    return await _statement(request, forms.parse_id(statement_id), forms.Form(), forms.Form())


async def _statement(
    request: Request, number: int, form: forms.Form, problems: forms.Form, status: int = 200
) -> Response:
    viewer = page.viewer(request)
    found = await statements.read(viewer, number)
    appeal = (await appeals.of_statements(viewer, [number]))[number]
    return page.show(
        request,
        "moderation/statement.html",
        page.translate(request, "Decision"),
        status=status,
        statement=moderation_context.statement(found, page.locale(request), appeal),
        form=form,
        errors=problems,
        limit=MAX_WORDS,
    )


@post("/statements/{statement_id:str}/appeal")
async def lodge(request: Request, statement_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(statement_id)
    try:
        await appeals.lodge(page.viewer(request), number, form["words"])
    except (Invalid, Conflict) as problem:
        return await _statement(request, number, form, errors.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, f"/statements/{number}")


HANDLERS = [standing, statement, lodge]
