"""Sets the hits of a filter against all posts, by groups: whether it strikes one side.

What all posts are, which hashtags are the most used, and which accounts make clusters, says the last simulation of the
filter, whatever its condition was then. Without one, hits are only counted.
"""

from collections import Counter

import msgspec

from db.queries import filter_hits as queries
from db.queries import simulations
from domain.core import access, clock, ids, permissions
from domain.core.access import Viewer
from domain.moderation import filter_tally
from domain.moderation.filter_clusters import Clusters
from domain.moderation.filter_hits import KEPT_DAYS
from domain.moderation.filter_kinds import AgeGroup
from domain.moderation.filter_tally import GroupKind, Tally

# The newest hits whose hashtags and clusters are looked up.
NEWEST = 1000


class HitGroup(msgspec.Struct, frozen=True):
    """Hits of one group: ``share`` of all hits, from 0 to 1, which is ``times`` the group's share of all posts.

    ``name`` as in ``filter_tally.Group``; of a level of trust it is its number. ``times`` is None where that is not
    known: nothing was simulated, or the group has too few posts to say something.
    """

    kind: GroupKind
    name: str
    hits: int
    share: float
    times: float | None

    @property
    def is_struck(self) -> bool:
        """Whether it has more than twice the share of hits that it has of all posts."""
        return self.times is not None and self.times > filter_tally.MORE


class HitGroups(msgspec.Struct, frozen=True):
    """How many hits there were, and of whom; within a kind those that are struck hardest come first.

    ``sent_anyway``: posts that were sent although the filter had asked their authors. ``compared``: there was a
    simulation, by which all posts are known.
    """

    total: int
    sent_anyway: int
    groups: list[HitGroup]
    compared: bool


async def read(viewer: Viewer, filter_: int) -> HitGroups:
    """The hits of a filter that are kept. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    first = ids.first(clock.now() - KEPT_DAYS * clock.DAY_MS)
    simulated = await simulations.of_filter(filter_)
    posts = filter_tally.stored(simulated.tally) if simulated is not None else Tally()
    counts: dict[GroupKind, Counter[str]] = {kind: Counter() for kind in GroupKind}
    for row in await queries.groups(filter_, first):
        counts[GroupKind.LANGUAGE][row.language] += row.hits
        counts[GroupKind.TRUST][str(row.trust)] += row.hits
        counts[GroupKind.AGE][filter_tally.age_name(AgeGroup(row.age))] += row.hits
    total = counts[GroupKind.AGE].total()
    public = await _count_public(filter_, first, posts, counts)
    sizes = {kind: public if kind in (GroupKind.TAG, GroupKind.CLUSTER) else total for kind in GroupKind}
    found = [
        _group(kind, key, hits, sizes[kind], posts) for kind, count in counts.items() for key, hits in count.items()
    ]
    found.sort(key=lambda one: (-(one.times or 0), -one.hits, one.name))
    return HitGroups(total, await queries.sent_anyway(filter_, first), found, posts.posts > 0)


async def _count_public(filter_: int, first: int, posts: Tally, counts: dict[GroupKind, Counter[str]]) -> int:
    """Counts hashtags and clusters of the newest hits that everybody may see, as a simulation sees no others. Returns
    how many hits these are."""
    if not posts.posts:
        return 0
    rows = await queries.public(filter_, first, NEWEST)
    tags = await simulations.tagged([row.post for row in rows], posts.tags) if posts.tags else {}
    clusters = await Clusters(posts.hubs).of({row.author for row in rows})
    for row in rows:
        counts[GroupKind.TAG].update(tags.get(row.post, ()))
        counts[GroupKind.CLUSTER][clusters[row.author]] += 1
    return len(rows)


def _group(kind: GroupKind, key: str, hits: int, total: int, posts: Tally) -> HitGroup:
    share, among = hits / total, posts.groups.get(kind, {}).get(key)
    times = share / (among.posts / posts.posts) if among is not None and among.posts >= filter_tally.SMALLEST else None
    return HitGroup(kind, filter_tally.name_of(posts, kind, key), hits, share, times)
