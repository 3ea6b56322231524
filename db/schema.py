"""The schema's state: migrating, and saying so when the database is newer than the code."""

import contextlib
import io
import re
from functools import cache
from pathlib import Path

from piccolo.apps.migrations.tables import Migration
from piccolo.table import Table

from db import bulk, ddl, migrations, postgres
from db.engine import DB, Unavailable
from db.queries import backups
from db.sql import SQL
from db.tables.backups import SiteState
from db.tables.registry import APP, TABLES

FOLDER = Path(migrations.__path__[0])
ID = re.compile(r'^ID = "([^"]+)"$', re.MULTILINE)
RAN = SQL("SELECT name FROM migration WHERE app_name = ?1")


@cache
def known() -> tuple[str, ...]:
    """The migrations that this code brings, oldest first."""
    # Read as text: importing a migration imports Piccolo's generator of migrations, which takes 9 MB and a second.
    texts = (file.read_text(encoding="utf-8") for file in FOLDER.glob("m*.py"))
    return tuple(sorted(found[1] for text in texts if (found := ID.search(text))))


async def done() -> list[str]:
    """The migrations that have run on the open database."""
    bind()
    if not await Migration.table_exists().run():
        return []
    return [name for (name,) in await DB.fetch(RAN, APP)]


async def check() -> None:
    """Errors: ``Unavailable`` when the database lacks migrations, or has some that this code does not know."""
    ran = set(await done())
    if unknown := sorted(ran - set(known())):
        raise Unavailable(
            f"The database is newer than this version of Parvis (it has {', '.join(unknown)}): upgrade first"
        )
    if missing := sorted(set(known()) - ran):
        raise Unavailable(f"The database lacks {', '.join(missing)}: run `parvis migrate` first")
    if (mode := await backups.site_mode()) and mode.state == SiteState.RESTORING:
        raise Unavailable("A backup's restore into this database has not ended: run `parvis restore` again first")
    if await bulk.unfinished():
        raise Unavailable("An archive's load into this database has not ended: run `parvis archive load` again first")


async def migrate() -> list[str]:
    """Runs the migrations that are missing, and returns their names.

    Errors: ``Unavailable`` for a newer database, for one that is being loaded (its foreign keys and indexes are put
    away), and where the user may not make tables.
    """
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

    from db.piccolo_app import APP_CONFIG

    before = await done()
    if unknown := sorted(set(before) - set(known())):
        raise Unavailable(
            f"The database is newer than this version of Parvis (it has {', '.join(unknown)}): upgrade first"
        )
    if before and set(known()) - set(before) and await bulk.unfinished():
        raise Unavailable(
            "An archive's load into this database has not ended: end it with the version that began it, or load the"
            " archive into an empty database"
        )
    # Piccolo prints its progress for a terminal; ours is said by the command.
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            manager = ForwardsMigrationManager(app_name=APP)
            await manager.create_migration_table()
            await ddl.until_done(lambda: manager.run_migrations(APP_CONFIG))
    except postgres.DENIED as error:
        raise Unavailable(
            f"PostgreSQL does not let this user make tables ({error}): make it the database's owner, with"
            " ALTER DATABASE name OWNER TO user"
        ) from None
    return [name for name in known() if name not in before]


def bind() -> None:
    """Points every Piccolo table at the open database (Piccolo keeps the first engine it meets)."""
    tables: list[type[Table]] = [Migration, *TABLES]
    for table in tables:
        table._meta.db = DB.engine
