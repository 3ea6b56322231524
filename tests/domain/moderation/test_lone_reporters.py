"""What one person alone can't do: switch the brake, make things urgent by reports without weight, wake moderators."""

from db.engine import DB
from db.sql import SQL
from domain.core import clock, trust
from domain.core.trust import TrustLevel
from domain.moderation import brake_switch, cases, guest_reports, weights
from domain.moderation.brake import BrakeReason
from domain.moderation.brake_switch import BACKLOG, EACH
from domain.moderation.kinds import Severity, StatementKind
from domain.moderation.reports import NamedRule
from tests.conftest import Watch
from tests.helpers.brake import is_on, opened
from tests.helpers.moderation import guest_form
from tests.helpers.people import LiveNetwork, Member

HOUR = 3600


async def threat(post: int, **changed: object) -> int:
    """A guest's notice under an urgent rule, without a name or an address."""
    form = guest_form(post, rule=NamedRule(1, 1), **({"name": "", "email": ""} | changed))
    return (await guest_reports.file(form, can_mail=True)).report


async def load() -> tuple[int, bool]:
    """How many cases count, and whether an urgent one does."""
    figures = await brake_switch.status()
    return figures.open, figures.oldest_at is not None


async def report_in_vain(network: LiveNetwork, member: Member, author: Member, watch: Watch) -> None:
    """Until what the member reports weighs nothing."""
    mona = await network.moderator()
    for number in range(trust.DEFAULTS.reports.ignored_after):
        await member.report(await author.post(f"Harmless {number}"))
        await mona.decide(await network.open_case(), StatementKind.NO_BREACH)
        await network.settle()
        watch.forward(1)
    assert await weights.of(await member.viewer()) == 0


async def test_strangers_do_not_switch_the_brake(network: LiveNetwork, watch: Watch) -> None:
    eve = await network.member("eve")
    post = await eve.post("You will be sorry.")
    for _ in range(3):
        await threat(post)
    watch.forward(HOUR + 1)
    await brake_switch.look()
    assert not await is_on()
    assert (await cases.queue(await (await network.moderator()).viewer())).figures.urgent_overdue == 1
    ana = await network.member("ana")
    await ana.report(post, rule=1)
    await brake_switch.look()
    assert await is_on(), "a member vouches for it"


async def test_a_case_that_a_moderator_has_taken_counts(network: LiveNetwork) -> None:
    eve, mona = await network.member("eve"), await network.moderator()
    await threat(await eve.post("You will be sorry."))
    assert await load() == (0, False)
    await cases.claim(await mona.viewer(), await network.open_case())
    assert await load() == (1, True)


async def test_one_new_member_counts_for_nothing_and_two_do(network: LiveNetwork) -> None:
    eve = await network.member("eve")
    new = [await network.member(handle, trust=TrustLevel.NEW) for handle in ("ana", "ben")]
    post = await eve.post("You will be sorry.")
    await new[0].report(post, rule=1)
    assert await load() == (0, False)
    await new[1].report(post, rule=1)
    assert await load() == (1, True)


async def test_one_member_makes_no_backlog(network: LiveNetwork) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    posts = [await eve.post(f"Words {number}") for number in range(BACKLOG + 1)]
    for post in posts:
        await ana.report(post)
    assert await load() == (EACH, False)
    await brake_switch.look()
    assert not await is_on()
    await ben.report(posts[0])
    assert await load() == (EACH + 1, False), "what two people have reported is nobody's alone"
    await opened(eve.id, BACKLOG - EACH - 1)
    await brake_switch.look()
    assert (await brake_switch.status()).reason is BrakeReason.BACKLOG


async def test_reports_that_weigh_nothing_make_nothing_urgent(network: LiveNetwork, watch: Watch) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    await report_in_vain(network, ana, eve, watch)
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    # Again, with a worse rule.
    await ana.report(post, rule=1)
    case = await network.open_case()
    row = await _row(case)
    assert (row[0], row[1] > clock.now() + 24 * clock.HOUR_MS) == (Severity.ORDINARY, True)
    assert await network.count("outbox", "kind = 'UrgentCaseWaits'") == 0
    await ben.report(post, rule=1)
    assert (await _row(case))[0] == Severity.URGENT
    assert await network.count("outbox", "kind = 'UrgentCaseWaits'") == 1


async def _row(case: int) -> tuple[int, int]:
    row = await DB.one(SQL("SELECT severity, due_at FROM mod_case WHERE id = ?1"), case)
    assert row is not None
    return row[0], row[1]


async def test_a_claim_that_has_ended_says_nothing_of_a_case(network: LiveNetwork, watch: Watch) -> None:
    mona = await network.moderator()
    await threat(await (await network.member("eve")).post("Good morning."))
    watch.forward(HOUR + 60)
    await cases.claim(await mona.viewer(), await network.open_case())
    assert (await load())[1]
    watch.forward(cases.CLAIM_MINUTES * 60 + 1)
    assert not (await load())[1]
