"""A server as a process: health, metrics, logs, and several processes on one socket."""

import os
import re
import signal
import sqlite3
import time
from pathlib import Path

import httpx
import pytest

from domain.accounts import network_profile
from tests.conftest import OpenSite
from tests.helpers.people import ORIGIN
from tests.helpers.services import ServerProcess, children, free_port, serve_process

SECRETS = {
    "password": "a very secret password",
    "text": "What is said in confidence",
    "email": "ana@confidence.example",
    "handle": "confidante",
}


@pytest.fixture
def engine() -> str:
    """Processes of their own have databases of their own."""
    return "sqlite"


def first_day(server: ServerProcess) -> httpx.Client:
    """Founds the network and says something in it."""
    client = httpx.Client(base_url=server.base, headers={"origin": server.base})
    form = {**SECRETS, "network_name": "Tilly", "name": "Ana", "hue": "1", "birth_date": "1990-01-01"}
    assert client.post("/setup", data=form).status_code == 303
    assert client.post("/posts", data={"text": SECRETS["text"], "key": "a-key-for-it"}).status_code == 303
    return client


def test_health_metrics_and_logs() -> None:
    port = free_port()
    with serve_process(metrics_port=port, log_level="debug", log_json="true") as server:
        assert httpx.get(f"{server.base}/healthz").text == "ok\n"
        client = first_day(server)
        token = client.cookies["parvis"]
        client.post("/signin", data={"handle": SECRETS["handle"], "password": SECRETS["password"] + "?"})
        client.get("/nowhere", params={"q": SECRETS["text"]})
        client.get("/people", params={"q": SECRETS["text"]})
        client.post("/posts", content=b"text=%ff", headers={"content-type": "application/x-www-form-urlencoded"})
        metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert re.search(r'parvis_requests_total\{method="POST",status="3xx"\} 2', metrics)
        assert "parvis_request_seconds_bucket" in metrics
        for secret in SECRETS.values():
            assert secret not in metrics
        with sqlite3.connect(server.environment["PARVIS_DATA"] + "/parvis.sqlite") as database:
            database.execute("ALTER TABLE post RENAME TO elsewhere")
        broken = client.get("/public")
        assert broken.status_code == 500
        assert "our fault" in broken.text
        log = server.tail(100_000)
        assert "request.broken" in log
        for secret in (*SECRETS.values(), token):
            assert secret not in log
            assert secret.replace(" ", "+") not in log


def test_asking_for_headers_logs_nothing() -> None:
    """uvicorn must know that there is no body: otherwise each such request ends as an error."""
    with serve_process() as server:
        first_day(server)
        for path in ("/", "/public", "/static/none", "/media/" + "a" * 32):
            answer = httpx.head(f"{server.base}{path}")
            assert answer.content == b""
        assert "request.broken" not in server.tail(100_000)
        assert "Traceback" not in server.tail(100_000)


def test_a_process_that_dies_is_replaced() -> None:
    with serve_process("--workers", "2") as server:
        client = first_day(server)
        assert server.process is not None
        pids = children(server.process.pid)
        assert len(pids) >= 2
        os.kill(max(pids), signal.SIGKILL)
        for _ in range(200):
            try:
                if len(children(server.process.pid)) >= len(pids) and client.get("/healthz").status_code == 200:
                    break
            except httpx.TransportError:
                continue
        for _ in range(20):
            assert SECRETS["text"] in httpx.get(f"{server.base}/public").text
        everybody = children(server.process.pid)
        process = server.process
        process.terminate()
        assert process.wait(timeout=20) == 0
        # multiprocessing's own tracker is among them: it ends by itself when the pipe to the first process closes.
        end = time.monotonic() + 10
        while any(alive(pid) for pid in everybody):
            assert time.monotonic() < end, everybody
            time.sleep(0.05)


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        return "State:\tZ" not in status.read_text()
    except FileNotFoundError:
        return False


async def test_health_without_a_database(open_site: OpenSite) -> None:
    site = await open_site()
    assert (await site.browser().get("/healthz")).status_code == 200
    from db.engine import DB
    from db.sql import SQL

    await DB.fetch(SQL("INSERT INTO migration (name, app_name) VALUES ('9999-later', 'parvis')"))
    ill = await site.browser(headers={"origin": ORIGIN}).get("/healthz")
    assert (ill.status_code, ill.text) == (503, "database: Unavailable\n")


async def test_health_before_the_network_is_founded(open_site: OpenSite) -> None:
    site = await open_site(kind="migrated")
    assert (await site.browser().get("/healthz")).text == "ok\n"
    assert not (await network_profile.about()).founded
