"""The network becomes an app: Chromium has nothing against it, and it opens in a window of its own."""

from collections.abc import Callable

from playwright.sync_api import expect

from e2e.client import Client
from e2e.installed import Profile

Join = Callable[..., Client]


def test_it_is_installed_and_opens_alone(profile: Profile, join: Join) -> None:
    ana = join("ana", "Ana Ruiz")
    profile.context.add_cookies(ana.cookies())  # type: ignore[arg-type]
    profile.page.goto("/")
    profile.controlled()
    assert profile.complaints() == []
    window = profile.install()
    assert profile.mode(window) == "standalone"
    assert profile.mode(profile.page) == "browser"
    expect(window.get_by_role("heading", name="Home", level=1)).to_be_visible()
    profile.uninstall()


def test_a_guest_can_install_it_too(profile: Profile) -> None:
    profile.page.goto("/")
    profile.controlled()
    assert profile.complaints() == []
