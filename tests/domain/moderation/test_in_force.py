"""What is in force of an account by other cases, as moderators see it on the page of a case."""

import re

from domain.moderation import cases, reversals
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from tests.conftest import Watch
from tests.helpers.people import LiveNetwork, LiveSite, Member

COVER, LIMIT, FREEZE = StatementKind.COVER, StatementKind.LIMIT, StatementKind.FREEZE
DAY = 86_400


async def case_of(network: LiveNetwork, reporter: Member, author: Member) -> int:
    await reporter.report(await author.post("You will be sorry."))
    return await network.open_case()


async def in_force(moderator: Member, case: int) -> list[StatementKind]:
    return [one.kind for one in (await cases.read(await moderator.viewer(), case)).in_force]


async def test_what_has_ended_or_was_taken_back_is_not_in_force(network: LiveNetwork, watch: Watch) -> None:
    (ana, eve, ben), mona = await network.members("ana", "eve", "ben"), await network.moderator()
    cover = await mona.decide(await case_of(network, ana, eve), None, measures=frozenset({COVER}))
    limited = await case_of(network, ana, eve)
    await mona.decide(limited, None, measures=frozenset({LIMIT}))
    await mona.decide(await case_of(network, ana, ben), None, measures=frozenset({COVER}))
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    frozen = await network.open_case()
    await mona.decide(frozen, StatementKind.WARNING, sanction=FREEZE, days=1)
    # Not what the case itself has decided, no warning, and nothing of another account.
    assert await in_force(mona, frozen) == [LIMIT, COVER]
    assert await in_force(mona, limited) == [FREEZE, COVER]
    watch.forward(2 * DAY)
    assert await in_force(mona, limited) == [COVER]
    await reversals.reverse(await mona.viewer(), cover, "It was a quotation.")
    assert await in_force(mona, limited) == []


async def test_a_party_is_not_told(network: LiveNetwork) -> None:
    (ana, eve), mona = await network.members("ana", "eve"), await network.moderator()
    max_ = await network.moderator("max")
    await mona.decide(await case_of(network, ana, eve), None, measures=frozenset({COVER}))
    case = await case_of(network, max_, eve)
    assert await in_force(mona, case) == [COVER]
    assert await in_force(max_, case) == []


async def test_the_page_tells_what_holds_from_what_has_ended(site: LiveSite) -> None:
    (ana, eve), mona = await site.members("ana", "eve"), await site.network.moderator()
    first = await case_of(site.network, ana, eve)
    cover = await mona.decide(first, None, measures=frozenset({COVER}))
    browser = site.browser(mona)
    address = f"/moderation/cases/{await case_of(site.network, ana, eve)}"
    page = " ".join((await browser.get(address)).text.split())
    assert "In force now" in page
    assert re.search(rf'/moderation/cases/{first}">Post covered</a>', page)
    assert re.search(r"Post covered \(Harassment\), in force", page)
    await reversals.reverse(await mona.viewer(), cover, "It was a quotation.")
    page = " ".join((await browser.get(address)).text.split())
    assert "In force now" not in page
    assert re.search(r"Post covered \(Harassment\), later taken back", page)
