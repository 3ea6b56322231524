"""Bulk decisions: the search, the preview, the decision, and its undoing."""

from litestar import delete, get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.moderation import bulk_decisions, bulk_previews
from domain.moderation.bulk_kinds import MOST, SINCE_DAYS
from domain.moderation.kinds import SubjectKind
from web import bulk_pages, errors, forms, page
from web.bulk_pages import HERE
from web.routes import timelines


@get(HERE)
async def listed(request: Request) -> ASGIApp:
    return await _listed(request, bulk_pages.begin_form(request), forms.Form())


async def _listed(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    found = await bulk_previews.listed(page.viewer(request), timelines.cursor(request))
    return page.show(
        request,
        "moderation/bulk_list.html",
        page.translate(request, "Bulk decisions"),
        status=status,
        bulks=[bulk_pages.row(request, one) for one in found.items],
        older_url=f"{HERE}?before={found.next}" if found.next else "",
        form=form,
        errors=problems,
        since=SINCE_DAYS,
        most=MOST,
        active="settings",
    )


@post(HERE)
async def begin(request: Request) -> ASGIApp:
    form = await forms.read(request)
    kind = bulk_pages.KINDS.get(form["about"], SubjectKind.POST)
    try:
        bulk = await bulk_previews.begin(page.viewer(request), kind, bulk_pages.criteria(form))
    except Invalid as problem:
        return await _listed(request, form, forms.Form(errors.fields(request, problem)), 422)
    return page.redirect(request, f"{HERE}/{bulk}")


@get(HERE + "/{bulk_id:str}")
async def one(request: Request, bulk_id: str) -> ASGIApp:
    shown = forms.version(forms.query(request, "page")) or 1
    return await _one(request, forms.parse_id(bulk_id), forms.Form(), forms.Form(), page_number=shown)


async def _one(
    request: Request, bulk: int, form: forms.Form, problems: forms.Form, status: int = 200, page_number: int = 1
) -> Response:
    found = await bulk_previews.read(page.viewer(request), bulk, page_number)
    return page.show(
        request,
        "moderation/bulk.html",
        page.translate(request, "Bulk decision"),
        status=status,
        active="settings",
        **await bulk_pages.context(request, found, form, problems),
    )


@post(HERE + "/{bulk_id:str}/choice", status_code=200)
async def choose(request: Request, bulk_id: str) -> ASGIApp:
    """Keeps what is ticked on a page, and shows this one or another; what is typed of the decision comes along."""
    form = await forms.read(request, max_fields=bulk_pages.MAX_FIELDS)
    number, shown = forms.parse_id(bulk_id), _page(form)
    try:
        await bulk_previews.choose(page.viewer(request), number, shown, bulk_pages.chosen(form))
    except Conflict as problem:
        return await _refused(request, number, form, problem)
    return await _one(request, number, form, forms.Form(), page_number=forms.version(form["to"]) or shown)


def _page(form: forms.Form) -> int:
    return max(1, forms.version(form["page"]) or 1)


async def _refused(request: Request, bulk: int, form: forms.Form, problem: Conflict) -> Response:
    problems = forms.Form(form=errors.words(request, problem))
    return await _one(request, bulk, form, problems, 409, page_number=_page(form))


@post(HERE + "/{bulk_id:str}/decision")
async def decide(request: Request, bulk_id: str) -> ASGIApp:
    form = await forms.read(request, max_fields=bulk_pages.MAX_FIELDS)
    number, viewer = forms.parse_id(bulk_id), page.viewer(request)
    try:
        await bulk_previews.choose(viewer, number, _page(form), bulk_pages.chosen(form))
        await bulk_decisions.decide(viewer, number, bulk_pages.decision(form))
    except Invalid as problem:
        found = forms.Form(errors.fields(request, problem))
        return await _one(request, number, form, found, 422, page_number=_page(form))
    except Conflict as problem:
        return await _refused(request, number, form, problem)
    return page.redirect(request, f"{HERE}/{number}")


@post(HERE + "/{bulk_id:str}/agreement")
async def agree(request: Request, bulk_id: str) -> ASGIApp:
    number = forms.parse_id(bulk_id)
    try:
        await bulk_decisions.agree(page.viewer(request), number)
    except Conflict as problem:
        return await _refused(request, number, forms.Form(), problem)
    return page.redirect(request, f"{HERE}/{number}")


@delete(HERE + "/{bulk_id:str}", status_code=200)
async def drop(request: Request, bulk_id: str) -> ASGIApp:
    number = forms.parse_id(bulk_id)
    try:
        await bulk_decisions.drop(page.viewer(request), number)
    except Conflict as problem:
        return await _refused(request, number, forms.Form(), problem)
    return page.redirect(request, HERE)


@post(HERE + "/{bulk_id:str}/reversal")
async def undo(request: Request, bulk_id: str) -> ASGIApp:
    form = await forms.read(request)
    number, viewer = forms.parse_id(bulk_id), page.viewer(request)
    try:
        await bulk_decisions.undo(viewer, number, form["reversal"], names_nobody=form.on("names_nobody"))
    except Invalid as problem:
        found = forms.Form(errors.fields(request, problem))
        found["reversal"] = found.pop("explanation", "") or found["names_nobody"] or found["form"]
        return await _one(request, number, form, found, 422)
    except Conflict as problem:
        return await _refused(request, number, form, problem)
    return page.redirect(request, f"{HERE}/{number}")


HANDLERS = [listed, begin, one, choose, decide, agree, drop, undo]
