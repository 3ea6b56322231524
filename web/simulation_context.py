"""The simulation of a filter as its page shows it, in one language."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.core.translatable import N_
from domain.moderation import filter_tally
from domain.moderation.filter_simulations import Simulation
from domain.moderation.filter_tally import Group, GroupKind
from web import i18n
from web.transparency_context import Cell, Table

TITLES = {
    GroupKind.LANGUAGE: N_("By language of the author"),
    GroupKind.AGE: N_("By age of the account"),
    GroupKind.TAG: N_("By hashtag"),
    GroupKind.CLUSTER: N_("By whom the author follows"),
}
AGES = {
    "day": N_("Less than a day"),
    "week": N_("Less than a week"),
    "month": N_("Less than 30 days"),
    "older": N_("30 days and more"),
}
NO_LANGUAGE, NO_HUB = N_("Not chosen"), N_("None of the most followed")
STRUCK = N_("%(group)s: hit %(times)s times as often as all posts.")
HEAD = (N_("Group"), N_("Posts"), N_("Hits"), N_("Share"), N_("Compared with all"))


def context(found: Simulation, condition: str, locale: str) -> Mapping[str, Any]:
    """What the template reads; ``condition`` is that of the filter now."""
    tally = found.tally
    # Nothing has been counted right after the start.
    percent = int(100 * found.progress)
    return {
        "run": found.run,
        "state": found.state.name.lower(),
        "begun_ms": found.begun_at,
        "percent": percent,
        "condition": found.condition,
        "outdated": found.condition != condition,
        "posts": tally.posts,
        "hits": tally.hits,
        "share": i18n.percent(locale, tally.share),
        "failures": tally.failures,
        "reason": i18n.translate(locale, tally.reason) if tally.reason else "",
        "sample": found.sample,
        "wrong": found.wrong,
        "struck": [_struck(group, locale) for group in found.groups if group.is_struck],
        "tables": list(_tables(found.groups, locale)),
        "smallest": filter_tally.SMALLEST,
    }


def _struck(group: Group, locale: str) -> str:
    times = i18n.decimal(locale, group.times)
    return i18n.translate(locale, STRUCK, group=_name(group, locale), times=times)


def _tables(groups: list[Group], locale: str) -> Iterator[Table]:
    head = [i18n.translate(locale, words) for words in HEAD]
    for kind, title in TITLES.items():
        if rows := [_row(group, locale) for group in groups if group.kind is kind]:
            yield Table(i18n.translate(locale, title), head, rows)


def _row(group: Group, locale: str) -> list[Cell]:
    return [
        Cell(_name(group, locale)),
        Cell(i18n.full(locale, group.posts)),
        Cell(i18n.full(locale, group.hits)),
        Cell(i18n.percent(locale, group.share)),
        Cell(f"× {i18n.decimal(locale, group.times)}"),
    ]


def _name(group: Group, locale: str) -> str:
    match group.kind:
        case GroupKind.LANGUAGE:
            return i18n.LOCALES.get(group.name, group.name) or i18n.translate(locale, NO_LANGUAGE)
        case GroupKind.AGE:
            return i18n.translate(locale, AGES[group.name])
        case GroupKind.TAG:
            return f"#{group.name}"
    return f"@{group.name}" if group.name else i18n.translate(locale, NO_HUB)
