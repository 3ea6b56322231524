"""Notices and what carries them: preferences, bells, push; the network's secrets and icons; codes for signing in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from db.ddl import run

ID = "0002-notifications"
VERSION = "1.38.0"
DESCRIPTION = "notices, push subscriptions, secrets, icons, sign-in codes"

SCHEMA = """
CREATE INDEX post_of_root ON post (root, id) WHERE parent IS NOT NULL;

CREATE TABLE secret (name text PRIMARY KEY, value text NOT NULL, made_at bigint NOT NULL);

CREATE TABLE notice (
    id {id}, account bigint NOT NULL REFERENCES account ON DELETE CASCADE, kind smallint NOT NULL,
    post bigint REFERENCES post ON DELETE CASCADE, actor bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    people integer NOT NULL DEFAULT 1, entry bigint NOT NULL, unread smallint NOT NULL DEFAULT 1,
    aside smallint NOT NULL DEFAULT 0);
CREATE INDEX notice_of ON notice (account, entry);
CREATE INDEX notice_unread ON notice (account, kind, post) WHERE unread = 1 AND aside = 0;
CREATE INDEX notice_aside ON notice (account, entry) WHERE aside = 1;
CREATE INDEX notice_about ON notice (post) WHERE post IS NOT NULL;
CREATE INDEX notice_by ON notice (actor);

CREATE TABLE notice_part (
    account bigint NOT NULL REFERENCES account ON DELETE CASCADE, topic smallint NOT NULL, post bigint NOT NULL,
    actor bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    notice bigint NOT NULL REFERENCES notice ON DELETE CASCADE, entry bigint NOT NULL,
    stands smallint NOT NULL DEFAULT 1, PRIMARY KEY (account, topic, post, actor)) {pair};
CREATE INDEX notice_part_of ON notice_part (notice, stands, entry);
CREATE INDEX notice_part_by ON notice_part (actor, account);

CREATE TABLE notice_setting (
    account {id} REFERENCES account ON DELETE CASCADE, kinds text NOT NULL DEFAULT '{{}}',
    strangers smallint NOT NULL DEFAULT 0, newcomers smallint NOT NULL DEFAULT 0,
    discreet smallint NOT NULL DEFAULT 0, quiet_from smallint, quiet_to smallint, zone text NOT NULL DEFAULT '',
    digest smallint NOT NULL DEFAULT 0, digest_email text NOT NULL DEFAULT '', digest_entry bigint NOT NULL DEFAULT 0,
    digest_at bigint NOT NULL DEFAULT 0, digest_sent bigint NOT NULL DEFAULT 0, feed_token text);
CREATE UNIQUE INDEX notice_setting_feed ON notice_setting (feed_token);
CREATE INDEX notice_setting_digest ON notice_setting (digest_at) WHERE digest <> 0;

CREATE TABLE notice_allowed (
    account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    actor bigint NOT NULL REFERENCES account ON DELETE CASCADE, PRIMARY KEY (account, actor)) {pair};
CREATE INDEX notice_allowed_by ON notice_allowed (actor);

CREATE TABLE bell (
    account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    target bigint NOT NULL REFERENCES account ON DELETE CASCADE, PRIMARY KEY (account, target)) {pair};
CREATE INDEX bell_of ON bell (target, account);

CREATE TABLE push_subscription (
    id {id}, account bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    session text REFERENCES session ON DELETE CASCADE, endpoint text NOT NULL, endpoint_key text NOT NULL UNIQUE,
    p256dh text NOT NULL DEFAULT '', auth text NOT NULL DEFAULT '', vapid text NOT NULL DEFAULT '',
    locale text NOT NULL DEFAULT '', zone text NOT NULL DEFAULT '', permission text NOT NULL DEFAULT '',
    made_at bigint NOT NULL, sent_at bigint, confirmed_at bigint,
    failed smallint NOT NULL DEFAULT 0, problem text NOT NULL DEFAULT '');
CREATE INDEX push_subscription_of ON push_subscription (account);
CREATE INDEX push_subscription_session ON push_subscription (session);

CREATE TABLE push_delivery (
    id {id}, subscription bigint NOT NULL REFERENCES push_subscription ON DELETE CASCADE,
    notice bigint NOT NULL, entry bigint NOT NULL DEFAULT 0, silent smallint NOT NULL DEFAULT 0,
    due_at bigint NOT NULL, attempts integer NOT NULL DEFAULT 0, revision integer NOT NULL DEFAULT 0,
    UNIQUE (subscription, notice));
CREATE INDEX push_delivery_due ON push_delivery (due_at, id);

CREATE TABLE signin_code (
    id text PRIMARY KEY, account bigint NOT NULL UNIQUE REFERENCES account ON DELETE CASCADE,
    expires_at bigint NOT NULL);

CREATE TABLE network_icon (name text PRIMARY KEY, digest text NOT NULL, body {blob} NOT NULL);
"""


async def create() -> None:
    await run(SCHEMA)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="parvis", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
