"""The simulation of a filter: starting and stopping it, what it found, and which of its hits are wrong."""

from litestar import delete, get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core import ids
from domain.core.errors import Conflict
from domain.moderation import filter_simulations, filters
from web import errors, forms, page, simulation_context

HERE = "/moderation/filters/{filter_id:str}/simulation"
# Before the id of a post that is marked.
WRONG = "wrong-"


@get(HERE)
async def simulation(request: Request, filter_id: str) -> ASGIApp:
    return await _simulation(request, forms.parse_id(filter_id))


async def _simulation(request: Request, number: int, problem: str = "", status: int = 200) -> Response:
    viewer = page.viewer(request)
    shown = await filters.read(viewer, number)
    found = await filter_simulations.read(viewer, number)
    return page.show(
        request,
        "moderation/simulation.html",
        page.translate(request, "Simulation"),
        status=status,
        filter=shown,
        simulation=simulation_context.context(found, page.locale(request)) if found else None,
        days=filter_simulations.DAYS,
        saved=bool(forms.query(request, "saved")),
        problem=problem,
        active="settings",
    )


@post(HERE)
async def start(request: Request, filter_id: str) -> ASGIApp:
    number = forms.parse_id(filter_id)
    try:
        await filter_simulations.start(page.viewer(request), number)
    except Conflict as problem:
        return await _simulation(request, number, errors.words(request, problem), 409)
    return page.redirect(request, _address(number))


@delete(HERE, status_code=200)
async def stop(request: Request, filter_id: str) -> ASGIApp:
    number = forms.parse_id(filter_id)
    await filter_simulations.stop(page.viewer(request), number)
    return page.redirect(request, _address(number))


@post(f"{HERE}/marks")
async def mark(request: Request, filter_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(filter_id)
    ticked = (ids.parse(name.removeprefix(WRONG)) for name in form if name.startswith(WRONG) and form.on(name))
    wrong = {one for one in ticked if one is not None}
    try:
        await filter_simulations.mark(page.viewer(request), number, forms.parse_id(form["run"]), wrong)
    except Conflict as problem:
        return await _simulation(request, number, errors.words(request, problem), 409)
    return page.redirect(request, f"{_address(number)}?saved=1")


def _address(number: int) -> str:
    return f"/moderation/filters/{number}/simulation"


HANDLERS = [simulation, start, stop, mark]
