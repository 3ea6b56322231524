"""An operator's page of the outbox: what gave up is tried again, or dropped with a reason; nobody else sees it."""

import asyncio
from typing import Any

import msgspec
import pytest

from app import metrics, outbox_watch
from app.worker import Worker
from db.engine import DB
from db.queries import outbox
from db.queries.outbox import NewEvent
from db.sql import SQL
from db.tables.outbox import Lane
from domain.core import dead_letters, events, ids
from domain.core.access import GUEST
from domain.core.dead_letters import NEVER
from domain.core.errors import Conflict, Forbidden, Invalid, SignedOut
from domain.core.events import AccountLeft, PostPublished
from domain.core.pacing import Pace
from tests.conftest import Watch
from tests.helpers.people import LiveSite
from tests.helpers.services import MailServer
from web.routes.outbox import WORK

HERE = "/settings/outbox"


async def give_up(*kinds: str) -> list[int]:
    """Events of these kinds that gave up; their ids, each larger than the one before."""
    found: list[int] = []
    for kind in kinds:
        # Those of one millisecond come in any order.
        found.append(max(ids.new(), *(one + 1 for one in found)) if found else ids.new())
        await outbox.add(NewEvent(found[-1], kind, '{"post": 1, "author": 1}', NEVER, Lane.SHORT))
        await outbox.put_off(found[-1], 0, NEVER, 20, "KeyError")
    return found


async def rows(table: str, columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await DB.fetch(SQL(f"SELECT {columns} FROM {table} ORDER BY id"))]


async def test_only_operators_see_it_and_do_anything(site: LiveSite) -> None:
    (event,) = await give_up("PostPublished")
    guest, member = site.browser(), site.browser(await site.member("ana"))
    assert (await guest.get(HERE)).headers["location"].startswith("/signin")
    assert (await member.get(HERE)).status_code == 403
    assert HERE not in (await member.get("/settings")).text
    form = {"kind": "PostPublished", "event": str(event), "reason": "Because"}
    for way in ("retries", "drops"):
        assert (await guest.post(f"{HERE}/{way}", data=form)).status_code == 401
        assert (await member.post(f"{HERE}/{way}", data=form)).status_code == 403
        strange = await member.post(f"{HERE}/{way}", data=form, headers={"origin": "https://elsewhere.example"})
        assert strange.status_code == 403
    assert await rows("outbox", "id, due_at, attempts") == [(event, NEVER, 20)]
    with pytest.raises(Forbidden):
        await dead_letters.overview(await (await site.member("bob")).viewer())
    with pytest.raises(SignedOut):
        await dead_letters.overview(GUEST)


async def test_what_gave_up_is_shown_by_kind(site: LiveSite) -> None:
    operator = site.browser(await site.network.operator())
    assert HERE in (await operator.get("/settings")).text
    assert "Nothing has given up." in (await operator.get(HERE)).text
    await give_up("PostPublished", "PostPublished", "FromTheFuture")
    shown = (await operator.get(HERE)).text
    for words in ("Bring a post to its readers", "PostPublished", "2 events", "20 attempts", "KeyError",
                  "Work of another version of Parvis", "FromTheFuture", "3 events failed too often"):  # fmt: skip
        assert words in shown, words
    assert "Nothing has given up." not in shown


async def test_try_one_then_all(site: LiveSite) -> None:
    operator = site.browser(await site.network.operator())
    one, other, third = await give_up("PostPublished", "PostPublished", "Voted")
    done = await operator.post(f"{HERE}/retries", data={"kind": "PostPublished", "event": str(one)})
    assert (done.status_code, done.headers["location"]) == (303, f"{HERE}?saved=retried")
    assert [due < NEVER for _, due, _ in await rows("outbox", "id, due_at, attempts")] == [True, False, False]
    seen: list[int] = []

    async def note(_: PostPublished) -> None:
        seen.append(1)

    await Worker({PostPublished: [note]}).drain()
    assert len(seen) == 1
    assert (await operator.post(f"{HERE}/retries", data={"kind": "PostPublished"})).status_code == 303
    await Worker({PostPublished: [note]}).drain()
    assert (len(seen), await rows("outbox", "id, due_at, attempts")) == (2, [(third, NEVER, 20)])
    again = await operator.post(f"{HERE}/retries", data={"kind": "PostPublished", "event": str(other)})
    assert again.status_code == 409


async def test_dropping_takes_a_reason_that_is_kept(site: LiveSite) -> None:
    owner = await site.network.operator()
    operator = site.browser(owner)
    one, other = await give_up("LinkPreviewRequested", "LinkPreviewRequested")
    for reason in ("", "  ", "x" * 301):
        form = {"kind": "LinkPreviewRequested", "event": str(one), "reason": reason}
        refused = await operator.post(f"{HERE}/drops", data=form)
        assert refused.status_code == 422
        assert refused.text.count('aria-invalid="true"') == 1
        assert f'value="{reason}"' in refused.text, "what was typed is still there"
    assert len(await rows("outbox", "id")) == 2
    form = {"kind": "LinkPreviewRequested", "event": str(one), "reason": "The page is <b>gone</b>"}
    assert (await operator.post(f"{HERE}/drops", data=form)).headers["location"] == f"{HERE}?saved=dropped"
    await operator.post(f"{HERE}/drops", data={"kind": "LinkPreviewRequested", "reason": "All are too old"})
    assert await rows("outbox", "id") == []
    kept = await rows("dropped_event", "id, kind, attempts, error, dropped_by, reason")
    assert kept == [
        (one, "LinkPreviewRequested", 20, "KeyError", owner.id, "The page is <b>gone</b>"),
        (other, "LinkPreviewRequested", 20, "KeyError", owner.id, "All are too old"),
    ]
    shown = (await operator.get(HERE)).text
    assert "@ottilie" in shown
    assert "The page is &lt;b&gt;gone&lt;/b&gt;" in shown
    assert (await operator.post(f"{HERE}/drops", data=form)).status_code == 409


async def test_what_has_not_given_up_is_left_alone(site: LiveSite) -> None:
    async with DB.writing():
        await events.record(PostPublished(1, 1))
    before = await rows("outbox", "id, due_at, attempts, payload")
    operator = await (await site.network.operator()).viewer()
    (event,) = [int(str(row[0])) for row in before]
    for chosen in (event, 0):
        with pytest.raises(Conflict):
            await dead_letters.retry(operator, "PostPublished", chosen)
        with pytest.raises(Conflict):
            await dead_letters.drop(operator, "PostPublished", "Why not", chosen)
    assert await rows("outbox", "id, due_at, attempts, payload") == before


async def test_a_reason_is_measured_before_it_is_read(site: LiveSite) -> None:
    await give_up("LinkPreviewRequested")
    with pytest.raises(Invalid) as refusal:
        await dead_letters.drop_all("LinkPreviewRequested", "Too" + " " * dead_letters.MAX_REASON * 8 + "long")
    assert set(refusal.value.fields) == {"reason"}
    assert len(await rows("outbox", "id")) == 1


async def test_many_are_dropped_in_batches_and_one_that_is_retried_meanwhile_stays(
    site: LiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await give_up(*["LinkPreviewRequested"] * 5, "Voted")
    monkeypatch.setattr(dead_letters, "BATCH", 2)
    rest, rests = Pace.rest, []

    async def retrying(pace: Pace) -> None:
        rests.append(len(await rows("outbox", "id")))
        if len(rests) == 1:
            await dead_letters.retry_all("LinkPreviewRequested", found[3])
        await rest(pace)

    monkeypatch.setattr(Pace, "rest", retrying)
    assert await dead_letters.drop_all("LinkPreviewRequested", "All are too old") == 4
    assert [row[0] for row in await rows("outbox", "id")] == [found[3], found[5]]
    assert [row[0] for row in await rows("dropped_event", "id")] == [found[0], found[1], found[2], found[4]]
    assert rests[0] == 4, "two at a time"


async def test_retried_and_dropped_at_once(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each event goes one of both ways, never both."""
    monkeypatch.setattr(dead_letters, "BATCH", 3)
    for _ in range(10):
        found = set(await give_up(*["LinkPreviewRequested"] * 10))
        await asyncio.gather(
            dead_letters.drop_all("LinkPreviewRequested", "Too old"),
            dead_letters.retry_all("LinkPreviewRequested"),
            return_exceptions=True,
        )
        left = {row[0] for row in await rows("outbox", "id")} & found
        gone = {row[0] for row in await rows("dropped_event", "id")} & found
        assert (left | gone, left & gone) == (found, set())


async def test_what_was_dropped_is_kept_for_a_year(
    site: LiveSite, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "BATCH", 2)
    old = await give_up(*["LinkPreviewRequested"] * 5)
    await dead_letters.drop_all("LinkPreviewRequested", "Too old")
    watch.forward(300 * 86_400)
    new = await give_up("LinkPreviewRequested")
    await dead_letters.drop_all("LinkPreviewRequested", "Too old")
    await dead_letters.forget_old()
    assert [row[0] for row in await rows("dropped_event", "id")] == [*old, *new]
    watch.forward(66 * 86_400)
    await dead_letters.forget_old()
    assert [row[0] for row in await rows("dropped_event", "id")] == new


def test_every_kind_has_its_words() -> None:
    assert set(WORK) == set(events.KINDS)


async def test_backlog_and_metrics(site: LiveSite, watch: Watch) -> None:
    found = await outbox_watch.measure()
    assert (found.short.due, found.leased.due, found.given_up, found.since) == (0, 0, 0, 0)
    async with DB.writing():
        await events.record(PostPublished(1, 1))
        await events.record(AccountLeft(1))
        await events.record(AccountLeft(2), after_ms=60_000)
    await give_up("Voted")
    watch.forward(30)
    found = await outbox_watch.measure()
    assert (found.short.due, found.leased.due, found.given_up) == (1, 1, 1)
    exported = {
        (sample.name, sample.labels.get("lane", "")): sample.value
        for metric in (metrics.OUTBOX_DUE, metrics.OUTBOX_AGE, metrics.OUTBOX_DEAD)
        for family in metric.collect()
        for sample in family.samples
    }
    assert exported["parvis_outbox_due", "short"] == 1
    assert exported["parvis_outbox_due", "leased"] == 1
    assert exported["parvis_outbox_dead", ""] == 1
    assert 30 <= exported["parvis_outbox_oldest_seconds", "leased"] < 60


async def test_what_keeps_failing_is_seen(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    settings = msgspec.structs.replace(site.network.settings, smtp_url=mail.url, origin="https://tilly.example")
    await operator_mail(site)
    async with DB.writing():
        await events.record(AccountLeft(1))
    ((event,),) = await rows("outbox", "id")
    # Nothing is due between two tries.
    await DB.fetch(SQL("UPDATE outbox SET attempts = 4, due_at = ?1"), watch() + 3_600_000)
    found = await outbox_watch.measure()
    assert (found.leased.due, found.given_up, found.failing, found.failing_since) == (0, 0, 1, ids.time_of(int(event)))
    assert metrics.OUTBOX_FAILING._value.get() == 1
    browser = site.browser(await site.network.operator())
    assert "1 event has failed and is tried again." in (await browser.get(HERE)).text
    await outbox_watch.alarm(settings)
    assert mail.messages == []
    watch.forward(11 * 60)
    await outbox_watch.alarm(settings)
    assert "left undone" in mail.wait()["subject"]


async def operator_mail(site: LiveSite) -> None:
    operator = await (await site.network.operator()).viewer()
    await DB.fetch(SQL("UPDATE credential SET email = 'ottilie@example.org' WHERE account = ?1"), operator.id)
    await site.member("ana", email="ana@example.org")


@pytest.mark.parametrize("why", ["given up", "late"])
async def test_operators_are_mailed_once_a_day(site: LiveSite, mail: MailServer, watch: Watch, why: str) -> None:
    settings = msgspec.structs.replace(site.network.settings, smtp_url=mail.url, origin="https://tilly.example")
    await operator_mail(site)
    async with DB.writing():
        await events.record(PostPublished(1, 1))
    watch.forward(9 * 60)
    await outbox_watch.alarm(settings)
    assert mail.messages == []
    if why == "late":
        watch.forward(2 * 60)
    else:
        await give_up("Voted")
    for _ in range(2):
        await outbox_watch.alarm(settings)
    message = mail.wait()
    assert [one["to"] for one in mail.messages] == ["ottilie@example.org"]
    assert "left undone" in message["subject"]
    text = message.get_content()
    assert f"https://tilly.example{HERE}" in text
    assert ("failures: 1" in text) == (why == "given up")
    watch.forward(24 * 3600 + 1)
    await outbox_watch.alarm(settings)
    assert len(mail.messages) == 2


async def test_in_french(site: LiveSite) -> None:
    await give_up("PostPublished")
    operator = site.browser(await site.network.operator(), headers={"accept-language": "fr"})
    await DB.fetch(SQL("UPDATE account SET locale = 'fr' WHERE handle = 'ottilie'"))
    shown = (await operator.get(HERE)).text
    assert "Porter une publication à ses lecteurs" in shown
