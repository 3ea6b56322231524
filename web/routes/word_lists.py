"""Lists of words that filters ask for, for moderators."""

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.moderation import word_lists
from web import errors, forms, page

HERE = "/moderation/words"


@get(HERE)
async def listing(request: Request) -> ASGIApp:
    found = await word_lists.everything(page.viewer(request))
    return page.show(
        request,
        "moderation/word_lists.html",
        page.translate(request, "Word lists"),
        lists=[
            {
                "id": str(one.id),
                "name": one.name,
                "lines": len(one.words.splitlines()),
                "used_by": one.used_by,
                "ms": one.updated_at,
            }
            for one in found
        ],
        active="settings",
    )


@get(f"{HERE}/new")
async def new_form(request: Request) -> ASGIApp:
    await word_lists.everything(page.viewer(request))
    return _form(request, forms.Form())


@get(HERE + "/{list_id:str}")
async def edit_form(request: Request, list_id: str) -> ASGIApp:
    return await _edited(request, forms.parse_id(list_id))


async def _edited(
    request: Request, number: int, form: forms.Form | None = None, problems: forms.Form | None = None, status: int = 200
) -> Response:
    found = await word_lists.read(page.viewer(request), number)
    form = form or forms.Form(words=found.words, version=str(found.version))
    form["name"] = found.name
    return _form(request, form, problems, status, edited=number, used_by=found.used_by)


def _form(
    request: Request,
    form: forms.Form,
    problems: forms.Form | None = None,
    status: int = 200,
    *,
    edited: int = 0,
    used_by: tuple[str, ...] = (),
) -> Response:
    return page.show(
        request,
        "moderation/word_list.html",
        form["name"] if edited else page.translate(request, "New word list"),
        status=status,
        form=form,
        errors=problems or forms.Form(),
        edited=str(edited or ""),
        used_by=used_by,
        limit=word_lists.MAX_TEXT,
        active="settings",
    )


@post(HERE)
async def add(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        await word_lists.add(page.viewer(request), form["name"], form["words"])
    except Invalid as problem:
        return _form(request, form, forms.Form(errors.fields(request, problem)), 422)
    return page.redirect(request, HERE)


@put(HERE + "/{list_id:str}")
async def rewrite(request: Request, list_id: str) -> ASGIApp:
    form, number = await forms.read(request), forms.parse_id(list_id)
    try:
        await word_lists.rewrite(page.viewer(request), number, form["words"], forms.version(form["version"]) or 0)
    except (Invalid, Conflict) as problem:
        return await _edited(request, number, form, errors.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, HERE)


@delete(HERE + "/{list_id:str}", status_code=200)
async def remove(request: Request, list_id: str) -> ASGIApp:
    form, number = await forms.read(request), forms.parse_id(list_id)
    try:
        await word_lists.remove(page.viewer(request), number, forms.version(form["version"]) or 0)
    except Conflict as problem:
        return await _edited(request, number, form, forms.Form(form=errors.words(request, problem)), 409)
    return page.redirect(request, HERE)


HANDLERS = [listing, new_form, edit_form, add, rewrite, remove]
