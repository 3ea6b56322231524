"""An appeal that a jury hears, and those who may be drawn for it."""

from db.queries import juries as queries
from db.queries.juries import JurorRow
from domain.moderation import appeals, juries, jury_service
from domain.moderation.juries import Answer
from domain.moderation.jury_kinds import JuryVote, SeatState
from domain.moderation.kinds import StatementKind
from tests.conftest import Watch
from tests.helpers.moderation import WORDS, reported
from tests.helpers.people import LiveNetwork, Member

# One more than is drawn, and one besides.
HANDLES = ("june", "jack", "jill", "jens", "jana", "jose", "judy")
MONTH = 31 * 86_400


async def pool(network: LiveNetwork, watch: Watch, *handles: str) -> list[Member]:
    """Members who have opted in, and whose accounts are old enough."""
    found = await network.members(*(handles or HANDLES))
    watch.forward(MONTH)
    for member in found:
        await jury_service.opt_in(await member.viewer())
    return found


async def heard(
    network: LiveNetwork, watch: Watch, *handles: str, kind: StatementKind = StatementKind.POST_REMOVAL
) -> tuple[list[Member], Member, Member, Member, int, int]:
    """Those who may be drawn, a reporter, an author, the moderator who decided, the post and the appeal."""
    members = await pool(network, watch, *handles)
    ana, eve, moderator, post, case = await reported(network)
    statement = await moderator.decide(case, kind)
    return members, ana, eve, moderator, post, await appeals.lodge(await eve.viewer(), statement, WORDS)


async def seats(appeal: int, state: SeatState = SeatState.SUMMONED) -> list[JurorRow]:
    return [one for one in await queries.seats(appeal) if one.state == state]


async def give(
    members: list[Member], seat: JurorRow, answer: SeatState, vote: JuryVote | None = None, reason: str = ""
) -> None:
    """Has the juror of a seat answer."""
    (member,) = [one for one in members if one.id == seat.account]
    await juries.answer(await member.viewer(), seat.id, Answer(answer, seat.version, vote, reason))


async def vote(members: list[Member], appeal: int, reverse: int) -> None:
    """Has everybody vote whose answer is awaited: so many of them to take the decision back."""
    for place, seat in enumerate(await seats(appeal)):
        await give(members, seat, SeatState.VOTED, JuryVote.REVERSE if place < reverse else JuryVote.STANDS)


async def own(member: Member) -> appeals.OwnAppeal:
    """The one appeal that somebody has lodged, as they see it."""
    (found,) = (await appeals.mine(await member.viewer())).items
    return found.own
