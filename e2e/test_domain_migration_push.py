"""The old host is dead before anybody was told: the new one tells by push, since that needs only the network's keys."""

import contextlib
from collections.abc import Iterator

import pytest

from e2e import firefox, migration
from e2e.bidi import Session, until
from e2e.client import Client
from e2e.firefox_user import FirefoxUser
from e2e.migration import MigratingNetwork
from e2e.notifications import Desktop
from e2e.pushservice import PushService
from tests.helpers.services import parvis

POST = "The lighthouse is lit again."


@pytest.fixture
def network() -> Iterator[MigratingNetwork]:
    with migration.moving(private=True) as network:
        yield network
        print(network.old.tail(), network.new.log.exists() and network.new.tail())


@pytest.fixture
def fox(network: MigratingNetwork, push: PushService, desktop: Desktop) -> Iterator[Session]:
    with firefox.running(network.old.base, push.preferences, desktop.bus) as session:
        yield session


def test_told_after_the_end(network: MigratingNetwork, fox: Session, push: PushService, desktop: Desktop) -> None:
    Client(network.old.base).sign_up("ana", "Ana Ruiz").publish(POST)
    owner = FirefoxUser(fox)
    owner.sign_in("ana").turn_push_on()
    assert until(lambda: owner.tab.evaluate(f"({migration.SETTLED})()"), 10)
    owner.tab.go("/@ana")
    network.die()
    told = parvis(
        "move", "announce", "--from", network.old.base, "--to", network.to, environment=network.new.environment
    )
    assert "1 device will be told" in told
    shown = desktop.wait("is moving")
    assert (shown.title, shown.body) == ("Old Harbour is moving", f"Its new address is {network.to}.")
    assert [one.status for one in push.received] == [201]
    assert until(lambda: (_kept(owner) or {}).get("to") == network.to, 5)
    desktop.click(shown)
    tab = fox.tab_at("/moved")
    tab.sees("This address does not answer.")
    tab.sees(network.to)
    with contextlib.suppress(Exception):
        tab.click("link:Go there")
    there = fox.tab_at(network.to)
    there.sees("Home")
    there.wait("document.documentElement.dataset.me !== '0'")
    there.go(f"{network.to}/@ana")
    there.sees(POST)


def _kept(owner: FirefoxUser) -> dict[str, str] | None:
    found: dict[str, str] | None = owner.tab.evaluate(f"({migration.BEACON})('move')")
    return found
