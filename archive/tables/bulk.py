"""Decisions about many posts or accounts at once, and the pictures that moderators know."""

from typing import Annotated

from sqlmodel import Field

from archive.fields import PAIR, Count, Flag, Id, Record, Sha256, Small, free, heading, json, line, number_of, span
from archive.tables.moderation import Moment
from archive.tables.public_log import Salt
from domain.core import clock
from domain.moderation import bulk_search, known_pictures, statements
from domain.moderation.bulk_kinds import MOST, BulkState, BulkSubjectState, Criteria
from domain.moderation.kinds import StatementKind, SubjectKind

# JSON writes some characters as six.
MAX_CRITERIA = bulk_search.MAX_LINK * 6 + 500


def _has_times(criteria: Criteria) -> bool:
    """Whether all times can be shown."""
    return all(0 <= at < clock.LAST for at in (criteria.signed_up_from, criteria.signed_up_to))


class BulkDecision(Record, table=True):
    id: Id = Field(primary_key=True)
    author: Id | None
    state: Annotated[int, number_of(BulkState)]
    subject_kind: Annotated[int, number_of(SubjectKind)]
    criteria: Annotated[str, line(MAX_CRITERIA), json(Criteria, _has_times)]
    left_out: Count
    expires_at: Moment
    kind: Annotated[int, number_of(StatementKind)] | None
    days: Small
    rule_version: Count | None
    rule_number: Small | None
    facts: Annotated[str, free(statements.MAX_FACTS)]
    explanation: Annotated[str, free(statements.MAX_EXPLANATION)]
    second: Id | None
    decided_at: Moment | None
    entry: Id | None
    undone_by: Id | None
    undone_at: Moment | None
    undo_words: Annotated[str, free(statements.MAX_EXPLANATION)]
    undo_entry: Id | None


class BulkSubject(Record, table=True):
    __table_args__ = PAIR

    bulk: Id = Field(primary_key=True)
    place: Annotated[int, span(0, MOST - 1)] = Field(primary_key=True)
    subject: Id
    account: Id
    version: Count
    state: Annotated[int, number_of(BulkSubjectState)]


class BulkStatement(Record, table=True):
    statement: Id = Field(primary_key=True)
    bulk: Id
    undo: Flag
    place: Annotated[int, span(0, MOST - 1)]
    own_salt: Salt
    name: Sha256


class KnownPicture(Record, table=True):
    id: Id = Field(primary_key=True)
    name: Annotated[str, heading(known_pictures.MAX_NAME)]
    note: Annotated[str, free(known_pictures.MAX_NOTE)]
    # As long as a SHA-256, and written as one.
    pdq: Sha256
    author: Id | None
    mod_case: Id | None
    waits: Flag
    second: Id | None
