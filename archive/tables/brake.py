"""The brake and the crisis."""

from typing import Annotated

from sqlmodel import Field

from archive.fields import Count, Id, Record, Time, free, number_of, span
from domain.moderation import crisis
from domain.moderation.brake import BrakeReason
from domain.moderation.public_words import MAX_WORDS

ONE = span(1, 1)


class Brake(Record, table=True):
    id: Annotated[int, ONE] = Field(primary_key=True)
    since: Time | None
    reason: Annotated[int, number_of(BrakeReason)]
    words: Annotated[str, free(MAX_WORDS)]
    ends_at: Time | None
    better_since: Time | None
    rests_until: Time
    version: Count


class Crisis(Record, table=True):
    id: Id = Field(primary_key=True)
    number: Annotated[int, ONE]
    proposer: Id | None
    words: Annotated[str, free(MAX_WORDS, 1)]
    hours: Annotated[int, span(1, max(crisis.HOURS))]
    since: Time | None
    ends_at: Time | None
