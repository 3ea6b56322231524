"""What all filters that run may cost together."""

import pytest

from domain.core.errors import Conflict
from domain.moderation import filter_budget, filter_changes, filters, word_changes
from domain.moderation.filter_kinds import FilterOutcome, FilterState
from tests.helpers import written_filters
from tests.helpers.people import LiveNetwork

CONDITION = r'skeleton.matches(r"\bpills\b.{0,20}\bnow\b")'


async def test_filters_that_are_too_costly_together_do_not_run(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two of them fit.
    monkeypatch.setattr(filter_budget, "MAX_STEPS", 13_000_000)
    mona, max_ = await written_filters.staff(network)
    await written_filters.live(mona, max_, condition=CONDITION, name="First")
    await written_filters.shadowed(mona, condition=CONDITION, name="Second")
    third = await written_filters.written(mona, condition=CONDITION, name="Third")
    with pytest.raises(Conflict) as refused:
        await filter_changes.try_out(await mona.viewer(), third, 1)
    assert "% of what they may" in str(refused.value)
    assert (await filters.read(await mona.viewer(), third)).state is FilterState.DRAFT
    # One that is off costs nothing, and one that runs already is counted once.
    (first,) = [one for one in await filters.everything(await mona.viewer()) if one.name == "First"]
    await written_filters.off(mona, first.id)
    await filter_changes.try_out(await mona.viewer(), third, 1)
    with pytest.raises(Conflict) as again:
        await filter_changes.try_out(await mona.viewer(), third, 2)
    assert again.value is filter_changes.CHANGED


async def test_a_list_that_filters_ask_for_counts_once(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    mona = await network.moderator()
    viewer = await mona.viewer()
    listed, other = "/pills+/", "\n".join(f"/pills{number}.{{0,9}}/" for number in range(5))
    goods, unused = await word_changes.add(viewer, "goods", listed), await word_changes.add(viewer, "unused", listed)
    for name in ("First", "Second"):
        await written_filters.shadowed(mona, FilterOutcome.CASE, 'words("goods") && trust < 2', name)
    monkeypatch.setattr(filter_budget, "MAX_STEPS", 1_000_000)
    with pytest.raises(Conflict):
        await word_changes.rewrite(viewer, goods, other, 1)
    await word_changes.rewrite(viewer, goods, "/pils+/", 1)
    await word_changes.rewrite(viewer, unused, other, 1)
