"""Levels of trust as templates know them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from domain.core.translatable import N_
from domain.core.trust import LEVELS, TrustLevel, TrustLimits, TrustNeeds, TrustPolicy
from domain.moderation.trust_levels import OwnTrust
from web import i18n

NAMES: Mapping[TrustLevel, str] = {
    TrustLevel.NEW: N_("New account"),
    TrustLevel.BASIC: N_("Settling in"),
    TrustLevel.MEMBER: N_("Member"),
    TrustLevel.REGULAR: N_("Regular"),
}
NEEDS: Mapping[str, str] = {
    "days": N_("Days on which you read here"),
    "reads": N_("Posts read"),
    "posts": N_("Posts of yours that stood"),
}
LIMITS: Mapping[str, str] = {
    "links": N_("Links within an hour"),
    "media": N_("Pictures, videos and sounds within an hour"),
    "mentions": N_("Mentions within an hour"),
}
NO_LIMIT = N_("no limit")


def levels(policy: TrustPolicy, locale: str) -> list[dict[str, Any]]:
    """Every level from the lowest on, with what it takes and what it lets one do."""
    return [
        {
            "number": int(level),
            "name": i18n.translate(locale, NAMES[level]),
            "needs": _rows(_wanted(policy.needs(level)), policy.needs(level), locale) if level else [],
            "limits": _rows(LIMITS, policy.limits(level), locale),
            "report_weight": str(policy.reports.weight(level)),
        }
        for level in LEVELS
    ]


def _wanted(needs: TrustNeeds) -> dict[str, str]:
    """What is said of each thing that a level takes, without what it takes none of."""
    return {field: words for field, words in NEEDS.items() if getattr(needs, field)}


def _rows(words: Mapping[str, str], values: TrustNeeds | TrustLimits | None, locale: str) -> list[tuple[str, str]]:
    """What is said of each field, and its number."""
    return [
        (i18n.translate(locale, said), str(getattr(values, field)) if values else i18n.translate(locale, NO_LIMIT))
        for field, said in words.items()
    ]


def own(found: OwnTrust, locale: str) -> dict[str, Any]:
    """The viewer's level, and how far they are on the way to the next one; ``next`` is None at the last one."""
    return {
        "number": int(found.level),
        "name": i18n.translate(locale, NAMES[found.level]),
        "lost": found.lost,
        "held_back": found.held_back,
        "next": int(found.earned) + 1 if found.needs else None,
        "progress": list(_progress(found, lambda words: i18n.translate(locale, words))),
        "limits": _rows(LIMITS, found.limits, locale) if found.limits else [],
    }


def _progress(found: OwnTrust, translate: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """What the next level takes, without what it takes none of."""
    for field, words in NEEDS.items():
        wanted = getattr(found.needs, field) if found.needs else 0
        if wanted:
            have = min(getattr(found.progress, field), wanted)
            yield {"words": translate(words), "have": have, "wanted": wanted, "done": have == wanted}
