"""Lists of words that filters ask for, for moderators."""

from typing import Any

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Forbidden, Invalid
from domain.moderation import word_changes, word_lists
from domain.moderation.word_lists import ListedWords
from web import errors, forms, page

HERE = "/moderation/words"
# Lines that a comparison shows.
COMPARED = 200


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
                "waits": one.proposed and ("mine" if one.proposed.mine else "other"),
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
    """What is sent next is about the list as this page shows it, whatever the form that came began from."""
    found = await word_lists.read(page.viewer(request), number)
    refusal = await word_changes.agree_refusal(page.viewer(request), number)
    newest = found.proposed.words if found.proposed else found.words
    form = form or forms.Form(words=newest, version=str(found.version))
    meanwhile = form["version"] != str(found.version)
    form |= {"name": found.name, "version": str(found.version)}
    return _form(
        request,
        form,
        problems,
        status,
        edited=str(number),
        found=found,
        proposed=_proposed(found),
        refusal=errors.words(request, refusal) if refusal else "",
        meanwhile=_compared(form["words"], newest) if meanwhile else None,
        newest=newest,
    )


def _proposed(found: ListedWords) -> dict[str, Any] | None:
    if found.proposed is None:
        return None
    return {
        "handle": found.proposed.handle,
        "mine": found.proposed.mine,
        "ms": found.proposed.at,
        "changes": _compared(found.words, found.proposed.words),
    }


def _compared(before: str, after: str) -> dict[str, Any]:
    """Lines that one text has and the other has not, and how many are not listed."""
    old, new = before.splitlines(), after.splitlines()
    added = [line for line in new if line not in set(old)]
    gone = [line for line in old if line not in set(new)]
    more = max(0, len(added) - COMPARED) + max(0, len(gone) - COMPARED)
    return {"added": added[:COMPARED], "gone": gone[:COMPARED], "more": more}


def _form(
    request: Request, form: forms.Form, problems: forms.Form | None = None, status: int = 200, **context: Any
) -> Response:
    title = form["name"] if context else page.translate(request, "New word list")
    about = {"edited": "", "found": None, "meanwhile": None, **context}
    return page.show(
        request,
        "moderation/word_list.html",
        title,
        status=status,
        form=form,
        errors=problems or forms.Form(),
        limit=word_lists.MAX_TEXT,
        active="settings",
        **about,
    )


@post(HERE)
async def add(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        await word_changes.add(page.viewer(request), form["name"], form["words"])
    except Invalid as problem:
        return _form(request, form, forms.Form(errors.fields(request, problem)), 422)
    return page.redirect(request, HERE)


@put(HERE + "/{list_id:str}")
async def rewrite(request: Request, list_id: str) -> ASGIApp:
    form, number = await forms.read(request), forms.parse_id(list_id)
    try:
        await word_changes.rewrite(page.viewer(request), number, form["words"], forms.version(form["version"]) or 0)
    except (Invalid, Conflict) as problem:
        return await _edited(request, number, form, errors.problems(request, problem), errors.status_of(problem))
    waits = (await word_lists.read(page.viewer(request), number)).proposed is not None
    return page.redirect(request, f"{HERE}/{number}" if waits else HERE)


@put(HERE + "/{list_id:str}/agreement", status_code=200)
async def agree(request: Request, list_id: str) -> ASGIApp:
    form, number = await forms.read(request), forms.parse_id(list_id)
    try:
        await word_changes.agree(page.viewer(request), number, forms.version(form["version"]) or 0)
    except (Conflict, Forbidden) as problem:
        return await _refused(request, number, problem)
    return page.redirect(request, HERE)


@delete(HERE + "/{list_id:str}/proposal", status_code=200)
async def turn_down(request: Request, list_id: str) -> ASGIApp:
    form, number = await forms.read(request), forms.parse_id(list_id)
    try:
        await word_changes.turn_down(page.viewer(request), number, forms.version(form["version"]) or 0)
    except Conflict as problem:
        return await _refused(request, number, problem)
    return page.redirect(request, f"{HERE}/{number}")


async def _refused(request: Request, number: int, problem: Conflict | Forbidden) -> Response:
    """The page as it is now, for a button that sends nothing that was typed."""
    shown = forms.Form(form=errors.words(request, problem))
    return await _edited(request, number, None, shown, errors.status_of(problem))


@delete(HERE + "/{list_id:str}", status_code=200)
async def remove(request: Request, list_id: str) -> ASGIApp:
    form, number = await forms.read(request), forms.parse_id(list_id)
    try:
        await word_changes.remove(page.viewer(request), number, forms.version(form["version"]) or 0)
    except Conflict as problem:
        return await _edited(request, number, form, forms.Form(form=errors.words(request, problem)), 409)
    return page.redirect(request, HERE)


HANDLERS = [listing, new_form, edit_form, add, rewrite, agree, turn_down, remove]
