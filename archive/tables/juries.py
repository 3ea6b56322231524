"""Juries, who may be drawn for them, and how they voted."""

from typing import Annotated

from sqlmodel import Field

from archive.fields import Flag, Id, Record, free, number_of, span
from archive.tables.moderation import Moment
from domain.moderation import juries, statements
from domain.moderation.jury_kinds import DisputeState, JuryState, JuryVote, SeatState


class Jury(Record, table=True):
    appeal: Id = Field(primary_key=True)
    state: Annotated[int, number_of(JuryState)]
    opened_at: Moment
    ends_at: Moment
    closed_at: Moment | None


class Juror(Record, table=True):
    id: Id = Field(primary_key=True)
    jury: Id
    account: Id | None
    state: Annotated[int, number_of(SeatState)]
    ends_at: Moment
    vote: Annotated[int, number_of(JuryVote)] | None
    reason: Annotated[str, free(juries.MAX_REASON)]
    answered_at: Moment | None
    version: Annotated[int, span(1, 2**30)]
    audit: Flag
    dispute: Annotated[str, free(juries.MAX_REASON)]
    dispute_state: Annotated[int, number_of(DisputeState)] | None


class JurorStanding(Record, table=True):
    account: Id = Field(primary_key=True)
    opted_in_at: Moment
    paused_until: Moment


class JuryAudit(Record, table=True):
    jury: Id = Field(primary_key=True)
    why: Annotated[str, free(statements.MAX_EXPLANATION)]
    author: Id | None
    promoted_at: Moment
    withdrawn_at: Moment | None


class JuryReversal(Record, table=True):
    statement: Id = Field(primary_key=True)
    jury: Id
