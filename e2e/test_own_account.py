"""Looking after one's own account, to the last step: profile, language, theme, devices, password, leaving."""

import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import PASSWORD, User

Join = Callable[..., Client]
NEW_PASSWORD = "another lamp in the window"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_ones_own_account(meet: Meet, join: Join, scripts: bool) -> None:
    handle = "zoe" if scripts else "zara"
    zoe, laptop = meet("phone", scripts, join(handle, "Zoe Marsh")), meet("desktop", scripts)
    laptop.sign_in(handle)
    _say_who_one_is(zoe, handle)
    _read_as_one_likes(zoe)
    if scripts:
        device.settled(zoe)
        device.settled(laptop)
    _sign_the_other_device_out(zoe, laptop)
    _change_the_password(zoe, laptop, handle)
    _leave(zoe, handle)


def _say_who_one_is(zoe: User, handle: str) -> None:
    zoe.go("/settings/profile")
    zoe.page.get_by_label("About you").fill("Keeps bees. Ask @desk.")
    zoe.page.get_by_label("Label of link 1").fill("Honey")
    zoe.page.get_by_label("Address of link 1").fill("https://honey.example/")
    zoe.page.get_by_role("button", name="Save").click()
    expect(zoe.page.get_by_text("Saved.")).to_be_visible()
    zoe.go(f"/@{handle}")
    expect(zoe.page.locator(".profile .text a")).to_have_attribute("href", "/@desk")
    expect(zoe.page.get_by_role("link", name="Honey")).to_have_attribute("href", "https://honey.example/")


def _read_as_one_likes(zoe: User) -> None:
    html = zoe.page.locator("html")
    with zoe.page.expect_response("**/preferences"):
        zoe.page.get_by_role("button", name="Dark").click()
    expect(html).to_have_attribute("data-theme", "dark")
    zoe.page.reload()
    expect(html).to_have_attribute("data-theme", "dark")
    zoe.page.get_by_role("button", name="Français").click()
    expect(html).to_have_attribute("lang", "fr")
    zoe.page.get_by_role("button", name="English").click()
    expect(html).to_have_attribute("lang", "en")


def _sign_the_other_device_out(zoe: User, laptop: User) -> None:
    zoe.go("/settings/devices")
    expect(zoe.page.locator(".device")).to_have_count(2)
    zoe.page.get_by_role("button", name=re.compile("^Sign out (?!all)")).click()
    expect(zoe.page.locator(".device")).to_have_count(1)
    laptop.home()
    expect(laptop.page.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()


def _change_the_password(zoe: User, laptop: User, handle: str) -> None:
    zoe.go("/settings/account")
    form = zoe.page.locator("form", has=zoe.page.get_by_role("button", name="Change the password"))
    form.get_by_label("Current password").fill(PASSWORD)
    form.get_by_label("New password").fill(NEW_PASSWORD)
    form.get_by_role("button").click()
    expect(zoe.page.get_by_text("Your password is changed.")).to_be_visible()
    laptop.sign_in(handle, NEW_PASSWORD)
    if laptop.scripts:
        device.settled(laptop)


def _leave(zoe: User, handle: str) -> None:
    zoe.go("/compose")
    zoe.page.locator("main > .compose textarea").fill("My last words here.")
    zoe.page.locator("main > .compose .send").click()
    zoe.sees("My last words here.")
    zoe.go("/settings/leave")
    zoe.page.get_by_role("link", name="Download your data").click()
    zoe.page.get_by_label("Password").fill(NEW_PASSWORD)
    with zoe.page.expect_download() as saved:
        zoe.page.get_by_role("button", name="Download your data").click()
    assert saved.value.suggested_filename.startswith(f"{handle}-")
    assert "My last words here." in zipfile.ZipFile(saved.value.path()).read("index.html").decode()
    zoe.go("/settings/leave")
    zoe.page.get_by_label("Type your handle").fill(handle)
    zoe.page.get_by_label("Password").fill(NEW_PASSWORD)
    zoe.page.get_by_role("button", name="Delete my account").click()
    expect(zoe.page.get_by_role("heading", name="Old Harbour")).to_be_visible()
    zoe.misses("My last words here.")
    with zoe.watch.foreseen("status: 404"):
        zoe.go(f"/@{handle}")
    expect(zoe.page.get_by_role("heading", name="Not found")).to_be_visible()
