"""The power fails while eight people write two hundred posts: what was acknowledged is there, and there once."""

import re
import signal
import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import httpx

from e2e.client import Client
from tests.helpers.services import ServerProcess

CLIENTS = 8
EACH = 25
KILL_AFTER = 80


class Writer:
    """One member who writes, and remembers what the server has acknowledged."""

    def __init__(self, base: str, number: int) -> None:
        self.client = Client(base).sign_up(f"writer{number}")
        self.drafts = {f"a-key-{number}-{n}": f"Post {n} of writer {number}, told once." for n in range(EACH)}
        self.acknowledged: dict[str, str] = {}

    def write(self, keys: Iterable[str]) -> None:
        """Publishes until the server is gone."""
        for key in keys:
            try:
                self.acknowledged[key] = self._post(key)
            except httpx.TransportError:
                return

    def _post(self, key: str) -> str:
        return self.client.send("/posts", {"text": self.drafts[key], "key": key}).headers["location"]

    def missing(self) -> list[str]:
        return [key for key in self.drafts if key not in self.acknowledged]

    def published(self) -> Counter[str]:
        """How often each text stands on the profile, read page by page."""
        found: Counter[str] = Counter()
        address = f"/@{self.client.handle}"
        while address:
            html = self.client.http.get(address).text
            found.update(re.findall(r"Post \d+ of writer \d+, told once\.(?=</)", html))
            older = re.search(r'class="older" href="([^"]+)"', html)
            address = older.group(1).replace("&amp;", "&") if older else ""
        return found


def test_kill(fresh: ServerProcess) -> None:
    Client(fresh.base).found()
    writers = [Writer(fresh.base, number) for number in range(CLIENTS)]
    _write_until_killed(fresh, writers)
    fresh.start()
    before = {key: address for writer in writers for key, address in writer.acknowledged.items()}
    assert KILL_AFTER <= len(before) < CLIENTS * EACH, "the kill came in the middle"
    for writer in writers:
        there = writer.published()
        assert [writer.drafts[key] for key in writer.acknowledged if there[writer.drafts[key]] != 1] == []
        assert max(there.values(), default=1) == 1
        writer.write(list(writer.drafts))
        assert writer.missing() == []
        assert writer.published() == Counter(writer.drafts.values())
    after = {key: address for writer in writers for key, address in writer.acknowledged.items()}
    assert before.items() <= after.items(), "the same key leads to the same post"


def _write_until_killed(server: ServerProcess, writers: list[Writer]) -> None:
    watched = threading.Thread(target=_kill_in_the_middle, args=(server, writers), daemon=True)
    watched.start()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda writer: writer.write(list(writer.drafts)), writers))
    watched.join()


def _kill_in_the_middle(server: ServerProcess, writers: list[Writer]) -> None:
    while sum(len(writer.acknowledged) for writer in writers) < KILL_AFTER:
        threading.Event().wait(0.001)
    server.stop(signal.SIGKILL)
