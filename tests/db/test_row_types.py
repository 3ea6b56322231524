"""Rows become types by position, so the columns of a statement must be the fields of its type, in their order."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from db.queries import (
    accounts,
    backups,
    dead_letters,
    domain_migration,
    editing,
    graph,
    link_previews,
    media,
    objects,
    outbox,
    posts,
    publishing,
    receipts,
    reposts,
    secrets,
    threads,
)
from db.queries.posts import PostSummary
from db.sql import SQL
from domain.posts.views import PostView
from tests.helpers.databases import Store


@pytest.fixture
def engine() -> str:
    """It names columns; the other engine gives the same ones in the same order."""
    return "sqlite"


@pytest.fixture
async def database(store: Store) -> AsyncIterator[sqlite3.Connection]:
    with closing(sqlite3.connect((await store.copy("migrated")).removeprefix("sqlite:///"))) as opened:
        yield opened


def test_a_summary_has_the_columns_of_its_fields() -> None:
    assert tuple(posts.SUMMARY) == PostSummary._fields


def test_a_whole_post_has_the_columns_of_its_fields() -> None:
    """What has no column has a default, and is set afterwards."""
    fields, rest = PostView.__struct_fields__[: len(posts.WHOLE)], PostView.__struct_fields__[len(posts.WHOLE) :]
    assert tuple(posts.WHOLE) == fields
    assert len(rest) == len(PostView.__struct_defaults__)
    assert PostView.__struct_fields__[: len(PostSummary._fields)] == PostSummary._fields


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        (accounts.FOLLOWERS, accounts.PersonRow),
        (accounts.BLOCKED, accounts.PersonRow),
        (backups.BACKUPS, backups.BackupRow),
        (backups.CHANGES, backups.ChangeRow),
        (backups.LAST_GOOD, backups.BackupRow),
        (backups.LAST_GOOD_AT, backups.BackupRow),
        (backups.OPERATORS, backups.OperatorAddress),
        (backups.PUBLIC_POST, backups.PublicPost),
        (backups.REHEARSALS, backups.RehearsalRow),
        (backups.REPLICATION_STATE, backups.ReplicationRow),
        (backups.SITE_MODE, backups.SiteModeRow),
        (dead_letters.BACKLOG, dead_letters.BacklogRow),
        (dead_letters.DROPPED, dead_letters.DroppedRow),
        (dead_letters.KINDS, dead_letters.KindRow),
        (dead_letters.OF_KINDS, dead_letters.DeadLetterRow),
        (domain_migration.DEVICE, domain_migration.DeviceRow),
        (domain_migration.NOTICES, domain_migration.NoticeRow),
        (editing.REVISIONS, editing.RevisionRow),
        (graph.BETWEEN, graph.Between),
        (graph.NEIGHBOURS, graph.FollowEdge),
        (link_previews.BY_IDS, link_previews.PreviewRow),
        (link_previews.BY_URL, link_previews.PreviewStatus),
        (link_previews.CONTENT, link_previews.PostContent),
        (link_previews.STATUS, link_previews.PreviewStatus),
        (link_previews.UNUSED, link_previews.UnusedPreview),
        (media.BY_IDS, media.FileRow),
        (media.FILE, media.ServedFile),
        (media.OF_POSTS, media.FileRow),
        (media.OWN, media.FileRow),
        (media.WITH_FILES, media.MediaOfPost),
        (objects.AFTER, objects.UsedObject),
        (objects.KNOWN, objects.ObjectLocation),
        (objects.MISCOUNTED, objects.Miscount),
        (objects.OUTSIDE, objects.OutsideObject),
        (objects.PLACE, objects.ObjectRow),
        (objects.REMOVAL, objects.ObjectLocation),
        (objects.REMOVALS, objects.ObjectLocation),
        (objects.STORES, objects.StoreRow),
        (outbox.TAKE, outbox.EventRow),
        (publishing.BY_KEY, publishing.PublishedPost),
        (publishing.HANDLES, publishing.AccountHandle),
        (receipts.COUNTS, receipts.ReceiptCounts),
        (receipts.OF_ACCOUNT, receipts.ReceiptRow),
        (receipts.ONE, receipts.ReceiptRow),
        (reposts.BY_ACCOUNT, reposts.RepostByAccount),
        (reposts.OF_POST, reposts.RepostOfPost),
        (secrets.PUSH_KEYS, secrets.PushKeyRow),
        (threads.ANCESTORS, threads.Ancestor),
    ],
)
def test_a_row_has_the_columns_of_its_fields(
    database: sqlite3.Connection, statement: SQL, row: type[tuple[object, ...]]
) -> None:
    """A column that is an expression may have any name."""
    parameters = max(map(int, re.findall(r"\?(\d+)", statement.sqlite)), default=0)
    columns = [column[0] for column in database.execute(statement.sqlite, [0] * parameters).description]
    fields = tuple(row.__annotations__)
    assert len(columns) == len(fields)
    named = [(column, field) for column, field in zip(columns, fields, strict=True) if column.isidentifier()]
    assert all(column == field for column, field in named)


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        (media.INSERT, media.NewMedia),
        (media.INSERT_RENDITION, media.NewRendition),
        (objects.CLAIM, objects.NewObject),
        (outbox.ADD, outbox.NewEvent),
        (backups.REHEARSED, backups.RehearsalRow),
    ],
)
def test_what_is_inserted_has_the_columns_of_its_fields(statement: SQL, row: type[tuple[object, ...]]) -> None:
    found = re.match(r"INSERT INTO \w+ \((.*?)\) VALUES \((.*?)\)", statement.sqlite)
    assert found
    fields = tuple(row.__annotations__)
    assert tuple(found[1].split(", ")) == fields
    assert found[2] == ", ".join(f"?{number}" for number in range(1, len(fields) + 1))
