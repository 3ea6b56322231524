"""What moderators have decided about posts, as it is in force: who sees a post, and how it is drawn.

The statements of reasons say what is in force. Three columns repeat it for every list that asks: ``post.state``,
``post.measures`` and ``media.removed``. They are written by :func:`refresh` alone.
"""

from collections.abc import Sequence
from enum import IntEnum

import msgspec

from db.queries import holds, publishing
from db.queries import restrictions as queries
from db.queries.holds import HeldPostRow
from db.queries.restrictions import MeasureRow, RestrictedPost
from db.tables.posts import PostState
from domain.core import events, ids, signals
from domain.core.visibility import Visibility
from domain.media.file_types import MediaKind


class MeasureKind(IntEnum):
    """What is decided about a post; the numbers are those of ``domain.moderation.kinds.StatementKind``."""

    REMOVAL = 2
    LABEL = 7
    COVER = 8
    LIMIT = 9
    HIDING = 10
    MEDIA_REMOVAL = 11


# Which of them a post that is shown is drawn with.
DRAWN = frozenset({MeasureKind.LABEL, MeasureKind.COVER, MeasureKind.HIDING, MeasureKind.MEDIA_REMOVAL})


class PostLabel(IntEnum):
    """What a label says of a post. The numbers are stored: never change one."""

    MISLEADING = 1
    MANIPULATED_MEDIA = 2
    UNVERIFIED = 3
    SENSITIVE = 4


class BrokenRule(msgspec.Struct, frozen=True):
    """The rule that a measure names; ``titles`` are by language."""

    version: int
    number: int
    titles: dict[str, str]

    def title(self, locale: str) -> str:
        """Its title in a language, or in the first one that it has."""
        return self.titles.get(locale) or next(iter(self.titles.values()), "")


class HoldNote(msgspec.Struct, frozen=True):
    """What the author of a held post is told: ``facts`` and the ``rule`` of the filter that holds it, if one does."""

    facts: str
    rule: BrokenRule | None


class PostMeasures(msgspec.Struct, frozen=True):
    """How moderation has a post drawn.

    ``label_rule`` is why it has its ``label``, ``cover_rule`` why it is covered, None if it is not. ``hidden_by`` is
    the statement that hides it from all but its author until they edit it, 0 if none does. ``removed`` are the media
    that were taken out of it. ``held`` is there while it waits for a moderator.
    """

    label: PostLabel | None = None
    label_rule: BrokenRule | None = None
    cover_rule: BrokenRule | None = None
    hidden_by: int = 0
    removed: tuple[MediaKind, ...] = ()
    held: HoldNote | None = None


class _Texts(msgspec.Struct):
    """Of a rule in one language, what is shown beside a post."""

    title: str


async def of_posts(posts: Sequence[int]) -> dict[int, PostMeasures]:
    """The measures of posts that the caller has been shown. Of two labels, or covers, the newer one counts."""
    found: dict[int, PostMeasures] = {}
    for row in await queries.of_posts(posts):
        found[row.post] = _with(found.get(row.post, PostMeasures()), row)
    for held in await holds.of_posts(posts):
        note = HoldNote(held.facts, _hold_rule(held))
        found[held.post] = msgspec.structs.replace(found.get(held.post, PostMeasures()), held=note)
    return found


def _hold_rule(row: HeldPostRow) -> BrokenRule | None:
    if row.rule_version is None or row.rule_number is None or row.texts is None:
        return None
    return _broken_rule(row.rule_version, row.rule_number, row.texts)


def _with(measures: PostMeasures, row: MeasureRow) -> PostMeasures:
    match row.kind:
        case MeasureKind.LABEL if row.label is not None:
            return msgspec.structs.replace(measures, label=PostLabel(row.label), label_rule=_rule(row))
        case MeasureKind.COVER:
            return msgspec.structs.replace(measures, cover_rule=_rule(row))
        case MeasureKind.HIDING:
            return msgspec.structs.replace(measures, hidden_by=row.statement)
        case MeasureKind.MEDIA_REMOVAL if row.media is not None:
            return msgspec.structs.replace(measures, removed=(*measures.removed, MediaKind(row.media)))
        case _:
            return measures


def _rule(row: MeasureRow) -> BrokenRule:
    return _broken_rule(row.rule_version, row.rule_number, row.texts)


def _broken_rule(version: int, number: int, stored: str) -> BrokenRule:
    texts = msgspec.json.decode(stored, type=dict[str, _Texts])
    return BrokenRule(version, number, {locale: text.title for locale, text in texts.items()})


async def refresh(post: int, mark: int) -> None:
    """Within a transaction: has the post be what the statements in force say, unless it waits for a moderator.

    One whose hold has ended is published once it is visible. ``mark`` is another number for each change, such as the id
    of what was decided: drawings of the post that have another one are out of date.
    """
    before = await queries.lock(post)
    if before is None:
        return
    kinds, hold = await queries.kinds(post), await holds.of_post(post)
    held = hold is not None and hold.decided_at is None
    state = _state(kinds, held=held)
    await queries.put(post, state, mark if held or DRAWN & kinds else 0)
    await queries.apply_to_media(post)
    await _count(before, state)
    signals.send(signals.Kind.POST, post)
    if before.parent is not None:
        signals.send(signals.Kind.POST, before.parent)
    if hold is not None and before.exists and _counts(state):
        await _publish(post, before)


async def _publish(post: int, found: RestrictedPost) -> None:
    """Has a post that was held brought to its readers, as one that was just written."""
    await holds.drop(post)
    await events.record(events.PostPublished(post=post, author=found.author))
    if found.parent is not None:
        signals.send(signals.Kind.THREAD, found.root, post)
    elif found.visibility == Visibility.PUBLIC:
        signals.send(signals.Kind.PUBLIC, post)


def _state(kinds: set[int], *, held: bool) -> PostState:
    if MeasureKind.REMOVAL in kinds:
        return PostState.REMOVED
    if held:
        return PostState.HELD
    if MeasureKind.HIDING in kinds:
        return PostState.HIDDEN
    return PostState.LIMITED if MeasureKind.LIMIT in kinds else PostState.VISIBLE


async def _count(before: RestrictedPost, state: PostState) -> None:
    """What others can't see counts nowhere."""
    by = _counts(state) - _counts(PostState(before.state))
    if by and before.exists:
        await publishing.count(before.author, before.parent, before.quote, by)


def _counts(state: PostState) -> int:
    return int(state in (PostState.VISIBLE, PostState.LIMITED))


async def edited(post: int, at: int) -> None:
    """Within a transaction that has locked a hidden post: its author has edited it at ``at`` (Unix milliseconds), which
    shows it again and brings it back before the moderators.
    """
    cases = await queries.end_hiding(post, at)
    await refresh(post, ids.new(at))
    for case in cases:
        await events.record(events.HiddenPostEdited(case))
