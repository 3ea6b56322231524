"""The moderators' queue and cases."""

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.moderation import cases, decisions, reversals, rules
from domain.moderation.cases import CaseView, QueuedCase
from domain.moderation.decisions import Decision
from domain.moderation.kinds import Severity, StatementKind
from domain.moderation.rules import Rulebook
from domain.moderation.statements import MAX_EXPLANATION, MAX_FACTS
from web import errors, forms, i18n, moderation_context, page, rule_words

KINDS = {kind.name.lower(): kind for kind in StatementKind}


@get("/moderation")
async def queue(request: Request) -> ASGIApp:
    found = await cases.queue(page.viewer(request))
    return page.show(
        request,
        "moderation/queue.html",
        page.translate(request, "Moderation"),
        figures=found.figures,
        cases=[_row(request, one) for one in found.cases],
        empty=forms.query(request, "empty"),
        decided=forms.query(request, "decided"),
        active="settings",
    )


def _row(request: Request, one: QueuedCase) -> dict[str, object]:
    return {
        "id": str(one.id),
        "subject": moderation_context.SUBJECT_WORDS[one.kind],
        "severity": page.translate(request, rule_words.SEVERITIES[one.severity.name.lower()]),
        "hot": one.severity >= Severity.ILLEGAL,
        "reports": one.reports,
        "opened_ms": one.opened_at,
        "due_ms": one.due_at,
        "overdue": one.overdue,
        "claimed": one.claimed,
        "mine": one.mine,
        "content": one.content,
    }


@post("/moderation/next")
async def next_case(request: Request) -> ASGIApp:
    """Claims the first case that is free, and leads to it."""
    found = await cases.claim_next(page.viewer(request))
    return page.redirect(request, f"/moderation/cases/{found}" if found else "/moderation?empty=1")


@get("/moderation/cases/{case_id:str}")
async def case(request: Request, case_id: str) -> ASGIApp:
    return await _case(request, forms.parse_id(case_id), forms.Form(), forms.Form())


async def _case(request: Request, case_id: int, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    view = await cases.read(page.viewer(request), case_id)
    locale, book = page.locale(request), await rules.current()
    return page.show(
        request,
        "moderation/case.html",
        page.translate(request, "Case"),
        status=status,
        case={**_row(request, view.case), "state": view.state.name.lower(), "version": view.version},
        until_ms=view.claimed_until,
        evidence=moderation_context.evidence(view.evidence),
        reports=_reports(view, locale),
        statements=[moderation_context.statement(one, locale) for one in view.statements],
        earlier=_earlier(view, locale),
        points=view.points,
        language=i18n.LOCALES.get(view.language, ""),
        offered=[kind.name.lower() for kind in view.offered],
        refusal=errors.words(request, view.refusal) if view.refusal else "",
        rules=moderation_context.rules(book, locale),
        form=form or forms.Form(rule=_reported_rule(view, book)),
        post=str(view.post or ""),
        now=view.now,
        handle=view.handle,
        errors=problems,
        max_facts=MAX_FACTS,
        max_explanation=MAX_EXPLANATION,
        active="settings",
    )


def _reports(view: CaseView, locale: str) -> list[dict[str, object]]:
    return [
        {"rule": moderation_context.rule(one.rule, one.rule_version, locale), "words": one.words, "ms": one.filed_at}
        for one in view.reports
    ]


def _reported_rule(view: CaseView, book: Rulebook) -> str:
    """The worst of the rules that reports name, as it is in force now; "" where it is no longer."""
    worst = max(view.reports, key=lambda one: one.rule.severity, default=None)
    found = (one for one in book.rules if worst and one.name == worst.rule.name)
    return next((f"{book.version}.{one.number}" for one in found), "")


def _earlier(view: CaseView, locale: str) -> list[dict[str, object]]:
    return [
        {
            "id": str(one.id),
            "subject": moderation_context.SUBJECT_WORDS[one.kind],
            "state": one.state.name.lower(),
            "ms": one.opened_at,
            "statements": [moderation_context.statement(found, locale) for found in one.statements],
        }
        for one in view.earlier
    ]


@put("/moderation/cases/{case_id:str}/claim", status_code=200)
async def claim(request: Request, case_id: str) -> ASGIApp:
    """The form of the decision comes along, so that nothing is lost that was typed before."""
    form = await forms.read(request)
    await cases.claim(page.viewer(request), forms.parse_id(case_id))
    if any(form[name] for name in ("kind", "facts", "explanation")):
        return await _case(request, forms.parse_id(case_id), form, forms.Form())
    return page.redirect(request, f"/moderation/cases/{case_id}")


@delete("/moderation/cases/{case_id:str}/claim", status_code=200)
async def release(request: Request, case_id: str) -> ASGIApp:
    await cases.release(page.viewer(request), forms.parse_id(case_id))
    return page.redirect(request, "/moderation")


@post("/moderation/cases/{case_id:str}/decisions")
async def decide(request: Request, case_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(case_id)
    decision = Decision(
        kind=KINDS.get(form["kind"]),
        version=forms.version(form["version"]) or 0,
        rule=moderation_context.named_rule(form["rule"]) if form["rule"] else None,
        facts=form["facts"],
        explanation=form["explanation"],
        names_nobody=form.on("names_nobody"),
        post_version=forms.version(form["post_version"]),
    )
    try:
        await decisions.decide(page.viewer(request), number, decision)
    except Invalid as problem:
        return await _case(request, number, form, forms.Form(errors.fields(request, problem)), 422)
    except Conflict as problem:
        return await _case(request, number, form, forms.Form(form=errors.words(request, problem)), 409)
    return page.redirect(request, "/moderation?decided=1")


@post("/moderation/statements/{statement_id:str}/reversal")
async def reverse(request: Request, statement_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(form["case"])
    try:
        await reversals.reverse(
            page.viewer(request), forms.parse_id(statement_id), form["reversal"], names_nobody=form.on("names_nobody")
        )
    except Invalid as problem:
        found = errors.fields(request, problem)
        shown = forms.Form(reversal=found.get("explanation") or found.get("names_nobody") or found.get("form", ""))
        shown["names_nobody"] = found.get("names_nobody", "")
        return await _case(request, number, form, shown, 422)
    except Conflict as problem:
        return await _case(request, number, form, forms.Form(form=errors.words(request, problem)), 409)
    return page.redirect(request, f"/moderation/cases/{number}")


HANDLERS = [queue, next_case, case, claim, release, decide, reverse]
