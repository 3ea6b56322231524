"""Moderators and what they choose for themselves."""

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.moderation import care
from domain.moderation.care import Care, Choice, HardLimits
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.push_service import Service

# What the settings let a moderator have by default.
MOST = HardLimits(30, 120)
SEEN = SQL("UPDATE session SET seen_at = ?2 WHERE account = ?1")


async def with_cases(network: LiveNetwork, *rules: int) -> tuple[Member, list[int]]:
    """A moderator, and cases reported under these rules."""
    ana, eve = await network.members("ana", "eve")
    found = []
    for rule in rules:
        await ana.report(await eve.post("You will be sorry."), rule=rule)
        found.append(await network.open_case())
    return await network.moderator(), found


async def choose(member: Member, *, on_duty: bool = True, cases: int = MOST.cases, minutes: int = MOST.minutes) -> None:
    await care.choose(await member.viewer(), Choice(on_duty, cases, minutes), MOST)


async def of(member: Member) -> Care:
    return await care.read(await member.viewer(), MOST)


async def reachable(pushes: Service, member: Member, minutes: int) -> Member:
    """A moderator on duty with a device, who was there some minutes ago."""
    await choose(member)
    await pushes.of(member)
    await DB.fetch(SEEN, member.id, clock.now() - minutes * clock.MINUTE_MS)
    return member


def names(pushes: Service) -> list[str]:
    """Whom pushes were sent to, in order."""
    return [one.name for one in pushes.pushed]
