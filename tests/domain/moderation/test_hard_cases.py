"""Which cases are hard to look at, by whatever door they came."""

from domain.moderation import care, filter_changes, rules, upstream_work
from domain.moderation.care import HardLimits
from domain.moderation.filter_changes import FilterDraft
from domain.moderation.filter_kinds import FilterOutcome
from domain.moderation.kinds import StatementKind
from domain.moderation.reports import NamedRule
from tests.helpers import rule_versions, written_filters
from tests.helpers.complaints import about_a_post, read
from tests.helpers.people import LiveNetwork, Member

# Of the shipped rules: urgent violence; urgent, and hard to bear rather than to look at; no more than serious.
THREATS, INCITEMENT, HARASSMENT = 1, 2, 6
NOTHING = HardLimits(0, 0)


async def is_hard(moderator: Member, case: int) -> bool:
    return await care.is_beyond(await moderator.viewer(), case, NOTHING)


async def named(rule: int) -> str:
    return (await rules.current()).rule(rule).name


async def found_by_filter(
    network: LiveNetwork, *found_rules: int, outcome: FilterOutcome = FilterOutcome.CASE
) -> tuple[Member, list[int]]:
    """A moderator, and a case for each of these rules that its filter has found."""
    mona, max_ = await written_filters.staff(network)
    eve, cases = await network.member("eve"), []
    for rule in found_rules:
        draft = FilterDraft(f"rule {rule}", f'text.contains("word{rule}")', outcome, await named(rule), "It says so.")
        made = await filter_changes.add(await mona.viewer(), draft)
        await filter_changes.try_out(await mona.viewer(), made, await written_filters.version(mona, made))
        await written_filters.put_live(max_, made)
        await eve.post(f"This is word{rule}.")
        cases.append(await network.open_case())
    return mona, cases


async def test_what_a_filter_finds_is_as_hard_as_its_rule(network: LiveNetwork) -> None:
    mona, (threats, incitement, harassment) = await found_by_filter(network, THREATS, INCITEMENT, HARASSMENT)
    assert [await is_hard(mona, case) for case in (threats, incitement, harassment)] == [True, False, False]


async def test_so_is_what_a_filter_holds(network: LiveNetwork) -> None:
    mona, (case,) = await found_by_filter(network, THREATS, outcome=FilterOutcome.HOLD)
    assert await is_hard(mona, case)


async def test_the_rule_of_the_day_of_the_find_counts(network: LiveNetwork) -> None:
    mona, (case,) = await found_by_filter(network, THREATS)
    for points in (50, 60):
        await rule_versions.publish(network, points)
        assert await is_hard(mona, case)


async def test_an_upstream_case_is_as_hard_as_the_rule_it_was_opened_under(network: LiveNetwork) -> None:
    eve, mona, post, complaint = await about_a_post(network)
    for rule, hard in ((HARASSMENT, False), (INCITEMENT, False), (THREATS, True)):
        # The same case each time: the complaint is joined to it.
        await eve.edit(post, f"You will be sorry, {rule} times.")
        await reopened(mona, complaint, rule)
        assert await is_hard(mona, await network.open_case()) is hard, rule


async def reopened(moderator: Member, complaint: int, rule: int) -> None:
    """Opens the cases of a complaint under a rule, after whatever was open is decided."""
    view = await read(moderator, complaint)
    for one in view.addresses:
        if one.case is not None and not one.can_open:
            await moderator.decide(one.case, StatementKind.NO_BREACH)
    places = [one.place for one in view.addresses]
    await upstream_work.open_cases(await moderator.viewer(), complaint, places, NamedRule(1, rule))


async def test_a_report_counts_as_before_and_nothing_else_does(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    mona = await network.moderator()
    for rule, hard in ((THREATS, True), (INCITEMENT, False), (HARASSMENT, False)):
        await ana.report(await eve.post("You will be sorry."), rule=rule)
        assert await is_hard(mona, await network.open_case()) is hard
