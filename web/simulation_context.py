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
    GroupKind.TRUST: N_("By level of trust"),
    GroupKind.AGE: N_("By age of the account"),
    GroupKind.TAG: N_("By hashtag"),
    GroupKind.CLUSTER: N_("By whom the author follows"),
}
AGES = {
    "day": N_("Accounts younger than a day"),
    "week": N_("Accounts of 1 to 6 days"),
    "month": N_("Accounts of 7 to 29 days"),
    "older": N_("Accounts of 30 days and more"),
}
NO_LANGUAGE, NO_HUB = N_("Not chosen"), N_("None of the most followed")
READERS, NO_READERS, FOLLOWERS = (
    N_("Authors who read in %(language)s"),
    N_("Authors who have chosen no language"),
    N_("Followers of @%(handle)s"),
)
LEVEL, TRUSTED = N_("Level %(level)s"), N_("Authors of trust level %(level)s")
NO_FOLLOWERS = N_("Authors who follow none of the most followed")
STRUCK = N_("%(group)s: hit %(times)s times as often as all posts.")
# What matters most comes first: a phone shows the first columns.
HEAD = (N_("Group"), N_("Compared with all"), N_("Rate"), N_("Hits"), N_("Posts"))


def context(found: Simulation, locale: str) -> Mapping[str, Any]:
    """What the template reads."""
    tally = found.tally
    return {
        "run": found.run,
        "state": found.state.name.lower(),
        "begun_ms": found.begun_at,
        "percent": int(100 * found.progress),
        "condition": found.condition,
        "outdated": found.outdated,
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
    return i18n.translate(locale, STRUCK, group=_described(group, locale), times=times)


def _tables(groups: list[Group], locale: str) -> Iterator[Table]:
    head = [i18n.translate(locale, words) for words in HEAD]
    for kind, title in TITLES.items():
        if rows := [_row(group, locale) for group in groups if group.kind is kind]:
            yield Table(i18n.translate(locale, title), head, rows)


def _row(group: Group, locale: str) -> list[Cell]:
    return [
        Cell(name(group.kind, group.name, locale)),
        Cell(f"× {i18n.decimal(locale, group.times)}"),
        Cell(i18n.percent(locale, group.share)),
        Cell(i18n.full(locale, group.hits)),
        Cell(i18n.full(locale, group.posts)),
    ]


def _described(group: Group, locale: str) -> str:
    """A group where its kind is not told."""
    words = name(group.kind, group.name, locale)
    match group.kind:
        case GroupKind.LANGUAGE:
            return i18n.translate(locale, READERS if group.name else NO_READERS, language=words)
        case GroupKind.TRUST:
            return i18n.translate(locale, TRUSTED, level=group.name)
        case GroupKind.CLUSTER:
            return i18n.translate(locale, FOLLOWERS if group.name else NO_FOLLOWERS, handle=group.name)
    return words


def name(kind: GroupKind, group: str, locale: str) -> str:
    """What a group is called below the title of its kind; see ``filter_tally.Group``."""
    match kind:
        case GroupKind.LANGUAGE:
            return i18n.LOCALES.get(group, group) or i18n.translate(locale, NO_LANGUAGE)
        case GroupKind.TRUST:
            return i18n.translate(locale, LEVEL, level=group)
        case GroupKind.AGE:
            return i18n.translate(locale, AGES[group])
        case GroupKind.TAG:
            return f"#{group}"
    return f"@{group}" if group else i18n.translate(locale, NO_HUB)
