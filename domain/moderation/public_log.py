"""The public log: an entry for each decision, each version of the rules, each change of a role and each switch of the
brake or of a crisis, without names.

An entry is written in the transaction of what it tells. The sequencer puts it into the tree that is signed
(domain/moderation/public_log_sequencer.py). The tree holds only a kind, a day and a commitment to the rest, so that
the rest can be forgotten.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import bulk, rules, statements
from db.queries import public_log as queries
from db.queries.public_log import LogEntryRow
from db.queries.rules import RuleRow
from db.queries.statements import StatementRow
from domain.backups.handover import SITE_MODE
from domain.core import clock, events, ids
from domain.core.access import Role
from domain.core.events import LogEntryAdded
from domain.moderation.kinds import StatementKind
from domain.posts.measures import PostLabel

RULES, ROLE, FILTER = "rules_published", "role_changed", "filter_changed"
BULK, BULK_REVERSAL = "bulk_decision", "bulk_reversal"
BRAKE_ON, BRAKE_OFF, CRISIS_ON, CRISIS_OFF = "brake_on", "brake_off", "crisis_on", "crisis_off"
# Who has decided, where it was not moderators.
JURY = "jury"
STATEMENTS = {kind.name.lower(): kind for kind in StatementKind}
KINDS = (*STATEMENTS, BULK, BULK_REVERSAL, RULES, ROLE, FILTER, BRAKE_ON, BRAKE_OFF, CRISIS_ON, CRISIS_OFF)
SALT_BYTES = 32
# Entries in a transaction, of what a network has from before it had a log.
BATCH = 200


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the tree holds of an entry, for ever: ``day`` is a date in UTC, ``commitment`` hexadecimal."""

    commitment: str
    day: str
    index: int
    kind: str


async def add_statement(made: StatementRow, *, by_jury: bool = False) -> None:
    """Within the transaction that writes a decision: adds its entry, which says whether a jury has decided."""
    await _add_statement(made, by_jury=by_jury)
    await _announce()


async def _announce() -> None:
    await events.record(LogEntryAdded())


async def _add_statement(made: StatementRow, *, by_jury: bool = False) -> None:
    reversed_entry = await _reversed_by(made)
    own_salt = new_salt()
    kind = StatementKind(made.kind).name.lower()
    content: dict[str, Any] = {"statement": name_of(own_salt, made.puid)}
    rule: tuple[int, int] | tuple[()] = ()
    # That a report was wrong is told, and nothing of what it was about.
    if made.kind != StatementKind.NO_BREACH:
        # A reversal names the entry that has the facts.
        content |= {"facts": "" if reversed_entry else made.facts, "explanation": made.explanation}
        if made.ends_at is not None:
            content["until"] = clock.day(made.ends_at)
        if made.label is not None and reversed_entry is None:
            content["label"] = PostLabel(made.label).name.lower()
        if made.rule_version is not None and made.rule_number is not None:
            rule = (made.rule_version, made.rule_number)
            content["rule"] = {"version": made.rule_version, "number": made.rule_number}
    is_alone = reversed_entry is not None and reversed_entry.kind != BULK
    if reversed_entry is not None:
        content["reverses" if is_alone else "one_of"] = reversed_entry.commitment
    if by_jury:
        content["by"] = JURY
    row = _row(kind, ids.time_of(made.id), content)
    reverses = reversed_entry.id if reversed_entry and is_alone else None
    await queries.add(row._replace(statement=made.id, reverses=reverses, own_salt=own_salt), *rule)


async def _reversed_by(made: StatementRow) -> LogEntryRow | None:
    """The entry of what a decision takes back, which may be from before there was a log, or cover many decisions.

    None while such an entry is still to be written.
    """
    if made.reverses is None:
        return None
    if await bulk.part(made.reverses) is not None:
        return await queries.of_bulk(made.reverses)
    if (found := await queries.of_statement(made.reverses)) is None:
        before = await statements.one(made.reverses)
        assert before is not None
        await _add_statement(before)
        found = await queries.of_statement(made.reverses)
    return found


async def add_bulk(
    kind: str,
    at: int,
    content: Mapping[str, Any],
    rule_version: int | None = None,
    rule_number: int | None = None,
    reverses: int | None = None,
) -> int:
    """Within the transaction that finishes a bulk decision, or takes one back: adds its entry. Returns its id.

    ``at`` in Unix milliseconds; ``reverses`` is the entry of what is taken back.
    """
    if reverses is not None:
        content = {**content, "reverses": await queries.commitment_of(reverses)}
    row = _row(kind, at, content)
    await queries.add(row._replace(reverses=reverses), rule_version, rule_number)
    await _announce()
    return row.id


async def add_rules(version: int, published_at: int, said: Sequence[RuleRow]) -> None:
    """Within the transaction that publishes rules: adds its entry; ``published_at`` in Unix milliseconds."""
    await _add_rules(version, published_at, said)
    await _announce()


async def _add_rules(version: int, published_at: int, said: Sequence[RuleRow]) -> None:
    content = {"rules": {"version": version, "sha256": digest_of(said)}}
    await queries.add(_row(RULES, published_at, content)._replace(rules_version=version))


async def add_role(before: Role, after: Role, *, words: str = "", reason: str = "") -> None:
    """Within the transaction that gives somebody a role, or takes it: adds its entry, which does not say whose.

    ``words`` are the public ones of whoever does that, ``reason`` is a word of ours where nobody does.
    """
    content: dict[str, Any] = {"role": {"before": before.value, "after": after.value}}
    await queries.add(_row(ROLE, clock.now(), content | _given(explanation=words, reason=reason)))
    await _announce()


async def add_switch(kind: str, reason: str, words: str = "", ends_at: int | None = None) -> None:
    """Within the transaction that switches the brake or a crisis: adds its entry.

    ``reason`` is a word of ours, "" for none, ``words`` are the public ones, ``ends_at`` in Unix milliseconds.
    """
    until = clock.day(ends_at) if ends_at is not None else ""
    await queries.add(_row(kind, clock.now(), _given(reason=reason, explanation=words, until=until)))
    await _announce()


def _given(**said: str) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value}


async def add_filter(change: str, outcome: str, rule: tuple[int, int] | tuple[()]) -> None:
    """Within the transaction that has a filter go live, or no longer be live: adds its entry.

    It says what the filter does and the version and number of the rule that it enforces, if there is one.
    """
    content: dict[str, Any] = {"filter": {"change": change, "outcome": outcome}}
    if rule:
        content["rule"] = {"version": rule[0], "number": rule[1]}
    await queries.add(_row(FILTER, clock.now(), content), *rule)
    await _announce()


def _row(kind: str, at: int, content: Mapping[str, Any]) -> LogEntryRow:
    """An entry with what every kind has."""
    day, salt = clock.day(at), new_salt()
    text = canonical({"kind": kind, "day": day, **content}).decode()
    return LogEntryRow(ids.new(), None, kind, day, None, None, "", None, text, salt, "", commitment(salt, text))


def new_salt() -> str:
    """Hexadecimal."""
    return secrets.token_hex(SALT_BYTES)


def canonical(value: object) -> bytes:
    """JSON without spaces, keys in order."""
    return msgspec.json.encode(value, order="sorted")


def commitment(salt: str, content: str) -> str:
    """SHA-256(salt || content), hexadecimal, as the salt is. Errors: ``ValueError`` for one that is not."""
    return hashlib.sha256(bytes.fromhex(salt) + content.encode()).hexdigest()


def name_of(own_salt: str, puid: str) -> str:
    """How an entry names its statement: only whoever knows the salt can tell that it does. Errors: ``ValueError``."""
    return commitment(own_salt, puid)


def digest_of(said: Sequence[RuleRow]) -> str:
    """SHA-256 of rules as they are stored, in the order of their numbers."""
    return hashlib.sha256(canonical([rule._asdict() for rule in said])).hexdigest()


def entry_bytes(leaf: int, kind: str, day: str, committed: str) -> bytes:
    """An entry as it is in the tree."""
    return canonical(Entry(committed, day, leaf, kind))


async def forget(leaf: int) -> bool:
    """Deletes what an entry says, with the salts, and what others say of the same case, from the log; the tree stays.

    False when there is no such entry.

    The statement itself stays, for whom it concerns.
    """
    return await queries.forget(leaf)


async def add_missing() -> None:
    """Adds the entries of what a network decided and published before it had a log. Safe to repeat, by several."""
    while not SITE_MODE.writes_stopped and await _add_some():
        pass


async def announce_waiting() -> None:
    """Has entries placed whose event was given up, or set aside by an earlier version."""
    if await queries.pending(1):
        async with DB.writing():
            await _announce()


async def _add_some() -> bool:
    """Errors: none where another process has added the same meanwhile."""
    try:
        async with DB.unique():
            books = await queries.rules_without(BATCH)
            for book in books:
                await _add_rules(book.version, book.published_at, await rules.rules(book.version))
            decisions = await queries.statements_without(BATCH)
            for made in decisions:
                # Adding one may have added another, that it takes back.
                if await queries.of_statement(made.id) is None:
                    await _add_statement(made)
            if books or decisions:
                await _announce()
    except ConstraintViolation:
        return False
    return len(decisions) == BATCH or len(books) == BATCH
