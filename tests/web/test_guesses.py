"""Limits on guessing passwords, one by one: what counts, what is delayed, and who gives way to whom."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from asgi import limits, password_guessing
from asgi.limits import Limit
from asgi.password_guessing import Delays, GuessLimits
from domain.core.errors import Invalid, TooMany
from tests.web.test_reading import Tick


@pytest.fixture(autouse=True)
def tick(monkeypatch: pytest.MonkeyPatch) -> Tick:
    made = Tick()
    monkeypatch.setattr(limits, "monotonic", made)
    monkeypatch.setattr(password_guessing, "monotonic", made)
    return made


@pytest.fixture
async def crowd() -> AsyncIterator["Crowd"]:
    made = Crowd(Delays(2))
    for _ in range(20):
        made.delays.count("ana")
    yield made
    await made.go_home()


class Crowd:
    """Tries that are held back. ``outcomes``: "tried" or "refused" by network, as soon as it is known."""

    def __init__(self, delays: Delays) -> None:
        self.delays = delays
        self.outcomes: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def come(self, network: str, failures: int = 1, name: str = "ana") -> None:
        async def wait() -> None:
            try:
                await self.delays.wait(name, network, failures)
                self.outcomes[network] = "tried"
            except TooMany:
                self.outcomes[network] = "refused"

        self._tasks.append(asyncio.create_task(wait()))
        await settled()

    async def go_home(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def test_the_delay_doubles_up_to_ten_seconds_and_decays(tick: Tick) -> None:
    delays = Delays(20)
    found = []
    for _ in range(30):
        found.append(delays.seconds("ana"))
        delays.count("ana")
    assert found[:20] == [0] * 20
    assert found[20:26] == [0.25, 0.5, 1, 2, 4, 8]
    assert found[26:] == [10] * 4
    assert delays.seconds("nobody") == 0
    # Once it stops, however long it went on: a failure is forgotten every three minutes.
    tick.now += 3 * 180
    assert 0 < delays.seconds("ana") < 10
    tick.now += 4 * 180
    assert delays.seconds("ana") == 0
    delays.count("ana")
    assert delays.seconds("ana") > 0, "but not the others"


def test_what_was_right_does_not_count() -> None:
    delays = Delays(2)
    for _ in range(10):
        delays.count("ana")
        delays.uncount("ana")
    assert delays.seconds("ana") == 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_guessing, "KEPT", 10)
    delays = Delays(2)
    for number in range(100):
        delays.count(str(number))
    assert len(delays._levels) <= 10


async def test_the_newest_try_of_a_network_takes_the_place_of_its_earlier_one(crowd: Crowd) -> None:
    await crowd.come("a")
    assert crowd.outcomes == {}
    await crowd.come("a", 2)
    assert crowd.outcomes == {"a": "refused"}
    assert len(crowd.delays._waiting["ana"]) == 1


async def test_those_who_failed_most_give_way(crowd: Crowd) -> None:
    for network in "abc":
        await crowd.come(network, failures=5 if network == "b" else 3)
    await crowd.come("d", failures=5)
    assert crowd.outcomes == {"d": "refused"}, "no worse than who waits already"
    await crowd.come("member", failures=1)
    assert crowd.outcomes == {"d": "refused", "b": "refused"}
    await crowd.come("another", failures=1)
    assert sorted(crowd.delays._waiting["ana"]) == ["another", "c", "member"]


@pytest.mark.parametrize("attacker", ["198.51.100.{}", "2001:db8:7:{:x}::/64"])
async def test_networks_that_come_again_and_again_give_way(attacker: str, tick: Tick) -> None:
    """Each of them too seldom for a limit, for hours, while the member has made two mistakes."""
    found = GuessLimits(Limit.hourly(20), 20)
    for _ in range(2):
        with pytest.raises(Invalid):
            async with found.sign_in("ana", "203.0.113.5"):
                raise Invalid("wrong")
    for _ in range(40):
        for number in range(54):
            tick.now += 180 / 54
            found._delays._levels.clear()  # what holds them back is not what is looked at
            with pytest.raises(Invalid):
                async with found.sign_in("ana", attacker.format(number)):
                    raise Invalid("wrong")
    for _ in range(30):
        found._delays.count("name ana")
    places = [asyncio.create_task(enter(found, attacker.format(number))) for number in range(3)]
    await settled()
    assert len(found._delays._waiting["name ana"]) == 3
    member = asyncio.create_task(enter(found, "203.0.113.5"))
    await settled()
    assert "203.0.113.5" in found._delays._waiting["name ana"]
    for task in (*places, member):
        task.cancel()
    await asyncio.gather(*places, member, return_exceptions=True)


async def enter(found: GuessLimits, network: str) -> None:
    async with found.sign_in("ana", network):
        pass


async def settled() -> None:
    """Long enough for whatever does not wait for a clock."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_names_do_not_hold_each_other_up(crowd: Crowd) -> None:
    for network in "abc":
        await crowd.come(network)
    await crowd.come("d", name="ben")
    assert crowd.outcomes == {"d": "tried"}


async def test_a_process_holds_so_many_back(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_guessing, "WAITING", 2)
    for network in "abc":
        await crowd.come(network)
    assert crowd.outcomes == {"c": "refused"}
    await crowd.come("d", name="ben")
    assert crowd.outcomes["d"] == "tried", "who is not delayed need not wait"


async def test_after_the_delay_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_guessing, "MOST_SECONDS", 0.01)
    crowd = Crowd(Delays(0))
    crowd.delays.count("ana")
    await asyncio.wait_for(crowd.delays.wait("ana", "a", 1), 10)
    assert crowd.delays._waiting == {}


async def test_what_was_not_tried_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_guessing, "WAITING_EACH", 0)
    networks = Limit.hourly(50)
    found = GuessLimits(networks, 20)
    for number in range(20):
        with pytest.raises(Invalid):
            async with found.sign_in("ana", f"attacker {number % 2}"):
                raise Invalid("wrong")
    for _ in range(30):
        with pytest.raises(TooMany):
            async with found.sign_in("ana", "member"):
                pass
    assert networks.spent("from member") == 0
    assert found._pairs.spent("member name ana") == 0
    async with found.sign_in("ben", "member"):
        pass
