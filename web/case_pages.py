"""Cases and appeals as moderators' pages show them."""

from typing import Any

import msgspec

from asgi.asgi_types import Request
from domain.moderation import rules, sanctions
from domain.moderation.appeal_queue import QueuedAppeal
from domain.moderation.case_notes import MAX_WORDS
from domain.moderation.cases import CaseView, QueuedCase
from domain.moderation.decisions import Decision
from domain.moderation.kinds import Severity, StatementKind
from domain.moderation.rules import Rulebook
from domain.moderation.statements import MAX_EXPLANATION, MAX_FACTS
from web import errors, forms, i18n, moderation_context, page, rule_words

KINDS = {kind.name.lower(): kind for kind in StatementKind}


def row(request: Request, one: QueuedCase) -> dict[str, Any]:
    """A case in the queue, and at the top of its page."""
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
        "proposed": one.proposed,
        "by_viewer": one.by_viewer,
        "answered": one.answered,
    }


def appeal_row(one: QueuedAppeal) -> dict[str, Any]:
    """An appeal in the queue, and at the top of its page."""
    return {
        "id": str(one.id),
        "party": one.party.name.lower(),
        "words": one.words,
        "lodged_ms": one.lodged_at,
        "due_ms": one.due_at,
        "overdue": one.overdue,
        "claimed": one.claimed,
        "mine": one.mine,
    }


async def context(request: Request, view: CaseView, form: forms.Form, problems: forms.Form) -> dict[str, Any]:
    """What the evidence, the history and the form of a decision need, on the page of a case or of an appeal."""
    locale, book = page.locale(request), await rules.current()
    return {
        "case": {**row(request, view.case), "state": view.state.name.lower(), "version": view.version},
        "evidence": moderation_context.evidence(view.evidence),
        "reports": _reports(view, locale),
        "statements": [moderation_context.statement(one, locale) for one in view.statements],
        "earlier": _earlier(view, locale),
        "points": view.points,
        "in_force": view.sanctions,
        "language": i18n.LOCALES.get(view.language, ""),
        "refusal": errors.words(request, view.refusal) if view.refusal else "",
        "rules": moderation_context.rules(book, locale),
        "form": form or forms.Form(rule=_reported_rule(view, book)),
        "post": str(view.post or ""),
        "now": view.now,
        "handle": view.handle,
        "offered_sanctions": [kind.name.lower() for kind in view.offered_sanctions],
        "days": sanctions.DAYS,
        "errors": problems,
        "notes": [{**msgspec.structs.asdict(one), "id": str(one.id), "ms": one.written_at} for one in view.notes],
        "max_note": MAX_WORDS,
        "messages": [
            msgspec.structs.asdict(one) | {"party": one.party.name.lower(), "ms": one.written_at}
            for one in view.messages
        ],
        "max_facts": MAX_FACTS,
        "max_explanation": MAX_EXPLANATION,
    }


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


def decision(form: forms.Form) -> Decision:
    """What a moderator has chosen and written."""
    # A word that is none of the sanctions is refused by the name of a decision that is none.
    sanction = KINDS.get(form["sanction"], StatementKind.NO_BREACH) if form["sanction"] else None
    return Decision(
        kind=KINDS.get(form["kind"]),
        version=forms.version(form["version"]) or 0,
        rule=moderation_context.named_rule(form["rule"]) if form["rule"] else None,
        facts=form["facts"],
        explanation=form["explanation"],
        names_nobody=form.on("names_nobody"),
        post_version=forms.version(form["post_version"]),
        sanction=sanction,
        days=forms.version(form["days"]),
    )
