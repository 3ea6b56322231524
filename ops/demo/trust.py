"""How far the cast is trusted: most have been in the town for years, and one has just arrived."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial

from domain.core.access import Viewer
from domain.core.trust import TrustLevel, TrustNeeds, TrustPolicy
from domain.moderation import trust_levels
from domain.posts import reads

# Of those whom nothing limits there are most.
LEVELS = defaultdict(lambda: TrustLevel.MEMBER, noor=TrustLevel.REGULAR, bao=TrustLevel.BASIC, eszter=TrustLevel.NEW)
NOTHING, YEARS = TrustNeeds(0, 0, 0), TrustNeeds(1000, 0, 0)
# Who has just arrived reads on an evening. A day of the week is told as in ops/demo/story.py.
READING = "2 21:40"
NEWCOMER, READ = "eszter", 18


async def grow(people: Mapping[str, Viewer]) -> None:
    """Gives each of the cast the level that they have in the town."""
    for who in people.values():
        await trust_levels.refresh(who.id, _policy(who.trust))


def _policy(level: TrustLevel) -> TrustPolicy:
    """A policy by which whoever comes has this level."""
    basic, member, regular = (NOTHING if level >= one else YEARS for one in list(TrustLevel)[1:])
    return TrustPolicy(for_basic=basic, for_member=member, for_regular=regular)


def acts(people: Mapping[str, Viewer]) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """What is done, and when."""
    yield READING, partial(reads.count, people[NEWCOMER], READ)
