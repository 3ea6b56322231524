"""Statements of reasons: each decision as its member reads it.

One record is the decision itself, the notice to the member, and what outsiders may later be shown of it. Its texts
name nobody.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import regex

from db.queries import appeals, bulk, juries
from db.queries import statements as queries
from db.queries.statements import StatementRow
from domain.core import clock, cursors, ids, permissions, text_parsing
from domain.core.access import Viewer, account_holder
from domain.core.cursors import SIZE, Page
from domain.core.errors import Invalid, NotFound, Refused
from domain.core.translatable import N_
from domain.moderation import bulk_log, evidence, public_log, rules
from domain.moderation.bulk_log import Part
from domain.moderation.evidence import Content
from domain.moderation.kinds import BREACHES, Automation, Source, StatementKind
from domain.moderation.rules import Rule
from domain.posts.measures import PostLabel

# The longest texts that the DSA Transparency Database takes for the facts, and for why the rule applies.
MAX_FACTS, MAX_EXPLANATION = 5000, 2000
# How long a breach counts.
POINTS_DAYS = 90
# Why what was decided without a person is taken back: the one explanation that is translated.
FOUND_HARMLESS = N_("A moderator has looked at it and found that it breaks no rule.")
# Statements in force that moderators are shown at once.
IN_FORCE = 20
_WORD = regex.compile(r"\w+")


class Statement(msgspec.Struct, frozen=True):
    """A decision. ``puid`` is its public name; ``content`` is what it is about, None once the evidence is purged.

    ``rule_version`` is 0 where no rule is named; ``explanation`` says why the rule applies, "" where its own words do.
    ``ends_at`` is when it ends by itself, or an edit ended it, None if it doesn't; ``reverses`` what it takes back, if
    it does, and ``by_jury`` whether a jury did; ``label`` is what it says of the post, or said if it takes that back,
    ``media`` what it removes of it; ``automation`` is how far no person has decided. Points are those that a breach
    counts by it: the last statement of several about the same breach has them. Times are Unix milliseconds.
    """

    id: int
    puid: str
    case: int
    post: int | None
    kind: StatementKind
    rule: Rule | None
    rule_version: int
    facts: str
    explanation: str
    source: Source
    decided_at: int
    content_at: int
    reversed: bool
    counts: bool
    ends_at: int | None = None
    reverses: StatementKind | None = None
    by_jury: bool = False
    content: Content | None = None
    label: PostLabel | None = None
    media: int | None = None
    automation: Automation = Automation.NOT_AUTOMATED
    together: int = 0

    @property
    def points(self) -> int:
        """The points that it counts until ``points_until``, 0 if it counts none, or no longer."""
        return self.rule.points if self.rule and self.counts and clock.now() < self.points_until else 0

    @property
    def in_force(self) -> bool:
        """Whether what it decides about the account, or the post, holds now."""
        return not self.reversed and (self.ends_at is None or clock.now() < self.ends_at)

    @property
    def points_until(self) -> int:
        """Unix milliseconds."""
        return self.decided_at + POINTS_DAYS * clock.DAY_MS


async def points(account: int) -> int:
    """The points that count for an account now."""
    return await queries.points(account, ids.first(clock.now() - POINTS_DAYS * clock.DAY_MS))


async def mine(viewer: Viewer, cursor: str = "") -> Page[Statement]:
    """What was decided about the viewer, newest first, without what it is about."""
    return await of_account(account_holder(viewer).id, cursor)


async def of_account(account: int, cursor: str = "") -> Page[Statement]:
    """The same about any account."""
    rows = await queries.about(account, cursors.below(cursor), SIZE + 1)
    found = await _statements(rows[:SIZE])
    return Page(found, cursors.after(found[-1].id) if len(rows) > SIZE else "")


async def in_force(account: int, other_than: int) -> list[Statement]:
    """What is in force of an account and its posts by other cases than one, the newest first; ``IN_FORCE`` at most."""
    return await _statements(await queries.in_force(account, other_than, clock.now(), IN_FORCE))


async def read(viewer: Viewer, statement: int) -> Statement:
    """A statement with what it is about, for whom it concerns and for moderators. Errors: ``NotFound``."""
    row = await queries.one(statement)
    if row is None or row.kind == StatementKind.NO_BREACH:
        raise NotFound
    if row.account != account_holder(viewer).id and permissions.may_moderate(viewer) is not None:
        raise NotFound
    kept = {one.revision: one.content for one in await evidence.of_case(row.mod_case)}
    (found,) = await _statements([row])
    return msgspec.structs.replace(found, content=kept.get(row.revision))


async def of_case(case: int) -> list[Statement]:
    """The decisions on a case, newest first."""
    return (await of_cases([case]))[case]


async def of_cases(cases: Sequence[int]) -> dict[int, list[Statement]]:
    """The decisions on each of these cases, newest first."""
    found: dict[int, list[Statement]] = {case: [] for case in cases}
    for statement in await _statements(await queries.of_cases(cases)):
        found[statement.case].append(statement)
    return found


async def by_ids(numbers: Sequence[int]) -> list[Statement]:
    """These statements, in this order."""
    found = {one.id: one for one in await _statements(await queries.by_ids(numbers))}
    return [found[one] for one in numbers]


async def is_harmless(case: int, revision: int) -> bool:
    """Whether the last decision on a case is that this revision breaks no rule."""
    last = await queries.last_of_case(case)
    return last is not None and last.kind == StatementKind.NO_BREACH and last.revision == revision


async def row(statement: int) -> StatementRow:
    """A statement as it is stored. Errors: ``NotFound``."""
    found = await queries.one(statement)
    if found is None:
        raise NotFound
    return found


def decision_of(row: StatementRow) -> tuple[int, int]:
    """What statements that were made together have in common: a decision on a case has one moment."""
    return row.mod_case, ids.time_of(row.id)


async def of_decision(made: StatementRow) -> list[StatementRow]:
    """The statements that were made together with one, itself among them."""
    return [row for row in await queries.of_cases([made.mod_case]) if decision_of(row) == decision_of(made)]


async def found_harmless(cases: Sequence[int]) -> list[StatementRow]:
    """Of each of these cases the newest decision that found no breach, or took back all that had been decided.

    Not what was taken back on appeal: that was the second look.
    """
    rows = sorted(await queries.of_cases(cases), key=lambda row: row.id)
    made = {row.id: row for row in rows}
    reversals = {row.reverses for row in rows}
    standing = {row.mod_case for row in rows if row.kind in BREACHES and row.id not in reversals}
    appealed = {decision_of(made[one]) for one in await appeals.granted(cases)}
    found = {}
    for row in rows:
        before = made.get(row.reverses or 0)
        is_second_look = before is not None and decision_of(before) in appealed
        is_reversal = row.kind == StatementKind.REVERSAL and row.mod_case not in standing and not is_second_look
        if row.kind == StatementKind.NO_BREACH or is_reversal:
            found[row.mod_case] = row
    return list(found.values())


async def is_reversible(made: StatementRow) -> bool:
    """Whether a decision found a breach, and has not been taken back."""
    return made.kind in BREACHES and not await queries.reversed_among([made.id])


async def add(made: StatementRow, *, by_jury: bool = False, part: Part | None = None) -> None:
    """Within a transaction: writes a decision, and its entry in the public log, or its ``part`` of that of many."""
    await queries.add(made)
    if part is not None:
        await bulk_log.add_part(part, made)
    else:
        await public_log.add_statement(made, by_jury=by_jury)


async def rules_of(rows: Iterable[StatementRow]) -> dict[int, Rule]:
    """The rule that each of these statements names, by the statement's id; nothing for those that name none."""
    named = [
        (row.id, row.rule_version, row.rule_number)
        for row in rows
        if row.rule_version is not None and row.rule_number is not None
    ]
    books = await rules.of_versions(version for _, version, _ in named)
    return {statement: books[version].rule(number) for statement, version, number in named}


async def _statements(rows: Sequence[StatementRow]) -> list[Statement]:
    named = await rules_of(rows)
    numbers = [row.id for row in rows]
    reversed_ids, counting = await queries.reversed_among(numbers), await queries.counting_among(numbers)
    reversals = [row for row in rows if row.reverses is not None]
    kinds = await queries.kinds([row.reverses for row in reversals if row.reverses is not None])
    by_juries = await juries.reversals_among([row.id for row in reversals])
    together = await bulk.sizes(numbers)
    found = (
        _statement(row, named.get(row.id), kinds, taken_back=row.id in reversed_ids, counts=row.id in counting)
        for row in rows
    )
    return [
        msgspec.structs.replace(one, by_jury=one.id in by_juries, together=together.get(one.id, 0)) for one in found
    ]


def _statement(
    row: StatementRow, rule: Rule | None, kinds: Mapping[int, int], *, taken_back: bool, counts: bool
) -> Statement:
    return Statement(
        id=row.id,
        puid=row.puid,
        case=row.mod_case,
        post=row.post,
        kind=StatementKind(row.kind),
        rule=rule,
        rule_version=row.rule_version or 0,
        facts=row.facts,
        explanation=row.explanation,
        source=Source(row.source),
        decided_at=ids.time_of(row.id),
        content_at=row.content_at,
        reversed=taken_back,
        counts=counts,
        ends_at=row.ends_at,
        reverses=_reversed_kind(row, kinds),
        label=PostLabel(row.label) if row.label is not None else None,
        media=row.media,
        automation=Automation(row.automation),
    )


def _reversed_kind(row: StatementRow, kinds: Mapping[int, int]) -> StatementKind | None:
    """What a statement takes back; None if it does not, or if an archive has brought no such statement."""
    found = kinds.get(row.reverses) if row.reverses is not None else None
    return None if found is None else StatementKind(found)


def text_problem(text: str, limit: int) -> Refused | None:
    """What is wrong with a cleaned text of a statement: it is too long, mentions somebody, or links to something."""
    if problem := text_parsing.too_long(text, limit):
        return problem
    names = any(piece.kind in ("mention", "link") for piece in text_parsing.pieces(text))
    return Invalid("Name nobody here: leave out @handles and addresses.") if names else None


def named_in(text: str, names: Iterable[str]) -> str | None:
    """The first of these handles and names that is in a text, word for word, without case and accents; None if none is.

    It may be there by chance: somebody may be called as a common word is.
    """
    said = _words(text)
    for name in names:
        wanted = _words(name)
        if wanted and any(said[at : at + len(wanted)] == wanted for at in range(len(said) - len(wanted) + 1)):
            return name
    return None


def _words(text: str) -> list[str]:
    return [text_parsing.fold(word) for word in _WORD.findall(text)]
