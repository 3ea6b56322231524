"""The moderators' queue and cases."""

import contextlib
from typing import Any

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.cursors import Page
from domain.core.errors import Conflict, Invalid, Refused
from domain.moderation import (
    appeal_queue,
    bulk_previews,
    care,
    case_history,
    case_messages,
    case_notes,
    cases,
    crisis,
    decisions,
    jury_audits,
    known_pictures,
    proposals,
    reversals,
    rules,
    unoffered,
    upstream_desk,
    word_lists,
    work,
)
from domain.moderation.appeal_queue import QueuedAppeal
from domain.moderation.deciding import Overtaken
from domain.moderation.kinds import Party
from domain.moderation.queued_cases import EVERYTHING
from domain.moderation.work import WorkKind
from web import bulk_pages, case_pages, errors, forms, moderation_context, moderation_limits, page, queue_scopes

ADDRESSES = {
    WorkKind.CASE: "/moderation/cases",
    WorkKind.COMPLAINT: "/moderation/upstream",
    WorkKind.APPEAL: "/moderation/appeals",
}
# What the queue says after an action, by the word in its address.
DONE = ("decided", "proposed", "closed", "enough", "empty")


@get("/moderation")
async def queue(request: Request) -> ASGIApp:
    """A page of one of its lists has nothing of the other one."""
    viewer = page.viewer(request)
    after, appeals_after = forms.query(request, "after"), forms.query(request, "appeals_after")
    book = await rules.current()
    scope = queue_scopes.read(request, viewer, book)
    found = await cases.queue(viewer, after, scope)
    with_appeals = not after and (scope == EVERYTHING or bool(appeals_after))
    appeals = await appeal_queue.queue(viewer, appeals_after) if with_appeals else Page[QueuedAppeal]([])
    return page.show(
        request,
        "moderation/queue.html",
        page.translate(request, "Moderation"),
        figures=found.figures,
        scope=queue_scopes.context(scope, book, page.locale(request)),
        appeal_figures=await appeal_queue.figures(viewer),
        unoffered=await unoffered.find(viewer, moderation_limits.most_hard(request)),
        cases=[case_pages.row(request, one) for one in found.cases] if not appeals_after else [],
        more_url=f"/moderation?after={found.next}" if found.next and not appeals_after else "",
        appeals=[case_pages.appeal_row(one) for one in appeals.items],
        more_appeals_url=f"/moderation?appeals_after={appeals.next}" if appeals.next else "",
        first=not (after or appeals_after),
        disputed=await jury_audits.count_disputes(viewer),
        desk={
            "care": await care.read(viewer, moderation_limits.most_hard(request)),
            "crisis": await crisis.read(viewer),
            "complaints": await upstream_desk.figures(viewer),
            "words_waiting": await word_lists.count_waiting(viewer),
            "pictures_waiting": await known_pictures.count_waiting(viewer),
            "bulk_waiting": await bulk_previews.count_waiting(viewer),
        },
        done=next((word for word in DONE if forms.query(request, word)), ""),
        active="settings",
    )


@put("/moderation/scope", status_code=200)
async def choose_scope(request: Request) -> ASGIApp:
    """Which part of the queue is shown, and offered next."""
    form = await forms.read(request)
    scope = queue_scopes.chosen(form, page.viewer(request), await rules.current())
    return page.redirect(request, "/moderation", (queue_scopes.cookie(request, scope),))


@post("/moderation/next")
async def next_work(request: Request) -> ASGIApp:
    """Claims what is free and comes first, in the part of the queue that was chosen, and leads to it."""
    viewer, most = page.viewer(request), moderation_limits.most_hard(request)
    scope = queue_scopes.read(request, viewer, await rules.current())
    if (found := await work.claim_next(viewer, most, scope)) is not None:
        return page.redirect(request, f"{ADDRESSES[found.kind]}/{found.id}")
    return page.redirect(request, f"/moderation?{'enough' if await care.has_enough(viewer, most) else 'empty'}=1")


@get("/moderation/cases/{case_id:str}")
async def case(request: Request, case_id: str) -> ASGIApp:
    return await _case(request, forms.parse_id(case_id), forms.Form(), forms.Form())


async def _case(request: Request, case_id: int, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    viewer, most = page.viewer(request), moderation_limits.most_hard(request)
    view, beyond = await cases.read(viewer, case_id), await care.is_beyond(viewer, case_id, most)
    return page.show(
        request,
        "moderation/case.html",
        page.translate(request, "Case"),
        status=status,
        until_ms=view.claimed_until,
        offered=[kind.name.lower() for kind in view.offered],
        beyond=beyond,
        unoffered=beyond and await unoffered.is_one(case_id, *await care.at_work(most)),
        proposal=moderation_context.proposal(view.proposal, page.locale(request)) if view.proposal else None,
        alike=bulk_pages.alike(view) if view.refusal is None else None,
        active="settings",
        **await case_pages.context(request, view, form, problems),
    )


@get("/moderation/cases/{case_id:str}/reports")
async def reports(request: Request, case_id: str) -> ASGIApp:
    number = forms.parse_id(case_id)
    found = await case_history.read_reports(page.viewer(request), number, forms.query(request, "after"))
    shown, more = case_pages.reports(found, page.locale(request)), case_pages.more_url(number, "reports", found)
    return _case_list(request, page.translate(request, "Reports"), number, more, reports=shown)


def _case_list(request: Request, title: str, case: int, more_url: str, **shown: Any) -> Response:
    """A page of ``reports`` of a case, or of ``earlier`` ones."""
    return page.show(
        request, "moderation/case_list.html", title, case=case, more_url=more_url, active="settings", **shown
    )


@get("/moderation/cases/{case_id:str}/earlier")
async def earlier(request: Request, case_id: str) -> ASGIApp:
    """Other cases of the account that a case is about."""
    number = forms.parse_id(case_id)
    found = await case_history.read_earlier(page.viewer(request), number, forms.query(request, "after"))
    shown, more = case_pages.earlier(found, page.locale(request)), case_pages.more_url(number, "earlier", found)
    return _case_list(request, page.translate(request, "Other cases of this account"), number, more, earlier=shown)


@put("/moderation/cases/{case_id:str}/claim", status_code=200)
async def claim(request: Request, case_id: str) -> ASGIApp:
    """The form of the decision comes along, so that nothing is lost that was typed before."""
    form = await forms.read(request)
    number, beyond = forms.parse_id(case_id), bool(forms.query(request, "beyond"))
    try:
        await cases.claim(page.viewer(request), number, moderation_limits.most_hard(request), beyond=beyond)
    except Conflict as problem:
        return await _case(request, number, form, forms.Form(form=errors.words(request, problem)), 409)
    if _is_begun(form):
        return await _case(request, number, form, forms.Form())
    return page.redirect(request, f"/moderation/cases/{number}")


@post("/moderation/cases/{case_id:str}/messages", status_code=200)
async def write(request: Request, case_id: str) -> ASGIApp:
    """The form of the decision comes along here, too."""
    form = await forms.read(request)
    number = forms.parse_id(case_id)
    party = {one.name.lower(): one for one in Party}.get(form["party"])
    names_nobody = form.on("message_names_nobody")
    try:
        await case_messages.write(page.viewer(request), number, party, form["message"], names_nobody=names_nobody)
    except Invalid as problem:
        shown = forms.Form(errors.fields(request, problem))
        shown["message_names_nobody"] = shown.pop("names_nobody", "")
        return await _case(request, number, form, shown, 422)
    except Conflict as problem:
        return await _case(request, number, form, forms.Form(form=errors.words(request, problem)), 409)
    form["message"] = form["message_names_nobody"] = ""
    if _is_begun(form):
        return await _case(request, number, form, forms.Form())
    return page.redirect(request, f"/moderation/cases/{number}#messages")


def _is_begun(form: forms.Form) -> bool:
    """Whether something of a decision, or a note, was typed."""
    names = ("kind", "facts", "explanation", "sanction", "label", "cover", "limit", "note", "message")
    return any(form[name] for name in names) or any(
        name.startswith(case_pages.MEDIA) and form.on(name) for name in form
    )


@delete("/moderation/cases/{case_id:str}/claim", status_code=200)
async def release(request: Request, case_id: str) -> ASGIApp:
    await cases.release(page.viewer(request), forms.parse_id(case_id))
    return page.redirect(request, "/moderation")


@post("/moderation/cases/{case_id:str}/decisions")
async def decide(request: Request, case_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(case_id)
    try:
        made = await decisions.decide(page.viewer(request), number, case_pages.decision(form))
    except (Invalid, Conflict) as problem:
        await _hold(request, number, problem)
        return await _case(request, number, form, case_pages.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, "/moderation?decided=1" if made else "/moderation?proposed=1")


async def _hold(request: Request, case: int, problem: Invalid | Conflict) -> None:
    """Claims a case whose author was quicker than its moderator: from now on no other one changes it."""
    if isinstance(problem, Overtaken):
        with contextlib.suppress(Refused):
            await cases.claim(page.viewer(request), case, beyond=True)


@post("/moderation/cases/{case_id:str}/proposal/agreement")
async def agree(request: Request, case_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(case_id)
    try:
        seen = forms.version(form["version"]) or 0, forms.version(form["post_version"])
        await proposals.agree(page.viewer(request), number, *seen, newest=form.on("newest"))
    except Conflict as problem:
        await _hold(request, number, problem)
        return await _case(request, number, form, case_pages.problems(request, problem), 409)
    return page.redirect(request, "/moderation?decided=1")


@delete("/moderation/cases/{case_id:str}/proposal", status_code=200)
async def withdraw(request: Request, case_id: str) -> ASGIApp:
    await proposals.withdraw(page.viewer(request), forms.parse_id(case_id))
    return page.redirect(request, f"/moderation/cases/{case_id}")


@post("/moderation/cases/{case_id:str}/notes", status_code=200)
async def add_note(request: Request, case_id: str) -> ASGIApp:
    """The form of the decision comes along here, too."""
    form = await forms.read(request)
    number = forms.parse_id(case_id)
    try:
        await case_notes.add(page.viewer(request), number, form["note"])
    except Invalid as problem:
        return await _case(request, number, form, forms.Form(errors.fields(request, problem)), 422)
    except Conflict as problem:
        return await _case(request, number, form, forms.Form(note=errors.words(request, problem)), 409)
    form["note"] = ""
    if _is_begun(form):
        return await _case(request, number, form, forms.Form())
    return page.redirect(request, f"/moderation/cases/{number}#notes")


@delete("/moderation/cases/{case_id:str}/notes/{note_id:str}", status_code=200)
async def remove_note(request: Request, case_id: str, note_id: str) -> ASGIApp:
    number = forms.parse_id(case_id)
    await case_notes.remove(page.viewer(request), number, forms.parse_id(note_id))
    return page.redirect(request, f"/moderation/cases/{number}#notes")


@post("/moderation/statements/{statement_id:str}/reversal")
async def reverse(request: Request, statement_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(form["case"])
    try:
        await reversals.reverse(
            page.viewer(request),
            forms.parse_id(statement_id),
            form["reversal"],
            names_nobody=form.on("names_nobody"),
            version=forms.version(form["version"]),
        )
    except Invalid as problem:
        found = errors.fields(request, problem)
        shown = forms.Form(reversal=found.get("explanation") or found.get("names_nobody") or found.get("form", ""))
        shown["names_nobody"] = found.get("names_nobody", "")
        shown["reversed"] = statement_id
        return await _case(request, number, form, shown, 422)
    except Conflict as problem:
        shown = forms.Form(form=errors.words(request, problem), reversed=statement_id)
        return await _case(request, number, form, shown, 409)
    return page.redirect(request, f"/moderation/cases/{number}")


HANDLERS = [
    queue, choose_scope, next_work, case, reports, earlier, claim, release, decide, agree, withdraw, write, add_note,
    remove_note, reverse,
]  # fmt: skip
