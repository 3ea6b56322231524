"""How many accounts were made of late, counted one after the other."""

from db.engine import DB
from db.sql import SQL

_NETWORK = "SELECT id FROM network"
LOCK = SQL(_NETWORK, f"{_NETWORK} FOR UPDATE")
SINCE = SQL("SELECT id FROM account WHERE id > ?1 ORDER BY id DESC LIMIT ?2")


async def lock() -> None:
    """Within a transaction: has whoever else counts wait for its end."""
    await DB.fetch(LOCK)


async def since(account: int, limit: int) -> list[int]:
    """The newest accounts above an id, the newest first."""
    return [row[0] for row in await DB.fetch(SINCE, account, limit)]
