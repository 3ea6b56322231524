"""Caches within a bound on memory that they share: of the fullest cache, what was put in first goes first."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from time import monotonic
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from domain.core.units import MB

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# What an entry takes beside its key and value, in bytes: its place in the dictionary and in the list of their order.
ENTRY_BYTES = 250
# What each id takes that an entry is about, in bytes: a place in the index, and a set of keys.
ABOUT = 350


class Budget:
    """The memory that some caches may take together, in bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._caches: WeakSet[Cache[Any, Any]] = WeakSet()

    @property
    def used(self) -> int:
        return sum(cache.used for cache in self._caches)

    def enter(self, cache: "Cache[Any, Any]") -> None:
        self._caches.add(cache)

    def shrink(self) -> None:
        """Drops entries until the rest fits."""
        while self.used > self.size:
            max(self._caches, key=lambda cache: cache.used).drop_oldest()

    def resize(self, size: int) -> None:
        self.size = size
        self.shrink()


# What this process keeps of rendered pages; the settings say how much (`PARVIS_CACHE_MB`).
BUDGET = Budget(64 * MB)


class Cache(Generic[K, V]):
    """``weigh`` gives the bytes that a key and a value take, ``about`` the ids by which :meth:`drop_about` finds a key;
    both must give the same whenever they are asked."""

    def __init__(
        self, budget: Budget, weigh: Callable[[K, V], int], about: Callable[[K], Collection[int]] = lambda _: ()
    ) -> None:
        self.used = 0
        self.entries: OrderedDict[K, V] = OrderedDict()
        self._keys: dict[int, set[K]] = {}
        self._budget, self._weigh, self._about = budget, weigh, about
        budget.enter(self)

    def get(self, key: K) -> V | None:
        return self.entries.get(key)

    def put(self, key: K, value: V) -> None:
        self.pop(key)
        self.entries[key] = value
        for one in self._about(key):
            self._keys.setdefault(one, set()).add(key)
        self.used += self._size(key, value)
        self._budget.shrink()

    def pop(self, key: K) -> None:
        """Drops an entry, if there is one."""
        if (value := self.entries.pop(key, None)) is not None:
            self._dropped(key, value)

    def drop_oldest(self) -> None:
        self._dropped(*self.entries.popitem(last=False))

    def drop_about(self, one: int) -> None:
        """Drops the entries that are about an id; costs nothing for the others."""
        for key in self._keys.get(one, set()).copy():
            self.pop(key)

    def drop_where(self, wrong: Callable[[K, V], bool]) -> None:
        for key in [key for key, value in self.entries.items() if wrong(key, value)]:
            self.pop(key)

    def clear(self) -> None:
        self.entries.clear()
        self._keys.clear()
        self.used = 0

    def _size(self, key: K, value: V) -> int:
        return self._weigh(key, value) + ABOUT * len(self._about(key))

    def _dropped(self, key: K, value: V) -> None:
        self.used -= self._size(key, value)
        for one in self._about(key):
            if keys := self._keys.get(one):
                keys.discard(key)
                if not keys:
                    del self._keys[one]


class TtlCache(Generic[K, V]):
    """A cache whose entries are fresh for some seconds; 0: nothing is kept."""

    def __init__(self, seconds: float, budget: Budget, weigh: Callable[[K, V], int]) -> None:
        self.seconds = seconds
        self._kept: Cache[K, tuple[float, V]] = Cache(budget, lambda key, entry: weigh(key, entry[1]))

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        return found[1] if found is not None and found[0] > monotonic() else None

    def put(self, key: K, value: V) -> None:
        if self.seconds:
            self._kept.put(key, (monotonic() + self.seconds, value))

    def sweep(self) -> None:
        """Drops what is no longer fresh."""
        now = monotonic()
        self._kept.drop_where(lambda _, entry: entry[0] < now)

    def clear(self) -> None:
        self._kept.clear()


def weight(*things: object) -> int:
    """The bytes that some objects take in memory, tuples with what is in them."""
    inside = (sum(map(weight, one)) if isinstance(one, tuple) else 0 for one in things)
    return sum(map(sys.getsizeof, things)) + sum(inside)
