"""Rules, cases and statements as templates know them."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.core.errors import NotFound
from domain.moderation import juries, jury_seating, statements
from domain.moderation.appeals import AppealStatus, ListedAppeal, OwnAppeal
from domain.moderation.evidence import Evidence
from domain.moderation.kinds import Automation, Source, StatementKind, SubjectKind
from domain.moderation.proposals import Proposal
from domain.moderation.reports import NamedRule, OwnReport
from domain.moderation.rules import Rule, Rulebook
from domain.moderation.statements import Statement
from domain.moderation.subjects import Subject
from web import forms, i18n, measure_words, rule_context

# What a form and an address call each kind of subject.
SUBJECT_WORDS: Mapping[SubjectKind, str] = {
    SubjectKind.POST: "post",
    SubjectKind.ACCOUNT: "account",
    SubjectKind.MEDIA: "media",
}
SUBJECTS = {word: kind for kind, word in SUBJECT_WORDS.items()}


def subject(text: str) -> Subject:
    """What a form names as ``post.123``. Errors: ``NotFound``."""
    word, _, identifier = text.partition(".")
    found = forms.parse_id(identifier)
    if word not in SUBJECTS:
        raise NotFound
    return Subject(SUBJECTS[word], found)


def rules(book: Rulebook, locale: str) -> list[dict[str, Any]]:
    """The rules to choose from, by number."""
    return [rule(one, book.version, locale) for one in book.rules]


def rule(one: Rule, version: int, locale: str) -> dict[str, Any]:
    """``name`` is what a form calls the rule; ``hours`` is how soon its cases are due."""
    said = one.said(locale)
    return {
        "name": f"{version}.{one.number}",
        "number": one.number,
        "lang": rule_context.language(locale, one),
        "title": said.title,
        "text": said.text,
        "url": f"/rules/{version}#rule-{one.number}",
        "hours": one.hours,
    }


def named_rule(text: str) -> NamedRule:
    """What a form calls ``3.7``: rule 7 of version 3. One that can't be gives a rule that there is not."""
    version, _, number = text.partition(".")
    return NamedRule(*(forms.version(one) or 0 for one in (version, number)))


def statement(one: Statement, locale: str, appeal_status: AppealStatus | None = None) -> dict[str, Any]:
    """A statement with its rule in the reader's language, and what its member may say, or has said, against it."""
    return {
        "appeal": appeal(appeal_status, locale) if appeal_status else None,
        "id": str(one.id),
        "case": str(one.case),
        "kind": one.kind.name.lower(),
        "rule": rule(one.rule, one.rule_version, locale) if one.rule else None,
        "facts": one.facts,
        "explanation": i18n.translate(locale, one.explanation) if _is_fixed(one) else one.explanation,
        "by_jury": one.by_jury,
        "by_machine": one.automation is Automation.FULLY,
        "found_by_filter": one.source is Source.VOLUNTARY,
        "for_juries": one.rule is not None
        and jury_seating.hears(one.rule)
        and not (appeal_status and appeal_status.pictured),
        "decided_ms": one.decided_at,
        "reversed": one.reversed,
        "points": one.points,
        "points_until_ms": one.points_until,
        "content": one.content,
        "about_account": one.post is None,
        "post": str(one.post or ""),
        "label": i18n.translate(locale, measure_words.LABELS[one.label]) if one.label is not None else "",
        "ends_ms": one.ends_at,
        "in_force": one.in_force,
        "reverses": one.reverses.name.lower() if one.reverses is not None else "",
        "together": one.together,
    }


def _is_fixed(one: Statement) -> bool:
    """Whether the network has the explanation in each language: those of moderators are as they have written them."""
    return one.by_jury or one.explanation == statements.FOUND_HARMLESS


# How much of what somebody reported is shown beside their report, in code points.
EXCERPT = 200


def own_report(one: OwnReport, locale: str) -> dict[str, Any]:
    """A report as its reporter sees it; ``outcome`` is "" while there is none."""
    return {
        "id": str(one.id),
        "subject": SUBJECT_WORDS[one.kind],
        "title": one.rule.said(locale).title,
        "words": one.words,
        "ms": one.filed_at,
        "outcome": "" if one.outcome is None else one.outcome.name.lower(),
        "for_juries": jury_seating.hears(one.rule),
        "excerpt": one.about.text[:EXCERPT] if one.about else "",
    }


def proposal(one: Proposal, locale: str) -> dict[str, Any]:
    """A suspension for good that waits for a second moderator."""
    return {
        "kind": StatementKind.PERMANENT_SUSPENSION.name.lower(),
        "rule": rule(one.rule, one.rule_version, locale),
        "facts": one.facts,
        "explanation": one.explanation,
        "removes_post": one.removes_post,
        "proposed_ms": one.proposed_at,
        "mine": one.mine,
    }


def appeal(one: AppealStatus, locale: str) -> dict[str, Any]:
    """Whether and until when there can be an appeal, and the one that there is."""
    return {
        "offered": one.offered,
        "until_ms": one.until,
        **(_own_appeal(one.own, locale) if one.own else {"state": "", "answer": one.answer}),
    }


def listed_appeal(one: ListedAppeal, locale: str) -> dict[str, Any]:
    """An appeal in the list of one's own."""
    return {
        "id": str(one.id),
        "party": one.party.name.lower(),
        "statement": str(one.statement),
        "kind": one.kind.name.lower(),
        "reverses": "",
        "title": one.rule.said(locale).title if one.rule else "",
        **_own_appeal(one.own, locale),
    }


def _own_appeal(one: OwnAppeal, locale: str) -> dict[str, Any]:
    return {
        "state": one.state.name.lower(),
        "words": one.words,
        "answer": said_by(one.answer, locale),
        "hearing": one.hearing.name.lower(),
        "lodged_ms": one.lodged_at,
        "decided_ms": one.decided_at,
    }


def said_by(answer: str, locale: str) -> str:
    """The answer to an appeal: moderators write their own, juries have theirs in each language."""
    return i18n.translate(locale, answer) if answer in juries.VERDICTS.values() else answer


def evidence(kept: Sequence[Evidence]) -> list[dict[str, Any]]:
    """What is kept of a case, with the addresses of its files."""
    return [
        {
            "content": one.content,
            "revision": one.revision,
            "taken_ms": one.taken_at,
            "sha256": one.sha256,
            "media": [
                {
                    "kind": media.kind.name.lower(),
                    "alt": media.alt,
                    "still": address(one.file(place, "still")),
                    "moving": address(one.file(place, "moving")),
                    "play": address(one.file(place, "play")),
                }
                for place, media in enumerate(one.content.media)
            ],
        }
        for one in kept
    ]


def address(key: str) -> str:
    """Of a stored file, "" for none."""
    return f"/media/{key}" if key else ""
