"""Allows reads that may come from a replica, and so a little late."""

from contextlib import AbstractContextManager

from db.engine import DB


def may_lag() -> AbstractContextManager[None]:
    """Within the block a replica may answer, as much behind as the settings allow: for who has written nothing."""
    return DB.may_lag()
