"""A reported post, and those whom it concerns."""

from domain.moderation.decisions import Decision
from domain.moderation.kinds import StatementKind
from domain.moderation.reports import NamedRule
from tests.helpers.people import LiveNetwork, Member

REMOVAL = Decision(StatementKind.POST_REMOVAL, 1, NamedRule(1, 6), "It insults somebody.", "Insults are not wanted.")


async def reported(network: LiveNetwork) -> tuple[Member, Member, Member, int, int]:
    """A reporter, an author, a moderator, the author's post and its case."""
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    return ana, eve, moderator, post, await network.open_case()
