"""What is kept for a moment, and never more of it than so many: the oldest goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Moments(Generic[K, V]):
    """``seconds`` is how long each is fresh; 0: nothing is kept."""

    def __init__(self, seconds: float, most: int) -> None:
        self.seconds, self._most = seconds, most
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        found = self._kept.get(key)
        return found[1] if found is not None and found[0] > monotonic() else None

    def put(self, key: K, value: V) -> None:
        if not self.seconds:
            return
        self._kept[key] = (monotonic() + self.seconds, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def sweep(self) -> None:
        """Drops what is no longer fresh."""
        now = monotonic()
        for key in [key for key, (until, _) in self._kept.items() if until < now]:
            del self._kept[key]

    def clear(self) -> None:
        self._kept.clear()
