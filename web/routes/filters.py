"""Filters before publication, for moderators: their list, each one's page, the form in which one is written."""

from litestar import get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound
from domain.moderation import (
    filter_changes,
    filter_expressions,
    filter_history,
    filter_hit_groups,
    filter_hits,
    filter_simulations,
    filter_trial,
    filters,
)
from domain.moderation.filter_kinds import FilterState
from domain.posts.publishing import MAX_LENGTH
from web import errors, filter_context, forms, page, simulation_context
from web.routes import timelines

HERE = "/moderation/filters"
# What a button of a filter's page does, by the state that it leads to.
STEPS = {
    FilterState.SHADOW.name.lower(): filter_changes.try_out,
    FilterState.LIVE.name.lower(): filter_changes.go_live,
    FilterState.OFF.name.lower(): filter_changes.switch_off,
}


@get(HERE)
async def listing(request: Request) -> ASGIApp:
    viewer = page.viewer(request)
    found, hits = await filters.everything(viewer), await filter_hits.of_last_day(viewer)
    failures = await filter_hits.failures(viewer)
    return page.show(
        request,
        "moderation/filters.html",
        page.translate(request, "Filters"),
        filters=[filter_context.row(request, one, failures.get(one.id), hits.get(one.id, 0)) for one in found],
        active="settings",
    )


@get(f"{HERE}/new")
async def new_form(request: Request) -> ASGIApp:
    await filters.everything(page.viewer(request))
    return await _form(request, forms.Form())


@get(HERE + "/{filter_id:str}/edit")
async def edit_form(request: Request, filter_id: str) -> ASGIApp:
    found = await filters.read(page.viewer(request), forms.parse_id(filter_id))
    return await _form(request, filter_context.form_of(found), edited=found.id)


async def _form(
    request: Request,
    form: forms.Form,
    problems: forms.Form | None = None,
    status: int = 200,
    *,
    edited: int = 0,
    trial: filter_trial.Trial | None = None,
) -> Response:
    now = await filters.read(page.viewer(request), edited) if edited else None
    # What is sent next is about the filter as this page shows it, whatever the form that came began from.
    meanwhile = now is not None and form["version"] != str(now.version)
    if now is not None:
        form["version"] = str(now.version)
    return page.show(
        request,
        "moderation/filter_form.html",
        page.translate(request, "Change a filter") if edited else page.translate(request, "New filter"),
        status=status,
        form=form,
        errors=problems or forms.Form(),
        edited=str(edited or ""),
        meanwhile=filter_context.row(request, now, None) if now is not None and meanwhile else None,
        meanwhile_rule=await filter_context.rule(request, now.rule_name) if now is not None and meanwhile else None,
        trial=trial and ("hit" if trial.hit else errors.words(request, trial.problem) if trial.problem else "miss"),
        fields=filter_context.fields(request),
        outcomes=filter_context.outcome_choices(request),
        rules=await filter_context.rule_choices(request),
        limits={
            "name": filter_changes.MAX_NAME,
            "condition": filter_expressions.MAX_SOURCE,
            "facts": filter_changes.MAX_FACTS,
            "sample": MAX_LENGTH,
        },
        active="settings",
    )


@post(HERE)
async def add(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        if form.on("try"):
            return await _tried(request, form)
        made = await filter_changes.add(page.viewer(request), filter_context.draft(form))
    except Invalid as problem:
        return await _form(request, form, forms.Form(errors.fields(request, problem)), 422)
    return page.redirect(request, f"{HERE}/{made}")


@put(HERE + "/{filter_id:str}")
async def rewrite(request: Request, filter_id: str) -> ASGIApp:
    form, number = await forms.read(request), forms.parse_id(filter_id)
    try:
        if form.on("try"):
            return await _tried(request, form, number)
        seen = forms.version(form["version"]) or 0
        await filter_changes.rewrite(page.viewer(request), number, filter_context.draft(form), seen)
    except (Invalid, Conflict) as problem:
        return await _form(request, form, errors.problems(request, problem), errors.status_of(problem), edited=number)
    return page.redirect(request, f"{HERE}/{number}")


async def _tried(request: Request, form: forms.Form, edited: int = 0) -> Response:
    """The form again, with what the condition says of a text that was typed beside it."""
    trial = await filter_trial.look(page.viewer(request), form["condition"], form["sample"])
    return await _form(request, form, edited=edited, trial=trial)


@get(HERE + "/{filter_id:str}")
async def one(request: Request, filter_id: str) -> ASGIApp:
    """``before`` and ``changes`` are where its lists of hits and of changes begin."""
    return await _page(request, forms.parse_id(filter_id))


async def _page(request: Request, number: int, problem: str = "", status: int = 200) -> Response:
    viewer, before, changes = page.viewer(request), timelines.cursor(request), forms.query(request, "changes")
    found = await filters.read(viewer, number)
    hits, last = await filter_hit_groups.read(viewer, number), await filter_hits.last(viewer, number, before)
    history = await filter_history.of_filter(viewer, number, changes)
    simulation = await filter_simulations.read(viewer, number)
    refusal = await filter_changes.live_refusal(viewer, found)
    return page.show(
        request,
        "moderation/filter.html",
        found.name,
        status=status,
        filter=filter_context.row(request, found, (await filter_hits.failures(viewer)).get(number)),
        rule=await filter_context.rule(request, found.rule_name),
        refusal=errors.words(request, refusal) if refusal else "",
        problem=problem,
        total=hits.total,
        sent_anyway=hits.sent_anyway,
        groups=filter_context.groups(hits, page.locale(request)),
        compared=hits.compared,
        simulation=simulation_context.context(simulation, page.locale(request)) if simulation else None,
        hits=[filter_context.hit(request, one) for one in last.items],
        older_url=f"{HERE}/{number}?before={last.next}#hits" if last.next else "",
        history=[filter_context.change(request, one) for one in history.items],
        older_changes_url=f"{HERE}/{number}?changes={history.next}#history" if history.next else "",
        active="settings",
    )


@put(HERE + "/{filter_id:str}/state", status_code=200)
async def change_state(request: Request, filter_id: str) -> ASGIApp:
    form, number = await forms.read(request), forms.parse_id(filter_id)
    step = STEPS.get(form["state"])
    if step is None:
        raise NotFound
    try:
        await step(page.viewer(request), number, forms.version(form["version"]) or 0)
    except (Conflict, Forbidden) as problem:
        return await _page(request, number, errors.words(request, problem), errors.status_of(problem))
    return page.redirect(request, f"{HERE}/{number}")


HANDLERS = [listing, new_form, edit_form, add, rewrite, one, change_state]
