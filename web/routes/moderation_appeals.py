"""Appeals, as moderators decide them."""

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid, collect
from domain.moderation import appeal_decisions, appeal_queue, jury_audits
from domain.moderation.jury_kinds import JuryVote
from web import case_pages, errors, forms, moderation_context, page


@get("/moderation/appeals/{appeal_id:str}")
async def appeal(request: Request, appeal_id: str) -> ASGIApp:
    return await _appeal(request, forms.parse_id(appeal_id), forms.Form(), forms.Form())


async def _appeal(request: Request, number: int, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    view = await appeal_queue.read(page.viewer(request), number)
    return page.show(
        request,
        "moderation/appeal.html",
        page.translate(request, "Appeal"),
        status=status,
        appeal={
            **case_pages.appeal_row(view.appeal),
            "state": view.state.name.lower(),
            "answer": moderation_context.said_by(view.answer, page.locale(request)),
            "hearing": view.hearing.name.lower(),
            "reasons": [(JuryVote(one.vote).name.lower(), one.reason) for one in view.reasons],
            "until_ms": view.claimed_until,
        },
        others=view.others,
        appealed=[moderation_context.statement(one, page.locale(request)) for one in view.decision],
        appeal_refusal=errors.words(request, view.refusal) if view.refusal else "",
        may_promote=await jury_audits.may_promote(page.viewer(request), number),
        offered=[kind.name.lower() for kind in view.offered],
        active="settings",
        **await case_pages.context(request, view.case, form, problems),
    )


@put("/moderation/appeals/{appeal_id:str}/claim", status_code=200)
async def claim(request: Request, appeal_id: str) -> ASGIApp:
    """The form of the answer comes along, so that nothing is lost that was typed before."""
    form = await forms.read(request)
    await appeal_queue.claim(page.viewer(request), forms.parse_id(appeal_id))
    if any(form[name] for name in ("outcome", "answer", "facts", "explanation")):
        return await _appeal(request, forms.parse_id(appeal_id), form, forms.Form())
    return page.redirect(request, f"/moderation/appeals/{appeal_id}")


@delete("/moderation/appeals/{appeal_id:str}/claim", status_code=200)
async def release(request: Request, appeal_id: str) -> ASGIApp:
    await appeal_queue.release(page.viewer(request), forms.parse_id(appeal_id))
    return page.redirect(request, "/moderation")


@post("/moderation/appeals/{appeal_id:str}/decision")
async def decide(request: Request, appeal_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(appeal_id)
    try:
        await _decide(request, number, form)
    except (Invalid, Conflict) as problem:
        return await _appeal(request, number, form, case_pages.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, "/moderation?decided=1")


async def _decide(request: Request, number: int, form: forms.Form) -> None:
    """The decision stands, or is taken back, or there is a breach after all. Errors: ``Invalid``, ``Conflict``."""
    viewer, named, version = page.viewer(request), form.on("names_nobody"), forms.version(form["version"])
    match form["outcome"]:
        case "upheld":
            await appeal_decisions.uphold(viewer, number, form["answer"], names_nobody=named, version=version)
        case "granted":
            await appeal_decisions.grant(viewer, number, form["answer"], names_nobody=named, version=version)
        case "breach":
            await appeal_decisions.decide_again(viewer, number, case_pages.decision(form), form["answer"])
        case _:
            collect(outcome=Invalid("Choose one of the decisions."))


@post("/moderation/appeals/{appeal_id:str}/audit")
async def promote(request: Request, appeal_id: str) -> ASGIApp:
    """Makes an audit of what a jury has decided."""
    form = await forms.read(request)
    number, named = forms.parse_id(appeal_id), form.on("names_nobody")
    try:
        await jury_audits.promote(page.viewer(request), number, form["why"], names_nobody=named)
    except (Invalid, Conflict) as problem:
        return await _appeal(request, number, form, errors.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, f"/moderation/appeals/{number}")


HANDLERS = [appeal, claim, release, decide, promote]
