"""Pictures: chosen, pasted, dropped and shared; looked at large; and cut for one's own page, by touch and by keys."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import User
from tests.helpers import media_files

Join = Callable[..., Client]
LAMP: FilePayload = {
    "name": "lamp.jpg",
    "mimeType": "image/jpeg",
    "buffer": media_files.with_secrets(media_files.encoded()),
}
DOOR: FilePayload = {
    "name": "door.png",
    "mimeType": "image/png",
    "buffer": media_files.encoded(media_files.photo(300, 500, seed=4), "PNG"),
}
NOTE: FilePayload = {"name": "note.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture at all"}
# A file in the clipboard or under the mouse, as the browser hands it to a page.
HAND = """(target, [kind, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt());
  const data = new DataTransfer();
  data.items.add(new File([bytes], "lamp.jpg", {type: "image/jpeg"}));
  const event = kind === "paste" ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true});
  target.dispatchEvent(event);
}"""


def writing(person: User) -> Locator:
    person.page.locator("a[href='/compose'][data-sheet]").locator("visible=true").first.click()
    return person.form()


def attached(form: Locator) -> Locator:
    return form.locator(".attached")


def ready(form: Locator, count: int = 1) -> None:
    """Everything that was chosen has arrived."""
    expect(attached(form)).to_have_count(count)
    expect(form.locator(".attached[data-state=there]")).to_have_count(count)


def natural_width(picture: Locator) -> int:
    expect(picture).to_have_js_property("complete", True)
    return int(picture.evaluate("(one) => one.naturalWidth"))


@pytest.mark.parametrize("kind", ["phone", "desktop"])
def test_chosen_described_and_posted(meet: Meet, join: Join, kind: str) -> None:
    ana, ben = join(f"ana{kind}"), join(f"ben{kind}")
    person = meet(kind, member=ana)  # type: ignore[arg-type]
    person.home()
    form = writing(person)
    expect(form.locator(".send")).to_be_disabled()
    form.locator("[type=file]").set_input_files([LAMP, DOOR])
    ready(form, 2)
    expect(form.locator(".send")).to_be_enabled()
    attached(form).nth(0).locator("textarea").fill("A lamp over the square")
    form.locator("[name=text]").fill("Look at this")
    form.locator(".send").click()
    expect(form).to_have_count(0)
    post = person.sees("Look at this")
    pictures = post.locator(".photo img")
    expect(pictures).to_have_count(2)
    expect(pictures.nth(0)).to_have_attribute("alt", "A lamp over the square")
    for number in range(2):
        assert natural_width(pictures.nth(number)) > 100
    page = ben.http.get(f"/@ana{kind}").text
    assert "A lamp over the square" in page
    for key in set(re.findall(r"/media/([\w-]{32})", page)):
        body = ben.http.get(f"/media/{key}").content
        assert not any(word.encode() in body for word in media_files.SECRETS)


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_by_hand(meet: Meet, join: Join, way: str) -> None:
    person = meet(member=join(f"{way}er"))
    person.home()
    form = writing(person)
    body = base64.b64encode(LAMP["buffer"]).decode()
    if way == "drop":
        form.locator("[name=text]").evaluate(HAND, ["dragover", body])
    form.locator("[name=text]").evaluate(HAND, [way, body])
    ready(form)
    form.locator(".send").click()
    expect(person.page.locator("#feed .photo img")).to_have_count(1)


def test_taken_back_and_refused(meet: Meet, join: Join, tmp_path: Path) -> None:
    """One is removed again, one is no picture; the text and the rest stay."""
    nora = join("nora")
    person = meet(member=nora)
    person.home()
    form = writing(person)
    form.locator("[name=text]").fill("Two and none")
    with person.watch.foreseen("status: 422"):
        form.locator("[type=file]").set_input_files([LAMP, NOTE, DOOR])
        expect(attached(form).nth(1)).to_have_attribute("data-state", "refused")
    expect(attached(form).nth(1).locator(".why")).to_contain_text("Files of this kind")
    expect(form.locator(".send")).to_be_disabled()
    attached(form).nth(1).get_by_role("button", name="Remove").click()
    ready(form, 2)
    gone = attached(form).nth(0).get_attribute("data-id")
    attached(form).nth(0).get_by_role("button", name="Remove").click()
    ready(form, 1)
    expect(form.locator("[name=text]")).to_have_value("Two and none")
    form.locator(".send").click()
    expect(person.sees("Two and none").locator(".photo")).to_have_count(1)
    assert nora.http.request("DELETE", f"/media/{gone}").status_code == 404, "it was removed when it was taken back"


def test_a_crowd_and_a_cut(meet: Meet, join: Join) -> None:
    """The server is busy, and says when to come again; then the connection is cut in mid-upload."""
    person = meet(member=join("crowd"))
    person.home()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": {"code": "x", "message": "Later."}})
        else:
            route.continue_()

    person.page.route("**/media?key=*", answer)
    form = writing(person)
    with person.watch.foreseen("status: 429"):
        form.locator("[type=file]").set_input_files([LAMP])
        ready(form)
    assert len(set(asked)) == 1, "the same key: taken twice it is one picture"
    form.locator(".send").click()
    expect(person.page.locator("#feed .photo img")).to_have_count(1)


def test_written_in_a_tunnel(meet: Meet, join: Join) -> None:
    """Without a connection the pictures wait on the device with the words, and all of it arrives once."""
    tia, uwe = join("tia"), join("uwe")
    person = meet("phone", member=tia)
    person.home()
    device.settled(person)
    with device.offline(person) as connect:
        device.read_copy(person, "/", "Home")
        form = writing(person)
        form.locator("[type=file]").set_input_files([LAMP])
        expect(attached(form)).to_have_attribute("data-state", "kept")
        attached(form).locator("textarea").fill("Seen from the train")
        form.locator("[name=text]").fill("Out of the window")
        form.locator(".send").click()
        expect(person.page.locator(".unsent")).to_contain_text("Out of the window")
        device.stop_worker(person.page)
        connect()
        device.emptied(person.page)
    page = uwe.http.get("/@tia").text
    assert page.count("Out of the window") == 1
    assert page.count(' alt="Seen from the train"') == 1


def test_without_scripts(meet: Meet, join: Join) -> None:
    """The plain form: attached, described, one taken away, posted; and a refusal that loses nothing."""
    person = meet(scripts=False, member=join("plain"))
    person.go("/compose")
    form = person.form()
    form.locator("[name=text]").fill("By hand")
    form.locator("[type=file]").set_input_files([LAMP, DOOR])
    form.get_by_role("button", name="Attach").click()
    expect(attached(form)).to_have_count(2)
    expect(form.locator("[name=text]")).to_have_value("By hand")
    attached(form).nth(0).locator("textarea").fill("A lamp")
    attached(form).nth(1).get_by_role("button", name="Remove").click()
    expect(attached(form)).to_have_count(1)
    expect(attached(form).locator("textarea")).to_have_value("A lamp")
    form.locator("[type=file]").set_input_files([NOTE])
    with person.watch.foreseen("status: 422"):
        form.locator(".send").click()
        expect(form.locator(".refused")).to_contain_text("Files of this kind")
    expect(attached(form)).to_have_count(1)
    form.locator(".send").click()
    expect(person.sees("By hand").locator(".photo img")).to_have_attribute("alt", "A lamp")


def swipe(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    cdp = page.context.new_cdp_session(page)
    for kind, part in (("touchStart", 0.0), *(("touchMove", step / 8) for step in range(1, 9)), ("touchEnd", 1.0)):
        at = {"x": start[0] + (end[0] - start[0]) * part, "y": start[1] + (end[1] - start[1]) * part}
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if kind == "touchEnd" else [at]})
        page.evaluate("new Promise(requestAnimationFrame)")
    cdp.detach()


@pytest.mark.parametrize("way", ["touch", "keys"])
def test_a_picture_of_oneself(meet: Meet, join: Join, way: str) -> None:
    """Cut by finger and by keys: what was chosen is what is shown."""
    member = join(f"self{way}")
    person = meet("phone" if way == "touch" else "desktop", member=member)
    person.go("/settings/profile")
    half = Image.new("RGB", (900, 300), (200, 30, 30))
    half.paste((30, 30, 200), (600, 0, 900, 300))
    file: FilePayload = {"name": "me.png", "mimeType": "image/png", "buffer": media_files.encoded(half, "PNG")}
    person.page.locator(".portrait.picture [type=file]").set_input_files([file])
    frame = person.page.locator("#sheet[open] .crop .stage")
    expect(frame).to_be_visible()
    if way == "touch":
        box = frame.bounding_box()
        assert box
        for _ in range(4):
            swipe(person.page, (int(box["x"] + 250), int(box["y"] + 120)), (int(box["x"] + 10), int(box["y"] + 120)))
    else:
        for _ in range(40):
            person.page.keyboard.press("ArrowRight")
    person.page.locator("#sheet[open] .crop .cta").click()
    person.page.wait_for_url("**/settings/profile?saved=picture")
    picture = person.page.locator(".portrait.picture .avatar img")
    assert natural_width(picture) == 480
    colour = picture.evaluate(COLOUR)
    assert colour[2] > 150 > colour[0], "the right of it"
    expect(person.page.locator(".portrait.picture .saved")).to_be_visible()
    person.go(f"/@self{way}")
    expect(person.page.locator(".profile .avatar img")).to_be_visible()


# The colour in the middle of a picture.
COLOUR = """(image) => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
  canvas.getContext("2d").drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
  return [...canvas.getContext("2d").getImageData(0, 0, 1, 1).data];
}"""
