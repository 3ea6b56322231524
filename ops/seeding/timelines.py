"""Home timelines as the domain would have kept them: the newest entries, and a floor below which there are more."""

from collections.abc import Iterator
from typing import Any

from db.tables.timelines import HomeState
from ops.seeding.plan import Graph, People, Posts, Repost

Entry = tuple[int, int, int, int]


class Homes:
    """Everyone's newest ``length`` entries; ``floors`` has, for each person, the first entry left out (0: none)."""

    def __init__(self, who: People, graph: Graph, plan: Posts, reposts: list[Repost], length: int) -> None:
        self._ids = who.ids
        self.entries: list[list[Entry]] = [[] for _ in who.ids]
        self.floors = [0] * len(who.ids)
        self._fill(graph, plan, reposts, length)

    def readers(self, now: int) -> Iterator[tuple[Any, ...]]:
        """(account, opened_at, state): everyone has opened home by ``now``."""
        return ((viewer, now, HomeState.READY) for viewer in self._ids)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """(viewer, entry, post, author, actor)"""
        for viewer, entries in zip(self._ids, self.entries, strict=True):
            for entry in reversed(entries):
                yield viewer, *entry

    def _fill(self, graph: Graph, plan: Posts, reposts: list[Repost], length: int) -> None:
        """Goes back in time until every timeline is full, so that the cost does not grow with what is stored."""
        full = 0
        for source, entry in self._backwards(plan, reposts):
            for viewer in (*graph.followers_of(source), source):
                entries = self.entries[viewer]
                if len(entries) < length:
                    entries.append(entry)
                elif not self.floors[viewer]:
                    self.floors[viewer] = entry[0]
                    full += 1
            if full == len(self._ids):
                return

    def _backwards(self, plan: Posts, reposts: list[Repost]) -> Iterator[tuple[int, Entry]]:
        """(who published, entry), newest first."""
        waiting = len(reposts) - 1
        for number in range(len(plan) - 1, -1, -1):
            identifier, author = plan.ids[number], plan.author[number]
            while waiting >= 0 and reposts[waiting].id > identifier:
                repost = reposts[waiting]
                shown = (plan.ids[repost.post], self._ids[plan.author[repost.post]], self._ids[repost.account])
                yield repost.account, (repost.id, *shown)
                waiting -= 1
            yield author, (identifier, identifier, self._ids[author], 0)
