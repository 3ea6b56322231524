"""Goes through posts that were published with one condition, as if it had been a filter.

Only posts that everybody may see are looked at, or could see before moderators removed them or suspended their authors:
a wave that is over is what a filter against the next one is tried on. Their authors' trust, language and whom they
follow are taken as they are now; how old an account was, and how much it had posted, as it was then. Posts that were
deleted are missing.
"""

import time
from collections.abc import AsyncIterator, Sequence

from db.engine import DB
from db.queries import simulations as queries
from db.queries.simulations import PastPostRow
from domain.core import clock, ids
from domain.core.blocking import run_blocking
from domain.moderation import filter_clusters, filter_screening, filter_tally, known_pictures
from domain.moderation.filter_clusters import Clusters
from domain.moderation.filter_engine import Failure, FilterSet, Hit
from domain.moderation.filter_fields import PostFields
from domain.moderation.filter_tally import GroupKind, Tally

# Posts in one statement, and those after each of which other threads have their turn.
BATCH, TURN = 500, 10
TAGS = 20


async def begun(since: int, until: int) -> Tally:
    """An empty tally for posts with ids from ``since`` on and before ``until``."""
    with DB.off_loop():
        return Tally(tags=await queries.top_tags(since, until, TAGS), hubs=await filter_clusters.hubs())


async def go_on(condition: FilterSet, tally: Tally, first: int, until: int) -> AsyncIterator[int]:
    """Adds batches of posts with ids from ``first`` on to a tally; gives the id before which all are in it each time.

    Posts are looked at in a thread that lets others run in between.
    """
    clusters = Clusters(tally.hubs)
    while first < until:
        with DB.off_loop():
            posts = await _batch(tally, clusters, first, until)
        await run_blocking(_count, condition, tally, posts)
        first = posts[-1].row.id + 1 if len(posts) == BATCH else until
        yield first


class PastPost:
    """A post that is published, with what a condition and the groups need."""

    __slots__ = ("cluster", "descriptions", "known", "row", "tags")

    def __init__(self, row: PastPostRow, descriptions: Sequence[str], tags: Sequence[str], cluster: str) -> None:
        self.row, self.descriptions, self.tags, self.cluster = row, descriptions, tags, cluster
        self.known: tuple[str, ...] = ()

    @property
    def age(self) -> int:
        """Of the author's account when it was published, in milliseconds."""
        return max(0, ids.time_of(self.row.id) - ids.time_of(self.row.author))

    def fields(self) -> PostFields:
        row = self.row
        return PostFields(
            text=row.text,
            cover=row.cover or "",
            descriptions=tuple(self.descriptions),
            pictures=len(self.descriptions),
            known_pictures=self.known,
            is_reply=bool(row.is_reply),
            account_age=self.age // clock.HOUR_MS,
            trust=row.trust,
            posts_last_hour=row.posts_before,
            language=row.locale,
        )

    def groups(self) -> list[tuple[GroupKind, str]]:
        return [
            (GroupKind.LANGUAGE, self.row.locale),
            (GroupKind.TRUST, str(self.row.trust)),
            (GroupKind.AGE, filter_tally.age_name(filter_screening.age_group(self.age))),
            (GroupKind.CLUSTER, self.cluster),
            *((GroupKind.TAG, tag) for tag in self.tags),
        ]


async def _batch(tally: Tally, clusters: Clusters, first: int, until: int) -> list[PastPost]:
    rows = await queries.posts(first, until, BATCH)
    numbers = [row.id for row in rows]
    descriptions = await queries.descriptions(numbers)
    tags = await queries.tagged(numbers, tally.tags) if tally.tags else {}
    of = await clusters.of({row.author for row in rows})
    known = await known_pictures.of_posts(list(descriptions))
    found = [PastPost(row, descriptions.get(row.id, ()), tags.get(row.id, ()), of[row.author]) for row in rows]
    for post in found:
        post.known = known.get(post.row.id, ())
    return found


def _count(condition: FilterSet, tally: Tally, posts: Sequence[PastPost]) -> None:
    for number, post in enumerate(posts):
        found = condition.check(post.fields())
        tally.add(post.row.id, post.groups(), hit=any(isinstance(one, Hit) for one in found))
        for one in found:
            if isinstance(one, Failure):
                tally.failures += 1
                tally.reason = tally.reason or one.reason
        if number % TURN == 0:
            # The server's loop would otherwise wait for the interpreter's lock, five milliseconds at a time.
            time.sleep(0)
