"""Posts that moderators hide until their authors edit them, and what comes of the edit."""

import asyncio
from typing import Any

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.core.access import GUEST
from domain.core.errors import Frozen
from domain.core.events import HiddenPostEdited
from domain.media.attachments import ChosenMedia
from domain.moderation import (
    appeal_decisions,
    appeals,
    cases,
    guest_reports,
    reopening,
    reports,
    reversals,
    statements,
)
from domain.moderation.kinds import CaseState, Outcome, StatementKind
from domain.posts import deletion, editing, publishing
from tests.conftest import Watch
from tests.helpers import media_files
from tests.helpers.moderation import guest_form, reported
from tests.helpers.people import LiveNetwork, Member, hidden

HIDING = StatementKind.HIDE_UNTIL_EDITED


async def take_back(moderator: Member, statement: int) -> int:
    return await reversals.reverse(await moderator.viewer(), statement, "It was a quotation.")


async def case_of(network: LiveNetwork) -> CaseState:
    return CaseState(int((await DB.fetch(SQL("SELECT state FROM mod_case")))[0][0]))


async def test_what_is_hidden_its_author_alone_sees_until_they_edit_it(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    await ana.follow(eve)
    statement = await moderator.decide(case, HIDING)
    await network.settle()
    assert await hidden(post, ana, moderator)
    assert await hidden(post)
    assert post not in await eve.public()
    assert (await eve.view(post)).moderation.hidden_by == statement
    assert await network.count("account", f"id = {eve.id} AND posts = 0") == 1
    assert await case_of(network) is CaseState.DECIDED
    await eve.edit(post, "You will be happy.")
    assert (await ana.view(post)).text == "You will be happy."
    assert (await eve.view(post)).moderation.hidden_by == 0
    assert await network.count("account", f"id = {eve.id} AND posts = 1") == 1
    (own,) = (await statements.mine(await eve.viewer())).items
    assert (own.in_force, own.reversed, own.points) == (False, False, 6)
    _, history = await editing.history(GUEST, post)
    assert [one.text for one in history.items] == ["You will be happy."], "what was hidden stays so"
    await network.settle()
    assert await case_of(network) is CaseState.OPEN
    view = await cases.read(await moderator.viewer(), case)
    assert [one.content.text for one in view.evidence] == ["You will be happy.", "You will be sorry."]


async def test_an_edited_post_comes_back_once_and_may_be_hidden_again(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, HIDING)
    await eve.edit(post, "You will be very sorry.")
    await network.settle()
    await moderator.decide(case, HIDING)
    assert await hidden(post, ana)
    assert await statements.points(eve.id) == 6
    await eve.edit(post, "You will be happy.")
    await eve.edit(post, "You will be glad.")
    await network.settle()
    await moderator.decide(case, StatementKind.NO_BREACH)
    await network.settle()
    assert await case_of(network) is CaseState.DECIDED
    assert await ana.sees(post)
    assert [one.outcome for one in (await reports.mine(await ana.viewer())).items] == [Outcome.ACTION]


async def test_a_repeated_event_reopens_a_case_once(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, HIDING)
    await eve.edit(post, "You will be happy.")
    await network.settle()
    await moderator.decide(case, StatementKind.NO_BREACH)
    async with DB.writing():
        await reopening.hidden_post_edited(HiddenPostEdited(case))
    assert await case_of(network) is CaseState.DECIDED


async def test_a_frozen_author_edits_what_is_hidden_and_nothing_else(network: LiveNetwork, watch: Watch) -> None:
    """A hiding ends by the edit: a freeze that kept its author from it would make it last."""
    ana, eve, moderator, post, case = await reported(network)
    other, picture = await eve.post("Another one."), (await eve.send(media_files.encoded())).id
    await moderator.decide(case, HIDING, sanction=StatementKind.FREEZE, days=1)
    for refused in (
        eve.edit(other, "Yet another one."),
        eve.post("A new one."),
        eve.post("A reply.", parent=other),
        eve.repost(await ana.post("Hers.")),
        editing.edit(await eve.viewer(), post, "You will be happy.", None, media=[ChosenMedia(picture, "A boat")]),
    ):
        with pytest.raises(Frozen):
            await refused
    assert await hidden(post, ana)
    await eve.edit(post, "You will be happy.")
    assert (await ana.view(post)).text == "You will be happy."
    # It was hidden no more: this is an edit like any other.
    with pytest.raises(Frozen):
        await eve.edit(post, "You will be sorry again.")
    watch.forward(86_400 + 1)
    await network.settle()
    await eve.edit(post, "You will be glad.")
    assert (await ana.view(other)).text == "Another one."


async def test_what_is_shown_again_meanwhile_the_frozen_do_not_edit(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reversal comes between loading the post and writing it."""
    ana, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, HIDING, sanction=StatementKind.FREEZE, days=1)
    statement = (await eve.view(post)).moderation.hidden_by
    names = publishing.names

    async def reversed_first(*args: Any) -> Any:
        await take_back(moderator, statement)
        return await names(*args)

    monkeypatch.setattr(publishing, "names", reversed_first)
    with pytest.raises(Frozen):
        await eve.edit(post, "You will be happy.")
    assert (await ana.view(post)).text == "You will be sorry."


async def test_a_hiding_is_taken_back_before_and_after_the_edit(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    statement = await moderator.decide(case, HIDING)
    await take_back(moderator, statement)
    assert (await ana.view(post)).text == "You will be sorry."
    await eve.edit(post, "You will be happy.")
    await network.settle()
    assert await case_of(network) is CaseState.DECIDED, "nothing was hidden when it was edited"
    await ana.report(post)
    again = await moderator.decide(await network.open_case(), HIDING)
    await eve.edit(post, "You will be glad.")
    await take_back(moderator, again)
    _, history = await editing.history(GUEST, post)
    assert [one.text for one in history.items] == ["You will be glad.", "You will be happy.", "You will be sorry."]


async def test_an_edit_and_a_reversal_at_once(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    statement = await moderator.decide(case, HIDING)
    await asyncio.gather(eve.edit(post, "You will be happy."), take_back(moderator, statement))
    await network.settle()
    assert await ana.sees(post)
    assert await network.count("account", f"id = {eve.id} AND posts = 1") == 1


async def test_a_removal_outweighs_what_is_hidden(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, HIDING)
    await eve.edit(post, "You will be sorrier.")
    await network.settle()
    removal = await moderator.decide(case, StatementKind.POST_REMOVAL)
    assert await hidden(post, ana, eve)
    await take_back(moderator, removal)
    assert await ana.sees(post)


async def test_a_hidden_post_is_deleted_by_its_author(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, HIDING)
    await eve.delete(post)
    await network.settle()
    assert await network.count("post", f"id = {post}") == 0
    assert await network.count("account", "posts < 0") == 0


async def test_a_deletion_that_is_undone_hides_no_edit_from_moderators(network: LiveNetwork, watch: Watch) -> None:
    _, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, HIDING)
    await eve.edit(post, "You will be very sorry.")
    await eve.delete(post, undo_seconds=300)
    await network.settle()
    assert await case_of(network) is CaseState.DECIDED
    await deletion.restore(await eve.viewer(), post)
    watch.forward(61)
    await network.settle()
    assert await case_of(network) is CaseState.OPEN


async def test_a_purged_post_reopens_nothing(network: LiveNetwork, watch: Watch) -> None:
    _, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, HIDING)
    await eve.edit(post, "You will be very sorry.")
    await eve.delete(post, undo_seconds=30)
    await network.settle()
    for _ in range(3):
        watch.forward(61)
        await network.settle()
    assert await case_of(network) is CaseState.DECIDED
    assert await network.count("outbox", "kind = 'HiddenPostEdited'") == 0


async def test_an_edit_waits_for_a_report_that_nobody_has_confirmed(network: LiveNetwork, watch: Watch) -> None:
    _, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, HIDING)
    await eve.edit(post, "You will be very sorry.")
    assert (await guest_reports.file(guest_form(post), can_mail=True)).confirm
    await network.settle()
    assert await network.count("mod_case", f"id = {case} AND state = {CaseState.OPEN}") == 0
    watch.forward(8 * 86_400)
    await guest_reports.forget_old()
    await network.settle()
    assert await network.count("mod_case", f"id = {case} AND state = {CaseState.OPEN}") == 1


async def test_what_is_kept_of_a_reopened_case_has_no_date(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    statement = await moderator.decide(case, HIDING)
    await network.settle()
    appeal = await appeals.lodge(await eve.viewer(), statement, "It is a song.")
    await eve.edit(post, "You will be happy.")
    await network.settle()
    without = f"mod_case = {case} AND purge_at = {clock.LAST}"
    second = await network.moderator("max")
    await appeal_decisions.uphold(await second.viewer(), appeal, "It is a threat.")
    assert await network.count("evidence", without) == 2
    await moderator.decide(case, StatementKind.NO_BREACH)
    assert await network.count("evidence", without) == 0
