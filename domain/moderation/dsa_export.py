"""Statements of reasons as the DSA Transparency Database takes them (Digital Services Act, article 24(5)).

That database takes a statement once, and has no way to change or to withdraw it. A reversal restricts nothing, so it is
no statement there: what was taken back before it was exported has the day of its reversal as the end of the
restriction, and what was exported before stays as it is.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from db.queries import dsa_export as queries
from db.queries import upstream
from db.queries.dsa_export import SubmittedRow
from domain.core import clock, ids, secrets
from domain.media.file_types import MediaKind
from domain.moderation import dsa_checks, dsa_terms, statements
from domain.moderation.dsa_checks import BATCH, MAX_EXPLANATION, MAX_FACTS, MAX_GROUND, Problem
from domain.moderation.evidence import Content
from domain.moderation.kinds import SANCTIONS, Automation, Severity, Source, StatementKind, SubjectKind
from domain.moderation.rules import Rule

# What each kind restricts: a field, its value, and the field that says until when.
RESTRICTIONS: dict[StatementKind, tuple[str, str | list[str], str]] = {
    StatementKind.POST_REMOVAL: (
        "decision_visibility", ["DECISION_VISIBILITY_CONTENT_REMOVED"], "end_date_visibility_restriction",
    ),
    StatementKind.LABEL: (
        "decision_visibility", ["DECISION_VISIBILITY_CONTENT_LABELLED"], "end_date_visibility_restriction",
    ),
    # Not an age restriction: nobody's age is asked.
    StatementKind.COVER: (
        "decision_visibility", ["DECISION_VISIBILITY_OTHER"], "end_date_visibility_restriction",
    ),
    StatementKind.LIMIT: (
        "decision_visibility", ["DECISION_VISIBILITY_CONTENT_DEMOTED"], "end_date_visibility_restriction",
    ),
    StatementKind.HIDE_UNTIL_EDITED: (
        "decision_visibility", ["DECISION_VISIBILITY_CONTENT_DISABLED"], "end_date_visibility_restriction",
    ),
    StatementKind.MEDIA_REMOVAL: (
        "decision_visibility", ["DECISION_VISIBILITY_CONTENT_REMOVED"], "end_date_visibility_restriction",
    ),
    StatementKind.FREEZE: (
        "decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION", "end_date_service_restriction",
    ),
    StatementKind.SUSPENSION: (
        "decision_account", "DECISION_ACCOUNT_SUSPENDED", "end_date_account_restriction",
    ),
    StatementKind.PERMANENT_SUSPENSION: (
        "decision_account", "DECISION_ACCOUNT_TERMINATED", "end_date_account_restriction",
    ),
}  # fmt: skip
# What restricts nothing, and is no statement there.
UNRESTRICTED = frozenset({StatementKind.NO_BREACH, StatementKind.WARNING, StatementKind.REVERSAL})
SOURCES = {
    Source.ARTICLE_16: "SOURCE_ARTICLE_16",
    Source.OTHER_NOTICE: "SOURCE_TYPE_OTHER_NOTIFICATION",
    Source.VOLUNTARY: "SOURCE_VOLUNTARY",
    Source.TRUSTED_FLAGGER: "SOURCE_TRUSTED_FLAGGER",
}
MEDIA_TYPES = {
    MediaKind.IMAGE: "CONTENT_TYPE_IMAGE",
    MediaKind.ANIMATED: "CONTENT_TYPE_IMAGE",
    MediaKind.VIDEO: "CONTENT_TYPE_VIDEO",
    MediaKind.AUDIO: "CONTENT_TYPE_AUDIO",
}
COVERED = "Shown only after the reader has chosen to see it"
TEXT, OTHER = "CONTENT_TYPE_TEXT", "CONTENT_TYPE_OTHER"
# What is written to the database is in English.
LOCALE = "en"


class ExportPage(msgspec.Struct, frozen=True):
    """Some statements, one after the other: those that the database takes, by field; those that it must not get, by
    their ids, with why; and how many of each kind restrict nothing.
    """

    statements: list[dict[str, Any]]
    refused: dict[int, list[Problem]]
    left_out: Counter[StatementKind]


async def pages(since: int, until: int, origin: str, cleared: Collection[int] = ()) -> AsyncIterator[ExportPage]:
    """Statements made from ``since`` on and before ``until`` (Unix milliseconds), the oldest first.

    ``origin`` is the network's address, "" if it has none. ``cleared`` are statements that somebody has read: what
    looks like a member's name there is none.
    """
    first, end = ids.first(since), ids.first(until)
    key = await secrets.mac_key()
    while rows := await queries.between(first, end, BATCH):
        yield await _page(rows, key, origin, cleared)
        first = rows[-1].made.id + 1


async def _page(rows: Sequence[SubmittedRow], key: bytes, origin: str, cleared: Collection[int]) -> ExportPage:
    kinds = Counter(StatementKind(row.made.kind) for row in rows)
    page = ExportPage([], {}, Counter({kind: count for kind, count in kinds.items() if kind in UNRESTRICTED}))
    restricting = [row for row in rows if row.made.kind not in UNRESTRICTED]
    named = await statements.rules_of(row.made for row in restricting)
    kept = await _contents(restricting)
    taken_back = await queries.reversals([row.made.id for row in restricting])
    flaggers = await upstream.flaggers([row.made.mod_case for row in restricting])
    for row in restricting:
        contents = kept.get(row.made.mod_case, {})
        fields = _fields(row, named.get(row.made.id), contents.get(row.made.revision), key, origin)
        fields |= _end(row, taken_back.get(row.made.id)) | _identity(row, flaggers.get(row.made.mod_case))
        found = [*dsa_checks.problems(fields), *_personal(row, contents, is_cleared=row.made.id in cleared)]
        if found:
            page.refused[row.made.id] = found
        else:
            page.statements.append(fields)
    return page


async def _contents(rows: Sequence[SubmittedRow]) -> dict[int, dict[int, Content]]:
    """What is kept of each case, by revision."""
    found: dict[int, dict[int, Content]] = {}
    for row in await queries.contents(sorted({row.made.mod_case for row in rows})):
        found.setdefault(row.mod_case, {})[row.revision] = msgspec.json.decode(row.content, type=Content)
    return found


def puid(key: bytes, statement: int) -> str:
    """The statement's name in the database: always the same, and without the key it tells neither its number, nor the
    moment of the decision, nor whom it is about.
    """
    return hmac.new(key, f"dsa statement {statement}".encode(), hashlib.sha256).hexdigest()[:40]


def _fields(row: SubmittedRow, rule: Rule | None, content: Content | None, key: bytes, origin: str) -> dict[str, Any]:
    made = row.made
    kind = StatementKind(made.kind)
    decision, value, _ = RESTRICTIONS[kind]
    by_people = (row.reports or row.searched) and not row.filters
    # What is done to an account is about the account, which begins with its registration.
    content_at = ids.time_of(made.account) if kind in SANCTIONS else made.content_at
    fields = {
        "puid": puid(key, made.id),
        decision: value,
        "decision_ground": dsa_terms.INCOMPATIBLE,
        "decision_facts": _cut(made.facts, MAX_FACTS),
        **_content_type(row, kind, content),
        "territorial_scope": list(dsa_terms.COUNTRIES),
        "content_date": clock.day(content_at),
        "application_date": clock.day(ids.time_of(made.id)),
        "source_type": SOURCES[Source(made.source)],
        "automated_detection": dsa_terms.NO if by_people else dsa_terms.YES,
        "automated_decision": f"AUTOMATED_DECISION_{Automation(made.automation).name}",
    }
    if kind is StatementKind.COVER:
        fields["decision_visibility_other"] = COVERED
    return fields | (_ground(rule, made.rule_version or 0, made.explanation, origin) if rule else {})


def _ground(rule: Rule, version: int, explanation: str, origin: str) -> dict[str, str]:
    """Which rule was broken. A rule about what the law forbids says so; of other content it is not judged."""
    said = rule.said(LOCALE)
    ground = {
        "category": f"STATEMENT_CATEGORY_{rule.category}",
        "incompatible_content_ground": _cut(f"Rule {rule.number}, {said.title} (version {version})", MAX_GROUND),
        "incompatible_content_explanation": _cut(explanation or said.text, MAX_EXPLANATION),
    }
    if rule.severity is Severity.ILLEGAL:
        ground["incompatible_content_illegal"] = dsa_terms.YES
    if origin:
        ground["decision_ground_reference_url"] = f"{origin}/rules/{version}"
    return ground


def _content_type(row: SubmittedRow, kind: StatementKind, content: Content | None) -> dict[str, Any]:
    subject = SubjectKind(row.subject_kind)
    if kind is StatementKind.MEDIA_REMOVAL and row.media_kind is not None:
        return {"content_type": [MEDIA_TYPES[MediaKind(row.media_kind)]]}
    if kind in SANCTIONS or (subject is SubjectKind.ACCOUNT and kind is not StatementKind.MEDIA_REMOVAL):
        return {"content_type": [OTHER], "content_type_other": "An account"}
    media = sorted({MEDIA_TYPES[one.kind] for one in content.media}) if content else []
    if subject is SubjectKind.MEDIA or kind is StatementKind.MEDIA_REMOVAL:
        other = {"content_type": [OTHER], "content_type_other": "A picture, video or sound"}
        return {"content_type": media} if media else other
    has_text = content is None or bool(content.text) or not media
    return {"content_type": [*media, TEXT] if has_text else media}


def _end(row: SubmittedRow, reversal: int | None) -> dict[str, str]:
    """Until when it restricts: until it ends by itself, or was taken back."""
    ends = [at for at in (row.made.ends_at, None if reversal is None else ids.time_of(reversal)) if at is not None]
    return {RESTRICTIONS[StatementKind(row.made.kind)][2]: clock.day(min(ends))} if ends else {}


def _identity(row: SubmittedRow, flagger: str | None) -> dict[str, str]:
    """Which trusted flagger it was, as long as the complaint is kept: they are organisations."""
    is_known = row.made.source == Source.TRUSTED_FLAGGER and flagger
    return {"source_identity": _cut(flagger or "", MAX_GROUND)} if is_known else {}


def _personal(row: SubmittedRow, contents: Mapping[int, Content], *, is_cleared: bool) -> Iterator[Problem]:
    """What in the texts may tell who somebody is."""
    names = [name for name in (row.handle, row.name) if name]
    for content in contents.values():
        names += [content.handle, content.name, *(excerpt.handle for excerpt in content.context)]
    texts = {"decision_facts": row.made.facts, "incompatible_content_explanation": row.made.explanation}
    for field, text in texts.items():
        if statements.text_problem(text, statements.MAX_FACTS) or _has_mail_address(text):
            yield Problem(field, "mentions somebody, or has an address in it")
        elif not is_cleared and statements.named_in(text, names):
            yield Problem(field, "has a word in it that is also the name of somebody whom the case concerns")


def _has_mail_address(text: str) -> bool:
    return any("@" in word.strip("@") for word in text.split())


def _cut(text: str, limit: int) -> str:
    """A text with no more code points than the database takes: those of ours are counted as people see them."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
