"""The schema's state: migrating, and saying so when the database is newer than the code."""

import contextlib
import importlib
import io
import pkgutil

from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.table import Table

from db import bulk, ddl, migrations, piccolo_app, postgres
from db.engine import DB, Unavailable
from db.queries import backups
from db.tables.backups import SiteState


def known() -> list[str]:
    """The migrations that this code brings, oldest first."""
    modules = (
        importlib.import_module(f"db.migrations.{info.name}") for info in pkgutil.iter_modules(migrations.__path__)
    )
    return sorted(module.ID for module in modules)


async def done() -> list[str]:
    """The migrations that have run on the open database."""
    bind()
    if not await Migration.table_exists().run():
        return []
    return await Migration.get_migrations_which_ran(app_name=piccolo_app.APP_CONFIG.app_name)


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
            manager = ForwardsMigrationManager(app_name=piccolo_app.APP_CONFIG.app_name)
            await manager.create_migration_table()
            await ddl.until_done(lambda: manager.run_migrations(piccolo_app.APP_CONFIG))
    except postgres.DENIED as error:
        raise Unavailable(
            f"PostgreSQL does not let this user make tables ({error}): make it the database's owner, with"
            " ALTER DATABASE name OWNER TO user"
        ) from None
    return [name for name in known() if name not in before]


def bind() -> None:
    """Points every Piccolo table at the open database (Piccolo keeps the first engine it meets)."""
    tables: list[type[Table]] = [Migration, *piccolo_app.TABLES]
    for table in tables:
        table._meta.db = DB.engine
