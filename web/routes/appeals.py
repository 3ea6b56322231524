"""Appeals, as members lodge and follow them, and as guests do by the link in a mail."""

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.moderation import appeal_eligibility, appeals, guest_appeals, reports
from domain.moderation.appeals import MAX_WORDS
from web import errors, forms, moderation_context, page
from web.routes import timelines


@get("/appeals")
async def mine(request: Request) -> ASGIApp:
    before = timelines.cursor(request)
    found = await appeals.mine(page.viewer(request), before)
    rows = [moderation_context.listed_appeal(one, page.locale(request)) for one in found.items]
    older = f"/appeals?before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "moderation/_own_appeals.html", appeals=rows, older_url=older).encode())
    title = page.translate(request, "Your appeals")
    return page.show(request, "moderation/own_appeals.html", title, appeals=rows, older_url=older)


@get("/reports/{report_id:str}/appeal")
async def form_about_report(request: Request, report_id: str) -> ASGIApp:
    return await _form(request, forms.parse_id(report_id), forms.Form(), forms.Form())


async def _form(request: Request, report: int, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    found = await appeals.of_report(page.viewer(request), report)
    reported = await reports.read(page.viewer(request), report)
    return page.show(
        request,
        "moderation/report_appeal.html",
        page.translate(request, "Appeal"),
        status=status,
        report=moderation_context.own_report(reported, page.locale(request)),
        appeal=moderation_context.appeal(found, page.locale(request)),
        refusal=errors.words(request, found.refusal) if found.refusal else "",
        form=form,
        errors=problems,
        limit=MAX_WORDS,
    )


@post("/reports/{report_id:str}/appeal")
async def lodge_about_report(request: Request, report_id: str) -> ASGIApp:
    form = await forms.read(request)
    report = forms.parse_id(report_id)
    try:
        await appeals.lodge_for_report(page.viewer(request), report, form["words"])
    except (Invalid, Conflict) as problem:
        return await _form(request, report, form, errors.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, "/appeals")


@get("/notice/appeal/{token:str}")
async def guest_form(request: Request, token: str) -> ASGIApp:
    return await _guest_page(request, token, forms.Form())


@post("/notice/appeal/{token:str}", status_code=200)
async def lodge_as_guest(request: Request, token: str) -> ASGIApp:
    """Answers alike whatever becomes of it, once something was written."""
    form = await forms.read(request)
    try:
        await guest_appeals.lodge(token, form["words"])
    except Invalid as problem:
        return await _guest_page(request, token, form, errors.problems(request, problem), 422)
    return await _guest_page(request, token, forms.Form(), taken=True)


async def _guest_page(
    request: Request,
    token: str,
    form: forms.Form,
    problems: forms.Form | None = None,
    status: int = 200,
    *,
    taken: bool = False,
) -> Response:
    found = await guest_appeals.of_token(token)
    return page.show(
        request,
        "moderation/guest_appeal.html",
        page.translate(request, "Appeal"),
        status=status,
        token=token,
        number=str(found.report),
        taken=taken,
        form=form,
        errors=problems or forms.Form(),
        months=appeal_eligibility.MONTHS,
        limit=MAX_WORDS,
        # The address is all that one needs to appeal.
        headers=((b"referrer-policy", b"no-referrer"),),
    )


HANDLERS = [mine, form_about_report, lodge_about_report, guest_form, lodge_as_guest]
