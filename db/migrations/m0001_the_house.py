"""Everything people need to join, post, follow and read."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0001-the-house"
VERSION = "1.38.0"
DESCRIPTION = "accounts, posts, graph, timelines, outbox"

# {id}: a 63-bit key of ours that is the row's place on SQLite; {pair}: no hidden row id where the key is a pair;
# {bytes}: compared byte by byte.
SCHEMA = """
CREATE TABLE network (
    id integer PRIMARY KEY, name text NOT NULL, description text NOT NULL, contact text NOT NULL,
    hue smallint NOT NULL, created_at bigint NOT NULL);

CREATE TABLE terms (version integer PRIMARY KEY, text text NOT NULL, published_at bigint NOT NULL);

CREATE TABLE account (
    id {id}, handle text NOT NULL, handle_key text {bytes} NOT NULL UNIQUE,
    name text NOT NULL, name_key text {bytes} NOT NULL,
    bio text NOT NULL DEFAULT '', bio_mentions text NOT NULL DEFAULT '', links text NOT NULL DEFAULT '[]',
    hue smallint NOT NULL, private smallint NOT NULL DEFAULT 0,
    role text NOT NULL DEFAULT 'member', locale text NOT NULL DEFAULT '', theme text NOT NULL DEFAULT 'auto',
    hide_reposts smallint NOT NULL DEFAULT 0, hide_replies smallint NOT NULL DEFAULT 0,
    terms_version integer NOT NULL, terms_at bigint NOT NULL, version integer NOT NULL DEFAULT 1,
    posts integer NOT NULL DEFAULT 0, followers integer NOT NULL DEFAULT 0, following integer NOT NULL DEFAULT 0,
    home_floor bigint NOT NULL DEFAULT 0, pull_since bigint, left_at bigint);
CREATE INDEX account_followers ON account (followers, id);
CREATE INDEX account_name ON account (name_key);

CREATE TABLE credential (
    account {id} REFERENCES account ON DELETE CASCADE, password_hash text NOT NULL, email text NOT NULL DEFAULT '',
    changed_at bigint NOT NULL);
CREATE INDEX credential_email ON credential (email) WHERE email <> '';

CREATE TABLE session (
    id text PRIMARY KEY, account bigint NOT NULL REFERENCES account ON DELETE CASCADE, agent text NOT NULL,
    created_at bigint NOT NULL, seen_at bigint NOT NULL);
CREATE INDEX session_account ON session (account);

CREATE TABLE reset (
    id text PRIMARY KEY, account bigint NOT NULL REFERENCES account ON DELETE CASCADE, expires_at bigint NOT NULL);
CREATE INDEX reset_account ON reset (account);

CREATE TABLE post (
    id {id}, author bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    parent bigint, parent_author bigint, root bigint NOT NULL, quote bigint,
    text text NOT NULL, mentions text NOT NULL DEFAULT '', cover text,
    visibility smallint NOT NULL, replies_to smallint NOT NULL, key text NOT NULL,
    version integer NOT NULL DEFAULT 1, edited_at bigint, deleted_at bigint,
    replies integer NOT NULL DEFAULT 0, reposts integer NOT NULL DEFAULT 0, quotes integer NOT NULL DEFAULT 0,
    ups integer NOT NULL DEFAULT 0, downs integer NOT NULL DEFAULT 0, UNIQUE (author, key));
CREATE INDEX post_by_author ON post (author, id) WHERE parent IS NULL;
CREATE INDEX post_replies_of ON post (author, id) WHERE parent IS NOT NULL;
CREATE INDEX post_public ON post (id) WHERE parent IS NULL AND visibility = 0;
CREATE INDEX post_in_thread ON post (parent, id) WHERE parent IS NOT NULL;
CREATE INDEX post_in_thread_top ON post (parent, (ups - downs), id) WHERE parent IS NOT NULL;
CREATE INDEX post_quotes ON post (quote, id) WHERE quote IS NOT NULL;

CREATE TABLE revision (
    post bigint NOT NULL REFERENCES post ON DELETE CASCADE, number integer NOT NULL, text text NOT NULL,
    mentions text NOT NULL, cover text, written_at bigint NOT NULL, PRIMARY KEY (post, number)) {pair};

CREATE TABLE mention (
    post bigint NOT NULL REFERENCES post ON DELETE CASCADE,
    account bigint NOT NULL REFERENCES account ON DELETE CASCADE, PRIMARY KEY (post, account)) {pair};
CREATE INDEX mention_of ON mention (account, post);

CREATE TABLE post_tag (
    tag text {bytes} NOT NULL, post bigint NOT NULL REFERENCES post ON DELETE CASCADE, PRIMARY KEY (tag, post)) {pair};
CREATE INDEX post_tag_of ON post_tag (post);

CREATE TABLE repost (
    id {id}, account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    post bigint NOT NULL REFERENCES post ON DELETE CASCADE, UNIQUE (account, post));
CREATE INDEX repost_of ON repost (post);
CREATE INDEX repost_by ON repost (account, id);

CREATE TABLE vote (
    account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    post bigint NOT NULL REFERENCES post ON DELETE CASCADE, value smallint NOT NULL,
    PRIMARY KEY (account, post)) {pair};
CREATE INDEX vote_on ON vote (post);

CREATE TABLE follow (
    follower bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    followee bigint NOT NULL REFERENCES account ON DELETE CASCADE, pull smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (follower, followee)) {pair};
CREATE INDEX follow_of ON follow (followee, follower);
CREATE INDEX follow_pull ON follow (follower, followee) WHERE pull = 1;

CREATE TABLE follow_request (
    target bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    requester bigint NOT NULL REFERENCES account ON DELETE CASCADE, PRIMARY KEY (target, requester)) {pair};
CREATE INDEX follow_request_by ON follow_request (requester);

CREATE TABLE block (
    blocker bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    blocked bigint NOT NULL REFERENCES account ON DELETE CASCADE, PRIMARY KEY (blocker, blocked)) {pair};
CREATE INDEX block_of ON block (blocked, blocker);

CREATE TABLE mute (
    muter bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    muted bigint NOT NULL REFERENCES account ON DELETE CASCADE, PRIMARY KEY (muter, muted)) {pair};
CREATE INDEX mute_of ON mute (muted);

CREATE TABLE timeline (
    viewer bigint NOT NULL, entry bigint NOT NULL, post bigint NOT NULL, author bigint NOT NULL,
    actor bigint NOT NULL DEFAULT 0, PRIMARY KEY (viewer, entry)) {pair};

CREATE TABLE outbox (
    id {id}, kind text NOT NULL, payload text NOT NULL, due_at bigint NOT NULL,
    attempts integer NOT NULL DEFAULT 0, error text);
CREATE INDEX outbox_due ON outbox (due_at, id);
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
