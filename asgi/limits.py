"""Limits on what one person or one address may do in a while, counted in each process's memory.

A bucket holds ``burst`` tokens and gains ``per_second``; what finds it empty is refused and told when to come back.
"""

from collections import OrderedDict
from time import monotonic

from domain.core.errors import TOO_MUCH, TooMany

# Buckets kept per limit; the longest unused goes first.
KEPT = 50_000


class Limit:
    """One kind of limit over many keys."""

    __slots__ = ("_buckets", "burst", "per_second")

    def __init__(self, burst: float, per_second: float) -> None:
        self.burst = burst
        self.per_second = per_second
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    @classmethod
    def hourly(cls, count: int) -> "Limit":
        """``count`` an hour, all at once if need be."""
        return cls(count, count / 3600)

    @classmethod
    def daily(cls, count: int) -> "Limit":
        """``count`` a day, all at once if need be."""
        return cls(count, count / 86_400)

    def take(self, key: str, cost: float = 1) -> None:
        """A ``cost`` of 0 takes nothing, and is refused while the bucket is overdrawn.

        Errors: ``TooMany`` with the seconds to wait.
        """
        now = monotonic()
        tokens, then = self._buckets.pop(key, (self.burst, now))
        tokens = min(self.burst, tokens + (now - then) * self.per_second)
        if tokens < cost:
            self._buckets[key] = (tokens, now)
            raise TooMany(TOO_MUCH, int((cost - tokens) / self.per_second) + 1)
        self._put(key, tokens - cost, now)

    def spent(self, key: str) -> float:
        """How much of the burst is taken."""
        tokens, then = self._buckets.get(key, (self.burst, monotonic()))
        return self.burst - min(self.burst, tokens + (monotonic() - then) * self.per_second)

    def charge(self, key: str, cost: float) -> None:
        """Takes what something has cost that is already done; the bucket may be overdrawn by it."""
        now = monotonic()
        tokens, then = self._buckets.pop(key, (self.burst, now))
        self._put(key, min(self.burst, tokens + (now - then) * self.per_second) - cost, now)

    def give(self, key: str, cost: float = 1) -> None:
        """Puts back what was taken for something that then did not count."""
        if (found := self._buckets.get(key)) is not None:
            self._buckets[key] = (min(self.burst, found[0] + cost), found[1])

    def _put(self, key: str, tokens: float, now: float) -> None:
        self._buckets[key] = (tokens, now)
        if len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
