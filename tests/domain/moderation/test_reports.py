"""Reports: who may report what, that all of a subject's are one case, and that what was reported is kept."""

import asyncio

import pytest

from db.engine import DB
from db.queries import objects
from db.sql import SQL
from domain.core import clock
from domain.core.access import GUEST
from domain.core.errors import Forbidden, Invalid, NotFound, SignedOut
from domain.media import attachments, serving
from domain.moderation import cases, clocks, evidence, reports, subjects
from domain.moderation.kinds import CaseState, Outcome, Severity, StatementKind, SubjectKind
from domain.moderation.reports import FiledReport, NamedRule
from domain.moderation.subjects import Subject
from tests.conftest import Watch
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork

HOUR = 3_600_000


async def test_several_reports_of_a_post_are_one_case(network: LiveNetwork) -> None:
    ana, ben, eve, mona = await network.members("ana", "ben", "eve", "mona")
    post = await eve.post("You will be sorry.")
    first = await ana.report(post, 6, "Again and again.")
    second = await ben.report(post, 6)
    assert first.id != second.id
    assert await network.count("mod_case") == 1
    assert await network.count("report") == 2
    assert await network.count("evidence") == 1
    assert await network.count("mod_case", "reports = 2 AND state = 1") == 1
    again = await ana.report(post, 1)
    assert (again.id, again.repeated) == (first.id, True)
    assert await network.count("mod_case", f"reports = 2 AND severity = {Severity.SERIOUS}") == 1
    await mona.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    assert await network.count("mod_case") == 2


async def test_the_worst_rule_decides_when_a_case_is_due(network: LiveNetwork, watch: Watch) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    moderator = await network.moderator()
    post = await eve.post("You will be sorry.")
    await ana.report(post, 10)
    case = await network.open_case()
    before = await cases.read(await moderator.viewer(), case)
    assert before.case.severity is Severity.SPAM
    assert before.case.due_at == pytest.approx(clock.now() + 48 * HOUR, abs=HOUR / 60)
    watch.forward(10 * 3600)
    await ben.report(post, 1)
    after = await cases.read(await moderator.viewer(), case)
    assert after.case.severity is Severity.URGENT
    assert after.case.due_at == pytest.approx(clock.now() + HOUR, abs=HOUR / 60)
    assert after.version == before.version + 1
    assert clocks.hours(Severity.URGENT) == 1


async def test_a_report_that_changes_nothing_leaves_the_version(network: LiveNetwork) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    moderator = await network.moderator()
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    case = await network.open_case()
    version = (await cases.read(await moderator.viewer(), case)).version
    await ben.report(post)
    assert (await cases.read(await moderator.viewer(), case)).version == version
    await eve.edit(post, "You will be happy.")
    cleo = await network.member("cleo")
    await cleo.report(post)
    view = await cases.read(await moderator.viewer(), case)
    assert view.version == version + 1
    assert [one.content.text for one in view.evidence] == ["You will be happy.", "You will be sorry."]


async def test_only_what_one_sees_can_be_reported(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    hidden = await eve.post("For followers.", followers=True)
    with pytest.raises(NotFound):
        await ana.report(hidden)
    own = await ana.post("Mine.")
    with pytest.raises(Forbidden, match="yourself"):
        await ana.report(own)
    with pytest.raises(Forbidden):
        await ana.report_subject(Subject(SubjectKind.ACCOUNT, ana.id))
    filed = FiledReport(Subject(SubjectKind.POST, own), NamedRule(1, 6))
    with pytest.raises(SignedOut):
        await reports.file(GUEST, filed)
    await eve.block(ana)
    with pytest.raises(NotFound):
        await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id))
    assert await network.count("mod_case") == 0


@pytest.mark.parametrize("rule", [NamedRule(1, 99), NamedRule(9, 1), NamedRule(1, -1)])
async def test_a_rule_that_there_is_not_is_refused(network: LiveNetwork, rule: NamedRule) -> None:
    ana, eve = await network.members("ana", "eve")
    post = await eve.post("You will be sorry.")
    with pytest.raises(Invalid) as refusal:
        await reports.file(await ana.viewer(), FiledReport(Subject(SubjectKind.POST, post), rule))
    assert set(refusal.value.fields) == {"rule"}


async def test_words_have_a_limit(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    post = await eve.post("You will be sorry.")
    with pytest.raises(Invalid) as refusal:
        await ana.report(post, words="x" * (reports.MAX_WORDS + 1))
    assert set(refusal.value.fields) == {"words"}
    assert await network.count("report") == 0


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


async def test_harmless_holds_until_an_edit(network: LiveNetwork) -> None:
    ana, ben, cleo, eve = await network.members("ana", "ben", "cleo", "eve")
    moderator = await network.moderator()
    post = await eve.post("Have a nice day.")
    await ana.report(post)
    await moderator.decide(await network.open_case(), StatementKind.NO_BREACH)
    answered = await ben.report(post)
    assert answered.outcome is Outcome.NO_BREACH
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 0
    assert [one.outcome for one in (await reports.mine(await ben.viewer())).items] == [Outcome.NO_BREACH]
    # A worse rule is another question.
    assert (await cleo.report(post, 1)).outcome is None
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 1
    await moderator.decide(await network.open_case(), StatementKind.NO_BREACH)
    await eve.edit(post, "You will be sorry.")
    assert (await ben.report(post)).outcome is None
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 1


async def test_own_reports_are_listed_to_their_reporter_alone(network: LiveNetwork) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    post = await eve.post("You will be sorry.")
    await ana.report(post, 6, "Look at this.")
    (own,) = (await reports.mine(await ana.viewer())).items
    assert (own.words, own.rule.name, own.outcome, own.kind) == ("Look at this.", "harassment", None, SubjectKind.POST)
    assert (await reports.mine(await ben.viewer())).items == []
    assert (await reports.mine(await eve.viewer())).items == []
    with pytest.raises(SignedOut):
        await reports.mine(GUEST)


async def test_reports_at_once_are_one_case(network: LiveNetwork) -> None:
    people = await network.members(*(f"r{number}" for number in range(12)))
    eve = await network.member("eve")
    posts = [await eve.post(f"Post {number}") for number in range(3)]
    await asyncio.gather(*(person.report(post) for person in people for post in posts))
    assert await network.count("mod_case") == 3
    assert await network.count("mod_case", "reports = 12") == 3
    assert await DB.fetch(SQL("SELECT mod_case, count(*) FROM report GROUP BY mod_case HAVING count(*) <> 12")) == []
