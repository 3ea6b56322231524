"""Pictures on pages: what waits and what does not, the Media tab, receipts, oneself, a share, a store away."""

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.backups import retention
from tests.conftest import OpenSite
from tests.helpers import media_files
from tests.helpers.people import LiveSite
from tests.helpers.stores import away
from tests.web.test_media import ACT, address, sent


async def test_the_first_pictures_do_not_wait(site: LiveSite) -> None:
    ana = await site.member("ana")
    await ana.show("Second")
    await ana.show("First", media_files.encoded(media_files.photo(900, 600)))
    for browser, waits in ((site.browser(), [False, True]), (site.browser(headers={"save-data": "on"}), [True, True])):
        page = (await browser.get("/@ana")).text
        found = re.findall(r"<img [^>]*alt=\"words\"[^>]*>", page)
        assert ["loading" in one for one in found] == waits
        assert all(re.search(r'width="\d+" height="\d+"', one) for one in found)
    await ana.show("Covered", cover="Bright")
    assert "loading" in re.findall(r"<img [^>]*alt=\"words\"[^>]*>", (await site.browser().get("/@ana")).text)[0]


async def test_saving_data_is_said_to_the_page(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    assert "data-saver" not in (await browser.get("/")).text.partition(">")[2].partition(">")[0]
    assert "data-saver>" in (await browser.get("/", headers={"save-data": "on"})).text[:300]
    await browser.post(
        "/settings/reading", data={"locale": "en", "theme": "auto", "data_saver": "1", "alt_required": "1"}
    )
    assert "data-saver>" in (await browser.get("/")).text[:300]
    assert 'name="alt_required" value="1" checked' in (await browser.get("/settings/reading")).text


async def test_the_tab_of_pictures(site: LiveSite) -> None:
    ana = await site.member("ana")
    empty = (await site.browser().get("/@ana/media")).text
    assert "No pictures yet" in empty
    opened, closed = await ana.show("Open"), await ana.show("Closed", followers=True)
    covered = await ana.show("Covered", media_files.encoded(media_files.photo(70, 70)), cover="Bright")
    await ana.post("Words alone")
    grid = ""
    for browser, seen in ((site.browser(ana), [covered, closed, opened]), (site.browser(), [covered, opened])):
        grid = (await browser.get("/@ana/media")).text.partition('id="feed"')[2]
        assert [int(one) for one in re.findall(r'href="/@ana/(\d+)"', grid)] == seen
    assert (await address(ana, covered)) not in grid, "what is covered stays covered"


async def test_receipts_are_ones_own(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    post = await ana.show("Soon gone")
    key = (await address(ana, post)).rpartition("/")[2]
    await ana.delete(post)
    await site.settle()
    page = (await site.browser(ana).get("/settings/receipts")).text
    assert "Removed " in page
    assert "makes no backups by itself" in page
    assert key in page
    assert key not in (await site.browser(ben).get("/settings/receipts")).text
    assert (await site.browser().get("/settings/receipts")).status_code == 303


async def test_it_is_said_how_long_backups_keep_what_is_deleted(open_site: OpenSite, tmp_path: Path) -> None:
    """By the settings, wherever deletion is promised."""
    place = {"backup_url": (tmp_path / "repository").as_uri(), "backup_recipients": "age1x"}
    site = await open_site(**place, backup_daily=7, backup_weekly=4, backup_monthly=6, backup_hours=24)
    ana = await site.member("ana")
    await ana.delete(await ana.post("Soon gone"))
    await site.settle()
    leave = (await site.browser(ana).get("/settings/leave")).text
    assert "at most 187 more days" in leave
    assert "every copy" not in leave
    page = (await site.browser(ana).get("/settings/receipts")).text
    assert "at most 187 more days" in page
    by = (datetime.now(UTC) + timedelta(days=187)).strftime("%Y")
    assert re.search(rf"from backups by [A-Z][a-z]+ \d+, {by}", page)


@pytest.mark.parametrize(
    ("kept", "days"), [((7, 4, 6, 24), 187), ((7, 4, 0, 24), 29), ((7, 0, 0, 12), 8), ((0, 0, 0, 24), 1)]
)
def test_how_long_that_is(kept: tuple[int, int, int, int], days: int) -> None:
    assert retention.longest_days(*kept) == days


async def test_pictures_of_oneself(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    file = [("file", ("me.jpg", media_files.encoded()))]
    box = {"left": "2500", "top": "0", "width": "5000", "height": "6666"}
    assert (await browser.post("/settings/profile/picture", data=box, files=file)).status_code == 303
    assert (await browser.post("/settings/profile/header", files=file)).status_code == 303
    page = (await site.browser().get("/@ana")).text
    assert page.count('width="128" height="128"') >= 1
    assert 'width="1500" height="500"' in page
    bad = await browser.post("/settings/profile/picture", files=[("file", ("me.jpg", b"no picture"))])
    assert bad.status_code == 422
    assert "Files of this kind" in bad.text
    outside = {"left": "9000", "top": "0", "width": "5000", "height": "5000"}
    act = await browser.post("/settings/profile/picture", data=outside, files=file, headers=ACT)
    assert act.json()["error"]["code"] == "invalid"
    assert (await browser.delete("/settings/profile/picture")).status_code == 303
    assert (await browser.delete("/settings/profile/header")).status_code == 303
    assert (await ana.viewer()).avatar_small == ""
    assert (await site.browser().post("/settings/profile/picture", files=file)).status_code == 401


async def test_shared_by_another_app_without_a_worker(site: LiveSite) -> None:
    ana = await site.member("ana")
    files = [("files", ("a.jpg", media_files.encoded()))]
    told = {"title": "A lamp", "text": "A lamp https://tilly.example", "url": "https://tilly.example"}
    page = await site.browser(ana).post("/share", data=told, files=files)
    assert page.status_code == 200
    assert re.search(r'name="alt\.\d+"', page.text)
    assert "A lamp https://tilly.example</textarea>" in page.text
    assert await site.network.count("post") == 0
    guest = await site.browser().post("/share", data=told, files=files)
    assert (guest.status_code, "A lamp https://tilly.example" in guest.text) == (401, True)


async def test_a_store_that_is_away_is_said(site: LiveSite) -> None:
    ana = await site.member("ana")
    where = await address(ana, await ana.show("Here"))
    with away(site.network.settings.objects):
        answer = await site.browser().get(where)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.headers["cache-control"] == "no-store"
        refused = await sent(site.browser(ana), media_files.encoded(media_files.photo(50, 50)))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["error"]["code"] == "store"


async def test_a_picture_alone_is_named_where_words_are_looked_for(site: LiveSite) -> None:
    """In what quotes it, in a notice of it, in feeds; what is covered or for followers stays so."""
    ana, ben = await site.members("ana", "ben")
    alone = await ana.show()
    shown = await address(ana, alone)
    small = (await ana.view(alone)).media[0].stills[-1].key
    await ben.vote(alone, 1)
    await ben.post("Look at this", quote=alone)
    await site.settle()
    quoting = (await site.browser().get("/@ben")).text
    assert "Picture: words" in quoting
    assert re.search(rf'<img class="thumb" src="/media/{small}"[^>]* alt=""', quoting)
    assert "Picture: words" in (await site.browser(ana).get("/notifications")).text
    feed = (await site.browser().get("/@ana/feed")).text
    assert shown in feed
    assert 'alt="words"' in html.unescape(feed)
    two = await ana.show(
        "",
        media_files.encoded(media_files.photo(80, 60)),
        media_files.encoded(media_files.photo(90, 60)),
        cover="Bright",
    )
    await ben.post("And this", quote=two)
    covered = (await site.browser().get("/@ben")).text
    assert (covered.count('class="thumb"'), "2 pictures" in covered) == (1, False)
    assert (await site.browser().get("/@ana/feed")).text.count("/media/") == 1
