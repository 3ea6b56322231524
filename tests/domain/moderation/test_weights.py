"""What reports weigh, what that changes, and what it never does."""

import pytest

from archive import load
from db.engine import DB
from db.queries.reports import DecidedRow
from db.sql import SQL
from domain.core import ids
from domain.core.trust import ReportPolicy, TrustLevel
from domain.moderation import cases, guest_reports, reports, weights
from domain.moderation.kinds import Outcome, StatementKind
from domain.moderation.weights import ReporterStanding, ReportWeight
from tests.conftest import Watch
from tests.helpers.moderation import guest_form
from tests.helpers.people import LiveNetwork, Member

DAY, HOUR = 86_400, 3600
WEIGHTS = SQL("SELECT weight FROM mod_case ORDER BY id")


async def weigh() -> list[int]:
    return [row[0] for row in await DB.fetch(WEIGHTS)]


async def find(network: LiveNetwork, moderator: Member, reporter: Member, eve: Member, *breaches: bool) -> None:
    """Has posts of eve's reported and decided, one after the other."""
    for number, breach in enumerate(breaches):
        await reporter.report(await eve.post(f"Number {number}"), 10)
        kind = StatementKind.WARNING if breach else StatementKind.NO_BREACH
        await moderator.decide(await network.open_case(), kind, rule=10)
        await network.settle()


async def test_trust_and_guests(network: LiveNetwork) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    post = await eve.post("You will be sorry.")
    for level, expected in zip(TrustLevel, (10, 30, 60, 100), strict=True):
        reporter = await network.member(f"ana{level:d}", trust=level)
        for _ in range(2):
            await reporter.report(post)
        assert await weigh() == [expected], "once for each"
    taken = await guest_reports.file(guest_form(post), can_mail=True)
    assert await weigh() == [100], "not before it is confirmed"
    for _ in range(2):
        await guest_reports.confirm(await guest_reports.token(taken.report))
    assert await weigh() == [105]
    await moderator.report(post)
    assert await weigh() == [135], "a moderator's weighs no more"
    # Who has reported it finds it in no queue of theirs.
    assert (await cases.queue(await moderator.viewer())).cases == []
    (case,) = (await cases.queue(await (await network.moderator("max")).viewer())).cases
    assert (case.reports, case.weight) == (6, ReportWeight.SOME)


async def test_whoever_is_right_weighs_more(network: LiveNetwork) -> None:
    ana, eve, moderator = *await network.members("ana", "eve"), await network.moderator()
    await find(network, moderator, ana, eve, *[True] * 4)
    assert await weights.of(await ana.viewer()) == 30, "too few to tell"
    await find(network, moderator, ana, eve, True)
    assert await weights.of(await ana.viewer()) == 47
    await find(network, moderator, ana, eve, *[False] * 5)
    assert await weights.of(await ana.viewer()) == 30


async def test_who_reports_in_vain_is_warned_and_then_weighs_nothing(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, moderator = *await network.members("ana", "eve"), await network.moderator()
    await find(network, moderator, ana, eve, True, *[False] * 4)
    assert await weights.standing(await ana.viewer()) == ReporterStanding()
    await find(network, moderator, ana, eve, False)
    assert await weights.standing(await ana.viewer()) == ReporterStanding(5)
    watch.forward(HOUR)
    await find(network, moderator, ana, eve, False, False)
    assert await weights.of(await ana.viewer()) > 0
    await find(network, moderator, ana, eve, False)
    found = await weights.standing(await ana.viewer())
    assert found.in_vain == 8
    assert found.ignored_until > 0
    # It is taken, due and answered as any other.
    post = await eve.post("You will be sorry.")
    await ana.report(post, 1)
    assert (await weigh())[-1] == 0
    (case,) = (await cases.queue(await moderator.viewer())).cases
    assert (case.reports, case.weight) == (1, ReportWeight.IN_VAIN)
    await moderator.decide(case.id, StatementKind.POST_REMOVAL, rule=1)
    await network.settle()
    assert (await reports.mine(await ana.viewer())).items[0].outcome is Outcome.ACTION
    # Having been right ends it, and so does time.
    assert await weights.of(await ana.viewer()) > 0
    assert await weights.standing(await ana.viewer()) == ReporterStanding()


def test_nobody_is_ignored_before_they_were_warned(watch: Watch) -> None:
    """Eight that were sent before the fifth was answered, and three more that were sent after that."""
    start = ids.first(watch())
    hour = ids.first(watch() + HOUR * 1000) - start
    early = [DecidedRow(start + number, Outcome.NO_BREACH, watch() + HOUR * 1000) for number in range(8)]
    assert weights._standing(early) == ReporterStanding(8)
    late = [DecidedRow(start + 2 * hour + number, Outcome.NO_BREACH, watch() + 3 * HOUR * 1000) for number in range(3)]
    assert weights._standing([*early, *late[:2]]) == ReporterStanding(10)
    assert weights._standing([*early, *late]).ignored_until == late[0].told_at + 30 * DAY * 1000
    reversed_one = DecidedRow(start + 9, Outcome.REVERSED, watch() + 2 * HOUR * 1000)
    assert weights._standing([*early, reversed_one, *late]) == ReporterStanding()
    watch.forward(30 * DAY + 4 * HOUR)
    assert weights._standing([*early, *late]) == ReporterStanding(11)


async def test_the_clock_comes_before_weight(network: LiveNetwork, watch: Watch) -> None:
    """Cases that are due in one hour are in the order of their weight; nothing else changes their order."""
    watch.forward(HOUR - watch() // 1000 % HOUR)
    eve, moderator = await network.member("eve"), await network.moderator()
    heavy, light = await network.member("ana"), await network.member("ben", trust=TrustLevel.NEW)
    order: list[int] = []
    for reporter, rule, minutes in ((light, 6, 30), (heavy, 6, 29), (light, 6, 1), (heavy, 6, 1), (light, 1, 1)):
        post = await eve.post(f"Said {len(order)}")
        await reporter.report(post, rule)
        order.append(await network.open_case())
        watch.forward(minutes * 60)
    found = [case.id for case in (await cases.queue(await moderator.viewer())).cases]
    assert found == [order[4], order[1], order[0], order[2], order[3]]
    assert await cases.claim_next(await moderator.viewer()) == order[4]


async def test_cases_of_earlier_archives_get_the_weight_of_their_reports(network: LiveNetwork) -> None:
    eve, post = await network.member("eve"), 0
    for handle in ("ana", "ben"):
        post = post or await eve.post("You will be sorry.")
        await (await network.member(handle)).report(post)
    await guest_reports.file(guest_form(post), can_mail=True)
    await DB.fetch(SQL("UPDATE mod_case SET weight = 0"))
    for _ in range(2):
        await load.derive()
        assert await weigh() == [60]


@pytest.mark.parametrize(
    ("weight", "count", "words"),
    [
        (0, 0, ReportWeight.SOME),
        (80, 2, ReportWeight.GOOD_RECORD),
        (79, 2, ReportWeight.SOME),
        (30, 2, ReportWeight.SOME),
        (29, 2, ReportWeight.NO_RECORD),
        (10, 2, ReportWeight.NO_RECORD),
        (9, 2, ReportWeight.IN_VAIN),
        (0, 1, ReportWeight.IN_VAIN),
    ],
)
def test_weights_in_words(weight: int, count: int, words: ReportWeight) -> None:
    assert weights.in_words(weight, count) is words


async def test_settings_say_what_weighs_how_much(network: LiveNetwork) -> None:
    policy = ReportPolicy(new=50, regular=90, warned_after=1, ignored_after=1, ignored_days=0)
    ana, eve, moderator = *await network.members("ana", "eve"), await network.moderator()
    new = await network.member("nils", trust=TrustLevel.NEW)
    assert await weights.of(await new.viewer(), policy) == 50
    regular = await network.member("rita", trust=TrustLevel.REGULAR)
    assert await weights.of(await regular.viewer(), policy) == 90
    await find(network, moderator, ana, eve, False)
    assert await weights.standing(await ana.viewer(), policy) == ReporterStanding(1)
    assert await weights.standing(await ana.viewer()) == ReporterStanding()
