"""Filters from state to state, whom it takes, and what the history and the public log say of it."""

import asyncio

import msgspec
import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import closing
from domain.core import clock
from domain.core.access import Role
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.core.events import LogEntryAdded
from domain.moderation import (
    filter_changes,
    filter_expressions,
    filter_history,
    filter_simulations,
    filters,
    public_log_checks,
    public_log_page,
    public_log_sequencer,
    staff,
    word_changes,
    word_lists,
)
from domain.moderation.filter_changes import FilterDraft
from domain.moderation.filter_expressions import Expression
from domain.moderation.filter_kinds import FilterAction, FilterOutcome, FilterState
from tests.helpers import written_filters
from tests.helpers.people import PASSWORD, LiveNetwork, Member


async def _state(moderator: Member, filter_: int) -> FilterState:
    return (await filters.read(await moderator.viewer(), filter_)).state


async def test_a_second_person_puts_it_live(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    made = await written_filters.written(mona)
    with pytest.raises(Conflict):
        await written_filters.put_live(max_, made)
    await filter_changes.try_out(await mona.viewer(), made, 1)
    with pytest.raises(Conflict):
        await written_filters.put_live(max_, made, 23)
    with pytest.raises(Forbidden):
        await written_filters.put_live(mona, made, 500)
    with pytest.raises(NotFound):
        await written_filters.put_live(await network.member("eve"), made)
    await written_filters.put_live(max_, made)
    assert await _state(mona, made) is FilterState.LIVE
    # Whoever writes it anew is the one who may not put it live then: the other one may.
    await filter_changes.rewrite(await max_.viewer(), made, written_filters.draft(condition="is_reply"), 3)
    assert await _state(mona, made) is FilterState.DRAFT
    await filter_changes.try_out(await max_.viewer(), made, 4)
    with pytest.raises(Forbidden):
        await written_filters.put_live(max_, made)
    await written_filters.put_live(mona, made)
    await written_filters.off(mona, made)
    history = (await filter_history.of_filter(await mona.viewer(), made)).items
    assert [one.action for one in reversed(history)] == [
        FilterAction.WRITTEN, FilterAction.SHADOWED, FilterAction.WENT_LIVE,
        FilterAction.WRITTEN, FilterAction.SHADOWED, FilterAction.WENT_LIVE, FilterAction.SWITCHED_OFF,
    ]  # fmt: skip
    assert {one.handle for one in history} == {"mona", "max"}


async def test_whoever_moderates_alone_waits_longer(network: LiveNetwork) -> None:
    operator = await network.operator()
    made = await written_filters.shadowed(operator)
    with pytest.raises(Conflict):
        await written_filters.put_live(operator, made, staff.ALONE_HOURS - 1)
    await written_filters.put_live(operator, made, staff.ALONE_HOURS)
    assert await _state(operator, made) is FilterState.LIVE


async def test_the_public_log_says_what_it_does_and_not_what_it_looks_for(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    await word_changes.add(await mona.viewer(), "goods", "pills")
    made = await written_filters.live(mona, max_, FilterOutcome.COVER, 'words("goods")')
    await written_filters.shadowed(mona, FilterOutcome.ALLOW, 'words("goods")')
    (words,) = await word_lists.everything(await mona.viewer())
    await word_changes.rewrite(await mona.viewer(), words.id, "pills\npotions", 1)
    await word_changes.agree(await max_.viewer(), words.id, 2)
    await filter_changes.rewrite(await mona.viewer(), made, written_filters.draft(), 3)
    async with DB.writing():
        await public_log_sequencer.sequence(LogEntryAdded())
    found = (await public_log_page.read(kind="filter_changed")).items
    assert [one.content.filter.change for one in found if one.content and one.content.filter] == [
        "switched_off", "words_changed", "went_live",
    ]  # fmt: skip
    assert all(one.rule is not None and one.rule.name == written_filters.SPAM for one in found)
    kept = await DB.fetch(SQL("SELECT content FROM log_entry WHERE kind = 'filter_changed'"))
    assert not any("goods" in content or "pills" in content for (content,) in kept)
    await public_log_checks.check_own()


async def test_what_is_written_badly_is_refused(network: LiveNetwork) -> None:
    mona = await network.moderator()
    good = written_filters.draft()
    await filter_changes.add(await mona.viewer(), good)
    wrong: list[tuple[dict[str, object], set[str]]] = [
        ({}, {"name"}),
        ({"name": " ", "condition": "text", "rule_name": "no-rule"}, {"name", "condition", "rule"}),
        ({"name": "x", "condition": 'words("none")'}, {"condition"}),
        ({"name": "x", "outcome": None}, {"outcome"}),
        ({"name": "x", "facts": ""}, {"facts"}),
        ({"name": "x", "facts": "As @eve did."}, {"facts"}),
        ({"name": "x" * 1000}, {"name"}),
    ]
    for changed, fields in wrong:
        with pytest.raises(Invalid) as refused:
            await filter_changes.add(await mona.viewer(), msgspec.structs.replace(good, **changed))
        assert set(refused.value.fields) == fields
    allowing = FilterDraft("Friends", "trust == 3", FilterOutcome.ALLOW)
    assert await filter_changes.add(await mona.viewer(), allowing)
    with pytest.raises(NotFound):
        await filter_changes.add(await (await network.member("eve")).viewer(), allowing)


async def test_two_who_change_it_at_once(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    made = await written_filters.shadowed(mona)

    async def change(moderator: Member) -> bool:
        try:
            await filter_changes.switch_off(await moderator.viewer(), made, 2)
        except Refused:
            return False
        return True

    assert sorted(await asyncio.gather(change(mona), change(max_))) == [False, True]


async def test_whoever_writes_filters_may_leave(network: LiveNetwork) -> None:
    """What they wrote stays, and names them no more."""
    mona, max_ = await written_filters.staff(network)
    made = await written_filters.live(mona, max_)
    assert Role.MODERATOR in (await mona.viewer()).roles
    await closing.leave(await mona.viewer(), "mona", PASSWORD)
    await network.settle()
    assert await network.count("filter_rule", "author IS NULL") == 1
    history = (await filter_history.of_filter(await max_.viewer(), made)).items
    assert [one.handle for one in history] == ["max", "", ""]
    assert clock.now() > history[0].at


async def test_what_is_off_does_not_escape_the_bound(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_changes, "MAX_FILTERS", 1)
    mona = await network.moderator()
    off = await written_filters.written(mona, name="First")
    await written_filters.off(mona, off)
    await written_filters.written(mona, name="Second")
    with pytest.raises(Invalid):
        await written_filters.written(mona, name="Third")
    viewer, version = await mona.viewer(), await written_filters.version(mona, off)
    with pytest.raises(Conflict):
        await filter_changes.try_out(viewer, off, version)
    with pytest.raises(Conflict):
        await filter_changes.rewrite(viewer, off, written_filters.draft(name="First"), version)
    assert await _state(mona, off) is FilterState.OFF


async def test_conditions_are_read_once_for_all_lists(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    mona = await network.moderator()
    viewer = await mona.viewer()
    for name in ("goods", "insults", "threats"):
        await word_changes.add(viewer, name, "pills")
    await written_filters.written(mona, condition='words("goods") || words("threats")', name="Both")
    compiled: list[str] = []
    compile_ = filter_expressions.compile

    def counted(source: str) -> Expression:
        compiled.append(source)
        return compile_(source)

    monkeypatch.setattr(filter_expressions, "compile", counted)
    found = await word_lists.everything(viewer)
    assert [(one.name, one.used_by) for one in found] == [("goods", ("Both",)), ("insults", ()), ("threats", ("Both",))]
    assert len(compiled) == 1


async def test_other_words_in_its_lists_are_simulated_again(network: LiveNetwork) -> None:
    """The one who puts it live has not seen what they find."""
    mona, max_ = await written_filters.staff(network)
    words = await word_changes.add(await mona.viewer(), "goods", "pills")
    other = await word_changes.add(await mona.viewer(), "others", "pills")
    filter_ = await written_filters.shadowed(mona, FilterOutcome.HOLD, 'words("goods")')
    await written_filters.simulated(mona, filter_)
    await written_filters.wait(filter_)
    version = await written_filters.version(max_, filter_)
    await word_changes.rewrite(await mona.viewer(), other, "anything", 1)
    assert await _refusal(max_, filter_) is None, "it does not ask for this one"
    await word_changes.rewrite(await mona.viewer(), words, "good morning", 1)
    with pytest.raises(Conflict, match="simulated"):
        await filter_changes.go_live(await max_.viewer(), filter_, version)
    found = await filter_simulations.read(await max_.viewer(), filter_)
    assert found is not None
    assert found.outdated
    await written_filters.simulated(max_, filter_)
    # That another one agrees changes no word.
    await word_changes.agree(await max_.viewer(), words, 2)
    await filter_changes.go_live(await max_.viewer(), filter_, version)


async def _refusal(moderator: Member, filter_: int) -> Refused | None:
    viewer = await moderator.viewer()
    return await filter_changes.live_refusal(viewer, await filters.read(viewer, filter_))
