"""The network in portable form: which tables there are, and what is left out because it can be made again."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import MetaData, Table
from sqlmodel import AutoString, SQLModel

from archive.fields import STRICT, Record
from archive.tables import (
    accounts,
    brake,
    bulk,
    care,
    domain_migration,
    filters,
    graph,
    juries,
    media,
    moderation,
    notifications,
    posts,
    public_log,
    upstream,
)
from db.table_specs import TableSpec
from domain.core.errors import Refused

# To be raised when a record changes (tests/archive/test_records.py knows when); archive/formats.py reads earlier ones.
FORMAT = 8

# In the order in which they are loaded: what a row points at comes before it.
_RECORDS: tuple[type[SQLModel], ...] = (
    accounts.Network, accounts.Terms, notifications.Secret, notifications.NetworkIcon,
    accounts.Account, accounts.Trust, accounts.Credential, accounts.HeldHandle,
    accounts.Session, accounts.Reset, accounts.SigninCode,
    graph.Follow, graph.FollowRequest, graph.Block, graph.Mute, notifications.Bell,
    posts.Post, posts.Revision, posts.Mention, posts.PostTag, posts.Repost, posts.Vote,
    media.ObjectStore, media.StoredObject, media.PendingRemoval, media.Media, media.Rendition, posts.LinkPreview,
    posts.Receipt,
    moderation.Rulebook, moderation.Rule, moderation.ModCase, moderation.Evidence, moderation.EvidenceHolder,
    moderation.EvidenceFile,
    moderation.Report, moderation.GuestReport, moderation.Statement, moderation.Proposal, moderation.Appeal,
    juries.Jury, juries.Juror, juries.JurorStanding, juries.JuryAudit, juries.JuryReversal,
    moderation.CaseMessage, moderation.CaseNote, moderation.ModerationMonth, moderation.StandingLink,
    filters.FilterRule, filters.FilterChange, filters.FilterHit, filters.FilterFinding, filters.WordList,
    filters.WordProposal, filters.PostHold,
    bulk.BulkDecision, bulk.BulkSubject, bulk.BulkStatement, bulk.KnownPicture,
    upstream.Complaint, upstream.ComplaintAddress, upstream.ComplaintMail, upstream.ComplaintEntry,
    upstream.ComplaintLetter, upstream.KnownSender,
    public_log.LogEntry, public_log.LogTile, public_log.LogCheckpoint,
    brake.Brake, brake.Crisis, care.ModeratorCare, care.CaseLook, care.CaseAlert,
    notifications.Notice, notifications.NoticePart, notifications.NoticeSetting, notifications.NoticeAllowed,
    notifications.PushSubscription, notifications.PushDelivery, notifications.Outbox, notifications.DroppedEvent,
    domain_migration.MoveNotice, domain_migration.DeviceKey, domain_migration.Arrival,
)  # fmt: skip
TABLES: dict[str, type[SQLModel]] = {str(record.__tablename__): record for record in _RECORDS}

# Live tables that an archive leaves out, each with its reason.
DERIVED = {
    "timeline": "Home timelines follow from posts, reposts and follows: domain.timelines.rebuilding fills them.",
    "home_activity": "Who reads home there; domain.timelines.rebuilding begins with everyone who has a timeline.",
    "change": "What is still to be copied from one host: a backup has it, or the next host begins anew.",
    "replication_state": "How far one host's copy is; the next host begins a chain of its own.",
    "backup": "What one host has tried; what there is, its store knows.",
    "rehearsal": "How one host's backups stood up.",
    "simulation": "What a filter would have found; a moderator starts it again where the network goes on.",
    "simulation_hit": "Posts that a simulation found, which the next one finds again.",
    "complaint_alert": "Whom an authority's complaint was pushed to, which begins anew while it waits.",
    "lease": "What a process of one host does just now.",
    "handover": "That one host is being left, which the next one must not be.",
    "migration": "Says which migrations have run on one database; migrating the next one writes its own.",
}

Bad = tuple[str, str, str, str]
Row = tuple[Any, ...]
UNKNOWN = "No table of the archive is called so"


def table_of(table: str) -> Table:
    """The record's table in SQLAlchemy's words."""
    found: Table = TABLES[table].__table__  # type: ignore[attr-defined]
    return found


def metadata() -> MetaData:
    """Every table of an archive's file."""
    found: MetaData = Record.metadata
    return found


@cache
def key(table: str) -> tuple[str, ...]:
    """The columns of a table's primary key. Errors: ``KeyError``."""
    return tuple(column.name for column in table_of(table).primary_key.columns)


@cache
def shape(table: str) -> TableSpec:
    """The table as it is copied. Errors: ``KeyError``."""
    columns = table_of(table).columns
    words = frozenset(column.name for column in columns if isinstance(column.type, AutoString))
    return TableSpec(table, tuple(column.name for column in columns), key(table), words)


@cache
def _rows(table: str) -> TypeAdapter[list[Row]]:
    """What checks many rows at a time: the record's own fields, in their order."""
    fields = TABLES[table].model_fields.values()
    kinds = tuple(field.rebuild_annotation() for field in fields)
    return TypeAdapter(list[tuple[kinds]], config=STRICT)  # type: ignore[valid-type]


def check(table: str, rows: list[Row]) -> tuple[list[Row], list[Bad]]:
    """The rows that fit the record, in their order, and (table, key, field, reason) of those that don't.

    A reason never quotes what it is about.
    """
    try:
        return _rows(table).validate_python(rows), []
    except ValidationError as error:
        columns = shape(table).columns
        bad: dict[int, Bad] = {}
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            number, *place = problem["loc"]
            assert isinstance(number, int)
            field = columns[place[0]] if place and isinstance(place[0], int) else ""
            bad.setdefault(number, (table, key_of(table, rows[number]), field, problem["msg"]))
    good, more = check(table, [row for number, row in enumerate(rows) if number not in bad])
    return good, [*bad.values(), *more]


def may_be_key(table: str, values: Sequence[Any]) -> bool:
    """Whether a row of the table might have this key: as many values as it has columns, of the right types."""
    columns = key(table)
    return len(values) == len(columns) and all(
        type(value) is (str if column in shape(table).words else int)
        for value, column in zip(values, columns, strict=True)
    )


def key_of(table: str, row: Row) -> str:
    """A row's key, for a report."""
    return said(shape(table).key_of(row))


def said(values: Sequence[Any]) -> str:
    """A key's values in words: its numbers; where it has none, how its words begin (some are half a secret)."""
    numbers = [str(value) for value in values if isinstance(value, int)]
    return ", ".join(numbers or [str(value)[:12] for value in values])


def known(table: str) -> str:
    """The table's name, if there is one. Errors: ``Refused``."""
    if table not in TABLES:
        raise Refused(f"{UNKNOWN}: {table[:40]}")
    return table
