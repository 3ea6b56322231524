"""Limits on guessing passwords: nobody guesses quickly, and nobody keeps a member out.

A known device (``domain.accounts.device_cookies``) has a limit of its own, whatever others do. For all others a
network's failures are limited, and those of each network on each name. Once a name has had as many failures from all
networks together, tries of it are held back, longer each time; those whose part of the internet has failed on it often
that day give way to others. A name is what was typed, whether anybody has it or not.
docs/decisions/0019-device-cookies.md has the arithmetic.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_network
from math import ceil
from time import monotonic

from asgi.limits import KEPT, Limit
from domain.core.errors import TOO_MUCH, TooMany

FIRST_SECONDS, MOST_SECONDS = 0.25, 10.0
# The delay has reached its end after so many doublings.
DOUBLINGS = 6
# Tries held back at a time: of one name, and in this process.
WAITING_EACH, WAITING = 3, 1000
# Failures a day on one name that anybody may have by mistake.
MISTAKES = 3
# Whoever has one IPv6 /64 may easily have all of them in its /48.
PREFIX = 48


class GuessLimits:
    """What a try must pass: use a method as a context around it. Whatever is raised inside counts as a failure."""

    def __init__(self, networks: Limit, per_hour: int) -> None:
        """``networks`` counts each network's failures by the key ``from NETWORK``."""
        self._networks = networks
        self._pairs = Limit.hourly(per_hour)
        # Never refuses: it remembers.
        self._days = Limit.daily(per_hour)
        self._devices = Limit.hourly(per_hour)
        self._delays = Delays(per_hour)

    @contextmanager
    def known(self, nonce: str) -> Iterator[None]:
        """A try from a known device. Errors: ``TooMany``."""
        self._devices.take(nonce)
        yield
        self._devices.give(nonce)

    @asynccontextmanager
    async def sign_in(self, name: str, network: str) -> AsyncIterator[None]:
        """A try to sign in from anywhere else. Errors: ``TooMany``."""
        key = f"from {network}"
        self._networks.take(key)
        try:
            await self._take(f"name {name}", network)
        except TooMany:
            self._networks.give(key)
            raise
        yield
        self._networks.give(key)
        self._give(f"name {name}", network)

    @asynccontextmanager
    async def proof(self, account: int, network: str) -> AsyncIterator[None]:
        """A try of somebody signed in to show that the account is theirs. Errors: ``TooMany``."""
        await self._take(f"account {account}", network)
        yield
        self._give(f"account {account}", network)

    async def _take(self, name: str, network: str) -> None:
        """Counts a try as a failure before it is made, so that a hundred at once count as a hundred."""
        pair, day = f"{network} {name}", f"{_neighbourhood(network)} {name}"
        self._pairs.take(pair)
        try:
            await self._delays.wait(name, network, max(0, ceil(self._days.spent(day)) - MISTAKES))
        except TooMany:
            self._pairs.give(pair)
            raise
        self._days.charge(day, 1)
        self._delays.count(name)

    def _give(self, name: str, network: str) -> None:
        self._pairs.give(f"{network} {name}")
        self._days.give(f"{_neighbourhood(network)} {name}")
        self._delays.uncount(name)


def _neighbourhood(network: str) -> str:
    """The part of the internet that one attacker is likely to have, where ``network`` is only a piece of it."""
    try:
        found = ip_network(network)
    except ValueError:
        return network
    return str(found.supernet(new_prefix=PREFIX)) if found.version == 6 and found.prefixlen > PREFIX else network


class HeldTry:
    """A try that is held back."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.lost = asyncio.Event()


class Delays:
    """Holds tries of a name back once it has had more than ``free`` failures; those are forgotten over an hour."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._waiting: dict[str, dict[str, HeldTry]] = {}
        self._held = 0

    def count(self, name: str) -> None:
        """One failure more; past the longest delay nothing is added, so that it passes within half an hour."""
        self._set(name, min(self._level(name) + 1, self._free + DOUBLINGS))

    def uncount(self, name: str) -> None:
        self._set(name, max(self._level(name) - 1, 0))

    def seconds(self, name: str) -> float:
        """How long the next try of a name waits."""
        over = self._level(name) + 1 - self._free
        return min(MOST_SECONDS, FIRST_SECONDS * 2 ** (over - 1)) if over > 0 else 0

    async def wait(self, name: str, network: str, failures: int) -> None:
        """Waits for as long as a try must. ``failures`` are those that count against its network.

        Errors: ``TooMany`` when it has to give way: to a later try of its network, or to networks with fewer failures.
        """
        seconds = self.seconds(name)
        if not seconds:
            return
        turn = self._line_up(name, network, failures, seconds)
        self._held += 1
        try:
            async with asyncio.timeout(seconds):
                await turn.lost.wait()
        except TimeoutError:
            return
        finally:
            self._held -= 1
            self._leave(name, network, turn)
        raise _busy(seconds)

    def _line_up(self, name: str, network: str, failures: int, seconds: float) -> HeldTry:
        line = self._waiting.get(name, {})
        if network in line:
            line[network].lost.set()
        elif self._held >= WAITING:
            raise _busy(seconds)
        elif len(line) >= WAITING_EACH:
            worst = max(line, key=lambda one: line[one].failures, default="")
            if not worst or line[worst].failures <= failures:
                raise _busy(seconds)
            line.pop(worst).lost.set()
        turn = self._waiting.setdefault(name, line)[network] = HeldTry(failures)
        return turn

    def _leave(self, name: str, network: str, turn: HeldTry) -> None:
        line = self._waiting.get(name, {})
        if line.get(network) is turn:
            del line[network]
        if not line:
            self._waiting.pop(name, None)

    def _level(self, name: str) -> float:
        now = monotonic()
        level, then = self._levels.get(name, (0.0, now))
        return max(0.0, level - (now - then) * self._free / 3600)

    def _set(self, name: str, level: float) -> None:
        self._levels[name] = (level, monotonic())
        self._levels.move_to_end(name)
        if len(self._levels) > KEPT:
            self._levels.popitem(last=False)


def _busy(seconds: float) -> TooMany:
    return TooMany(TOO_MUCH, ceil(seconds))
