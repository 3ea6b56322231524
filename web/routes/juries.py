"""Juries, as their members see them: summonses, votes, what they were drawn for, and whether they may be drawn."""

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.core.translatable import N_
from domain.moderation import juries, jury_audits, jury_briefs, jury_lot, jury_seating, jury_service
from domain.moderation.juries import MAX_REASON, Answer
from domain.moderation.jury_kinds import JuryVote, SeatState
from web import errors, forms, jury_context, page
from web.routes import settings, timelines

# What somebody is called in what jurors read.
PERSON = N_("Person %(letter)s")
VOTES = {"stands": JuryVote.STANDS, "reverse": JuryVote.REVERSE}
ANSWERS = {"vote": SeatState.VOTED, "abstain": SeatState.ABSTAINED, "pass": SeatState.PASSED}


@get("/jury")
async def summonses(request: Request) -> ASGIApp:
    viewer = page.viewer(request)
    found = await jury_briefs.open_summonses(viewer)
    return page.show(
        request,
        "jury/summonses.html",
        page.translate(request, "Juries"),
        summonses=[jury_context.seat(one) for one in found],
        service=jury_context.service(await jury_service.mine(viewer)),
        active="settings",
    )


@get("/jury/history")
async def history(request: Request) -> ASGIApp:
    before = timelines.cursor(request)
    found = await jury_briefs.history(page.viewer(request), before)
    rows = [jury_context.seat(one) for one in found.items]
    older = f"/jury/history?before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "jury/_seats.html", seats=rows, older_url=older).encode())
    title = page.translate(request, "Your juries")
    return page.show(request, "jury/history.html", title, seats=rows, older_url=older, active="settings")


@get("/jury/settings")
async def settings_form(request: Request) -> ASGIApp:
    found = await jury_service.mine(page.viewer(request))
    return settings.show_settings(
        request,
        "jury",
        "Juries",
        forms.Form(),
        service=jury_context.service(found),
        saved=settings.just_saved(request),
        seats=jury_seating.SEATS,
        needed=jury_seating.TO_REVERSE,
        hours=jury_seating.ANSWER_HOURS,
        most=jury_lot.MAX_SUMMONS,
    )


@post("/jury/settings")
async def save_settings(request: Request) -> ASGIApp:
    form = await forms.read(request)
    viewer = page.viewer(request)
    await (jury_service.opt_in(viewer) if form.on("opted_in") else jury_service.opt_out(viewer))
    return page.redirect(request, "/jury/settings?saved=1")


@get("/jury/{juror_id:str}")
async def summons(request: Request, juror_id: str) -> ASGIApp:
    return await _summons(request, forms.parse_id(juror_id), forms.Form(), forms.Form())


async def _summons(
    request: Request, number: int, form: forms.Form, problems: forms.Form, status: int = 200
) -> Response:
    found = await jury_briefs.read(page.viewer(request), number, page.translate(request, PERSON))
    return page.show(
        request,
        "jury/summons.html",
        page.translate(request, "Jury"),
        status=status,
        summons=jury_context.summons(found, page.locale(request)),
        form=form,
        errors=problems,
        limit=MAX_REASON,
        seats=jury_seating.SEATS,
        needed=jury_seating.TO_REVERSE,
        active="settings",
    )


@post(["/jury/{juror_id:str}/vote", "/jury/{juror_id:str}/abstain", "/jury/{juror_id:str}/pass"])
async def answer(request: Request, juror_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(juror_id)
    state = ANSWERS[page.path(request).rpartition("/")[2]]
    votes = state is SeatState.VOTED
    given = Answer(
        state,
        forms.version(form["version"]) or 0,
        VOTES.get(form["vote"]) if votes else None,
        form["reason"] if votes else "",
    )
    try:
        await juries.answer(page.viewer(request), number, given)
    except (Invalid, Conflict) as problem:
        return await _summons(request, number, form, errors.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, f"/jury/{number}")


@post("/jury/{juror_id:str}/dispute")
async def dispute(request: Request, juror_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(juror_id)
    try:
        await jury_audits.dispute(page.viewer(request), number, form["dispute"])
    except (Invalid, Conflict) as problem:
        return await _summons(request, number, form, errors.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, f"/jury/{number}")


@get("/moderation/audits")
async def audits(request: Request) -> ASGIApp:
    after = forms.query(request, "after")
    found = await jury_audits.disputes(page.viewer(request), after)
    return page.show(
        request,
        "moderation/audits.html",
        page.translate(request, "Disputed audits"),
        disputes=[jury_context.dispute(one) for one in found.items],
        more_url=f"/moderation/audits?after={found.next}" if found.next else "",
        first=not after,
        active="settings",
    )


@post(["/moderation/audits/{juror_id:str}/uphold", "/moderation/audits/{juror_id:str}/withdraw"])
async def settle(request: Request, juror_id: str) -> ASGIApp:
    number = forms.parse_id(juror_id)
    upholds = page.path(request).endswith("/uphold")
    await (jury_audits.uphold if upholds else jury_audits.withdraw)(page.viewer(request), number)
    return page.redirect(request, "/moderation/audits")


HANDLERS = [summonses, history, settings_form, save_settings, summons, answer, dispute, audits, settle]
