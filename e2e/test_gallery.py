"""Pictures looked at: large, swiped, with data saved, moving where that is wanted, by those they are for."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e import device
from e2e.browser import Device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.test_pictures import natural_width, swipe
from tests.helpers import media_files

Join = Callable[..., Client]
# Observers are told in the order in which they were made: once this one is, those of the page have been.
SEEN = """(image) => new Promise((done) => new IntersectionObserver((seen) => {
  if (seen.some((one) => one.isIntersecting)) done();
}, {threshold: 0.5}).observe(image.closest(".photo")))"""


def test_looking_at_them(meet: Meet, join: Join) -> None:
    """Large, by click and keys, nearer and back; the words are there, and so is the place where one was."""
    vic = join("vic")
    number = post(vic, "Three of them", 3)
    person = meet(member=vic)
    person.go(f"/@vic/{number}")
    page = person.page
    page.locator(".photos .photo").nth(1).click()
    gallery = page.locator("dialog.gallery")
    expect(gallery).to_be_visible()
    expect(gallery.locator(".place")).to_have_text("2 / 3")
    expect(gallery.locator(".words")).to_have_text("Picture 2")
    page.keyboard.press("ArrowRight")
    expect(gallery.locator(".place")).to_have_text("3 / 3")
    expect(gallery.get_by_role("button", name="Next picture")).to_be_disabled()
    page.keyboard.press("+")
    expect(gallery.locator(".slide.near")).to_have_count(1)
    page.keyboard.press("0")
    expect(gallery.locator(".slide.near")).to_have_count(0)
    gallery.get_by_role("button", name="Previous picture").click()
    expect(gallery.locator(".place")).to_have_text("2 / 3")
    page.keyboard.press("Escape")
    expect(gallery).to_have_count(0)
    expect(page).to_have_url(re.compile(f"/@vic/{number}$"))
    page.locator(".photos .photo").nth(0).click()
    expect(gallery).to_be_visible()
    page.go_back()
    expect(gallery).to_have_count(0)
    expect(page).to_have_url(re.compile(f"/@vic/{number}$"))


@pytest.mark.parametrize("screen", ["phone", "desktop"])
def test_a_picture_is_reported_where_it_is_looked_at(meet: Meet, join: Join, screen: Device) -> None:
    """Two taps: the flag, and a rule. The report is about the picture that is shown."""
    uma, ulf = join(f"uma_{screen}"), join(f"ulf_{screen}")
    number = post(uma, f"Two of them ({screen})", 2)
    address = f"/@uma_{screen}/{number}"
    person = meet(screen, member=ulf)
    person.go(address)
    person.page.locator(".photos .photo").nth(0).click()
    gallery = person.page.locator("dialog.gallery")
    flag = gallery.get_by_role("link", name="Report this picture")
    first = flag.get_attribute("href")
    person.page.keyboard.press("ArrowRight")
    expect(gallery.locator(".place")).to_have_text("2 / 2")
    expect(flag).not_to_have_attribute("href", first or "")
    expect(flag).to_have_attribute("href", re.compile(r"^/report\?about=media\.\d+$"))
    flag.click()
    person.page.locator("#sheet").get_by_role("button", name="Spam").click()
    expect(person.page.get_by_text("Thank you for the report.")).to_be_visible()
    person.page.locator("#sheet .close").click()
    expect(gallery.locator(".place")).to_have_text("2 / 2")
    person.page.goto("/reports/mine")
    expect(person.page.locator(".verdict")).to_contain_text("A picture")

    # Nobody reports their own; guests are led to their form.
    own = meet(screen, member=uma)
    own.go(address)
    own.page.locator(".photos .photo").first.click()
    expect(own.page.locator("dialog.gallery")).to_be_visible()
    expect(own.page.locator("dialog.gallery .report")).to_be_hidden()
    guest = meet(screen)
    guest.go(address)
    guest.page.locator(".photos .photo").first.click()
    guest.page.get_by_role("link", name="Report this picture").click()
    expect(guest.page.get_by_label("Its address")).to_have_value(address)


def post(member: Client, text: str, count: int, **more: str) -> str:
    """A post with pictures, by plain HTTP. Returns its id."""
    form: dict[str, str] = {"text": text, "key": f"the-form-{text}", **more}
    for number in range(1, count + 1):
        # No two posts have the same picture: one that is open somewhere is open.
        body = media_files.encoded(media_files.photo(400 + number, 300, seed=len(text) * 10 + number))
        answer = member.http.post(f"/media?key=the-key-{text}-{number}", content=body, headers={"X-Act": "1"})
        assert answer.status_code == 201, answer.text
        form[f"alt.{answer.json()['id']}"] = f"Picture {number}"
    found = re.search(r"(\d+)$", member.send("/posts", form).headers["location"])
    assert found
    return found.group(1)


def test_swiped_on_a_phone(meet: Meet, join: Join) -> None:
    wes = join("wes")
    number = post(wes, "Swiped", 2)
    person = meet("phone", member=wes)
    person.go(f"/@wes/{number}")
    person.page.locator(".photos .photo").first.tap()
    gallery = person.page.locator("dialog.gallery")
    expect(gallery.locator(".place")).to_have_text("1 / 2")
    swipe(person.page, (330, 400), (40, 400))
    expect(gallery.locator(".place")).to_have_text("2 / 2")
    person.page.touchscreen.tap(200, 400)
    person.page.touchscreen.tap(200, 400)
    expect(gallery.locator(".slide.near")).to_have_count(1)
    person.page.touchscreen.tap(200, 400)
    person.page.touchscreen.tap(200, 400)
    expect(gallery.locator(".slide.near")).to_have_count(0)
    swipe(person.page, (200, 300), (205, 560))
    expect(gallery).to_have_count(0)


def test_saving_data(meet: Meet, join: Join) -> None:
    """Nothing is fetched until one taps; then it is."""
    xan = join("xan")
    number = post(xan, "Heavy", 2)
    person = meet(member=xan, extra_http_headers={"Save-Data": "on"})
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    person.go(f"/@xan/{number}")
    person.page.wait_for_load_state("networkidle")
    assert not [one for one in asked if "/media/" in one]
    person.page.locator(".photos .photo").first.click()
    expect(person.page.locator(".photos img").first).to_be_visible()
    assert natural_width(person.page.locator(".photos img").first) > 100
    expect(person.page.locator("dialog.gallery")).to_have_count(0)


def test_what_moves_stands_still_for_those_who_want_it(meet: Meet, join: Join) -> None:
    yin = join("yin")
    answer = yin.http.post("/media?key=the-moving-key", content=media_files.animation(), headers={"X-Act": "1"})
    number = yin.publish("It moves", **{f"alt.{answer.json()['id']}": "A red square on its way"})
    for wish, moves in (("no-preference", True), ("reduce", False)):
        person = meet(member=yin, reduced_motion=wish)
        person.go(f"/@yin/{number}")
        picture = person.page.locator(".photo[data-kind=animated] img")
        moving = person.page.locator(".photo[data-kind=animated]").get_attribute("href")
        assert moving
        picture.evaluate(SEEN)
        assert str(picture.get_attribute("src")).endswith(moving) == moves


def test_a_film_plays_where_it_stands(meet: Meet, join: Join) -> None:
    zoe = join("zoe")
    answer = zoe.http.post("/media?key=the-video-key", content=media_files.video(2), headers={"X-Act": "1"})
    assert answer.status_code == 201, answer.text
    number = zoe.publish("A video", **{f"alt.{answer.json()['id']}": "Bars of colour"})
    person = meet(member=zoe)
    person.go(f"/@zoe/{number}")
    person.page.locator(".photo[data-kind=video]").click()
    video = person.page.locator(".photo video")
    expect(video).to_be_visible()
    # Debian's Chromium plays H.264.
    device.until(person.page, lambda: video.evaluate("(one) => one.currentTime") > 0.1)


def test_a_picture_of_a_followers_post_stays_with_them(meet: Meet, join: Join) -> None:
    anna, bert, cleo = join("anna"), join("bertold"), join("cleo")
    bert.follow("anna")
    number = post(anna, "For you only", 1, visibility="followers")
    found = re.search(r'src="(/media/[\w-]{32})"', bert.http.get(f"/@anna/{number}").text)
    assert found
    assert [one.http.get(found.group(1)).status_code for one in (anna, bert, cleo)] == [200, 200, 404]
    assert bert.http.get(found.group(1)).headers["cache-control"].startswith("private")
    person = meet(member=bert)
    person.go(f"/@anna/{number}")
    assert natural_width(person.page.locator(".photo img")) > 100
