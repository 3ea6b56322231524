"""What went wrong in a browser, except for what was foreseen."""

import contextlib
import re
from collections.abc import Iterator


class Problems:
    """``problems`` in the order of their coming."""

    def __init__(self) -> None:
        self._foreseen: list[re.Pattern[str]] = []
        self.problems: list[str] = []

    @contextlib.contextmanager
    def foreseen(self, *patterns: str) -> Iterator[None]:
        """Problems that match a pattern are part of the story while the block runs."""
        self._foreseen = [re.compile(pattern) for pattern in patterns]
        try:
            yield
        finally:
            self._catch_up()
            self._foreseen = []

    def check(self) -> None:
        """Errors: ``AssertionError`` with everything that went wrong so far."""
        self._catch_up()
        assert self.problems == [], self.problems

    def _note(self, problem: str) -> None:
        if not any(pattern.search(problem) for pattern in self._foreseen):
            self.problems.append(problem)

    def _catch_up(self) -> None:
        """Hears what the browser has said and nobody has listened to yet."""
