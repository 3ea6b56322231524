"""The public log as people read it: entries, newest first, by kind and by rule."""

import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec

from db.queries import public_log as queries
from db.queries.public_log import ListedEntryRow
from domain.core import cursors
from domain.core.cursors import SIZE, Page
from domain.core.errors import NotFound
from domain.moderation import rules
from domain.moderation.public_log import KINDS
from domain.moderation.reports import NamedRule
from domain.moderation.rules import NAME, Rule, Rulebook


class PublishedRules(msgspec.Struct, frozen=True):
    """``sha256`` is that of the rules as they are stored."""

    version: int
    sha256: str


class RoleChange(msgspec.Struct, frozen=True):
    """Somebody's role, and what it was."""

    before: str
    after: str


class FilterChange(msgspec.Struct, frozen=True):
    """What was done to a filter, and what it does where it finds something."""

    change: str
    outcome: str


class Content(msgspec.Struct, frozen=True):
    """What an entry says. Which fields are there depends on the kind; a newer version may know more.

    ``until`` is the day on which a sanction, the brake or a crisis ends; ``by`` says who has decided where it was not
    moderators, ``reason`` why the brake or a crisis was switched, or a role changed by itself.
    A bulk decision names its ``action``, a kind of statement, the ``count`` of its statements, and the root of their
    tree (domain/moderation/bulk_log.py). ``one_of``: only one of the decisions of that entry is taken back.
    """

    kind: str
    day: str
    statement: str = ""
    facts: str = ""
    explanation: str = ""
    until: str = ""
    label: str = ""
    rule: NamedRule | None = None
    rules: PublishedRules | None = None
    role: RoleChange | None = None
    filter: FilterChange | None = None
    reverses: str = ""
    one_of: str = ""
    by: str = ""
    reason: str = ""
    action: str = ""
    count: int = 0
    statements: str = ""


class LoggedEntry(msgspec.Struct, frozen=True):
    """An entry: ``day`` is a date in UTC, ``reverses`` and ``reversed_by`` are indexes of other entries.

    ``content`` is None once it is forgotten, and so is ``rule``.
    """

    index: int
    kind: str
    day: str
    commitment: str
    content: Content | None
    rule: Rule | None
    reverses: int | None
    reversed_by: int | None


async def read(cursor: str = "", kind: str = "", rule: str = "") -> Page[LoggedEntry]:
    """A page of the log; ``kind`` is one of KINDS and ``rule`` the name of a rule, "" for all. Errors: ``NotFound``."""
    if (kind and kind not in KINDS) or (rule and not NAME.fullmatch(rule)):
        raise NotFound
    rows = await queries.listed(cursors.below(cursor), SIZE + 1, kind, rule)
    found = await _entries(rows[:SIZE])
    return Page(found, cursors.after(found[-1].index) if len(rows) > SIZE else "")


async def _entries(rows: Sequence[ListedEntryRow]) -> list[LoggedEntry]:
    contents = [decoded(row.content) for row in rows]
    books = {one.rule.version: rules.NONE for one in contents if one and one.rule}
    for version in books:
        with contextlib.suppress(NotFound):
            books[version] = await rules.of_version(version)
    return [_entry(row, content, books) for row, content in zip(rows, contents, strict=True)]


def decoded(content: str) -> Content | None:
    """What an entry says; None once it is forgotten."""
    return msgspec.json.decode(content, type=Content) if content else None


def _entry(row: ListedEntryRow, content: Content | None, books: dict[int, Rulebook]) -> LoggedEntry:
    named = content.rule if content else None
    values: dict[str, Any] = {"index": row.leaf, "kind": row.kind, "day": row.day, "commitment": row.commitment}
    return LoggedEntry(
        **values,
        content=content,
        rule=next((one for one in books[named.version].rules if one.number == named.number), None) if named else None,
        reverses=row.reverses,
        reversed_by=row.reversed_by,
    )
