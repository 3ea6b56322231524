"""Pictures, videos and sounds, the files made of them, link previews, and receipts for what is deleted."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0003-media"
VERSION = "1.38.0"
DESCRIPTION = "media, objects, cards, receipts"

# No ON DELETE CASCADE from media: whatever takes a row away must let go of its objects first.
SCHEMA = """
ALTER TABLE account ADD COLUMN picture text NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN portrait text NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN header text NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN alt_required smallint NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN data_saver smallint NOT NULL DEFAULT 0;
ALTER TABLE network ADD COLUMN cards smallint NOT NULL DEFAULT 1;
ALTER TABLE post ADD COLUMN attachments smallint NOT NULL DEFAULT 0;
ALTER TABLE post ADD COLUMN card bigint;
CREATE INDEX post_with_media ON post (author, id) WHERE attachments > 0;

CREATE TABLE object_store (
    id smallint PRIMARY KEY, url text NOT NULL, state smallint NOT NULL, since bigint NOT NULL);

CREATE TABLE object (
    key text {bytes} PRIMARY KEY, path text {bytes} NOT NULL UNIQUE, store smallint NOT NULL REFERENCES object_store,
    type text NOT NULL, bytes bigint NOT NULL, uses integer NOT NULL DEFAULT 0, touched_at bigint NOT NULL);
CREATE INDEX object_idle ON object (touched_at) WHERE uses = 0;
CREATE INDEX object_in ON object (store, key);

CREATE TABLE removal (
    path text {bytes} NOT NULL, store smallint NOT NULL REFERENCES object_store, since bigint NOT NULL,
    PRIMARY KEY (path, store));

CREATE TABLE media (
    id {id}, account bigint REFERENCES account, key text, purpose smallint NOT NULL, kind smallint NOT NULL,
    post bigint REFERENCES post, place smallint NOT NULL DEFAULT 0, width integer NOT NULL, height integer NOT NULL,
    duration integer NOT NULL DEFAULT 0, alt text NOT NULL DEFAULT '', hash text NOT NULL DEFAULT '',
    UNIQUE (account, key));
CREATE INDEX media_of ON media (post, place) WHERE post IS NOT NULL;
CREATE INDEX media_waiting ON media (id) WHERE post IS NULL AND purpose = 0;

CREATE TABLE rendition (
    media bigint NOT NULL REFERENCES media ON DELETE CASCADE, name text NOT NULL, key text {bytes} NOT NULL REFERENCES object,
    width integer NOT NULL, height integer NOT NULL, PRIMARY KEY (media, name)) {pair};
CREATE INDEX rendition_key ON rendition (key);

CREATE TABLE card (
    id {id}, url_key text NOT NULL UNIQUE, url text NOT NULL, title text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '', site text NOT NULL DEFAULT '', media bigint REFERENCES media,
    state smallint NOT NULL DEFAULT 0, fetched_at bigint NOT NULL DEFAULT 0);
CREATE INDEX post_card ON post (card) WHERE card IS NOT NULL;

CREATE TABLE receipt (
    post {id}, account bigint NOT NULL REFERENCES account ON DELETE CASCADE, deleted_at bigint NOT NULL,
    purged_at bigint, lines text NOT NULL);
CREATE INDEX receipt_of ON receipt (account, post);
CREATE INDEX receipt_when ON receipt (deleted_at);
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
