"""The whole thing, as people meet it: ``parvis serve`` as a process, Chromium on a phone and on a desktop."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from selenium.webdriver import WebKitGTK

from e2e import firefox, installed, notifications, patience, pushservice, webkit
from e2e.bidi import Session
from e2e.browser import Device, Watch, close, context_for, launch
from e2e.client import Client
from e2e.demo_site import GENEROUS, DemoSite, demo
from e2e.installed import Profile
from e2e.notifications import Desktop
from e2e.pushservice import PushService
from e2e.user import User
from tests.helpers import shared
from tests.helpers.services import ServerProcess, serve_process


class Meet(Protocol):
    """Gives a new person a browser; ``member`` brings a session along, ``options`` are Playwright's."""

    def __call__(
        self, device: Device = "desktop", scripts: bool = True, member: Client | None = None, **options: Any
    ) -> User: ...


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    is_tour = item.get_closest_marker("tour") is not None
    with patience.limited(item.nodeid, patience.TOUR_SECONDS if is_tour else patience.STORY_SECONDS):
        return (yield)


@pytest.fixture(scope="session")
def launched(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    """Gives the browser that all stories share: a new one when the last was killed."""
    running: list[Browser] = []

    def launched() -> Browser:
        if not running or not running[-1].is_connected():
            running.append(launch(playwright))
        return running[-1]

    yield launched
    for one in running:
        one.close()


@pytest.fixture
def browser(launched: Callable[[], Browser]) -> Browser:
    return launched()


@pytest.fixture
def profile(playwright: Playwright, server: ServerProcess) -> Iterator[Profile]:
    """A Chromium of one's own, in which the network can be installed."""
    with installed.running(playwright, server.base) as profile:
        yield profile


@pytest.fixture
def push() -> Iterator[PushService]:
    with pushservice.running() as service:
        yield service


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    with notifications.running() as desktop:
        yield desktop


@pytest.fixture
def fox(server: ServerProcess, push: PushService, desktop: Desktop) -> Iterator[Session]:
    """Stock Firefox on that desktop, with that push service. Nothing unforeseen may have gone wrong in it."""
    with firefox.running(server.base, push.preferences, desktop.bus) as session:
        yield session
        session.check()


@pytest.fixture(scope="module")
def gtk() -> Iterator[WebKitGTK]:
    with webkit.running() as browser:
        yield browser


@pytest.fixture
def fresh() -> Iterator[ServerProcess]:
    """A server that nobody has opened yet."""
    with serve_process(**GENEROUS) as server:
        yield server
        print(server.tail())


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server for all tests of a file, opened by @desk."""
    with serve_process(**GENEROUS) as server:
        Client(server.base).found()
        yield server
        print(server.tail())


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a demo, to be copied."""
    return shared.demo(tmp_path_factory)


@pytest.fixture(scope="module")
def town(demo_data: Path) -> Iterator[DemoSite]:
    """The demo town, for all tests of a file."""
    with demo(demo_data) as town:
        yield town


@pytest.fixture
def join(server: ServerProcess) -> Callable[..., Client]:
    """Signs up a member on the file's server."""
    return lambda handle, name="": Client(server.base).sign_up(handle, name)


def meeting(browser: Browser, base: str) -> Iterator[Meet]:
    """People on a server; at the end none of their pages may have had a problem that the story did not foresee."""
    people: list[User] = []

    def meet(device: Device = "desktop", scripts: bool = True, member: Client | None = None, **options: Any) -> User:
        context = context_for(browser, base, device, java_script_enabled=scripts, **options)
        if member:
            context.add_cookies(member.cookies())  # type: ignore[arg-type]
        watch = Watch(context, base, scripts)
        people.append(User(context.new_page(), watch, device, scripts))
        return people[-1]

    yield meet
    for person in people:
        print("Not answered:", *person.watch.unanswered)
        close(person.page.context)
    assert [person.watch.problems for person in people if person.watch.problems] == []


@pytest.fixture
def meet(browser: Browser, server: ServerProcess) -> Iterator[Meet]:
    yield from meeting(browser, server.base)


@pytest.fixture
def meet_fresh(browser: Browser, fresh: ServerProcess) -> Iterator[Meet]:
    yield from meeting(browser, fresh.base)
