"""Counts what a filter would have found, and whom it would have struck.

Posts are counted by groups of their authors, so that a filter that strikes one side shows it before it is live.
"""

import heapq
from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from domain.moderation.filter_kinds import AgeGroup

# Hits that moderators are shown; posts of the smallest group that says something; how much more often than all posts a
# group is hit that is struck.
SAMPLE, SMALLEST, MORE = 50, 20, 2.0
# The multiplier of Knuth's hash, by which ids come in an order that has nothing to do with time.
_SPREAD = 0x9E3779B97F4A7C15


class GroupKind(StrEnum):
    """``LANGUAGE``: in which the author reads the network. ``TRUST``: the author's level. ``AGE``: of the account when
    it posted. ``TAG``: one of the most used hashtags. ``CLUSTER``: the most-followed account that the author follows,
    see domain/moderation/filter_clusters.py."""

    LANGUAGE = "language"
    TRUST = "trust"
    AGE = "age"
    TAG = "tag"
    CLUSTER = "cluster"


class Count(msgspec.Struct, array_like=True):
    """Posts that were looked at, and those that were hit."""

    posts: int = 0
    hits: int = 0


class Tally(msgspec.Struct):
    """What a simulation has found so far; it is stored as JSON.

    ``failures`` counts posts for which the condition could not be evaluated, ``reason`` is why, for the first. ``tags``
    are the hashtags that are counted. ``hubs`` are the accounts that make clusters, each an id and a handle. ``groups``
    are by kind and key: a language, the number of a level, the name of an ``AgeGroup``, a hashtag, the id of a hub
    or "".
    """

    tags: list[str] = []
    hubs: list[tuple[int, str]] = []
    posts: int = 0
    hits: int = 0
    failures: int = 0
    reason: str = ""
    groups: dict[GroupKind, dict[str, Count]] = {}
    sample: list[int] = []

    @property
    def share(self) -> float:
        """Of all posts those that were hit, from 0 to 1."""
        return self.hits / self.posts if self.posts else 0.0

    def add(self, post: int, groups: Iterable[tuple[GroupKind, str]], *, hit: bool) -> None:
        """Counts a post once in each of its groups."""
        self.posts += 1
        self.hits += hit
        for kind, key in groups:
            count = self.groups.setdefault(kind, {}).setdefault(key, Count())
            count.posts += 1
            count.hits += hit
        if hit:
            self._show(post)

    def _show(self, post: int) -> None:
        """Keeps some hits that stand for all of them: the same ones however often it is counted, from all the time."""
        self.sample = heapq.nsmallest(SAMPLE, [*self.sample, post], key=_place)


def stored(tally: str) -> Tally:
    """A tally as it was stored."""
    return msgspec.json.decode(tally, type=Tally)


def _place(post: int) -> int:
    return post * _SPREAD & 0xFFFF_FFFF_FFFF_FFFF


class Group(msgspec.Struct, frozen=True):
    """Posts of one group; ``share`` of them were hit, from 0 to 1, which is ``times`` the share of all posts.

    ``name`` is that of a language, a hashtag, an account or an ``AgeGroup``, or the number of a level of trust; ""
    for a language that is not known, and for those who follow no hub.
    """

    kind: GroupKind
    name: str
    posts: int
    hits: int
    share: float
    times: float

    @property
    def is_struck(self) -> bool:
        """Whether it is hit more than twice as often as all posts are."""
        return self.times > MORE


def groups(tally: Tally) -> list[Group]:
    """Groups of at least ``SMALLEST`` posts, by kind; within a kind those that are hit most often come first."""
    return [one for kind in GroupKind for one in sorted(_of_kind(tally, kind), key=lambda one: (-one.share, one.name))]


def _of_kind(tally: Tally, kind: GroupKind) -> Iterator[Group]:
    for key, count in tally.groups.get(kind, {}).items():
        if count.posts >= SMALLEST:
            share = count.hits / count.posts
            times = share / tally.share if tally.share else 0.0
            yield Group(kind, name_of(tally, kind, key), count.posts, count.hits, share, times)


def name_of(tally: Tally, kind: GroupKind, key: str) -> str:
    """What the group with this key is called; see ``Group``."""
    handles = {str(account): handle for account, handle in tally.hubs} if kind is GroupKind.CLUSTER else {}
    return handles.get(key, key)


def age_name(group: AgeGroup) -> str:
    """The key of an age."""
    return group.name.lower()
