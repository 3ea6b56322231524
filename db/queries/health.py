"""Whether the database takes writes."""

from db.engine import DB
from db.sql import SQL

PROBE = "write-probe"
WRITE = SQL("""
    INSERT INTO lease (name, holder, until) VALUES (?1, '', ?2)
    ON CONFLICT (name) DO UPDATE SET until = excluded.until
""")


async def write(now: int) -> None:
    """Writes one row, in a transaction of its own. Errors: those of the driver."""
    await DB.fetch(WRITE, PROBE, now)
