"""What was decided about others under the same rule, beside a case."""

from typing import NamedTuple

from domain.core import clock
from domain.moderation import cases, precedents, reports, reversals, rules
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.precedents import Precedents
from domain.moderation.reports import FiledReport, NamedRule
from domain.moderation.subjects import Subject
from tests.helpers.people import LiveNetwork, LiveSite, Member


class Court(NamedTuple):
    """A network, who reports there, and who decides."""

    network: LiveNetwork
    ana: Member
    mona: Member

    async def decided(self, author: Member, kind: StatementKind, rule: int = 6) -> int:
        await self.ana.report(await author.post(f"{kind.name} {rule}"), rule)
        return await self.mona.decide(await self.network.open_case(), kind, rule)

    async def beside(self, author: Member, days: int = 0) -> Precedents:
        """What stands beside a case that comes now, some days later."""
        await self.ana.report(await author.post("Now this."))
        case = await self.network.open_case()
        viewer = await self.mona.viewer()
        with clock.fixed_at(clock.now() + days * clock.DAY_MS):
            found = (await cases.read(viewer, case)).precedents
        await self.mona.decide(case, StatementKind.NO_BREACH)
        return found


async def test_the_newest_and_how_many(network: LiveNetwork) -> None:
    ana, eve, bo = await network.members("ana", "eve", "bo")
    mona = await network.moderator()
    court = Court(network, ana, mona)
    assert await court.beside(bo) == Precedents()
    removals = [await court.decided(eve, StatementKind.POST_REMOVAL) for _ in range(5)]
    warning = await court.decided(eve, StatementKind.WARNING)
    await court.decided(eve, StatementKind.WARNING, rule=8)
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    await mona.decide(await network.open_case(), StatementKind.WARNING)
    await reversals.reverse(await mona.viewer(), removals[-1], "It was a song.", names_nobody=True)
    found = await court.beside(bo)
    assert [one.id for one in found.newest] == [warning, *reversed(removals[1:])]
    assert [one.reversed for one in found.newest] == [False, True, False, False, False]
    assert [(one.kind, one.count) for one in found.counts] == [
        (StatementKind.POST_REMOVAL, 5), (StatementKind.WARNING, 1),
    ]  # fmt: skip
    # Those about the same account are beside its case already.
    assert await court.beside(eve) == Precedents()
    assert await court.beside(bo, precedents.DAYS + 1) == Precedents()


async def test_a_rule_is_the_same_under_another_number(network: LiveNetwork) -> None:
    ana, eve, bo = await network.members("ana", "eve", "bo")
    mona = await network.moderator()
    court = Court(network, ana, mona)
    warning = await court.decided(eve, StatementKind.WARNING)
    book = await rules.current()
    sixth = next(one for one in book.rules if one.number == 6)
    moved = [sixth, *(one for one in book.rules if one is not sixth)]
    post = Subject(SubjectKind.POST, await bo.post("Now this."))
    await rules.publish(await (await network.operator()).viewer(), moved, book.version)
    await reports.file(await ana.viewer(), FiledReport(post, NamedRule(2, 1)))
    found = (await cases.read(await mona.viewer(), await network.open_case())).precedents
    assert [one.id for one in found.newest] == [warning]


async def test_they_stand_on_the_page(site: LiveSite) -> None:
    ana, eve, bo = await site.network.members("ana", "eve", "bo")
    mona = await site.network.moderator()
    await ana.report(await eve.post("You will be sorry."))
    await mona.decide(await site.network.open_case(), StatementKind.WARNING, facts="It threatens somebody.")
    await ana.report(await bo.post("Me too."))
    case = await site.network.open_case()
    text = (await site.browser(mona).get(f"/moderation/cases/{case}")).text
    assert "What was decided about others under the same rule" in text
    assert "It threatens somebody." in text
    assert "Warning (<data" in text
    # Who may not decide it is not shown what it was reported for.
    await bo.report(await mona.post("Mine"))
    own = await site.network.open_case()
    assert "under the same rule" not in (await site.browser(mona).get(f"/moderation/cases/{own}")).text
