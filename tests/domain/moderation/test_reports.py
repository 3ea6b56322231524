"""Reports: who may report what, that all of a subject's are one case, and that what was reported is kept."""

import asyncio

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.core.access import GUEST
from domain.core.errors import Forbidden, Invalid, NotFound, SignedOut
from domain.moderation import cases, clocks, reports, rule_files, rules
from domain.moderation.kinds import CaseState, Outcome, Severity, StatementKind, SubjectKind
from domain.moderation.reports import FiledReport, NamedRule
from domain.moderation.subjects import Subject
from tests.conftest import Watch
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
    again = await ana.report(post, 7)
    assert (again.id, again.repeated) == (first.id, True)
    assert await network.count("mod_case", f"reports = 2 AND severity = {Severity.SERIOUS}") == 1
    (own,) = (await reports.mine(await ana.viewer())).items
    assert (own.rule.number, own.words) == (7, "Again and again.")
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
    # Another rule is another question.
    assert (await cleo.report(post, 7)).outcome is None
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


async def test_an_account_is_never_harmless_for_good(network: LiveNetwork, watch: Watch) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    moderator = await network.moderator()
    account = Subject(SubjectKind.ACCOUNT, eve.id)
    await ana.report_subject(account, 10)
    case = await network.open_case()
    watch.forward(3600)
    await eve.post("Buy this.")
    await ben.report_subject(account, 10)
    kept = (await cases.read(await moderator.viewer(), case)).evidence
    assert [[one.text for one in each.content.context] for each in kept] == [["Buy this."], []]
    await moderator.decide(case, StatementKind.NO_BREACH)
    assert (await ana.report_subject(account, 10)).outcome is None
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 1


async def test_whom_one_has_blocked_can_be_reported(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    post = await eve.post("You will be sorry.")
    await ana.block(eve)
    first = await ana.report(post)
    assert (await ana.report(post)).id == first.id


async def test_blocking_hides_no_post_at_somebody_from_moderators(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    reply = await eve.post("I will find you.", parent=await ana.post("Hello."))
    mention = await eve.post("I will find you, @ana.")
    other = await eve.post("What a day.")
    await eve.block(ana)
    await ana.report(reply, 1)
    await ana.report(mention, 1)
    with pytest.raises(NotFound):
        await ana.report(other)


async def test_the_same_member_reports_what_it_has_become(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    post = await eve.post("Mild words.")
    await ana.report(post, 10)
    case = await network.open_case()
    version = (await cases.read(await moderator.viewer(), case)).version
    await eve.edit(post, "I will find you.")
    assert (await ana.report(post, 1, "Now it is a threat.")).repeated
    view = await cases.read(await moderator.viewer(), case)
    assert view.version > version
    assert (view.case.reports, view.case.severity) == (1, Severity.URGENT)
    assert [one.content.text for one in view.evidence] == ["I will find you.", "Mild words."]
    assert [one.words for one in view.reports.items] == ["Now it is a threat."]


async def test_a_rule_counts_as_long_as_a_form_may_be_open(network: LiveNetwork, watch: Watch) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    operator = await network.operator()
    post = await eve.post("You will be sorry.")
    _, *others = rule_files.default_rules()
    await rules.publish(await operator.viewer(), others, since=1)
    await ana.report(post, 1)
    watch.forward(reports.FORM_MS / 1000 + 1)
    with pytest.raises(Invalid):
        await ben.report(post, 1)
