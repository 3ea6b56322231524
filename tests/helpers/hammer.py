"""People who never pause, while a server is renewed: how each of their requests ended."""

import secrets
import threading
from collections import Counter

import httpx

from tests.helpers.services import ServerProcess, children, command

GENEROUS: dict[str, str | int] = {
    "posts_per_hour": 1_000_000, "acts_per_hour": 1_000_000, "reads_burst": 1_000_000, "address_reads_burst": 1_000_000,
    "reads_per_day": 1_000_000, "address_reads_per_day": 1_000_000,
}  # fmt: skip


class Hammer:
    """People who never pause: two hold their connections, one opens a new one for each page, one writes."""

    def __init__(self, server: ServerProcess, writer: httpx.Client) -> None:
        self.outcomes: Counter[str] = Counter()
        self.written = 0
        self._server, self._writer = server, writer
        self._over = threading.Event()
        tasks = (self._reads, self._reads, self._comes_anew, self._writes)
        self._threads = [threading.Thread(target=task, daemon=True) for task in tasks]

    def __enter__(self) -> "Hammer":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _reads(self) -> None:
        with httpx.Client(base_url=self._server.base, timeout=30) as client:
            while not self._over.is_set():
                self._note(lambda: client.get("/public").status_code)

    def _comes_anew(self) -> None:
        while not self._over.is_set():
            self._note(lambda: httpx.get(f"{self._server.base}/about", timeout=30).status_code)

    def _writes(self) -> None:
        while not self._over.is_set():
            form = {"text": "A word.", "key": secrets.token_hex(8)}
            self._note(lambda: self._writer.post("/posts", data=form, timeout=30).status_code)  # noqa: B023 - at once
            self.written += 1

    def _note(self, ask: object) -> None:
        try:
            self.outcomes[str(ask())] += 1  # type: ignore[operator]
        except httpx.HTTPError as error:
            self.outcomes[f"{type(error).__name__}: {error}"] += 1


def servers(pid: int) -> set[int]:
    """The server processes, without what multiprocessing has beside them."""
    return {child for child in children(pid) if b"spawn_main" in command(child)}
