"""Waits until a task is in another one's way: the moment at which two transactions have really met."""

import asyncio
from typing import Any

from db.engine import DB
from db.sql import SQL

# Whether somebody waits for a lock; on SQLite whoever writes waits for the one transaction there is.
WAITS = SQL("SELECT 1", "SELECT count(*) FROM pg_locks WHERE NOT granted")


async def until_blocked(task: asyncio.Task[Any]) -> None:
    """Waits until ``task``, which has nobody beside it, waits for a lock, or is over. Errors: ``TimeoutError``."""
    async with asyncio.timeout(30):
        while not (task.done() or await DB.value(WAITS)):
            await asyncio.sleep(0.01)
