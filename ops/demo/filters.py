"""The filters of the demo: one that is live and holds a post, one that is tried and was simulated, and a draft with
its word list.

Simone writes them, and Ottilie, who runs the place, agrees. A day of the week is told as in ops/demo/story.py.
"""

from collections.abc import Iterator, Mapping

import msgspec

from domain.core.access import GRANTED, Role, Viewer
from domain.core.moderation_events import SimulationDue
from domain.moderation import filter_changes, filter_simulations, filters, word_changes
from domain.moderation.filter_changes import FilterDraft
from domain.moderation.filter_kinds import FilterOutcome
from domain.posts import publishing
from domain.posts.publishing import Draft
from ops.demo.moderation import Act

ADVERTS = FilterDraft(
    "Things for sale",
    'skeleton.contains("for sale") && !is_reply',
    FilterOutcome.HOLD,
    "spam",
    "It offers something for sale, which this town does once a week at most.",
)
HASHTAGS = FilterDraft(
    "Many hashtags",
    "tags.size() >= 2",
    FilterOutcome.NUDGE,
    "spam",
    "It has more than one hashtag.",
)
INSULTS = FilterDraft(
    "Insults",
    'words("insults") && trust < 2',
    FilterOutcome.COVER,
    "harassment",
    "It calls somebody names.",
)
WORDS = "# What one does not say on the square\nlout\nnincompoop\nold goat\nblockhead*"
WRITTEN, TRIED, AGREED, HELD, SIMULATED = "6 05:10", "6 05:20", "3 08:00", "-12", "-9"
SPACES = "Two parking spaces for sale behind the mill. I am only asking for offers."


def acts(people: Mapping[str, Viewer]) -> Iterator[tuple[str, Act]]:
    """What is done, and when."""
    simone = msgspec.structs.replace(people["simone"], roles=GRANTED[Role.MODERATOR])
    ottilie = msgspec.structs.replace(people["ottilie"], roles=GRANTED[Role.OPERATOR])
    yield WRITTEN, lambda: _write(simone)
    yield TRIED, lambda: _try_out(simone)
    yield AGREED, lambda: _agree(ottilie)
    yield HELD, lambda: _offer(people["gaston"])
    yield SIMULATED, lambda: _simulate(simone, HASHTAGS)


async def _write(simone: Viewer) -> None:
    await word_changes.add(simone, "insults", WORDS)
    for draft in (ADVERTS, HASHTAGS, INSULTS):
        await filter_changes.add(simone, draft)


async def _try_out(simone: Viewer) -> None:
    for one in await filters.everything(simone):
        if one.name != INSULTS.name:
            await filter_changes.try_out(simone, one.id, one.version)


async def _agree(ottilie: Viewer) -> None:
    await _simulate(ottilie, ADVERTS)
    found = next(one for one in await filters.everything(ottilie) if one.name == ADVERTS.name)
    await filter_changes.go_live(ottilie, found.id, found.version)


async def _offer(gaston: Viewer) -> None:
    await publishing.publish(gaston, Draft(SPACES, "the-cast-spaces"))


async def _simulate(moderator: Viewer, draft: FilterDraft) -> None:
    """At once, and not when a worker comes to it."""
    found = next(one for one in await filters.everything(moderator) if one.name == draft.name)
    await filter_simulations.start(moderator, found.id)
    begun = await filter_simulations.read(moderator, found.id)
    assert begun is not None
    await filter_simulations.run(SimulationDue(found.id, begun.run))
