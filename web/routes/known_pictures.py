"""The pictures that moderators know."""

from typing import Any

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Forbidden, Invalid
from domain.moderation import known_pictures
from domain.moderation.known_pictures import MAX_NAME, MAX_NOTE, KnownPicture
from web import errors, forms, page
from web.routes import timelines

HERE = "/moderation/pictures"


@get(HERE)
async def listed(request: Request) -> ASGIApp:
    """With a picture's key in the address, it has the form that adds it."""
    return await _listed(request, forms.Form(picture=forms.query(request, "picture")), forms.Form())


async def _listed(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    found = await known_pictures.listed(page.viewer(request), timelines.cursor(request))
    return page.show(
        request,
        "moderation/known_pictures.html",
        page.translate(request, "Known pictures"),
        status=status,
        pictures=[_context(request, one) for one in found.items],
        older_url=f"{HERE}?before={found.next}" if found.next else "",
        form=form,
        errors=problems,
        max_name=MAX_NAME,
        max_note=MAX_NOTE,
        active="settings",
    )


def _context(request: Request, one: KnownPicture) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "note": one.note,
        "ms": one.added_at,
        "waits": one.waits,
        "refusal": errors.words(request, one.refusal) if one.refusal else "",
        "mine": one.mine,
        "case": str(one.case or ""),
    }


@post(HERE)
async def add(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        await known_pictures.add(page.viewer(request), form["picture"], form["name"], form["note"])
    except (Invalid, Conflict) as problem:
        return await _listed(request, form, errors.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, HERE)


@put(HERE + "/{picture_id:str}/agreement", status_code=200)
async def agree(request: Request, picture_id: str) -> ASGIApp:
    try:
        await known_pictures.agree(page.viewer(request), forms.parse_id(picture_id))
    except (Conflict, Forbidden) as problem:
        shown = forms.Form(agreement=errors.words(request, problem))
        return await _listed(request, forms.Form(), shown, errors.status_of(problem))
    return page.redirect(request, HERE)


@delete(HERE + "/{picture_id:str}", status_code=200)
async def remove(request: Request, picture_id: str) -> ASGIApp:
    await known_pictures.remove(page.viewer(request), forms.parse_id(picture_id))
    return page.redirect(request, HERE)


HANDLERS = [listed, add, agree, remove]
