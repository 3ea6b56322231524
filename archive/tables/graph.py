"""Who reads whom, who does not want to, and who wants to hear of every post."""

from sqlmodel import Field

from archive.fields import PAIR, Flag, Id, Record


class Follow(Record, table=True):
    __table_args__ = PAIR

    follower: Id = Field(primary_key=True)
    followee: Id = Field(primary_key=True)
    pull: Flag


class FollowRequest(Record, table=True):
    __table_args__ = PAIR

    target: Id = Field(primary_key=True)
    requester: Id = Field(primary_key=True)


class Block(Record, table=True):
    __table_args__ = PAIR

    blocker: Id = Field(primary_key=True)
    blocked: Id = Field(primary_key=True)


class Mute(Record, table=True):
    __table_args__ = PAIR

    muter: Id = Field(primary_key=True)
    muted: Id = Field(primary_key=True)
