"""A database that does not answer, or takes no writes: every page says so and goes on when it is back."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from db import sqlite
from domain.core.outages import DATABASE_STATUS
from ops.rigs.postgres_cluster import Cluster, throwaway
from tests.conftest import OpenSite
from tests.helpers.databases import Databases
from tests.helpers.people import PASSWORD, LiveSite
from tests.web.test_outages import TYPED

AWAY = "database does not answer"


@pytest.fixture
def stopping() -> Iterator[tuple[Cluster, Databases]]:
    """A PostgreSQL of its own, to be stopped and started."""
    with throwaway() as cluster:
        yield cluster, Databases(cluster)


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_a_database_that_is_away(stopping: tuple[Cluster, Databases], open_site: OpenSite) -> None:
    cluster, databases = stopping
    site = await open_site(database_url=await databases.copy("founded"))
    ana = await site.member("ana")
    post = await ana.show("With a picture")
    browser = site.browser(ana)
    page = await browser.get(f"/posts/{post}", follow_redirects=True)
    assert page.status_code == 200
    cluster.stop()
    for path in ("/", "/public", f"/posts/{post}", "/settings", "/signin", "/nowhere"):
        answer = await browser.get(path)
        assert answer.status_code == 503, path
        assert AWAY in answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert "content-security-policy" in answer.headers
    answer = await browser.get("/public", headers={"accept-language": "fr"})
    assert "La base de données du réseau ne répond pas" in answer.text
    answer = await browser.post("/posts", data=TYPED)
    assert (answer.status_code, "Words that took an hour &lt;b&gt;" in answer.text) == (503, True)
    answer = await browser.post("/posts", data=TYPED, headers={"hx-request": "true"})
    assert (answer.status_code, "<html" in answer.text) == (503, False)
    answer = await browser.post("/posts", data=TYPED, headers={"x-act": "1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "interrupted")
    assert (await browser.get("/media/" + "a" * 32)).status_code == 503
    assert (await browser.get("/static/nothing")).status_code == 404
    for path in ("/readyz", "/healthz"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.text) == (503, "database: away\n")
    assert (await browser.get("/readyz?exclude=database")).status_code == 200, "a proxy goes on sending people"
    cluster.start()
    assert (await browser.get("/readyz")).status_code == 200
    assert (await browser.post("/posts", data=TYPED)).status_code == 303


# --- kept by another process -----------------------------------------------------------------------------------------


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Callable[[LiveSite], AbstractContextManager[None]]:
    """A context in which another connection keeps SQLite's write lock, which is waited for a moment only."""

    @contextlib.contextmanager
    def keeping(site: LiveSite) -> Iterator[None]:
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
        with contextlib.closing(sqlite3.connect(str(site.network.settings.file), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    return keeping


SENT = {
    "/posts": TYPED,
    "/settings/profile": {"name": "Anabel", "bio": "Words that took an hour <b>", "hue": "5"},
    "/signin": {"handle": "ana", "password": PASSWORD},
    "/signup": {
        "handle": "zoe", "name": "Zoé", "password": PASSWORD, "birth_date": "1990-01-01", "terms": "1",
    },
}  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_write_lock_that_another_process_keeps(
    site: LiveSite, kept: Callable[[LiveSite], AbstractContextManager[None]]
) -> None:
    ana = await site.member("ana")
    before = await ana.post("Before")
    member, guest = site.browser(ana), site.browser()
    with kept(site):
        for path, form in SENT.items():
            browser = guest if path.startswith("/sign") else member
            answer = await browser.post(path, data=form)
            assert (answer.status_code, AWAY in answer.text) == (503, True), path
            assert int(answer.headers["retry-after"]) > 0
            assert PASSWORD not in answer.text
            assert ("Words that took an hour &lt;b&gt;" in answer.text) == ("hour" in str(form)), path
        act = await member.put(f"/posts/{before}/vote", headers={"x-act": "1"})
        assert (act.status_code, act.json()["error"]["code"]) == (503, "interrupted")
        assert (await member.get("/public")).status_code == 200, "reading goes on"
        answer = await member.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "database: away\n")
        assert (await member.get("/healthz")).status_code == 200
        # As if the last look were long ago.
        DATABASE_STATUS.forget()
        await DATABASE_STATUS.refresh()
        assert DATABASE_STATUS.outage == "away"
    assert (await member.get("/readyz")).status_code == 200
    assert (await member.post("/posts", data=TYPED)).status_code == 303
