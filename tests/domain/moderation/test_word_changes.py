"""Lists of words: whom it takes to change what a live filter looks for."""

import asyncio

import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import closing
from domain.core import clock
from domain.core.access import Role
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from domain.moderation import filter_changes, filter_history, filters, staff, word_changes, word_lists
from domain.moderation.filter_kinds import FilterAction, FilterOutcome, FilterState
from domain.moderation.word_lists import ListedWords
from tests.helpers import written_filters
from tests.helpers.people import PASSWORD, LiveNetwork, Member

GOODS = 'words("goods")'


async def _live(network: LiveNetwork) -> tuple[Member, Member, int, int]:
    """Two moderators, a list of the first one's, and a live filter that holds what it finds."""
    mona, max_ = await written_filters.staff(network)
    words = await word_changes.add(await mona.viewer(), "goods", "pills")
    return mona, max_, words, await written_filters.live(mona, max_, FilterOutcome.HOLD, GOODS)


async def _read(moderator: Member, words: int) -> ListedWords:
    return await word_lists.read(await moderator.viewer(), words)


async def _rewrite(moderator: Member, words: int, text: str) -> None:
    await word_changes.rewrite(await moderator.viewer(), words, text, (await _read(moderator, words)).version)


async def _agree(moderator: Member, words: int) -> None:
    await word_changes.agree(await moderator.viewer(), words, (await _read(moderator, words)).version)


async def test_a_list_from_its_first_word_to_its_end(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    eve = await network.member("eve")
    viewer = await mona.viewer()
    for name, words in (("", "pills"), ("No", "pills"), ("goods", ""), ("goods", "/(/"), ("goods", "x" * 101)):
        with pytest.raises(Invalid):
            await word_changes.add(viewer, name, words)
    made = await word_changes.add(viewer, "goods", "pills")
    with pytest.raises(Invalid):
        await word_changes.add(viewer, "goods", "pills")
    filter_ = await written_filters.shadowed(mona, FilterOutcome.HOLD, GOODS)
    with pytest.raises(Conflict):
        await word_changes.remove(viewer, made, 1)
    # Where no filter that asks for it is live, it changes at once.
    await word_changes.rewrite(viewer, made, "potions", 1)
    assert (await _read(mona, made)).words == "potions"
    with pytest.raises(Conflict):
        await word_changes.rewrite(viewer, made, "powder", 1)
    await written_filters.off(max_, filter_)
    await word_changes.remove(viewer, made, 2)
    assert await word_lists.everything(viewer) == []
    with pytest.raises(NotFound):
        await word_lists.everything(await eve.viewer())


async def test_what_a_live_filter_looks_for_takes_two(network: LiveNetwork) -> None:
    mona, max_, goods, filter_ = await _live(network)
    ana, eve = await network.members("ana", "eve")
    assert not await ana.sees(await eve.post("P i l l s"))
    await _rewrite(mona, goods, "potions")
    assert not await ana.sees(await eve.post("pills"))
    assert await ana.sees(await eve.post("potions"))
    assert [await word_lists.count_waiting(await one.viewer()) for one in (mona, max_)] == [0, 1]
    with pytest.raises(Forbidden):
        await _agree(mona, goods)
    with pytest.raises(NotFound):
        await word_changes.agree(await eve.viewer(), goods, 2)
    # One press of another one's, without a day in the shadow.
    await _agree(max_, goods)
    assert await ana.sees(await eve.post("pills"))
    assert not await ana.sees(await eve.post("potions"))
    assert (await filters.read(await mona.viewer(), filter_)).state is FilterState.LIVE
    assert [await word_lists.count_waiting(await one.viewer()) for one in (mona, max_)] == [0, 0]
    found = await filter_history.of_filter(await mona.viewer(), filter_)
    assert [(one.action, one.handle) for one in found.items[:2]] == [
        (FilterAction.WORDS_AGREED, "max"), (FilterAction.WORDS_CHANGED, "mona"),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        await _agree(max_, goods)


async def test_other_words_take_the_place_of_what_waits(network: LiveNetwork) -> None:
    mona, max_, goods, _ = await _live(network)
    await _rewrite(mona, goods, "pills\npotions")
    with pytest.raises(Conflict):
        await word_changes.agree(await max_.viewer(), goods, 1)
    with pytest.raises(Conflict):
        await word_changes.rewrite(await max_.viewer(), goods, "powder", 1)
    # The same again is nothing new, whoever sends it: it stays hers, to whom he may agree.
    await _rewrite(max_, goods, "pills\npotions")
    waits = (await _read(max_, goods)).proposed
    assert waits is not None
    assert (waits.handle, waits.mine) == ("mona", False)
    await _rewrite(max_, goods, "pills\npowder")
    with pytest.raises(Forbidden):
        await _agree(max_, goods)
    await word_changes.turn_down(await mona.viewer(), goods, 3)
    assert (await _read(mona, goods)).proposed is None
    await _rewrite(mona, goods, "powder")
    # What it says already takes back what waits.
    await _rewrite(mona, goods, "pills")
    found = await _read(mona, goods)
    assert (found.words, found.proposed) == ("pills", None)
    with pytest.raises(Conflict):
        await word_changes.turn_down(await mona.viewer(), goods, found.version)


async def test_whoever_moderates_alone_waits(network: LiveNetwork) -> None:
    operator = await network.operator()
    goods = await word_changes.add(await operator.viewer(), "goods", "pills")
    filter_ = await written_filters.shadowed(operator, FilterOutcome.HOLD, GOODS)
    hours = staff.ALONE_HOURS
    await _written(goods, hours - 1)
    with pytest.raises(Conflict):
        await written_filters.put_live(operator, filter_, hours)
    await _written(goods, hours)
    await written_filters.put_live(operator, filter_, hours)
    await _rewrite(operator, goods, "potions")
    with pytest.raises(Conflict):
        await _agree(operator, goods)
    await DB.fetch(SQL("UPDATE word_proposal SET proposed_at = ?1"), clock.now() - hours * clock.HOUR_MS)
    await _agree(operator, goods)
    assert (await _read(operator, goods)).words == "potions"


async def _written(words: int, hours: int) -> None:
    """As if it had been written so long ago."""
    began = clock.now() - hours * clock.HOUR_MS
    await DB.fetch(SQL("UPDATE word_list SET updated_at = ?2 WHERE id = ?1"), words, began)


async def test_nobody_puts_their_own_words_live_with_a_filter(network: LiveNetwork) -> None:
    """Else the second person would be whoever wrote what it looks for."""
    mona, max_ = await written_filters.staff(network)
    goods = await word_changes.add(await max_.viewer(), "goods", "pills")
    filter_ = await written_filters.shadowed(mona, FilterOutcome.HOLD, GOODS)
    with pytest.raises(Forbidden, match="word list"):
        await written_filters.put_live(max_, filter_)
    assert (await _read(mona, goods)).unsigned
    await _agree(mona, goods)
    await written_filters.put_live(max_, filter_)
    assert (await filters.read(await mona.viewer(), filter_)).state is FilterState.LIVE


async def test_a_filter_that_goes_live_and_a_list_that_changes_at_once(network: LiveNetwork) -> None:
    """Whoever comes second sees what the first has done: nothing is live that one person alone has seen."""
    mona, max_ = await written_filters.staff(network)
    goods = await word_changes.add(await mona.viewer(), "goods", "pills")
    for number in range(6):
        filter_ = await written_filters.shadowed(mona, FilterOutcome.HOLD, GOODS, f"Number {number}")

        async def live(filter_: int = filter_) -> None:
            await written_filters.put_live(max_, filter_)

        async def change(number: int = number) -> None:
            await _rewrite(max_, goods, f"word {number}")

        found = await asyncio.gather(live(), change(), return_exceptions=True)
        assert all(one is None or isinstance(one, Refused) for one in found), found
        listed = await _read(mona, goods)
        is_live = (await filters.read(await mona.viewer(), filter_)).state is FilterState.LIVE
        assert is_live == (listed.words != f"word {number}"), "the words are his alone"
        if is_live:
            await word_changes.turn_down(await mona.viewer(), goods, listed.version)
        await written_filters.off(mona, filter_)


async def test_what_a_dismissed_moderator_proposed_is_gone(network: LiveNetwork) -> None:
    mona, max_, goods, _ = await _live(network)
    await _rewrite(max_, goods, "potions")
    await staff.set_role("max", Role.MEMBER)
    assert (await _read(mona, goods)).proposed is None
    with pytest.raises(Refused):
        await _agree(mona, goods)
    assert (await _read(mona, goods)).words == "pills"


async def test_agreeing_to_what_was_taken_back_is_no_agreement_to_the_words_before(network: LiveNetwork) -> None:
    mona, max_, goods, _ = await _live(network)
    rita = await network.moderator("rita")
    await _rewrite(max_, goods, "potions")
    seen = await _read(rita, goods)
    await staff.set_role("max", Role.MEMBER)
    with pytest.raises(Conflict):
        await word_changes.agree(await rita.viewer(), goods, seen.version)
    assert (await _read(mona, goods)).unsigned


async def test_whoever_wrote_words_may_leave(network: LiveNetwork) -> None:
    mona, max_, goods, _ = await _live(network)
    await _rewrite(mona, goods, "potions")
    await _agree(max_, goods)
    await _rewrite(mona, goods, "powder")
    await closing.leave(await mona.viewer(), "mona", PASSWORD)
    found = await _read(max_, goods)
    assert (found.words, found.proposed) == ("potions", None)
    await network.settle()
    assert await network.count("word_list", "author IS NULL AND second IS NOT NULL") == 1
    assert not await network.count("word_proposal")


async def test_a_filter_that_failed_keeps_no_list_from_changing(network: LiveNetwork) -> None:
    mona, _, goods, filter_ = await _live(network)
    await filter_changes.fail(filter_, await written_filters.version(mona, filter_), "It broke.")
    await _rewrite(mona, goods, "potions")
    assert (await _read(mona, goods)).words == "potions"
