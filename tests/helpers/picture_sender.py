"""Somebody who posts pictures, one after the other, and notes what was acknowledged."""

import contextlib
import threading
import time
from collections.abc import Iterator

import httpx

from tests.helpers import media_files
from tests.helpers.services import ServerProcess

# Seconds for an answer, above all that the server allows itself: a busy disk may hold up the machine.
PATIENCE = 40
FAIR: dict[str, str | int] = {
    "acts_per_hour": 100_000, "uploads_per_hour": 100_000, "posts_per_hour": 100_000, "reads_burst": 100_000,
    "address_reads_burst": 100_000,
    "guest_cache_ms": 0, "new_media_per_hour": 100_000,
}  # fmt: skip


class PictureSender:
    """Somebody who posts pictures one after the other; ``posted`` are the files of those that were acknowledged."""

    def __init__(self, server: ServerProcess) -> None:
        self.http = httpx.Client(base_url=server.base, headers={"origin": server.base}, timeout=PATIENCE)
        self.posted: list[str] = []
        self.refused: list[int] = []
        self.slowest = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def found(self) -> "PictureSender":
        form = {
            "network_name": "Tilly", "name": "Ana", "hue": "1", "birth_date": "1990-01-01", "handle": "ana",
            "password": "a lamp in every window", "email": "",
        }  # fmt: skip
        assert self.http.post("/setup", data=form).status_code == 303
        return self

    def send(self, seed: int, size: tuple[int, int] = (96, 72)) -> httpx.Response:
        began = time.monotonic()
        answer = self.http.post(
            f"/media?key=the-key-number-{seed}",
            content=media_files.encoded(media_files.photo(*size, seed=seed)),
            headers={"X-Act": "1"},
        )
        self.slowest = max(self.slowest, time.monotonic() - began)
        return answer

    def post(self, seed: int) -> str:
        """Posts one picture. Returns the address of its file; "" when it was refused."""
        answer = self.send(seed)
        if answer.status_code != 201:
            self.refused.append(answer.status_code)
            return ""
        told = answer.json()
        form = {"text": "", "key": f"the-form-{seed}", f"alt.{told['id']}": f"number {seed}"}
        assert self.http.post("/posts", data=form).status_code == 303
        self.posted.append(told["src"])
        return str(told["src"])

    def _run(self) -> None:
        seed = 1000
        while not self._stop.is_set():
            seed += 1
            self.post(seed)

    @contextlib.contextmanager
    def going_on(self) -> Iterator[None]:
        """Posts while the block runs, as fast as it goes."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._stop.clear()
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join(timeout=60)
            assert not self._thread.is_alive()

    def all_there(self) -> None:
        """Every acknowledged picture can be seen by a guest."""
        guest = httpx.Client(base_url=str(self.http.base_url), timeout=PATIENCE)
        for address in self.posted:
            answer = guest.get(address)
            assert (answer.status_code, answer.headers.get("content-type")) == (200, "image/webp"), address
