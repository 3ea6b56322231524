"""Schema statements, for migrations."""

from db.engine import DB
from db.sql import SQL


async def run(schema: str) -> None:
    """Statements separated by semicolons, with the spots where the engines differ filled in."""
    sqlite = DB.dialect == "sqlite"
    # On SQLite only "integer primary key" makes the id the row's own place.
    filled = schema.format(
        id="integer PRIMARY KEY" if sqlite else "bigint PRIMARY KEY",
        pair="WITHOUT ROWID" if sqlite else "",
        # Prefixes are looked up as ranges, which only plain byte order makes right.
        bytes="" if sqlite else 'COLLATE "C"',
        blob="blob" if sqlite else "bytea",
    )
    for statement in filled.split(";"):
        if statement.strip():
            await DB.fetch(SQL(statement))
