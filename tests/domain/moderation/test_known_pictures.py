"""Pictures that moderators know: added from a case, found again by filters and bulk decisions, and removed."""

import re
from io import BytesIO

import pytest
from PIL import Image

from db.engine import DB
from db.sql import SQL
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, SignedOut
from domain.moderation import bulk_search, cases, filter_fields, filter_history, known_pictures, staff
from domain.moderation.bulk_kinds import Criteria
from domain.moderation.filter_fields import PostFields
from domain.moderation.filter_kinds import FilterAction, FilterOutcome
from domain.moderation.kinds import SubjectKind
from tests.conftest import Watch
from tests.helpers import media_files, written_filters
from tests.helpers.people import LiveNetwork, LiveSite, Member, hidden

PICTURE = media_files.encoded()
OTHER = media_files.encoded(media_files.photo(seed=2))


def resized() -> bytes:
    return media_files.encoded(Image.open(BytesIO(PICTURE)).resize((320, 240)), quality=60)


async def reported(network: LiveNetwork, body: bytes = PICTURE) -> tuple[Member, Member, str, int]:
    """A moderator, an author, and the key of a picture of theirs that was reported, with its post."""
    mona, (ana, eve) = await network.moderator(), await network.members("ana", "eve")
    post = await eve.show("Look", body)
    await ana.report(post)
    return mona, eve, (await eve.view(post)).media[0].stills[0].key, post


async def agreed(network: LiveNetwork, mona: Member, key: str) -> int:
    """A picture that Mona has added and another moderator has agreed to."""
    number = await known_pictures.add(await mona.viewer(), key, " Watches ", "Again and again.")
    await known_pictures.agree(await (await network.moderator("rita")).viewer(), number)
    return number


async def test_a_picture_is_recognised_once_two_know_it(network: LiveNetwork) -> None:
    (mona, eve, key, post), max_ = await reported(network), await network.moderator("max")
    sent = [(await eve.send(body)).id for body in (resized(), OTHER)]
    assert await known_pictures.shown_in(sent) == ()
    number = await known_pictures.add(await mona.viewer(), key, " Watches ", "Again and again.")
    assert [await known_pictures.count_waiting(await one.viewer()) for one in (mona, max_)] == [0, 1]
    (shown,) = (await known_pictures.listed(await mona.viewer())).items
    assert (shown.id, shown.name, shown.note, shown.waits, shown.mine) == (
        number, "Watches", "Again and again.", True, True,
    )  # fmt: skip
    assert shown.case is not None
    assert (await cases.read(await max_.viewer(), shown.case)).post == int(post)
    with pytest.raises(Forbidden):
        await known_pictures.agree(await mona.viewer(), number)
    assert await known_pictures.shown_in(sent) == ()
    assert await known_pictures.of_posts([int(post)]) == {}
    await known_pictures.agree(await max_.viewer(), number)
    assert await known_pictures.shown_in(sent) == ("Watches",)
    assert await known_pictures.shown_in(sent[1:]) == await known_pictures.shown_in([]) == ()
    assert await known_pictures.of_posts([int(post)]) == {int(post): ("Watches",)}
    assert await known_pictures.count_waiting(await max_.viewer()) == 0
    with pytest.raises(Conflict):
        await known_pictures.agree(await max_.viewer(), number)
    with pytest.raises(Conflict):
        await known_pictures.add(await mona.viewer(), key, "Watches")
    await known_pictures.remove(await mona.viewer(), number)
    assert await known_pictures.shown_in(sent) == ()
    with pytest.raises(NotFound):
        await known_pictures.remove(await mona.viewer(), number)
    with pytest.raises(NotFound):
        await known_pictures.agree(await max_.viewer(), number)


async def test_whoever_moderates_alone_waits(network: LiveNetwork, watch: Watch) -> None:
    _, _, key, _ = await reported(network)
    await staff.set_role("mona", Role.MEMBER)
    operator = await network.operator()
    viewer = await operator.viewer()
    number = await known_pictures.add(viewer, key, "Watches")
    with pytest.raises(Conflict):
        await known_pictures.agree(viewer, number)
    (shown,) = (await known_pictures.listed(viewer)).items
    assert isinstance(shown.refusal, Conflict)
    watch.forward(staff.ALONE_HOURS * 3600)
    await known_pictures.agree(viewer, number)
    (shown,) = (await known_pictures.listed(viewer)).items
    assert (shown.waits, shown.refusal) == (False, None)


async def test_what_a_dismissed_moderator_added_is_gone_unless_another_has_agreed(network: LiveNetwork) -> None:
    mona, eve, key, _ = await reported(network)
    await agreed(network, mona, key)
    other = await eve.show("Another", OTHER)
    await (await network.member("tom")).report(other)
    waiting = (await eve.view(other)).media[0].stills[0].key
    await known_pictures.add(await mona.viewer(), waiting, "Lamps")
    await staff.set_role("mona", Role.MEMBER)
    rita = await (await network.moderator("max")).viewer()
    assert [one.name for one in (await known_pictures.listed(rita)).items] == ["Watches"]


async def test_only_pictures_of_cases_with_something_in_them_can_be_known(network: LiveNetwork) -> None:
    plain = media_files.encoded(Image.new("RGB", (640, 480), "white"))
    mona, eve, key, _ = await reported(network, plain)
    unreported = (await eve.view(await eve.show("", OTHER))).media[0].stills[0].key
    for picture in (key, unreported, "", "x"):
        with pytest.raises(Invalid) as refused:
            await known_pictures.add(await mona.viewer(), picture, "")
        assert list(refused.value.fields) == ["name", "picture"]
    for viewer, error in ((await eve.viewer(), NotFound), (GUEST, SignedOut)):
        with pytest.raises(error):
            await known_pictures.add(viewer, key, "Plain")
        with pytest.raises(error):
            await known_pictures.listed(viewer)
        with pytest.raises(error):
            await known_pictures.agree(viewer, 1)
        with pytest.raises(error):
            await known_pictures.count_waiting(viewer)
        with pytest.raises(error):
            await known_pictures.remove(viewer, 1)


async def test_a_bulk_decision_finds_what_is_like_it(network: LiveNetwork) -> None:
    mona, eve, key, post = await reported(network)
    again = await eve.show("Once more", resized())
    await eve.show("Something else", OTHER)
    found = await bulk_search.find(await mona.viewer(), SubjectKind.POST, Criteria(picture=key))
    assert sorted(one.id for one in found.subjects) == [post, again]


async def test_the_history_of_filters_and_the_log_say_that_pictures_have_changed(network: LiveNetwork) -> None:
    mona, _, key, _ = await reported(network)
    max_ = await network.moderator("max")
    asking = await written_filters.live(mona, max_, FilterOutcome.HOLD, "known_picture")
    other = await written_filters.live(mona, max_, FilterOutcome.HOLD, 'text.contains("known_picture")')
    viewer = await max_.viewer()
    before = await network.count("log_entry")
    waiting = await known_pictures.add(viewer, key, "Watches")
    await known_pictures.remove(viewer, waiting)
    assert await network.count("log_entry") == before
    number = await known_pictures.add(viewer, key, "Watches")
    await known_pictures.agree(await mona.viewer(), number)
    await known_pictures.remove(viewer, number)
    changes = (await filter_history.of_filter(viewer, asking)).items
    assert [(one.action, one.handle) for one in changes[:4]] == [
        (FilterAction.PICTURES_CHANGED, "max"), (FilterAction.PICTURES_AGREED, "mona"),
        (FilterAction.PICTURES_CHANGED, "max"), (FilterAction.WENT_LIVE, "max"),
    ]  # fmt: skip
    assert (await filter_history.of_filter(viewer, other)).items[0].action is FilterAction.WENT_LIVE
    assert await network.count("log_entry") == before + 2
    with pytest.raises(NotFound):
        await known_pictures.remove(viewer, number)
    assert await network.count("log_entry") == before + 2


async def test_a_filter_holds_a_post_with_a_known_picture(network: LiveNetwork) -> None:
    mona, eve, key, _ = await reported(network)
    max_ = await network.moderator("max")
    await agreed(network, mona, key)
    await written_filters.live(mona, max_, FilterOutcome.HOLD, '"Watches" in known_pictures && known_picture')
    assert not await hidden(await eve.show("Something else", OTHER))
    assert await hidden(await eve.show("Once more", resized()))


def test_filters_have_fields_for_it() -> None:
    fields = PostFields(text="", known_pictures=("Watches",))
    names = frozenset({"known_picture", "known_pictures"})
    assert filter_fields.values(fields, names, lambda: None) == {  # type: ignore[arg-type, return-value]
        "known_picture": True,
        "known_pictures": ["Watches"],
    }
    nothing = filter_fields.values(PostFields(text=""), names, lambda: None)  # type: ignore[arg-type, return-value]
    assert nothing == {"known_picture": False, "known_pictures": []}


async def test_its_page(site: LiveSite) -> None:
    mona, eve, key, _ = await reported(site.network)
    browser, here = site.browser(mona), "/moderation/pictures"
    assert f'value="{key}"' in (await browser.get(f"{here}?picture={key}")).text
    refused = await browser.post(here, data={"picture": key, "name": "", "note": "Kept"})
    assert (refused.status_code, "Kept" in refused.text) == (422, True)
    assert (await browser.post(here, data={"picture": key, "name": "Watches", "note": ""})).status_code == 303
    assert (await browser.post(here, data={"picture": key, "name": "Again", "note": ""})).status_code == 409
    page = (await browser.get(here)).text
    assert "Watches" in page
    assert "Have filters look for it" not in page
    assert (await site.browser(eve).get(here)).status_code == 404
    number = (await known_pictures.listed(await mona.viewer())).items[0].id
    other = site.browser(await site.member("max", role=Role.MODERATOR))
    assert (await other.get("/moderation")).text.count("needs a second moderator") == 1
    page = (await other.get(here)).text
    case = re.findall(r'href="(/moderation/cases/\d+)"', page)
    assert ("Have filters look for it" in page, len(case)) == (True, 1)
    agreement = f"{here}/{number}/agreement"
    assert (await site.browser(eve).put(agreement)).status_code == 404
    refused = await browser.put(agreement)
    assert (refused.status_code, "another moderator has to agree" in refused.text) == (403, True)
    assert (await other.put(agreement)).status_code == 303
    assert "second moderator</span>" not in (await other.get(here)).text
    assert (await other.put(agreement)).status_code == 409
    assert (await site.browser(eve).delete(f"{here}/{number}")).status_code == 404
    assert (await browser.delete(f"{here}/{number}")).status_code == 303
    assert "No picture is known." in (await browser.get(here)).text


async def test_nobody_agrees_to_what_somebody_added_who_was_dismissed_a_moment_ago(network: LiveNetwork) -> None:
    mona, _, key, _ = await reported(network)
    max_ = await network.moderator("max")
    number = await known_pictures.add(await mona.viewer(), key, "Watches")
    await DB.fetch(SQL("UPDATE account SET role = 'member' WHERE id = ?1"), mona.id)
    with pytest.raises(Conflict):
        await known_pictures.agree(await max_.viewer(), number)
