"""The rules, what was reported and kept as evidence, and what was decided."""

from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Field

from archive.fields import (
    PAIR,
    Count,
    Email,
    Flag,
    Id,
    Locale,
    Record,
    Sha256,
    Small,
    Time,
    among,
    free,
    heading,
    json,
    line,
    number_of,
    span,
    spelt,
)
from archive.tables.media import Key
from domain.core import clock
from domain.moderation import appeals, case_notes, evidence, figures, reports, rules, statements, transparency
from domain.moderation.kinds import (
    AppealState,
    Automation,
    CaseState,
    Outcome,
    Party,
    ReportState,
    Severity,
    Source,
    StatementKind,
    SubjectKind,
)
from domain.posts.measures import PostLabel

# A time that pages show.
Moment = Annotated[int, span(0, clock.LAST - 1)]
Name = Annotated[str, spelt("[a-z0-9-]{1,30}")]
TEXTS = rules.MAX_LANGUAGES * (rules.MAX_TITLE + rules.MAX_TEXT + 50) * 2
Texts = Annotated[str, free(TEXTS), json(dict[str, rules.RuleText], bool)]
# A month has a few hundred counts, each of less than a hundred characters.
MAX_FIGURES = 200_000


def _has_times(content: evidence.Content) -> bool:
    """Whether all times in evidence can be shown."""
    return all(0 <= at < clock.LAST for at in (content.written_at, *(one.written_at for one in content.context)))


def _can_be_published(cells: figures.Cells) -> bool:
    return bool(list(transparency.of("", cells)))


class Rulebook(Record, table=True):
    version: Count = Field(primary_key=True)
    published_at: Moment


class Rule(Record, table=True):
    __table_args__ = PAIR

    version: Count = Field(primary_key=True)
    number: Small = Field(primary_key=True)
    name: Name
    severity: Annotated[int, number_of(Severity)]
    category: Annotated[str, among(*rules.Category)]
    points: Small
    jury: Flag
    texts: Texts


class ModCase(Record, table=True):
    id: Id = Field(primary_key=True)
    subject_kind: Annotated[int, number_of(SubjectKind)]
    subject: Id
    account: Id
    post: Id | None
    severity: Annotated[int, number_of(Severity)]
    state: Annotated[int, number_of(CaseState)]
    reports: Annotated[int, span(0, 2**30)]
    due_at: Time
    claimed_by: Id | None
    claimed_until: Time
    version: Annotated[int, span(0, 2**30)]
    closed_at: Time | None
    weight: Annotated[int, span(0, 2**30)]


class Evidence(Record, table=True):
    id: Id = Field(primary_key=True)
    mod_case: Id
    revision: Count
    content: Annotated[str, StringConstraints(max_length=evidence.MAX_JSON), json(evidence.Content, _has_times)]
    sha256: Sha256
    purge_at: Time


class EvidenceHolder(Record, table=True):
    __table_args__ = PAIR

    evidence: Id = Field(primary_key=True)
    holder: Id = Field(primary_key=True)


class EvidenceFile(Record, table=True):
    __table_args__ = PAIR

    evidence: Id = Field(primary_key=True)
    place: Small = Field(primary_key=True)
    name: Annotated[str, spelt("[a-z]{1,20}")] = Field(primary_key=True)
    key: Key


class Report(Record, table=True):
    id: Id = Field(primary_key=True)
    mod_case: Id
    reporter: Id | None
    rule_version: Count
    rule_number: Small
    words: Annotated[str, free(reports.MAX_WORDS)]
    state: Annotated[int, number_of(ReportState)]
    outcome: Annotated[int, number_of(Outcome)] | None
    told_at: Time | None
    weight: Small


class GuestReport(Record, table=True):
    report: Id = Field(primary_key=True)
    name: Annotated[str, heading(reports.MAX_NAME)]
    email: Email
    locale: Locale
    confirmed: Flag
    purge_at: Time


class Statement(Record, table=True):
    id: Id = Field(primary_key=True)
    puid: Annotated[str, spelt("[A-Za-z0-9_-]{1,100}")]
    mod_case: Id
    account: Id
    post: Id | None
    kind: Annotated[int, number_of(StatementKind)]
    rule_version: Count | None
    rule_number: Small | None
    facts: Annotated[str, free(statements.MAX_FACTS)]
    explanation: Annotated[str, free(statements.MAX_EXPLANATION)]
    source: Annotated[int, number_of(Source)]
    revision: Count
    content_at: Time
    author: Id | None
    reverses: Id | None
    ends_at: Moment | None
    second: Id | None
    label: Annotated[int, number_of(PostLabel)] | None
    media: Id | None
    automation: Annotated[int, number_of(Automation)]


class Proposal(Record, table=True):
    mod_case: Id = Field(primary_key=True)
    author: Id
    rule_version: Count
    rule_number: Small
    facts: Annotated[str, free(statements.MAX_FACTS)]
    explanation: Annotated[str, free(statements.MAX_EXPLANATION)]
    removes_post: Flag
    proposed_at: Moment


class Appeal(Record, table=True):
    id: Id = Field(primary_key=True)
    statement: Id
    party: Annotated[int, number_of(Party)]
    appellant: Id | None
    report: Id | None
    words: Annotated[str, free(appeals.MAX_WORDS)]
    state: Annotated[int, number_of(AppealState)]
    due_at: Moment
    claimed_by: Id | None
    claimed_until: Time
    answer: Annotated[str, free(statements.MAX_EXPLANATION)]
    decided_by: Id | None
    decided_at: Moment | None


class CaseNote(Record, table=True):
    id: Id = Field(primary_key=True)
    mod_case: Id
    author: Id | None
    words: Annotated[str, free(case_notes.MAX_WORDS)]


class CaseMessage(Record, table=True):
    id: Id = Field(primary_key=True)
    mod_case: Id
    party: Annotated[int, number_of(Party)]
    sender: Id | None
    answers: Id | None
    words: Annotated[str, free(statements.MAX_EXPLANATION)]


class StandingLink(Record, table=True):
    account: Id = Field(primary_key=True)
    token_hash: Sha256
    made_at: Moment
    expires_at: Moment


class ModerationMonth(Record, table=True):
    month: Annotated[str, spelt(r"[0-9]{4}-(0[1-9]|1[0-2])")] = Field(primary_key=True)
    counted_at: Moment
    figures: Annotated[str, line(MAX_FIGURES), json(figures.Cells, _can_be_published)]
