"""What a search for a bulk decision finds, whom it leaves out, and that a preview is fixed."""

import pytest

from domain.core import clock, ids
from domain.core.access import GUEST
from domain.core.errors import Conflict, Invalid, NotFound, SignedOut
from domain.moderation import bulk_kinds, bulk_previews, bulk_search
from domain.moderation.bulk_kinds import BulkSubjectState, Criteria
from domain.moderation.kinds import StatementKind, SubjectKind
from tests.conftest import Watch
from tests.helpers import bulk, media_files
from tests.helpers.bulk import LINK
from tests.helpers.people import LiveNetwork, Member

POST, ACCOUNT = SubjectKind.POST, SubjectKind.ACCOUNT


async def found(moderator: Member, kind: SubjectKind = POST, **criteria: object) -> list[int]:
    """What a search finds, the oldest first."""
    result = await bulk_search.find(await moderator.viewer(), kind, Criteria(**criteria))  # type: ignore[arg-type]
    return sorted(one.id for one in result.subjects)


async def test_links_are_found_by_host_and_by_address(network: LiveNetwork) -> None:
    mona, ana = await network.moderator(), await network.member("ana")
    offer = await ana.post(f"See https://Shop.{LINK.title()}/Offer/ now")
    other, bare = await ana.post(f"http://{LINK}/else"), await ana.post("watches.com/offer")
    await ana.post(f"https://not{LINK} and http://{LINK}.evil.org, and about {LINK}")
    assert await found(mona, link=LINK) == [offer, other]
    assert await found(mona, link="http://watches.com/") == [bare]
    assert await found(mona, link=f"shop.{LINK}/Offer") == [offer]
    assert await found(mona, link=f"https://{LINK}/else/") == [other]
    assert await found(mona, ACCOUNT, link=LINK) == [ana.id]
    accented = await ana.post("https://bücher.example/x")
    assert await found(mona, link="xn--bcher-kva.example") == await found(mona, link="bücher.example") == [accented]
    assert bulk_search.links_of(f"http://{LINK}/a and https://{LINK}/a") == [(LINK, f"{LINK}/a")]


async def test_only_what_everybody_sees_is_found_and_nobody_with_a_role(network: LiveNetwork, watch: Watch) -> None:
    mona, ottilie = await network.moderator(), await network.operator()
    (ana, bob), posts = await bulk.wave(network, 2)
    await ana.post(bulk.TEXT, followers=True)
    for one in (mona, ottilie):
        await one.post(bulk.TEXT)
    await bob.delete(posts[1])
    result = await bulk_search.find(await mona.viewer(), POST, Criteria(LINK))
    assert ([one.id for one in result.subjects], result.left_out) == (posts[:1], 2)
    watch.forward(2 * 86_400)
    with pytest.raises(Invalid, match="Nothing like this"):
        await found(mona, link=LINK, days=1)
    assert await found(mona, link=LINK, days=7) == posts[:1]


async def test_accounts_are_found_by_when_they_were_made(network: LiveNetwork) -> None:
    mona = await network.moderator()
    people = [await network.member(handle) for handle in ("ana", "bob", "eve")]
    first, last = (ids.time_of(people[at].id) for at in (0, 2))
    span = {"signed_up_from": first, "signed_up_to": last + 1}
    post = await people[1].post(bulk.TEXT)
    assert await found(mona, ACCOUNT, **span) == sorted(one.id for one in people)
    assert await found(mona, ACCOUNT, link=LINK, **span) == [people[1].id]
    assert await found(mona, POST, **span) == [post]
    never = 253_402_300_740_000  # the year 9999, which no id is of
    for wrong in (
        {"signed_up_from": last},
        {"signed_up_from": last, "signed_up_to": last},
        {"signed_up_from": first, "signed_up_to": never},
    ):
        with pytest.raises(Invalid) as refused:
            await found(mona, ACCOUNT, **wrong)
        assert list(refused.value.fields) == ["signed_up_from"]


async def test_a_picture_of_a_case_finds_the_same_file(network: LiveNetwork) -> None:
    mona, (ana, bob) = await network.moderator(), await network.members("ana", "bob")
    same, other = media_files.encoded(), media_files.encoded(media_files.photo(seed=2))
    posts = [await ana.show("", same), await bob.show("Look", same)]
    await bob.show("", other)
    key = (await ana.view(posts[0])).media[0].stills[0].key
    with pytest.raises(Invalid) as refused:
        await found(mona, picture=key)
    assert list(refused.value.fields) == ["picture"]
    await bob.report(posts[0])
    assert await found(mona, picture=key) == posts


@pytest.mark.parametrize("link", ["watches", "http://", "https://[", "x" * 3000 + ".example", " . "])
async def test_what_is_no_link_is_refused(network: LiveNetwork, link: str) -> None:
    mona = await network.moderator()
    with pytest.raises(Invalid) as refused:
        await found(mona, link=link)
    assert list(refused.value.fields) == ["link"]


async def test_one_more_than_fits_is_refused_with_its_number(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    mona, _ = await network.moderator(), await bulk.wave(network, 4)
    assert bulk_kinds.MOST == 1000
    monkeypatch.setattr(bulk_search, "MOST", 4)
    assert len(await found(mona, link=LINK)) == 4
    monkeypatch.setattr(bulk_search, "MOST", 3)
    with pytest.raises(Invalid, match="4 posts were found, and one decision takes 3"):
        await found(mona, link=LINK)
    with pytest.raises(Invalid, match="4 accounts"):
        await found(mona, ACCOUNT, link=LINK)
    monkeypatch.setattr(bulk_search, "READ", 2)
    with pytest.raises(Invalid, match="Too much was found"):
        await found(mona, link=LINK)
    with pytest.raises(Invalid, match="Too much was found"):
        await found(mona, link=f"{LINK}/none")


async def test_a_preview_is_fixed_and_its_authors_alone(network: LiveNetwork, watch: Watch) -> None:
    mona, max_, ana = await network.moderator(), await network.moderator("max"), await network.member("ana")
    people, posts = await bulk.wave(network)
    await people[0].report(posts[1])
    await max_.decide(await network.open_case(), StatementKind.WARNING)
    number = await bulk.preview(mona)
    late = await ana.post(bulk.TEXT)
    page = await bulk_previews.read(await mona.viewer(), number)
    assert [one.id for one in page.subjects] == posts[::-1]
    # Members in tests are trusted as if they had been there for long.
    assert page.accounts == bulk_previews.Accounts(all=3, old=0, followed=0, trusted=3, sanctioned=1)
    assert late not in {one.id for one in page.subjects}
    for stranger, error in ((await max_.viewer(), NotFound), (await ana.viewer(), NotFound), (GUEST, SignedOut)):
        with pytest.raises(error):
            await bulk_previews.read(stranger, number)
    assert [one.id for one in (await bulk_previews.listed(await mona.viewer())).items] == [number]
    assert (await bulk_previews.listed(await max_.viewer())).items == []
    watch.forward(3601)
    with pytest.raises(Conflict, match="in time"):
        await bulk.decide(mona, number)
    assert (await bulk_previews.listed(await mona.viewer())).items == []
    assert await bulk_previews.forget_old() == 0
    watch.forward(3600)
    assert await bulk_previews.forget_old() == 1
    assert await network.count("bulk_subject") == await network.count("bulk_decision") == 0


async def test_subjects_are_taken_out_page_by_page(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_previews, "SHOWN", 2)
    mona, (_, posts) = await network.moderator(), await bulk.wave(network, 3)
    number = await bulk.preview(mona)
    viewer = await mona.viewer()
    await bulk_previews.choose(viewer, number, 1, [1, 2])
    for page_number in (2, 999_999_999):
        await bulk_previews.choose(viewer, number, page_number, [])
    page = await bulk_previews.read(viewer, number)
    assert (page.page, page.pages, len(page.subjects)) == (1, 2, 2)
    assert page.bulk.counts == {BulkSubjectState.CHOSEN: 1, BulkSubjectState.LEFT_OUT: 2}
    await bulk.decide(mona, number)
    await network.settle()
    assert (
        await network.count("post", f"state = 1 AND id = {posts[1]}") == await network.count("post", "state = 1") == 1
    )
    with pytest.raises(Conflict):
        await bulk_previews.choose(viewer, number, 1, [0])


async def test_what_can_not_be_taken_back_any_more_is_forgotten(network: LiveNetwork, watch: Watch) -> None:
    mona, _ = await network.moderator(), await bulk.wave(network)
    await bulk.decide(mona, await bulk.preview(mona))
    await network.settle()
    assert await bulk_previews.forget_old() == 0
    watch.forward(201 * clock.DAY_MS // 1000)
    assert await bulk_previews.forget_old() == 3
    assert await network.count("bulk_statement") == 3
