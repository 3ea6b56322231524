"""Filters before publication as templates know them, and their states, outcomes and groups in words."""

from collections.abc import Mapping
from typing import Any

from asgi.asgi_types import Request
from domain.core import clock
from domain.core.translatable import N_
from domain.moderation import filter_fields, rules
from domain.moderation.filter_changes import FilterDraft
from domain.moderation.filter_history import FilterChange
from domain.moderation.filter_hit_groups import HitGroup, HitGroups
from domain.moderation.filter_hits import Failures, ListedHit
from domain.moderation.filter_kinds import FilterAction, FilterOutcome, FilterState, HitMode
from domain.moderation.filters import FilterView
from web import forms, i18n, page, rule_context, simulation_context
from web.transparency_context import Cell, Table

STATES: Mapping[FilterState, str] = {
    FilterState.DRAFT: N_("Draft"),
    FilterState.SHADOW: N_("In shadow mode"),
    FilterState.LIVE: N_("Live"),
    FilterState.OFF: N_("Off"),
}
# What is done to what it finds, and what that means.
OUTCOMES: Mapping[FilterOutcome, tuple[str, str]] = {
    FilterOutcome.ALLOW: (N_("Let it pass"), N_("Whatever other filters say.")),
    FilterOutcome.NUDGE: (
        N_("Ask the author"),
        N_("“People have been sanctioned here for posts like this.” One more press sends it."),
    ),
    FilterOutcome.CASE: (N_("Open a case"), N_("It is published, and a moderator looks at it.")),
    FilterOutcome.COVER: (
        N_("Cover it and open a case"),
        N_("It is published under a cover. Its author gets a decision that says so, and may appeal."),
    ),
    FilterOutcome.HOLD: (
        N_("Hold it and open a case"),
        N_("Its author alone sees it until a moderator has looked at it."),
    ),
}
BY_WORD = {outcome.name.lower(): outcome for outcome in FilterOutcome}
ACTIONS: Mapping[FilterAction, str] = {
    FilterAction.WRITTEN: N_("Written"),
    FilterAction.SHADOWED: N_("Tried in shadow mode"),
    FilterAction.WENT_LIVE: N_("Gone live"),
    FilterAction.SWITCHED_OFF: N_("Switched off"),
    FilterAction.FAILED: N_("Failed"),
    FilterAction.WORDS_CHANGED: N_("A word list has changed"),
    FilterAction.WORDS_AGREED: N_("Its words were put live"),
    FilterAction.PICTURES_CHANGED: N_("The known pictures have changed"),
    FilterAction.PICTURES_AGREED: N_("A known picture was agreed to"),
}
MODES: Mapping[HitMode, str] = {
    HitMode.SHADOW: N_("in shadow mode"),
    HitMode.LIVE: N_("live"),
    HitMode.SENT_ANYWAY: N_("sent anyway"),
    HitMode.FAILED: N_("could not be evaluated"),
}
# The columns of the hits' groups, and how many of a kind are shown.
HEAD, GROUPS = (N_("Group"), N_("Compared with all"), N_("Share of hits"), N_("Hits")), 12


def row(request: Request, one: FilterView, failures: Failures | None, hits: int = 0) -> dict[str, Any]:
    """A filter in the list, and at the top of its page; ``hits`` are those of 24 hours."""
    return {
        "id": str(one.id),
        "name": one.name,
        "condition": one.condition,
        "state": one.state.name.lower(),
        "state_words": page.translate(request, STATES[one.state]),
        "outcome": page.translate(request, OUTCOMES[one.outcome][0]),
        "outcome_means": page.translate(request, OUTCOMES[one.outcome][1]),
        "facts": one.facts,
        "version": one.version,
        "hits": hits,
        "failed": page.translate(request, one.failed) if one.failed else "",
        "failed_ms": one.failed_at or 0,
        "failures": failures.posts if failures else 0,
        "failures_ms": failures.last_at if failures else 0,
        "shadow_ms": one.shadow_since or 0,
        "shadow_hours": (clock.now() - one.shadow_since) // clock.HOUR_MS if one.shadow_since else 0,
    }


async def rule(request: Request, name: str) -> dict[str, str] | None:
    """The rule in force with this name; None if there is none."""
    book = await rules.current()
    locale = page.locale(request)
    found = next((one for one in book.rules if one.name == name), None)
    if found is None:
        return None
    return {
        "title": f"{found.number}. {found.said(locale).title}",
        "url": f"/rules/{book.version}#rule-{found.number}",
        "lang": rule_context.language(locale, found),
    }


async def rule_choices(request: Request) -> list[tuple[str, str, str]]:
    """Name, title and the title's language of each rule in force."""
    locale = page.locale(request)
    return [
        (one.name, f"{one.number}. {one.said(locale).title}", rule_context.language(locale, one))
        for one in (await rules.current()).rules
    ]


def outcome_choices(request: Request) -> list[tuple[str, str, str]]:
    return [
        (word, page.translate(request, OUTCOMES[one][0]), page.translate(request, OUTCOMES[one][1]))
        for word, one in BY_WORD.items()
    ]


def fields(request: Request) -> list[dict[str, str]]:
    """What a condition may ask, in the order in which it is documented."""
    return [
        {
            "name": one.name,
            "kind": page.translate(request, one.kind.value),
            "words": page.translate(request, one.words),
            "example": one.example,
        }
        for one in (*filter_fields.FIELDS, filter_fields.WORDS)
    ]


def groups(found: HitGroups, locale: str) -> list[Table]:
    """A table for each kind of groups that there are hits of; ``Compared with all`` only where all posts are known."""
    named = (
        (i18n.translate(locale, title), [one for one in found.groups if one.kind is kind][:GROUPS])
        for kind, title in simulation_context.TITLES.items()
    )
    head = [i18n.translate(locale, words) for words in (HEAD if found.compared else (HEAD[0], *HEAD[2:]))]
    return [Table(title, head, [_group(one, locale, found) for one in rows]) for title, rows in named if rows]


def _group(one: HitGroup, locale: str, found: HitGroups) -> list[Cell]:
    times = [Cell("–" if one.times is None else f"× {i18n.decimal(locale, one.times)}")] if found.compared else []
    name = simulation_context.name(one.kind, one.name, locale)
    return [Cell(name), *times, Cell(i18n.percent(locale, one.share)), Cell(i18n.full(locale, one.hits))]


def hit(request: Request, one: ListedHit) -> dict[str, Any]:
    return {
        "ms": one.at,
        "mode": page.translate(request, MODES[one.mode]),
        "sent": one.post is not None,
        "handle": one.handle,
        "url": f"/@{one.handle}/{one.post}" if one.handle else "",
        "case": str(one.case or ""),
    }


def change(request: Request, one: FilterChange) -> dict[str, Any]:
    return {
        "action": page.translate(request, ACTIONS[one.action]),
        "handle": one.handle,
        "ms": one.at,
        "condition": one.condition,
    }


def form_of(one: FilterView) -> forms.Form:
    """The form of a filter as it stands."""
    return forms.Form(
        name=one.name,
        condition=one.condition,
        outcome=one.outcome.name.lower(),
        rule=one.rule_name,
        facts=one.facts,
        version=str(one.version),
    )


def draft(form: forms.Form) -> FilterDraft:
    """What a moderator has written."""
    return FilterDraft(form["name"], form["condition"], BY_WORD.get(form["outcome"]), form["rule"], form["facts"])
