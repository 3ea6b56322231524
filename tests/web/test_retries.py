"""What the database ends because of others is tried again, three times in all, before anybody hears of it."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from db import sqlite
from db.engine import DB
from db.queries import graph
from db.sql import SQL
from domain.core.errors import Busy
from domain.core.retries import TRIES, retried
from tests.helpers.people import LiveNetwork, LiveSite

COUNT = SQL("SELECT last_value FROM tried")


@pytest.fixture
def engine() -> str:
    """SQLite lets one write at a time; it has a test of its own below."""
    return "postgresql"


async def end_transactions(table: str, times: int) -> None:
    """The next so many insertions into a table fail as a deadlock does. A sequence counts them, and is not undone."""
    await DB.fetch(SQL("", "CREATE SEQUENCE tried"))
    body = f"BEGIN IF nextval('tried') <= {times} THEN RAISE EXCEPTION USING ERRCODE = '40P01'; END IF; RETURN NEW; END"
    await DB.fetch(SQL("", f"CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
    await DB.fetch(SQL("", f"CREATE TRIGGER ends BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION ends()"))


async def put_right() -> None:
    await DB.fetch(SQL("", "DROP FUNCTION ends() CASCADE"))
    await DB.fetch(SQL("", "DROP SEQUENCE tried"))


async def test_a_vote_is_counted_once_at_the_third_try(site: LiveSite) -> None:
    ana, bob = await site.members("ana", "bob")
    post = await ana.post("Hello")
    await end_transactions("vote", TRIES - 1)
    answer = await site.browser(bob).put(f"/posts/{post}/vote", headers={"x-act": "1"})
    assert (answer.status_code, answer.json()["votes"]) == (200, "1")
    assert await DB.value(COUNT) == TRIES
    await put_right()
    await site.settle()
    assert (await ana.viewer()).counts.unread == 1


async def test_after_the_third_try_it_is_refused(site: LiveSite) -> None:
    ana, bob = await site.members("ana", "bob")
    post = await ana.post("Hello")
    await site.settle()
    await end_transactions("vote", 1000)
    browser = site.browser(bob)
    act = await browser.put(f"/posts/{post}/vote", headers={"x-act": "1"})
    assert (act.status_code, act.json()["error"]["code"]) == (503, "busy")
    assert int(act.headers["retry-after"]) > 0
    assert await DB.value(COUNT) == TRIES
    page = await browser.post(f"/posts/{post}/vote?_method=PUT")
    assert page.status_code == 503
    assert "Too many people are changing this" in page.text
    await put_right()
    assert ((await bob.view(post)).ups, await site.network.count("outbox")) == (0, 0)


async def test_what_was_written_is_still_in_the_form(site: LiveSite) -> None:
    ana = await site.member("ana")
    await end_transactions("post", 1000)
    form = {"text": "A long letter <b>", "key": "the-only-key"}
    answer = await site.browser(ana).post("/posts", data=form)
    assert answer.status_code == 503
    assert "A long letter &lt;b&gt;" in answer.text
    assert 'name="key" value="the-only-key"' in answer.text
    await put_right()


@pytest.mark.parametrize(("times", "left"), [(TRIES - 1, []), (1000, [("PostPublished", 1, "DeadlockDetectedError")])])
async def test_an_event_too(network: LiveNetwork, times: int, left: list[tuple[str, int, str]]) -> None:
    ana, bob = await network.members("ana", "bob")
    await bob.follow(ana)
    await network.settle()
    post = await ana.post("Hello")
    await end_transactions("timeline", times)
    await network.worker.drain()
    assert await DB.value(COUNT) == TRIES
    found = await DB.fetch(SQL("SELECT kind, attempts, error FROM outbox"))
    assert [tuple(row) for row in found] == left
    await put_right()
    assert await bob.home() == ([] if left else [post])


async def test_a_real_deadlock_ends_well_for_both(network: LiveNetwork) -> None:
    ana, bob = [one.id for one in await network.members("ana", "bob")]
    both, runs = asyncio.Barrier(2), 0

    @retried
    async def against_the_order(first: int, second: int) -> None:
        nonlocal runs
        runs += 1
        meeting = runs <= 2
        async with DB.writing():
            await graph.lock(first)
            if meeting:
                await both.wait()
            await graph.lock(second)

    await asyncio.gather(against_the_order(ana, bob), against_the_order(bob, ana))
    assert runs == 3


async def test_within_a_transaction_only_all_of_it_is_tried_again(network: LiveNetwork) -> None:
    runs = {"outer": 0, "inner": 0}

    @retried
    async def inner() -> None:
        runs["inner"] += 1
        await DB.fetch(SQL("", "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"))

    @retried
    async def outer() -> None:
        runs["outer"] += 1
        async with DB.writing():
            await inner()

    with pytest.raises(Busy):
        await outer()
    assert runs == {"outer": TRIES, "inner": TRIES}


class TestSQLite:
    @pytest.fixture
    def engine(self) -> str:
        return "sqlite"

    async def test_a_lock_that_another_process_keeps(
        self, network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It was waited for already, not three times as long: an outage (tests/web/test_outages.py)."""
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
        ana, bob = await network.members("ana", "bob")
        post = await ana.post("Hello")
        with closing(sqlite3.connect(str(network.settings.file), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(sqlite.Locked):
                await bob.vote(post, 1)
            other.execute("ROLLBACK")
        await bob.vote(post, 1)
        assert (await bob.view(post)).ups == 1
