"""An author who edits a post again and again escapes no decision, and nobody fills a case with versions."""

import msgspec
import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.errors import Conflict
from domain.media import storage
from domain.moderation import appeal_decisions, appeals, cases, decisions, evidence, proposals
from domain.moderation.bulk_kinds import BulkSubjectState
from domain.moderation.deciding import Overtaken
from domain.moderation.decisions import Decision
from domain.moderation.kinds import StatementKind
from tests.helpers import bulk, media_files
from tests.helpers.moderation import REMOVAL, WORDS, reported
from tests.helpers.people import LiveNetwork, hidden


async def test_a_decision_is_made_whatever_the_post_says_by_now(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    version = (await cases.read(await moderator.viewer(), case)).version
    seen = msgspec.structs.replace(REMOVAL, version=version, post_version=1)
    await eve.edit(post, "You will be very sorry.")
    with pytest.raises(Overtaken, match="has been edited"):
        await decisions.decide(await moderator.viewer(), case, seen)
    # An accomplice changes the case with each edit.
    await ana.report(post)
    await eve.edit(post, "You will be sorry, and nobody has reported that.")
    newest = msgspec.structs.replace(seen, newest=True)
    with pytest.raises(Overtaken, match="has changed"):
        await decisions.decide(await moderator.viewer(), case, newest)
    await cases.claim(await moderator.viewer(), case)
    await decisions.decide(await moderator.viewer(), case, newest)
    assert await hidden(post, ana)
    texts = [one.content.text for one in await evidence.of_case(case)]
    assert texts == [
        "You will be sorry, and nobody has reported that.", "You will be very sorry.", "You will be sorry.",
    ]  # fmt: skip
    assert await network.count("evidence", "purge_at = 9223372036854775807") == 0, "it has a date, as the others have"


async def test_another_moderators_case_is_not_decided_by_that(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    await cases.claim(await second.viewer(), case)
    await eve.edit(post, "You will be very sorry.")
    newest = msgspec.structs.replace(REMOVAL, post_version=1, newest=True)
    with pytest.raises(Conflict, match="Another moderator has this case") as refused:
        await decisions.decide(await moderator.viewer(), case, newest)
    assert not isinstance(refused.value, Overtaken)
    assert await network.count("statement") == 0


async def test_what_is_deleted_is_decided_as_ever(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    await eve.edit(post, "You will be very sorry.")
    await eve.delete(post)
    await cases.claim(await moderator.viewer(), case)
    warning = Decision(StatementKind.WARNING, 1, REMOVAL.rule, REMOVAL.facts, "", post_version=1, newest=True)
    assert await decisions.decide(await moderator.viewer(), case, warning)
    assert len(await evidence.of_case(case)) == 1


async def test_a_suspension_for_good_is_agreed_to_all_the_same(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    await moderator.decide(case, StatementKind.POST_REMOVAL, sanction=StatementKind.PERMANENT_SUSPENSION)
    await cases.claim(await second.viewer(), case)
    version = (await cases.read(await second.viewer(), case)).version
    await eve.edit(post, "You will be very sorry.")
    with pytest.raises(Overtaken):
        await proposals.agree(await second.viewer(), case, version, 1)
    await proposals.agree(await second.viewer(), case, version, 1, newest=True)
    assert (await evidence.of_case(case))[0].content.text == "You will be very sorry."
    assert (await eve.viewer()).suspended_until


async def test_a_breach_is_found_on_appeal_all_the_same(network: LiveNetwork) -> None:
    ana, eve, moderator, post, case = await reported(network)
    second = await network.moderator("max")
    await moderator.decide(case, StatementKind.NO_BREACH)
    await network.settle()
    (report,) = await reports_filed()
    appeal = await appeals.lodge_for_report(await ana.viewer(), report, WORDS)
    await eve.edit(post, "You will be very sorry.")
    seen = msgspec.structs.replace(REMOVAL, version=(await cases.read(await second.viewer(), case)).version)
    seen = msgspec.structs.replace(seen, post_version=1)
    with pytest.raises(Overtaken):
        await appeal_decisions.decide_again(await second.viewer(), appeal, seen, "It is one.")
    newest = msgspec.structs.replace(seen, newest=True)
    await appeal_decisions.decide_again(await second.viewer(), appeal, newest, "It is one.")
    assert await hidden(post, ana)
    assert len(await evidence.of_case(case)) == 2


async def reports_filed() -> list[int]:
    return [row[0] for row in await DB.fetch(SQL("SELECT id FROM report ORDER BY id"))]


async def test_a_wave_is_removed_while_its_authors_edit(network: LiveNetwork) -> None:
    mona = await network.moderator()
    people, posts = await bulk.wave(network)
    number = await bulk.preview(mona)
    await people[0].edit(posts[0], f"{bulk.TEXT} and tomorrow")
    await people[1].edit(posts[1], "Good morning.")
    await bulk.decide(mona, number)
    await network.settle()
    done = await bulk.view(mona, number)
    assert done.counts == {BulkSubjectState.DECIDED: 2, BulkSubjectState.SKIPPED: 1}
    assert await hidden(posts[0])
    assert not await hidden(posts[1])
    assert await network.count("evidence", "content LIKE '%and tomorrow%'") == 1


async def test_a_wave_of_pictures_too(network: LiveNetwork) -> None:
    mona, ana = await network.moderator(), await network.member("ana")
    eve = await network.member("eve")
    post = await eve.show("Look", media_files.encoded())
    await ana.report(post, rule=10)
    picture = (await evidence.of_case(await network.open_case()))[0].file(0, "still")
    number = await bulk.preview(mona, picture=picture)
    await eve.edit(post, "Look here")
    await bulk.decide(mona, number)
    await network.settle()
    assert (await bulk.view(mona, number)).counts == {BulkSubjectState.DECIDED: 1}
    assert await hidden(post)


async def test_a_case_keeps_its_first_versions_and_the_newest(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST", 4)
    monkeypatch.setattr(evidence, "FIRST", 2)
    ana, eve = await network.members("ana", "eve")
    post = await eve.show("Version 1", media_files.encoded())
    await ana.report(post)
    case, key = await network.open_case(), (await eve.view(post)).media[0].stills[0].key
    for number in range(2, 8):
        await eve.edit(post, f"Version {number}")
        await ana.report(post)
    # The first and the last that she reported, and of the others the first and the newest two.
    assert [one.revision for one in await evidence.of_case(case)] == [7, 6, 5, 3, 2, 1]
    assert await network.count("evidence_file", f"key = '{key}'") == 6
    assert await _uses(key) == 7
    await eve.delete(post)
    await network.settle()
    assert await _uses(key) == 6
    await storage.collect()
    assert await network.count("stored_object", f"key = '{key}'") == 1


async def _uses(key: str) -> int:
    return int(await DB.value(SQL("SELECT uses FROM stored_object WHERE key = ?1"), key))
