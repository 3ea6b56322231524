"""The brake and the crisis, for moderators."""

from typing import Any

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.moderation import brake_switch, crisis
from domain.moderation.public_words import MAX_WORDS
from web import errors, forms, page, state

BRAKE, CRISIS = "/moderation/brake", "/moderation/crisis"


@get(BRAKE)
async def brake_page(request: Request) -> ASGIApp:
    return await _brake(request)


async def _brake(request: Request, status: int = 200, **shown: Any) -> Response:
    found = await brake_switch.figures(page.viewer(request))
    return page.show(
        request,
        "moderation/brake.html",
        page.translate(request, "Brake"),
        status=status,
        now=found,
        reason=found.reason.name.lower(),
        per_hour=state.of(request).settings.brake_signups_per_hour,
        backlog=brake_switch.BACKLOG,
        each=brake_switch.EACH,
        choices=brake_switch.HOURS,
        max_words=MAX_WORDS,
        active="settings",
        **{"form": forms.Form(), "errors": forms.Form(), **shown},
    )


@post(BRAKE)
async def switch_on(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        await brake_switch.switch_on(page.viewer(request), form["words"], forms.version(form["hours"]))
    except (Invalid, Conflict) as problem:
        return await _brake(request, errors.status_of(problem), form=form, errors=errors.problems(request, problem))
    return page.redirect(request, BRAKE)


@delete(BRAKE, status_code=200)
async def switch_off(request: Request) -> ASGIApp:
    try:
        await brake_switch.switch_off(page.viewer(request))
    except Conflict as problem:
        return await _brake(request, 409, errors=errors.problems(request, problem))
    return page.redirect(request, BRAKE)


@get(CRISIS)
async def crisis_page(request: Request) -> ASGIApp:
    return await _crisis(request)


async def _crisis(request: Request, status: int = 200, **shown: Any) -> Response:
    return page.show(
        request,
        "moderation/crisis.html",
        page.translate(request, "Crisis"),
        status=status,
        found=await crisis.read(page.viewer(request)),
        choices=crisis.HOURS,
        max_words=MAX_WORDS,
        active="settings",
        **{"form": forms.Form(), "errors": forms.Form(), **shown},
    )


@post(CRISIS)
async def propose(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        await crisis.propose(page.viewer(request), form["words"], forms.version(form["hours"]))
    except (Invalid, Conflict) as problem:
        return await _crisis(request, errors.status_of(problem), form=form, errors=errors.problems(request, problem))
    return page.redirect(request, CRISIS)


@put(CRISIS + "/{crisis_id:str}", status_code=200)
async def agree(request: Request, crisis_id: str) -> ASGIApp:
    try:
        await crisis.agree(page.viewer(request), forms.parse_id(crisis_id))
    except Conflict as problem:
        return await _crisis(request, 409, errors=errors.problems(request, problem))
    return page.redirect(request, CRISIS)


@delete(CRISIS + "/{crisis_id:str}", status_code=200)
async def end(request: Request, crisis_id: str) -> ASGIApp:
    await crisis.end(page.viewer(request), forms.parse_id(crisis_id))
    return page.redirect(request, CRISIS)


HANDLERS = [brake_page, switch_on, switch_off, crisis_page, propose, agree, end]
