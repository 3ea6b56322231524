"""Juries as templates know them."""

from typing import Any

from domain.moderation.jury_audits import Dispute
from domain.moderation.jury_briefs import AuditResult, Brief, ListedSeat, Summons
from domain.moderation.jury_service import JuryService
from web import moderation_context
from web.moderation_context import SUBJECT_WORDS


def seat(one: ListedSeat) -> dict[str, Any]:
    """A seat; ``jury`` is "" while it goes on, and for whoever is not told how it ended."""
    return {
        "id": str(one.id),
        "state": one.state.name.lower(),
        "ends_ms": one.ends_at,
        "drawn_ms": one.drawn_at,
        "jury": one.jury.name.lower() if one.jury is not None else "",
        "closed_ms": one.closed_at,
        "audit": "" if one.audit is None else "passed" if one.audit else "failed",
    }


def summons(one: Summons, locale: str) -> dict[str, Any]:
    """A seat with what its juror is to judge, if they still can."""
    return {
        **seat(one.seat),
        "version": one.version,
        "vote": "" if one.vote is None else one.vote.name.lower(),
        "reason": one.reason,
        "brief": _brief(one.brief, locale) if one.brief else None,
        "result": _result(one.audit) if one.audit else None,
    }


def _result(one: AuditResult) -> dict[str, Any]:
    """An audit that was taken; ``dispute_state`` is "" while it is not disputed."""
    return {
        "passed": one.passed,
        "reversed": one.reversed,
        "why": one.why,
        "dispute": one.dispute,
        "dispute_state": "" if one.dispute_state is None else one.dispute_state.name.lower(),
        "withdrawn": one.withdrawn,
    }


def dispute(one: Dispute) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "appeal": str(one.appeal),
        "why": one.why,
        "words": one.words,
        "can_uphold": one.can_uphold,
    }


def _brief(one: Brief, locale: str) -> dict[str, Any]:
    return {
        "subject": SUBJECT_WORDS[one.subject],
        "decided": [moderation_context.statement(made, locale) for made in one.decided],
        "rule": moderation_context.rule(one.rule, one.rule_version, locale),
        "facts": one.facts,
        "explanation": one.explanation,
        "appeal": one.appeal,
        "missed": one.missed,
        "who": one.who,
        "text": one.text,
        "cover": one.cover,
        "context": one.context,
        "media": [
            {
                "kind": media.kind.name.lower(),
                "alt": media.alt,
                "still": moderation_context.address(media.still),
                "moving": moderation_context.address(media.moving),
                "play": moderation_context.address(media.play),
            }
            for media in one.media
        ],
    }


def service(one: JuryService) -> dict[str, Any]:
    """Whether somebody may be drawn, and what keeps them from it now."""
    return {
        "opted_in": one.opted_in,
        "drawn_from_ms": one.drawn_from,
        "paused_until_ms": one.paused_until,
        "has_points": one.has_points,
        "has_role": one.has_role,
    }
