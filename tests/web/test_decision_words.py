"""What the form of a decision says of who is told, by who has brought the case up."""

import re

import pytest

from domain.moderation import upstream_desk, upstream_work
from domain.moderation.filter_kinds import FilterOutcome
from domain.moderation.kinds import StatementKind
from domain.moderation.reports import NamedRule
from tests.helpers import written_filters
from tests.helpers.complaints import about_a_post
from tests.helpers.moderation import reported
from tests.helpers.people import LiveSite, Member

ACTED, TOLD = "Those who reported it are told that you acted.", "Those who reported it are told."
NOBODY, DESK = "Nobody has reported it", "Whoever complained is answered at the desk."
WORDS = (ACTED, TOLD, NOBODY, DESK)


async def _said(site: LiveSite, moderator: Member, case: int) -> str:
    return (await site.browser(moderator).get(f"/moderation/cases/{case}")).text


async def test_every_sanction_says_that_its_owner_and_reporters_are_told(site: LiveSite) -> None:
    _, _, moderator, _, case = await reported(site.network)
    await site.network.moderator("max")
    page = " ".join((await _said(site, moderator, case)).split())
    smalls = re.findall(r'name="sanction" value="\w+".*?<small>(.*?)</small>', page)
    assert len(smalls) == 3
    assert all("reads your reasons" in small or "to read your reasons" in small for small in smalls)
    assert all(ACTED in small for small in smalls)


async def test_taking_back_says_whom_it_tells(site: LiveSite) -> None:
    _, _, moderator, _, case = await reported(site.network)
    await moderator.decide(case, StatementKind.WARNING)
    page = await _said(site, moderator, case)
    assert "Those who reported it are told as well, unless something else" in page
    assert "The public log gets an entry." in page


async def test_of_a_report(site: LiveSite) -> None:
    _, _, moderator, _, case = await reported(site.network)
    page = await _said(site, moderator, case)
    assert [words in page for words in WORDS] == [True, True, False, False]
    assert "It stays, and its author is not told." in page
    assert '<option value="reporter"' in page


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (FilterOutcome.CASE, "It stays, and its author is not told. Nobody has reported it, so nobody is told."),
        (FilterOutcome.HOLD, "It is published, and its author is told. Holds until it is edited."),
        (FilterOutcome.COVER, "It stays. What a filter did to it is taken back, and its author is told."),
    ],
)
async def test_of_what_a_filter_found(site: LiveSite, outcome: FilterOutcome, words: str) -> None:
    mona, max_ = await written_filters.staff(site.network)
    await written_filters.live(mona, max_, outcome)
    eve = await site.member("eve")
    post = await eve.post("buy pills")
    case = await site.network.open_case()
    page = await _said(site, mona, case)
    assert [one in page for one in WORDS] == [False, False, True, False]
    assert words in " ".join(page.split())
    # To reporters that there are not nobody writes.
    assert '<option value="reporter"' not in page
    if outcome is not FilterOutcome.HOLD:
        await (await site.member("ana")).report(post)
        page = await _said(site, mona, case)
        assert [one in page for one in WORDS] == [True, True, False, False]
        assert '<option value="reporter"' in page


async def test_of_a_complaint(site: LiveSite) -> None:
    _, moderator, _, complaint = await about_a_post(site.network)
    await upstream_desk.claim(await moderator.viewer(), complaint)
    await upstream_work.open_cases(await moderator.viewer(), complaint, [0], NamedRule(1, 6))
    case = await site.network.open_case()
    page = await _said(site, moderator, case)
    assert [words in page for words in WORDS] == [False, False, False, True]
    french = await site.browser(moderator).get(f"/moderation/cases/{case}", headers={"accept-language": "fr"})
    assert "Les auteurs des signalements" not in french.text
