"""Who has written a list of words and who has agreed to it, words that wait for a second moderator; appeals of guests."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run_alone

ID = "0037-words-and-appeals"
VERSION = "1.38.0"
DESCRIPTION = "proposed words of lists, appeals of guests"

# Nobody knows who has written what was there before: whoever puts a filter live agrees to it.
LISTS = """
ALTER TABLE word_list ADD COLUMN author bigint REFERENCES account ON DELETE SET NULL;
ALTER TABLE word_list ADD COLUMN second bigint REFERENCES account ON DELETE SET NULL;
CREATE INDEX IF NOT EXISTS word_list_author ON word_list (author) WHERE author IS NOT NULL;
CREATE INDEX IF NOT EXISTS word_list_second ON word_list (second) WHERE second IS NOT NULL;
"""
PROPOSALS = """
CREATE TABLE IF NOT EXISTS word_proposal (
    word_list {id} REFERENCES word_list ON DELETE CASCADE, words text NOT NULL,
    author bigint NOT NULL REFERENCES account ON DELETE CASCADE, proposed_at bigint NOT NULL);
CREATE INDEX IF NOT EXISTS word_proposal_author ON word_proposal (author);
"""
# A guest has no account: their report says who lodged it.
APPEALS = """
ALTER TABLE appeal ADD COLUMN report bigint REFERENCES report ON DELETE SET NULL;
CREATE UNIQUE INDEX IF NOT EXISTS appeal_of_guest ON appeal (report, statement) WHERE report IS NOT NULL;
"""


async def create() -> None:
    for schema in (LISTS, PROPOSALS, APPEALS):
        await run_alone(schema)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION, wrap_in_transaction=False)
    manager.add_raw(create)
    return manager
