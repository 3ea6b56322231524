"""Lists of moderation go on, page by page, and show everything once."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import cursors
from domain.core.cursors import Page
from domain.core.errors import Conflict, Forbidden, NotFound
from domain.moderation import (
    appeal_queue,
    case_history,
    cases,
    filter_history,
    filter_hits,
    guest_reports,
    jury_audits,
    reports,
    upstream,
    upstream_desk,
    upstream_senders,
)
from domain.moderation.kinds import StatementKind
from domain.moderation.upstream_kinds import Sender
from tests.conftest import Watch
from tests.helpers.complaints import filed, mail, opened
from tests.helpers.moderation import guest_form, reported
from tests.helpers.people import LiveNetwork

WRONG = ("x", "1", "2.1.1.1", "1.1.99999999999.1", "1.99999999999999999999.1.1", "-1.1.1.1", "3.1.1.1.1", "1.1.1.1.1.1")


async def pages(read: Callable[[str], Awaitable[Page[Any]]]) -> list[int]:
    """How many items are on each page; no item is on two."""
    sizes, seen, cursor = [], list[Any](), ""
    while True:
        found = await read(cursor)
        sizes.append(len(found.items))
        seen += found.items
        if not found.next:
            break
        cursor = found.next
    assert len({str(one) for one in seen}) == len(seen)
    return sizes


async def test_the_queue_of_cases(network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "QUEUED", 3)
    ana, eve = await network.members("ana", "eve")
    ben, moderator = await network.member("ben"), await network.moderator()
    for number in range(10):
        post = await eve.post(f"Post {number}")
        await ana.report(post, (1, 6, 10)[number % 3])
        if number % 4 == 0:
            await ben.report(post, 6)
        watch.forward(1500)
    viewer = await moderator.viewer()
    shown, cursor, sizes = list[int](), "", []
    while True:
        found = await cases.queue(viewer, cursor)
        sizes.append(len(found.cases))
        shown += [one.id for one in found.cases]
        assert found.figures.open == 10
        if not (cursor := found.next):
            break
    assert sizes == [3, 3, 3, 1]
    monkeypatch.setattr(cases, "QUEUED", 100)
    whole = await cases.queue(viewer)
    assert (shown, whole.next) == ([one.id for one in whole.cases], "")
    assert [one.severity.name for one in whole.cases][:4] == ["URGENT"] * 4
    for wrong in WRONG:
        assert [one.id for one in (await cases.queue(viewer, wrong)).cases] == shown, "the first page"


async def test_appeals(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appeal_queue, "QUEUED", 2)
    eve, moderator = await network.member("eve"), await network.moderator()
    for number in range(5):
        member = await network.member(f"r{number}")
        await member.report(await eve.post(f"Post {number}"))
        statement = await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
        await DB.fetch(
            SQL("""INSERT INTO appeal (id, statement, party, appellant, words, state, due_at)
                VALUES (?1, ?2, 1, ?3, ?4, 0, ?5)"""),
            statement + 1, statement, member.id, f"Words {number}", 5 + number // 2,
        )  # fmt: skip
    viewer = await (await network.moderator("max")).viewer()
    assert await pages(lambda cursor: appeal_queue.queue(viewer, cursor)) == [2, 2, 1]
    with pytest.raises(NotFound):
        await appeal_queue.queue(await eve.viewer(), "1.5.0.1")


async def test_complaints(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    monkeypatch.setattr(upstream_desk, "QUEUED", 2)
    monkeypatch.setattr(upstream_desk, "CLOSED", 2)
    viewer = await (await network.moderator()).viewer()
    for number in range(4):
        await opened(mail(Message_ID=f"<{number}@n.example>", From=f"a{number}@n.example"))
        watch.forward(60)
    order = await filed(sender=Sender.AUTHORITY)
    await upstream.confirm(await upstream.token(order))
    assert (await upstream_desk.desk(viewer)).open.items[0].id == order, "although it is due at another time"
    read = upstream_desk.desk
    assert await pages(lambda cursor: _of((read(viewer, cursor)), "open")) == [2, 2, 1]
    for number, one in enumerate(await upstream_desk.open_ones()):
        at = 1000 + number // 2
        await DB.fetch(SQL("UPDATE complaint SET state = 2, closed_at = ?2 WHERE id = ?1"), one.id, at)
    assert await pages(lambda cursor: _of((read(viewer, "", cursor)), "closed")) == [2, 2, 1]
    for wrong in WRONG:
        assert len((await read(viewer, wrong, wrong)).closed.items) == 2


async def _of(desk: Awaitable[upstream_desk.Desk], name: str) -> Page[Any]:
    found: Page[Any] = getattr(await desk, name)
    return found


async def test_reports_of_a_case_and_earlier_ones(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LISTED", 2)
    monkeypatch.setattr(case_history, "EARLIER", 2)
    ana, eve, moderator, post, case = await reported(network)

    for number in range(2):
        await (await network.member(f"r{number}")).report(post, words=f"Words {number}")
        taken = await guest_reports.file(guest_form(post, words=f"Guest {number}"), can_mail=True)
        await guest_reports.confirm(await guest_reports.token(taken.report))
    viewer = await moderator.viewer()
    view = await cases.read(viewer, case)
    assert (len(view.reports.items), view.reports.next != "") == (2, True)
    assert await pages(lambda cursor: case_history.read_reports(viewer, case, cursor)) == [2, 2, 1]
    last = await case_history.read_reports(viewer, case, cursors.after(cursors.Rank(1, 1)))
    assert [one.words for one in last.items] == ["Guest 0", "Guest 1"], "guests are last"
    for number in range(5):
        await ana.report(await eve.post(f"Post {number}"))
    assert len((await cases.read(viewer, case)).earlier.items) == 2
    assert await pages(lambda cursor: case_history.read_earlier(viewer, case, cursor)) == [2, 2, 1]


async def test_who_may_not_decide_reads_no_page_of_them(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    about = await network.moderator("max")
    await ana.report(await about.post("You will be sorry."))
    own = (await cases.queue(await moderator.viewer())).cases[-1].id
    for read in (case_history.read_reports, case_history.read_earlier):
        with pytest.raises(Forbidden):
            await read(await about.viewer(), own, "")
        with pytest.raises(NotFound):
            await read(await eve.viewer(), case, "")
        with pytest.raises(NotFound):
            await read(await moderator.viewer(), 7, "")


async def test_hits_and_changes_of_a_filter(network: LiveNetwork) -> None:
    moderator = await network.moderator()
    await DB.fetch(
        SQL("""INSERT INTO filter_rule (id, name, condition, outcome, rule_name, facts, state, version, author)
            VALUES (7, 'Pills', 'true', 1, 'spam', '', 0, 1, ?1)"""),
        moderator.id,
    )
    for number in range(45):
        await DB.fetch(
            SQL("INSERT INTO filter_hit (id, filter, mode, language, trust, age) VALUES (?1, 7, 0, 'en', 0, 0)"),
            1000 + number,
        )
        await DB.fetch(
            SQL("INSERT INTO filter_change (id, filter, action, version, condition) VALUES (?1, 7, 0, 1, 'true')"),
            1000 + number,
        )
    viewer = await moderator.viewer()
    sizes = []
    for read in (filter_hits.last, filter_history.of_filter):
        cursor, total = "", 0
        while True:
            found = await read(viewer, 7, cursor)
            sizes.append(len(found.items))
            total += len(found.items)
            if not (cursor := found.next):
                break
        assert total == 45
    assert sizes == [20, 20, 5] * 2


async def test_a_full_list_of_senders_can_be_changed(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream_senders, "MAX_SENDERS", 2)
    viewer = await (await network.operator()).viewer()
    for host in ("a.example", "b.example"):
        await upstream_senders.put(viewer, host, Sender.HOST, "Host")
    with pytest.raises(Conflict, match="as many senders"):
        await upstream_senders.put(viewer, "c.example", Sender.HOST, "Host")
    await upstream_senders.put(viewer, "B.example", Sender.REGISTRAR, "Registrar")
    assert [one.name for one in await upstream_senders.everyone(viewer)] == ["Host", "Registrar"]


async def test_disputes_are_none_for_a_member(network: LiveNetwork) -> None:
    eve = await network.member("eve")
    for read in (jury_audits.disputes, jury_audits.count_disputes):
        with pytest.raises(NotFound):
            await read(await eve.viewer())
