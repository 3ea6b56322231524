"""Tables and columns get the names that the code has for them.

No version before this one can use the tables afterwards: its servers are to be stopped first. All of it is one
transaction, so that an interrupted migration leaves the database as it was.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run
from db.engine import DB
from db.sql import SQL

ID = "0009-names"
VERSION = "1.38.0"
DESCRIPTION = "standard names of tables and columns"

# Triggers of the continuous copy (db/changes.py), which name tables and columns. The next backup makes new ones and
# begins another copy, since the archive's format changes with the names.
TRIGGERS = SQL(
    "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'copied\\_%' ESCAPE '\\'",
    """SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
       WHERE t.tgname LIKE 'copied\\_%' AND c.relnamespace = current_schema()::regnamespace""",
)

NAMES = """
ALTER TABLE object RENAME TO stored_object;
ALTER TABLE removal RENAME TO pending_removal;
ALTER TABLE card RENAME TO link_preview;
ALTER TABLE copying RENAME TO replication_state;
ALTER TABLE account RENAME COLUMN picture TO avatar_small;
ALTER TABLE account RENAME COLUMN portrait TO avatar_large;
ALTER TABLE network RENAME COLUMN cards TO link_previews;
ALTER TABLE post RENAME COLUMN card TO link_preview;
ALTER TABLE notice RENAME COLUMN aside TO state;
ALTER TABLE notice_part RENAME COLUMN stands TO active;
ALTER TABLE change RENAME COLUMN tab TO table_name;
UPDATE change SET table_name = 'stored_object' WHERE table_name = 'object';
UPDATE change SET table_name = 'pending_removal' WHERE table_name = 'removal';
UPDATE change SET table_name = 'link_preview' WHERE table_name = 'card';
"""

# SQLite can't rename an index.
SQLITE_INDEXES = """
DROP INDEX object_idle;
CREATE INDEX stored_object_idle ON stored_object (touched_at) WHERE uses = 0;
DROP INDEX object_in;
CREATE INDEX stored_object_in ON stored_object (store, key);
DROP INDEX post_card;
CREATE INDEX post_link_preview ON post (link_preview) WHERE link_preview IS NOT NULL;
DROP INDEX notice_aside;
CREATE INDEX notice_set_aside ON notice (account, entry) WHERE state = 1;
DROP INDEX notice_aside_by;
CREATE INDEX notice_set_aside_by ON notice (account, actor, entry) WHERE state = 1;
"""
POSTGRES_INDEXES = """
ALTER INDEX object_idle RENAME TO stored_object_idle;
ALTER INDEX object_in RENAME TO stored_object_in;
ALTER INDEX post_card RENAME TO post_link_preview;
ALTER INDEX notice_aside RENAME TO notice_set_aside;
ALTER INDEX notice_aside_by RENAME TO notice_set_aside_by;
ALTER TABLE stored_object RENAME CONSTRAINT object_pkey TO stored_object_pkey;
ALTER TABLE stored_object RENAME CONSTRAINT object_path_key TO stored_object_path_key;
ALTER TABLE stored_object RENAME CONSTRAINT object_store_fkey TO stored_object_store_fkey;
ALTER TABLE pending_removal RENAME CONSTRAINT removal_pkey TO pending_removal_pkey;
ALTER TABLE pending_removal RENAME CONSTRAINT removal_store_fkey TO pending_removal_store_fkey;
ALTER TABLE link_preview RENAME CONSTRAINT card_pkey TO link_preview_pkey;
ALTER TABLE link_preview RENAME CONSTRAINT card_url_key_key TO link_preview_url_key_key;
ALTER TABLE link_preview RENAME CONSTRAINT card_media_fkey TO link_preview_media_fkey;
ALTER TABLE replication_state RENAME CONSTRAINT copying_pkey TO replication_state_pkey;
"""


async def drop_triggers() -> None:
    for name, table in await DB.fetch(TRIGGERS):
        if DB.dialect == "sqlite":
            await run(f"DROP TRIGGER {name}")
        else:
            await run(f"DROP TRIGGER {name} ON {table}; DROP FUNCTION IF EXISTS {name}()")


async def rename() -> None:
    await drop_triggers()
    await run(NAMES)
    await run(SQLITE_INDEXES if DB.dialect == "sqlite" else POSTGRES_INDEXES)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(rename)
    return manager
