"""How fresh what is read must be."""

from contextlib import AbstractContextManager

from db.engine import DB


def may_lag() -> AbstractContextManager[None]:
    """Within the block a replica may answer, as much behind as the settings allow: for who has written nothing."""
    return DB.may_lag()
