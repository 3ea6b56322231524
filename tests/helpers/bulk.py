"""A small wave of spam, and a moderator's decision about all of it."""

from typing import Any

from domain.moderation import bulk_decisions, bulk_previews
from domain.moderation.bulk_decisions import ManyDecided
from domain.moderation.bulk_kinds import Criteria
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from tests.helpers.people import LiveNetwork, Member

LINK = "watches.example"
TEXT = f"Cheap watches: https://{LINK}/offer?id=7 only today"
# The rule on spam, of the shipped ones.
SPAM = NamedRule(1, 10)


async def wave(network: LiveNetwork, count: int = 3) -> tuple[list[Member], list[int]]:
    """Accounts that have posted the same link, and their posts, the oldest first."""
    people = await network.members(*(f"wave{number}" for number in range(count)))
    return people, [await one.post(f"{TEXT} {one.handle}") for one in people]


async def preview(moderator: Member, kind: SubjectKind = SubjectKind.POST, **criteria: Any) -> int:
    return await bulk_previews.begin(await moderator.viewer(), kind, Criteria(**(criteria or {"link": LINK})))


async def decide(moderator: Member, bulk: int, kind: StatementKind = StatementKind.POST_REMOVAL, **more: Any) -> bool:
    decided = ManyDecided(kind, SPAM, "The same advertisement, again and again.", "Nobody asked for it.", **more)
    return await bulk_decisions.decide(await moderator.viewer(), bulk, decided)


async def view(moderator: Member, bulk: int) -> bulk_previews.Bulk:
    return (await bulk_previews.read(await moderator.viewer(), bulk)).bulk
