"""What filters do to posts: each outcome, the strictest of several, and filters that fail or are only tried."""

from typing import Any

import pytest

from db.engine import DB
from db.queries import filter_hits as queries
from db.queries.cases import NewCase, open_case
from db.sql import SQL
from domain.core import clock
from domain.core.errors import Conflict, NotFound
from domain.moderation import (
    appeal_decisions,
    appeals,
    cases,
    dsa_export,
    filter_engine,
    filter_hit_groups,
    filter_hits,
    filters,
    reports,
    statements,
    word_changes,
)
from domain.moderation.filter_engine import FilterSet
from domain.moderation.filter_kinds import FilterOutcome, FilterState, HitMode
from domain.moderation.filter_tally import GroupKind
from domain.moderation.kinds import Automation, Source, StatementKind
from domain.posts import publishing
from domain.posts.screening import Nudged
from tests.conftest import Watch
from tests.helpers import written_filters
from tests.helpers.moderation import WORDS
from tests.helpers.people import LiveNetwork, hidden

ALLOW, NUDGE, CASE, COVER, HOLD = FilterOutcome


async def test_without_filters_nothing_is_asked_of_the_database(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = await network.member("eve")
    await eve.post("pills")
    asked = 0
    fetch = DB.fetch

    async def counted(statement: SQL, *args: object) -> object:
        nonlocal asked
        asked += "filter_" in statement.sqlite or "word_list" in statement.sqlite
        return await fetch(statement, *args)

    monkeypatch.setattr(DB, "fetch", counted)
    await eve.post("pills again")
    assert asked == 0


async def test_the_case_of_a_hit_is_opened_once(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is locked before the post, and known from then on."""
    mona, max_ = await written_filters.staff(network)
    eve = await network.member("eve")
    await written_filters.live(mona, max_, CASE)
    opened: list[int] = []

    async def noted(new: NewCase) -> int:
        opened.append(await open_case(new))
        return opened[-1]

    monkeypatch.setattr("db.queries.cases.open_case", noted)
    post = await eve.post("buy pills")
    await eve.edit(post, "buy more pills")
    await eve.post("no goods")
    assert opened == [await network.open_case()] * 2
    assert len((await cases.read(await mona.viewer(), opened[0])).evidence) == 2


async def test_a_case_is_opened_for_a_post_that_is_published(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    ana, eve = await network.members("ana", "eve")
    await written_filters.live(mona, max_, CASE, name="Pills")
    assert await eve.post("no goods")
    assert not await network.count("mod_case")
    post = await eve.post("buy pills")
    assert await ana.sees(post)
    case = (await cases.queue(await mona.viewer())).cases[0]
    assert (case.reports, case.found_by, case.content.text if case.content else "") == (0, ("Pills",), "buy pills")
    view = await cases.read(await mona.viewer(), case.id)
    assert (view.post, view.case.found_by, view.reports.items) == (post, ("Pills",), [])
    assert await reports.source(case.id) is Source.VOLUNTARY
    # Somebody who reports it joins the case, which says so from then on.
    await ana.report(post)
    assert await network.count("mod_case") == 1
    assert await reports.source(case.id) is Source.OTHER_NOTICE


async def test_a_cover_is_a_decision_that_no_person_has_made(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    ana, eve = await network.members("ana", "eve")
    await written_filters.live(mona, max_, COVER)
    post = await eve.post("buy pills")
    assert (await ana.view(post)).moderation.cover_rule is not None
    (made,) = (await statements.mine(await eve.viewer())).items
    assert (made.kind, made.automation, made.source) == (StatementKind.COVER, Automation.FULLY, Source.VOLUNTARY)
    assert made.facts == written_filters.FACTS
    await network.settle()
    assert await network.count("notice", f"account = {eve.id}") == 1
    # Another edit that is found does not cover it twice, and a person who finds no breach takes it back.
    await eve.edit(post, "buy more pills")
    assert await network.count("statement") == 1
    await mona.decide(await network.open_case(), StatementKind.NO_BREACH)
    assert (await ana.view(post)).moderation.cover_rule is None
    kinds = [one.kind for one in (await statements.mine(await eve.viewer())).items]
    assert kinds == [StatementKind.REVERSAL, StatementKind.COVER]
    await network.settle()
    assert await network.count("notice", f"account = {eve.id}") == 2


async def test_a_nudge_is_one_more_press(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    eve = await network.member("eve")
    made = await written_filters.live(mona, max_, NUDGE)
    with pytest.raises(Nudged) as asked:
        await eve.post("buy pills", key="one more press")
    assert written_filters.FACTS in str(asked.value)
    with pytest.raises(Nudged):
        await eve.post("buy pills", sent_anyway=f"{made}.1")
    post = await eve.post("buy pills", key="one more press", sent_anyway=asked.value.token)
    assert not await network.count("mod_case")
    with pytest.raises(Nudged) as again:
        await eve.edit(post, "buy pills now")
    assert again.value.token == asked.value.token
    found = await filter_hit_groups.read(await mona.viewer(), made)
    assert (found.total, found.sent_anyway) == (3, 1)
    assert [(one.name, one.hits, one.times) for one in found.groups if one.kind is GroupKind.AGE] == [("day", 3, None)]
    last = (await filter_hits.last(await mona.viewer(), made)).items
    assert [(one.mode, one.post) for one in last][1] == (HitMode.SENT_ANYWAY, post)


async def test_the_strictest_counts_unless_one_allows(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    ana, eve = await network.members("ana", "eve")
    for outcome in (NUDGE, HOLD, CASE):
        await written_filters.live(mona, max_, outcome)
    held = await eve.post("buy pills")
    assert await hidden(held, ana)
    assert await eve.sees(held)
    await written_filters.live(mona, max_, ALLOW, 'text.contains("pharmacy")')
    assert await ana.sees(await eve.post("buy pills in a pharmacy"))
    assert await network.count("mod_case") == 1


async def test_in_the_shadow_nothing_happens(network: LiveNetwork) -> None:
    mona = await network.moderator()
    ana, eve = await network.members("ana", "eve")
    made = await written_filters.shadowed(mona)
    post = await eve.post("buy pills")
    await network.settle()
    assert await ana.sees(post)
    assert not await network.count("mod_case")
    assert not await network.count("notice")
    (hit,) = (await filter_hits.last(await mona.viewer(), made)).items
    assert (hit.mode, hit.post, hit.handle, hit.case) == (HitMode.SHADOW, post, "eve", None)
    assert await filter_hits.of_last_day(await mona.viewer()) == {made: 1}
    # Of a post that not everybody sees moderators learn that it hit, and not whose it is.
    await eve.post("pills for friends", followers=True)
    assert [one.handle for one in (await filter_hits.last(await mona.viewer(), made)).items] == ["", "eve"]
    with clock.fixed_at(clock.now() + (filter_hits.KEPT_DAYS + 1) * clock.DAY_MS):
        await filter_hits.forget_old()
    assert not await network.count("filter_hit")


async def test_off_while_somebody_writes(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the transaction the filter is switched off: nothing is held for it."""
    mona, max_ = await written_filters.staff(network)
    ana, eve = await network.members("ana", "eve")
    made = await written_filters.live(mona, max_)
    write = publishing._write

    async def late(*args: object) -> int:
        if (await filters.stored(made)).state is FilterState.LIVE:
            await written_filters.off(mona, made)
        return await write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "_write", late)
    post = await eve.post("buy pills")
    assert await ana.sees(post)
    assert not await network.count("mod_case")
    assert not await network.count("post_hold")


async def test_they_are_compiled_again_only_once_something_has_changed(
    network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    mona, max_ = await written_filters.staff(network)
    ana, eve = await network.members("ana", "eve")
    goods = await word_changes.add(await mona.viewer(), "goods", "pills")
    await written_filters.live(mona, max_, HOLD, 'words("goods")')
    compiled = 0
    compile_all = filter_engine.compile_all

    def counted(*args: Any) -> FilterSet:
        nonlocal compiled
        compiled += 1
        return compile_all(*args)

    monkeypatch.setattr(filter_engine, "compile_all", counted)
    for _ in range(3):
        watch.forward(120)
        assert not await ana.sees(await eve.post("buy pills"))
    assert compiled == 1
    # Without a signal, as if it were lost.
    await DB.fetch(SQL("UPDATE word_list SET words = 'potions' WHERE id = ?1"), goods)
    watch.forward(120)
    assert await ana.sees(await eve.post("buy pills"))
    assert not await ana.sees(await eve.post("buy potions"))
    assert compiled == 2


async def test_how_much_somebody_has_posted_is_counted_by_indexes(network: LiveNetwork) -> None:
    """Posts and replies, deleted ones too, without a look at those of others or of other hours."""
    ana, eve = await network.members("ana", "eve")
    first = await eve.post("One")
    await ana.post("Another")
    await eve.delete(await eve.post("Two", parent=first))
    assert await queries.posted(eve.id, first) == 2
    assert await queries.posted(eve.id, first + 1) == 1
    if DB.dialect == "sqlite":
        steps = await DB.fetch(SQL(f"EXPLAIN QUERY PLAN {queries.POSTED.sqlite}"), eve.id, first)
        found = [step[3] for step in steps if "post" in step[3]]
        assert found
        assert all("(author=? AND " in step for step in found)


async def test_members_read_nothing_of_filters(network: LiveNetwork) -> None:
    mona = await network.moderator()
    eve = await network.member("eve")
    made = await written_filters.written(mona)
    for read in (filters.everything, filter_hits.of_last_day):
        with pytest.raises(NotFound):
            await read(await eve.viewer())
    with pytest.raises(NotFound):
        await filters.read(await eve.viewer(), made)


async def test_an_appeal_against_what_no_person_has_decided(network: LiveNetwork) -> None:
    """People hear it, and the case waits for them."""
    mona, max_ = await written_filters.staff(network)
    ana, eve = await network.members("ana", "eve")
    await written_filters.live(mona, max_, COVER)
    post = await eve.post("buy pills")
    (made,) = (await statements.mine(await eve.viewer())).items
    appeal = await appeals.lodge(await eve.viewer(), made.id, WORDS)
    case = await network.open_case()
    with pytest.raises(Conflict):
        await mona.decide(case, StatementKind.NO_BREACH)
    await appeal_decisions.grant(await mona.viewer(), appeal, "It was about vitamins.")
    assert (await ana.view(post)).moderation.cover_rule is None
    await mona.decide(case, StatementKind.NO_BREACH)
    assert not await network.count("mod_case", "state = 1")


async def test_outsiders_read_that_a_machine_has_found_it(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    eve = await network.member("eve")
    await written_filters.live(mona, max_, COVER)
    await eve.post("buy pills")
    await mona.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    found = [
        one async for page in dsa_export.pages(0, clock.now() + 1, "https://parvis.test") for one in page.statements
    ]
    said = {(one["source_type"], one["automated_detection"], one["automated_decision"]) for one in found}
    assert said == {
        ("SOURCE_VOLUNTARY", "Yes", "AUTOMATED_DECISION_FULLY"),
        ("SOURCE_VOLUNTARY", "Yes", "AUTOMATED_DECISION_NOT_AUTOMATED"),
    }
