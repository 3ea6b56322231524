"""Servers that stop: nobody is refused, and nothing fails."""

import httpx
import pytest

from tests.app.test_server import first_day
from tests.helpers.services import serve_process, until


@pytest.fixture
def engine() -> str:
    return "sqlite"


def test_draining() -> None:
    with serve_process(drain_seconds=4) as server:
        first_day(server)
        client = httpx.Client(base_url=server.base)
        assert client.get("/readyz").text == "ok\n"
        assert server.process
        server.process.terminate()
        until(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/readyz").text == "draining\n"
        assert client.get("/readyz?exclude=database").status_code == 503
        page = client.get("/public")
        assert (page.status_code, page.headers["connection"]) == (200, "close")
        assert client.get("/healthz").status_code == 200
        assert server.process.wait(timeout=30) == 0


def test_told_twice_it_does_not_wait() -> None:
    with serve_process(drain_seconds=600) as server:
        assert server.process
        server.process.terminate()
        until(lambda: httpx.get(f"{server.base}/readyz").status_code == 503)
        server.process.terminate()
        server.process.wait(timeout=30)
