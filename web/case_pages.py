"""Cases and appeals as moderators' pages show them."""

from typing import Any

import msgspec

from asgi.asgi_types import Request
from domain.core import ids
from domain.core.cursors import Page
from domain.core.errors import Conflict, Invalid
from domain.core.translatable import N_
from domain.media.profile_images import ProfileImage
from domain.moderation import care, precedents, rules, sanctions
from domain.moderation.appeal_queue import QueuedAppeal
from domain.moderation.case_history import EarlierCase
from domain.moderation.case_notes import MAX_WORDS
from domain.moderation.cases import CaseView
from domain.moderation.deciding import Overtaken
from domain.moderation.decisions import Decision
from domain.moderation.kinds import Automation, Severity, StatementKind, SubjectKind
from domain.moderation.queued_cases import QueuedCase
from domain.moderation.reports import CaseReport
from domain.moderation.rules import Rulebook
from domain.moderation.statements import MAX_EXPLANATION, MAX_FACTS
from web import (
    errors,
    forms,
    i18n,
    measure_words,
    media_context,
    moderation_context,
    page,
    public_log_words,
    report_words,
    rule_words,
)

# The field that says that a picture is removed: its id follows.
MEDIA = "media."
# What a moderator may remove of a profile -> what is said of it.
PROFILE_PICTURES = {ProfileImage.PICTURE: N_("Remove the picture"), ProfileImage.HEADER: N_("Remove the header")}
KINDS = {kind.name.lower(): kind for kind in StatementKind}


def row(request: Request, one: QueuedCase) -> dict[str, Any]:
    """A case in the queue, and at the top of its page."""
    by_whom = report_words.by_whom(one.weight, one.reports)
    return {
        "id": str(one.id),
        "subject": moderation_context.SUBJECT_WORDS[one.kind],
        "severity": page.translate(request, rule_words.SEVERITIES[one.severity.name.lower()]),
        "hot": one.severity >= Severity.ILLEGAL,
        "reports": one.reports,
        "weight": page.translate(request, by_whom) if by_whom else "",
        "opened_ms": one.opened_at,
        "due_ms": one.due_at,
        "overdue": one.overdue,
        "claimed": one.claimed,
        "mine": one.mine,
        "content": one.content,
        "proposed": one.proposed,
        "by_viewer": one.by_viewer,
        "answered": one.answered,
        "found_by": one.found_by,
        "complaint": str(one.complaint or ""),
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
        # Who is told of what is decided, besides the account.
        "sides": [
            side for side, there in (("reports", view.reports.items), ("complaint", view.case.complaint)) if there
        ],
        "undoes": any(one.automation is Automation.FULLY and not one.reversed for one in view.statements),
        "reports": reports(view.reports, locale),
        "more_reports": more_url(view.case.id, "reports", view.reports),
        "statements": [moderation_context.statement(one, locale) for one in view.statements],
        "earlier": earlier(view.earlier, locale),
        "more_earlier": more_url(view.case.id, "earlier", view.earlier),
        "precedents": [moderation_context.statement(one, locale) for one in view.precedents.newest],
        "precedent_counts": [
            (page.translate(request, public_log_words.KINDS[one.kind.name.lower()]), one.count)
            for one in view.precedents.counts
        ],
        "precedent_days": precedents.DAYS,
        "points": view.points,
        "in_force": view.sanctions,
        "also_in_force": [moderation_context.statement(one, locale) for one in view.in_force],
        "language": i18n.LOCALES.get(view.language, ""),
        "refusal": errors.words(request, view.refusal) if view.refusal else "",
        "rules": moderation_context.rules(book, locale),
        "form": form or forms.Form(rule=_named_rule(view, book)),
        "post": str(view.post or ""),
        "keeps_grey": await care.keeps_grey(page.viewer(request)),
        "now": view.now,
        "handle": view.handle,
        "offered_sanctions": [kind.name.lower() for kind in view.offered_sanctions],
        "days": sanctions.DAYS,
        "measures": _measures(request, view),
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


def _measures(request: Request, view: CaseView) -> dict[str, Any] | None:
    """What may be done to a post that stays, or to a profile; None where there is neither. ``first``: the case is about
    pictures.
    """
    if view.profile:
        return {"profile": _profile_pictures(request, view), "first": True}
    if view.now is None or not view.now.there:
        return None
    return {
        "labels": [
            (name, page.translate(request, measure_words.LABELS[one])) for name, one in measure_words.NAMES.items()
        ],
        "pictures": [{"name": f"{MEDIA}{one.id}", "shot": one} for one in media_context.of(view.pictures)],
        "profile": [],
        "first": view.case.kind is SubjectKind.MEDIA,
    }


def _profile_pictures(request: Request, view: CaseView) -> list[dict[str, Any]]:
    """What a profile shows now. ``changed``: it is none of those that were reported last."""
    kept = {file.key for one in view.evidence[:1] for file in one.files}
    return [
        {
            "name": f"{MEDIA}{one.id}",
            "words": page.translate(request, PROFILE_PICTURES[what]),
            "changed": not kept & {file.key for file in one.stills},
            "shown": {
                "kind": "picture",
                "alt": "",
                "still": moderation_context.address(one.stills[0].key),
                "moving": "",
                "play": "",
            },
        }
        for what, one in view.profile.items()
    ]


def more_url(case: int, name: str, found: Page[Any]) -> str:
    """Where a list of a case goes on, "" at its end."""
    return f"/moderation/cases/{case}/{name}?after={found.next}" if found.next else ""


def reports(found: Page[CaseReport], locale: str) -> list[dict[str, object]]:
    """Reports of a case."""
    return [
        {"rule": moderation_context.rule(one.rule, one.rule_version, locale), "words": one.words, "ms": one.filed_at}
        for one in found.items
    ]


def _named_rule(view: CaseView, book: Rulebook) -> str:
    """The worst of the rules that reports or filters name, as it is in force now; "" where none is any longer."""
    found = [one for one in book.rules if one.name in view.rules]
    worst = max(found, key=lambda one: one.severity, default=None)
    return f"{book.version}.{worst.number}" if worst else ""


def earlier(found: Page[EarlierCase], locale: str) -> list[dict[str, object]]:
    """Other cases of the same account."""
    return [
        {
            "id": str(one.id),
            "subject": moderation_context.SUBJECT_WORDS[one.kind],
            "state": one.state.name.lower(),
            "ms": one.opened_at,
            "statements": [moderation_context.statement(made, locale) for made in one.statements],
        }
        for one in found.items
    ]


def decision(form: forms.Form) -> Decision:
    """What a moderator has chosen and written."""
    # A word that is none of the sanctions is refused by the name of a decision that is none.
    sanction = KINDS.get(form["sanction"], StatementKind.NO_BREACH) if form["sanction"] else None
    measures, media = _chosen_measures(form)
    return Decision(
        kind=KINDS.get(form["kind"], StatementKind.REVERSAL) if form["kind"] else None,
        version=forms.version(form["version"]) or 0,
        rule=moderation_context.named_rule(form["rule"]) if form["rule"] else None,
        facts=form["facts"],
        explanation=form["explanation"],
        names_nobody=form.on("names_nobody"),
        post_version=forms.version(form["post_version"]),
        sanction=sanction,
        days=forms.version(form["days"]),
        measures=measures,
        label=measure_words.NAMES.get(form["label"]),
        media=media,
        newest=form.on("newest"),
    )


def problems(request: Request, problem: Invalid | Conflict) -> forms.Form:
    """What is wrong with a decision; ``newest``: it can be made whatever the post says by now."""
    found = errors.problems(request, problem)
    if isinstance(problem, Overtaken):
        found["newest"] = "1"
    return found


def _chosen_measures(form: forms.Form) -> tuple[frozenset[StatementKind], tuple[int, ...]]:
    """What is to be done to the post, and which of its media are to go."""
    named = (ids.parse(name.removeprefix(MEDIA)) for name in form if name.startswith(MEDIA) and form.on(name))
    media = tuple({one: None for one in named if one is not None})
    chosen = {
        StatementKind.MEDIA_REMOVAL: bool(media),
        StatementKind.COVER: form.on("cover"),
        StatementKind.LABEL: bool(form["label"]),
        StatementKind.LIMIT: form.on("limit"),
    }
    return frozenset(kind for kind, is_chosen in chosen.items() if is_chosen), media
