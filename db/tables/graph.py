"""Who reads whom, and who does not want to."""

from piccolo.columns import BigInt, SmallInt
from piccolo.table import Table


class Follow(Table, tablename="follow"):
    """``pull`` is 1 when the followee's new posts are pulled by readers instead of copied into their timelines."""

    follower = BigInt(primary_key=True)
    followee = BigInt()
    pull = SmallInt()


class FollowRequest(Table, tablename="follow_request"):
    target = BigInt(primary_key=True)
    requester = BigInt()


class Block(Table, tablename="block"):
    blocker = BigInt(primary_key=True)
    blocked = BigInt()


class Mute(Table, tablename="mute"):
    muter = BigInt(primary_key=True)
    muted = BigInt()
