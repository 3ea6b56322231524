"""Filters before publication, what they found, and posts that wait for a moderator."""

from typing import Annotated

from sqlmodel import Field

from archive.fields import PAIR, Count, Id, Locale, Record, Time, free, heading, line, number_of, span, spelt
from domain.core import clock
from domain.core.trust import TrustLevel
from domain.moderation import filter_changes, filter_expressions, word_lists
from domain.moderation.filter_kinds import AgeGroup, FilterAction, FilterOutcome, FilterState, HitMode
from domain.posts.screening import HoldReason

# A time that pages show.
Moment = Annotated[int, span(0, clock.LAST - 1)]
Condition = Annotated[str, line(filter_expressions.MAX_SOURCE)]


class FilterRule(Record, table=True):
    id: Id = Field(primary_key=True)
    name: Annotated[str, heading(filter_changes.MAX_NAME)]
    condition: Condition
    outcome: Annotated[int, number_of(FilterOutcome)]
    rule_name: Annotated[str, spelt("[a-z0-9-]{0,30}")]
    facts: Annotated[str, free(filter_changes.MAX_FACTS)]
    state: Annotated[int, number_of(FilterState)]
    shadow_since: Moment | None
    version: Annotated[int, span(0, 2**30)]
    author: Id | None
    second: Id | None
    failed: Annotated[str, line(1000)]
    failed_at: Moment | None


class FilterChange(Record, table=True):
    id: Id = Field(primary_key=True)
    filter: Id
    action: Annotated[int, number_of(FilterAction)]
    version: Count
    account: Id | None
    condition: Condition


class FilterHit(Record, table=True):
    id: Id = Field(primary_key=True)
    filter: Id
    mode: Annotated[int, number_of(HitMode)]
    post: Id | None
    language: Locale
    trust: Annotated[int, number_of(TrustLevel)]
    age: Annotated[int, number_of(AgeGroup)]


class FilterFinding(Record, table=True):
    __table_args__ = PAIR

    mod_case: Id = Field(primary_key=True)
    filter: Id = Field(primary_key=True)
    found_at: Moment


class WordList(Record, table=True):
    id: Id = Field(primary_key=True)
    name: Annotated[str, spelt(word_lists.NAME.pattern)]
    words: Annotated[str, line(word_lists.MAX_TEXT * 8)]
    version: Annotated[int, span(0, 2**30)]
    updated_at: Moment
    author: Id | None
    second: Id | None


class WordProposal(Record, table=True):
    word_list: Id = Field(primary_key=True)
    words: Annotated[str, line(word_lists.MAX_TEXT * 8)]
    author: Id
    proposed_at: Moment


class PostHold(Record, table=True):
    post: Id = Field(primary_key=True)
    reason: Annotated[int, number_of(HoldReason)]
    filter: Id | None
    since: Moment
    decided_at: Time | None
