"""Filters as two moderators put them live."""

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.core.moderation_events import SimulationDue
from domain.moderation import filter_changes, filter_simulations, filters
from domain.moderation.filter_changes import FilterDraft
from domain.moderation.filter_kinds import FilterOutcome
from tests.helpers.people import LiveNetwork, Member

FACTS = "It offers goods."
# What the shipped rule about spam is called.
SPAM = "spam"
# A condition that the library ends with an error for a post with a hundred links. Only a test that raises
# filter_costs.MAX_TURNS can write it.
FAILS = "&&".join(['links.all(a,a>"")'] * 101)
HUNDRED_LINKS = " ".join(f"b{number}.be" for number in range(100))


def draft(
    outcome: FilterOutcome = FilterOutcome.HOLD, condition: str = 'text.contains("pills")', name: str = ""
) -> FilterDraft:
    name = name or f"{outcome.name.lower()} {condition}"[: filter_changes.MAX_NAME]
    return FilterDraft(name, condition, outcome, "" if outcome is FilterOutcome.ALLOW else SPAM, FACTS)


async def written(moderator: Member, *args: object, **fields: object) -> int:
    return await filter_changes.add(await moderator.viewer(), draft(*args, **fields))  # type: ignore[arg-type]


async def version(moderator: Member, filter_: int) -> int:
    return (await filters.read(await moderator.viewer(), filter_)).version


async def shadowed(moderator: Member, *args: object, **fields: object) -> int:
    """A filter that is tried from now on."""
    made = await written(moderator, *args, **fields)
    await filter_changes.try_out(await moderator.viewer(), made, await version(moderator, made))
    return made


async def simulated(moderator: Member, filter_: int) -> None:
    """Simulates it at once, and not when a worker comes to it."""
    viewer = await moderator.viewer()
    await filter_simulations.start(viewer, filter_)
    begun = await filter_simulations.read(viewer, filter_)
    assert begun is not None
    await filter_simulations.run(SimulationDue(filter_, begun.run))


async def put_live(moderator: Member, filter_: int, hours: int = filters.SHADOW_HOURS) -> None:
    """As if it had been tried for so long."""
    await simulated(moderator, filter_)
    await wait(filter_, hours)
    await filter_changes.go_live(await moderator.viewer(), filter_, await version(moderator, filter_))


async def wait(filter_: int, hours: int = filters.SHADOW_HOURS) -> None:
    """As if so much time had passed since its shadow began."""
    began = clock.now() - hours * clock.HOUR_MS
    await DB.fetch(SQL("UPDATE filter_rule SET shadow_since = ?2 WHERE id = ?1 AND state = 1"), filter_, began)


async def staff(network: LiveNetwork) -> tuple[Member, Member]:
    """Who writes filters, and who puts them live."""
    return await network.moderator(), await network.moderator("max")


async def live(author: Member, second: Member, *args: object, **fields: object) -> int:
    made = await shadowed(author, *args, **fields)
    await put_live(second, made)
    return made


async def off(moderator: Member, filter_: int) -> None:
    await filter_changes.switch_off(await moderator.viewer(), filter_, await version(moderator, filter_))
