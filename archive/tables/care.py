"""What moderators choose for themselves and have looked at, and whom an urgent case was pushed to."""

from sqlmodel import Field

from archive.fields import PAIR, Flag, Id, Record, Small, Time


class ModeratorCare(Record, table=True):
    account: Id = Field(primary_key=True)
    on_duty: Flag
    hard_limit: Small | None
    working_since: Time
    worked_at: Time
    break_until: Time
    hard_minutes: Small | None
    keeps_grey: Flag


class CaseLook(Record, table=True):
    __table_args__ = PAIR

    account: Id = Field(primary_key=True)
    mod_case: Id = Field(primary_key=True)
    hard: Flag
    looked_at: Time
    began_at: Time
    ends_at: Time


class CaseAlert(Record, table=True):
    __table_args__ = PAIR

    mod_case: Id = Field(primary_key=True)
    account: Id = Field(primary_key=True)
    told_at: Time
