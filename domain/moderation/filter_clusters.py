"""Which side an author is on, told by whom they follow: a rough guess that is the same each time.

The thirty most-followed public accounts are *hubs*, except those that more than a third of all members follow, which
say nothing about a side. An author belongs to the first hub, by number of followers, that they follow. Whoever follows
none is in a cluster of its own. It is not found out who follows whom beyond that, and nothing of it is stored.
"""

from collections.abc import Sequence

from db.queries import simulations as queries

HUBS, SHARE = 30, 3


async def hubs() -> list[tuple[int, str]]:
    """Ids and handles, by their followers, the most first."""
    return [(row.id, row.handle) for row in await queries.hubs(SHARE, HUBS)]


class Clusters:
    """Remembers where authors belong, for one simulation."""

    def __init__(self, hubs: Sequence[tuple[int, str]]) -> None:
        self._hubs = [account for account, _ in hubs]
        self._known: dict[int, str] = {}

    async def of(self, authors: set[int]) -> dict[int, str]:
        """The id of the hub of each author, as text; "" for whoever follows none."""
        if unknown := authors - self._known.keys():
            followed = await queries.followed(list(unknown), self._hubs) if self._hubs else {}
            for author in unknown:
                first = (hub for hub in self._hubs if hub in followed.get(author, ()) and hub != author)
                self._known[author] = str(next(first, ""))
        return {author: self._known[author] for author in authors}
