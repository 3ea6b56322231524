"""Bulk decisions: how much one moderator decides alone, and what becomes of those that are cut short."""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.access import Role
from domain.core.trust import TrustLevel
from domain.moderation import bulk_decisions, bulk_previews, bulk_work, cases, guest_reports, staff
from domain.moderation.bulk_kinds import BulkState, BulkSubjectState
from domain.moderation.reports import NamedRule
from tests.conftest import Watch
from tests.helpers import bulk
from tests.helpers.moderation import guest_form
from tests.helpers.people import LiveNetwork

DONE, SKIPPED = BulkSubjectState.DECIDED, BulkSubjectState.SKIPPED


async def test_slices_of_a_day_are_as_many_as_one_decision(
    network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_decisions, "ALONE", 2)
    mona, _ = await network.moderator(), await network.moderator("max")
    _, posts = await bulk.wave(network, 5)
    for slice_, at_once in ((posts[:2], True), (posts[2:4], False)):
        number = await bulk.preview(mona)
        found = await bulk_previews.read(await mona.viewer(), number)
        places = [at for at, one in enumerate(found.subjects) if one.id in slice_]
        await bulk_previews.choose(await mona.viewer(), number, 1, places)
        assert await bulk.decide(mona, number) is at_once
        await network.settle()
    assert await network.count("post", "state = 1") == 2
    watch.forward(86_401)
    number = await bulk.preview(mona)
    found = await bulk_previews.read(await mona.viewer(), number)
    await bulk_previews.choose(await mona.viewer(), number, 1, [0])
    assert await bulk.decide(mona, number)


async def test_something_worse_that_was_reported_meanwhile_is_passed_by(network: LiveNetwork) -> None:
    mona, ana = await network.moderator(), await network.member("ana")
    _, posts = await bulk.wave(network, 3)
    number = await bulk.preview(mona)
    # Who sends spam can have an account, and be a guest.
    await (await network.member("new", trust=TrustLevel.NEW)).report(posts[1], rule=1)
    here = f"https://parvis.test/@wave2/{posts[2]}"
    form = guest_form(posts[2], address=here, rule=NamedRule(1, 1), name="", email="")
    await guest_reports.file(form, can_mail=True)
    await ana.report(posts[0], rule=1)
    case = int(await DB.value(SQL("SELECT id FROM mod_case WHERE post = ?1"), posts[0]))
    await bulk.decide(mona, number)
    await network.settle()
    assert (await bulk.view(mona, number)).counts == {SKIPPED: 1, DONE: 2}
    assert (await cases.queue(await mona.viewer())).cases[0].id == case


async def test_what_a_moderator_has_decided_ends_with_their_role(network: LiveNetwork) -> None:
    mona, max_ = await network.moderator(), await network.moderator("max")
    await bulk.wave(network, 2)
    number = await bulk.preview(mona)
    await bulk.decide(mona, number)
    await staff.set_role("mona", Role.MEMBER)
    await network.settle()
    assert (await bulk.view(max_, number)).counts == {SKIPPED: 2}


async def test_what_two_have_decided_ends_with_the_role_of_both(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_decisions, "ALONE", 0)
    mona, max_ = await network.moderator(), await network.moderator("max")
    await bulk.wave(network, 2)
    number = await bulk.preview(mona)
    assert not await bulk.decide(mona, number)
    await bulk_decisions.agree(await max_.viewer(), number)
    await staff.set_role("mona", Role.MEMBER)
    await network.settle()
    assert (await bulk.view(max_, number)).counts == {DONE: 2}


async def test_what_was_left_out_counts_for_no_day(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_decisions, "ALONE", 2)
    mona, _ = await network.moderator(), await network.moderator("max")
    await bulk.wave(network, 4)
    for _ in range(2):
        number = await bulk.preview(mona)
        await bulk_previews.choose(await mona.viewer(), number, 1, [0])
        assert await bulk.decide(mona, number)
        await network.settle()


async def test_one_without_its_event_is_worked_off_all_the_same(network: LiveNetwork, watch: Watch) -> None:
    """Whatever became of the event, the public log gets the entry of what was done."""
    mona = await network.moderator()
    await bulk.wave(network, 2)
    number = await bulk.preview(mona)
    await bulk.decide(mona, number)
    await DB.fetch(SQL("DELETE FROM outbox WHERE kind = 'BulkDue'"))
    await bulk_work.go_on()
    assert await network.count("outbox", "kind = 'BulkDue'") == 0, "it may be at it"
    watch.forward(3601)
    for _ in range(2):
        await bulk_work.go_on()
    assert await network.count("outbox", "kind = 'BulkDue'") == 1
    await network.settle()
    assert (await bulk.view(mona, number)).state is BulkState.DONE
    assert await network.count("log_entry", "kind = 'bulk_decision'") == 1
    await bulk_work.go_on()
    assert await network.count("outbox", "kind = 'BulkDue'") == 0
    await bulk_decisions.undo(await mona.viewer(), number, "It was a campaign of the town.")
    await DB.fetch(SQL("DELETE FROM outbox WHERE kind = 'BulkDue'"))
    watch.forward(3601)
    await bulk_work.go_on()
    await network.settle()
    assert (await bulk.view(mona, number)).state is BulkState.UNDONE
