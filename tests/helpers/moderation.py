"""A reported post, and those whom it concerns."""

import msgspec

from domain.moderation import appeal_queue, appeals
from domain.moderation.decisions import Decision
from domain.moderation.guest_reports import GuestForm
from domain.moderation.kinds import StatementKind
from domain.moderation.reports import NamedRule
from tests.helpers.people import LiveNetwork, Member

WORDS = "It was a line from a song."
REMOVAL = Decision(StatementKind.POST_REMOVAL, 1, NamedRule(1, 6), "It insults somebody.", "Insults are not wanted.")


async def reported(network: LiveNetwork) -> tuple[Member, Member, Member, int, int]:
    """A reporter, an author, a moderator, the author's post and its case."""
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    return ana, eve, moderator, post, await network.open_case()


async def appealed(
    network: LiveNetwork, kind: StatementKind = StatementKind.POST_REMOVAL
) -> tuple[Member, Member, Member, Member, int, int]:
    """A reporter, an author, the moderator who decided, another one, the post and the author's appeal."""
    ana, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    statement = await moderator.decide(case, kind)
    return ana, eve, moderator, second, post, await appeals.lodge(await eve.viewer(), statement, WORDS)


async def free(moderator: Member) -> int:
    found = await appeal_queue.first_free(await moderator.viewer())
    return found.id if found else 0


def guest_form(post: int, **changed: object) -> GuestForm:
    """Somebody without an account reports a post of @eve's."""
    made = GuestForm(
        address=f"https://parvis.test/@eve/{post}",
        rule=NamedRule(1, 7),
        words="This is my telephone number.",
        name="Zoé Petit",
        email="zoe@tilly.example",
        good_faith=True,
        locale="fr",
        hosts=frozenset({"parvis.test"}),
    )
    return msgspec.structs.replace(made, **changed)


async def version_seen(moderator: Member, appeal: int) -> int:
    """The version of an appeal's case, as its page shows it to a moderator."""
    return (await appeal_queue.read(await moderator.viewer(), appeal)).case.version
