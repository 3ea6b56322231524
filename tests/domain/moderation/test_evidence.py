"""Evidence: what is kept of what was reported, for whom, and until when."""

import pytest

from db.engine import DB
from db.queries import evidence as queries
from db.queries import objects
from domain.accounts import profiles
from domain.accounts.profiles import ProfileOwner
from domain.core import clock
from domain.core.access import GUEST
from domain.core.errors import NotFound
from domain.media import attachments, serving
from domain.moderation import cases, evidence, reports, subjects
from domain.moderation.kinds import Outcome, StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from tests.conftest import Watch
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork

HOUR = 3_600_000


async def test_evidence_outlives_the_post_and_its_author(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    above = await ana.post("A kind word.")
    post = await eve.show("You will be sorry.", media_files.encoded(), parent=above, cover="Words")
    picture = (await eve.view(post)).media[0].stills[0].key
    await ana.report(post)
    await eve.delete(post)
    await network.settle()
    await _leave(network, eve.id)
    assert await network.count("post", f"id = {post}") == 0
    assert await network.count("account", f"id = {eve.id}") == 0
    view = await cases.read(await moderator.viewer(), await network.open_case())
    (kept,) = view.evidence
    assert (kept.content.handle, kept.content.text, kept.content.cover) == ("eve", "You will be sorry.", "Words")
    assert [one.text for one in kept.content.context] == ["A kind word."]
    assert kept.file(0, "still") == picture
    found = await serving.find(picture)
    assert found is not None
    assert not found.open
    assert await serving.may_have(await moderator.viewer(), picture)
    assert not await serving.may_have(await ana.viewer(), picture)
    assert not await serving.may_have(GUEST, picture)
    assert len(await serving.read(found, 0, found.size)) == found.size


async def _leave(network: LiveNetwork, account: int) -> None:
    from domain.accounts import closing

    async with DB.writing():
        await closing.disappear(account)
    await network.settle()


async def test_evidence_is_gone_on_its_date(network: LiveNetwork, watch: Watch) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.show("You will be sorry.")
    await ana.report(post)
    case = await network.open_case()
    key = (await eve.view(post)).media[0].stills[0].key
    watch.forward(100 * 86_400)
    assert await evidence.purge_due() == 0
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    await eve.delete(post)
    await network.settle()
    watch.forward(evidence.KEPT_DAYS * 86_400 - 60)
    assert await evidence.purge_due() == 0
    assert await serving.find(key) is not None
    watch.forward(120)
    assert await evidence.purge_due() == 1
    assert await network.count("evidence") == await network.count("evidence_file") == 0
    assert await serving.find(key) is None
    # The device of before has been idle for too long.
    again = await network.device(moderator.id, moderator.handle)
    assert (await cases.read(await again.viewer(), case)).evidence == []


async def test_files_of_evidence_are_counted(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    post = await eve.show("Look.")
    await ana.report(post)
    assert await objects.miscounted("", 10) == []
    await eve.delete(post)
    await network.settle()
    assert await objects.miscounted("", 10) == []
    assert await network.count("stored_object", "uses = 1") == 1


async def test_a_picture_is_a_subject_of_its_own(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    post = await eve.show("Two.", media_files.encoded(), media_files.encoded(media_files.photo(64, 48)))
    first, second = (await eve.view(post)).media
    await ana.report_subject(Subject(SubjectKind.MEDIA, second.id))
    moderator = await network.moderator()
    view = await cases.read(await moderator.viewer(), await network.open_case())
    assert view.case.kind is SubjectKind.MEDIA
    assert [file.key for file in view.evidence[0].files] == [second.stills[0].key]
    with pytest.raises(NotFound):
        await ana.report_subject(Subject(SubjectKind.MEDIA, 17))
    draft = await eve.send(media_files.encoded(media_files.photo(48, 64)))
    assert await attachments.post_of(draft.id) is None
    with pytest.raises(NotFound):
        await ana.report_subject(Subject(SubjectKind.MEDIA, draft.id))
    assert first.id != second.id


async def test_an_account_is_kept_with_its_newest_posts(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    for number in range(5):
        await eve.post(f"Post {number}")
    found = await subjects.load(await ana.viewer(), Subject(SubjectKind.ACCOUNT, eve.id))
    assert found.snapshot.content.handle == "eve"
    assert [one.text for one in found.snapshot.content.context] == ["Post 4", "Post 3", "Post 2"]


async def test_what_reporters_said_goes_with_the_evidence(network: LiveNetwork, watch: Watch) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    await ana.report(await eve.post("You will be sorry."), words="She means my sister.")
    await moderator.decide(await network.open_case(), StatementKind.WARNING)
    watch.forward(evidence.KEPT_DAYS * 86_400 + 60)
    assert await evidence.purge_due() == 1
    assert await network.count("report", "words <> ''") == 0


async def test_edits_and_reports_of_one_account_push_out_nothing_of_others(
    network: LiveNetwork,
) -> None:
    eve, sock, ana = await network.members("eve", "sock", "ana")
    post = await eve.post("Good morning, 0.")
    for number in range(1, evidence.FIRST + 1):
        await sock.report(post)
        await eve.edit(post, f"Good morning, {number}.")
    await eve.edit(post, "You will be sorry.")
    # The other account comes first.
    await sock.report(post)
    await ana.report(post, rule=1)
    for number in range(evidence.MOST):
        await eve.edit(post, f"Good evening, {number}.")
        await sock.report(post)
    kept = [one.content.text for one in await evidence.of_case(await network.open_case())]
    assert "You will be sorry." in kept
    assert len(kept) <= evidence.MOST + 4, "of each report the first and the last"
    assert {"Good morning, 0.", f"Good evening, {evidence.MOST - 1}."} <= set(kept)


async def test_a_profile_is_kept_each_time_it_says_something_else(network: LiveNetwork, watch: Watch) -> None:
    eve, sock, ana = await network.members("eve", "sock", "ana")
    about = Subject(SubjectKind.ACCOUNT, eve.id)
    await sock.report_subject(about)
    await profiles.edit(await eve.viewer(), ProfileOwner("Eve", "You will be sorry.", 3, []))
    await ana.report_subject(about)
    await sock.report_subject(about)
    await profiles.edit(await eve.viewer(), ProfileOwner("Eve", "I like cats.", 3, []))
    watch.forward(60)
    await sock.report_subject(about)
    await profiles.edit(await eve.viewer(), ProfileOwner("Eve", "You will be sorry.", 3, []))
    watch.forward(60)
    await ana.report_subject(about)
    kept = await evidence.of_case(await network.open_case())
    assert [one.content.text for one in kept] == ["You will be sorry.", "I like cats.", "You will be sorry.", ""]


async def test_what_is_quoted_is_kept_whomever_the_reporter_has_blocked(network: LiveNetwork) -> None:
    eve, mia, ana = await network.members("eve", "mia", "ana")
    quoted = await mia.post("You will be sorry.")
    post = await eve.post("Exactly.", quote=quoted)
    await ana.block(mia)
    await ana.report(post)
    (kept,) = await evidence.of_case(await network.open_case())
    assert [one.text for one in kept.content.context] == ["You will be sorry."]


async def test_harmless_holds_until_what_is_quoted_is_edited(network: LiveNetwork) -> None:
    eve, mia, ana, ben = await network.members("eve", "mia", "ana", "ben")
    quoted = await mia.post("Good morning.")
    post = await eve.post("Exactly.", quote=quoted)
    await ana.report(post)
    moderator = await network.moderator()
    await moderator.decide(await network.open_case(), StatementKind.NO_BREACH)
    assert (await ben.report(post)).outcome is Outcome.NO_BREACH
    await mia.edit(quoted, "You will be sorry.")
    assert (await (await network.member("cleo")).report(post)).outcome is None
    assert await network.open_case()


async def test_what_was_opened_again_is_not_purged(network: LiveNetwork, watch: Watch) -> None:
    """The sweep has looked it up; then the case is opened again, before the sweep comes to it."""
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    await ana.report(await eve.post("You will be sorry."), words="She means my sister.")
    case = await network.open_case()
    await moderator.decide(case, StatementKind.WARNING)
    watch.forward(evidence.KEPT_DAYS * 86_400 + 60)
    (due,) = await queries.due(clock.now(), 10)
    async with DB.writing():
        await evidence.expire(case, clock.LAST)
    assert await evidence._drop(due) == []
    assert len(await evidence.of_case(case)) == 1
    assert await network.count("report", "words <> ''") == 1


async def test_all_that_is_held_together_is_bounded(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "FIRST_OF_ALL", 2)
    monkeypatch.setattr(evidence, "MOST_OF_ALL", 4)
    eve = await network.member("eve")
    post = await eve.post("Version 1")
    for number in range(2, 8):
        await (await network.member(f"ana{number}")).report(post)
        await eve.edit(post, f"Version {number}")
    kept = await evidence.of_case(await network.open_case())
    assert [one.revision for one in kept] == [6, 5, 2, 1]


async def test_what_a_post_replies_to_is_kept_whomever_the_reporter_has_blocked(network: LiveNetwork) -> None:
    eve, mia, ana = await network.members("eve", "mia", "ana")
    post = await eve.post("Exactly.", parent=await mia.post("You will be sorry."))
    await ana.block(mia)
    receipt = await ana.report(post)
    (kept,) = await evidence.of_case(await network.open_case())
    assert [one.text for one in kept.content.context] == ["You will be sorry."]
    own = await reports.read(await ana.viewer(), receipt.id)
    assert own.about is not None
    assert (own.about.text, own.about.context) == ("Exactly.", ())


async def test_harmless_holds_when_its_evidence_is_purged(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, ben = await network.members("ana", "eve", "ben")
    post = await eve.post("Exactly.", quote=await ben.post("Good morning."))
    await ana.report(post)
    await (await network.moderator()).decide(await network.open_case(), StatementKind.NO_BREACH)
    await network.settle()
    watch.forward(evidence.KEPT_DAYS * 86_400 + 60)
    assert await evidence.purge_due() == 1
    assert (await (await network.member("cleo")).report(post)).outcome is Outcome.NO_BREACH
