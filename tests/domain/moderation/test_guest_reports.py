"""Reports by people without an account: what counts at once, what counts once it is confirmed, what lapses."""

import pytest

from domain.core.errors import Conflict, Forbidden, Invalid, NotFound
from domain.core.trust import ReportPolicy
from domain.moderation import cases, decisions, evidence, guest_reports, rules
from domain.moderation.decisions import Decision
from domain.moderation.kinds import CaseState, Outcome, ReportState, Severity, StatementKind
from domain.moderation.reports import NamedRule
from domain.moderation.rules import Category, Rule, RuleText
from tests.conftest import Watch
from tests.helpers.moderation import guest_form
from tests.helpers.people import LiveNetwork, Member

DAY = 86_400


@pytest.fixture
async def eve(network: LiveNetwork) -> Member:
    return await network.member("eve")


async def test_a_notice_counts_once_it_is_confirmed(network: LiveNetwork, eve: Member) -> None:
    moderator = await network.moderator()
    taken = await guest_reports.file(guest_form(await eve.post("Call 555 1234.")), can_mail=True)
    assert taken.confirm
    assert (await cases.queue(await moderator.viewer())).cases == []
    assert await cases.claim_next(await moderator.viewer()) is None
    assert await network.count("outbox", "kind = 'GuestConfirmationDue'") == 1
    token = await guest_reports.token(taken.report)
    await guest_reports.confirm(token)
    await guest_reports.confirm(token)
    (case,) = (await cases.queue(await moderator.viewer())).cases
    assert (case.reports, case.severity) == (1, Severity.SERIOUS)
    assert (await cases.read(await moderator.viewer(), case.id)).evidence[0].content.text == "Call 555 1234."


async def test_a_case_that_waits_is_no_page(network: LiveNetwork, eve: Member) -> None:
    moderator = await network.moderator()
    await guest_reports.file(guest_form(await eve.post("Call 555 1234.")), can_mail=True)
    from db.engine import DB
    from db.sql import SQL

    case = await DB.value(SQL("SELECT id FROM mod_case"))
    with pytest.raises(NotFound):
        await cases.read(await moderator.viewer(), case)


async def test_threats_count_at_once_without_an_address(network: LiveNetwork, eve: Member) -> None:
    moderator = await network.moderator()
    post = await eve.post("You will be sorry.")
    taken = await guest_reports.file(guest_form(post, rule=NamedRule(1, 1), name="", email=""), can_mail=False)
    assert (taken.confirm, taken.mailed) == (False, False)
    (case,) = (await cases.queue(await moderator.viewer())).cases
    assert (case.severity, case.reports) == (Severity.URGENT, 1)
    assert await network.count("outbox", "kind = 'GuestConfirmationDue'") == 0


async def test_an_unconfirmed_notice_changes_no_open_case(network: LiveNetwork, eve: Member) -> None:
    ana = await network.member("ana")
    moderator = await network.moderator()
    post = await eve.post("Call 555 1234.")
    await ana.report(post, 10)
    before = (await cases.queue(await moderator.viewer())).cases
    await guest_reports.file(guest_form(post), can_mail=True)
    assert (await cases.queue(await moderator.viewer())).cases == before


async def test_a_member_opens_the_case_that_a_notice_waits_in(network: LiveNetwork, eve: Member) -> None:
    ana = await network.member("ana")
    moderator = await network.moderator()
    post = await eve.post("Call 555 1234.")
    await guest_reports.file(guest_form(post, rule=NamedRule(1, 4)), can_mail=True)
    await ana.report(post, 10)
    (case,) = (await cases.queue(await moderator.viewer())).cases
    # What nobody has confirmed makes nothing worse.
    assert (case.severity, case.reports) == (Severity.SPAM, 1)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"address": "https://parvis.test/@nobody"}, {"address"}),
        ({"address": "https://parvis.test/@eve/17"}, {"address"}),
        ({"address": "https://[broken"}, {"address"}),
        ({"address": "x" * 5000}, {"address"}),
        ({"rule": NamedRule(1, 77)}, {"rule"}),
        ({"words": " "}, {"words"}),
        ({"words": "x" * 1001}, {"words"}),
        ({"name": ""}, {"name"}),
        ({"name": "x" * 101}, {"name"}),
        ({"address": "https://elsewhere.example/@eve"}, {"address"}),
        ({"email": ""}, {"email"}),
        ({"email": "no address"}, {"email"}),
        ({"good_faith": False}, {"good_faith"}),
    ],
)
async def test_what_is_missing_is_said(
    network: LiveNetwork, eve: Member, changed: dict[str, object], fields: set[str]
) -> None:
    post = await eve.post("Call 555 1234.")
    with pytest.raises(Invalid) as refusal:
        await guest_reports.file(guest_form(post, **changed), can_mail=True)
    assert set(refusal.value.fields) == fields
    assert await network.count("report") == await network.count("mod_case") == 0


async def test_without_mail_only_urgent_notices_are_taken(network: LiveNetwork, eve: Member) -> None:
    with pytest.raises(Invalid) as refusal:
        await guest_reports.file(guest_form(await eve.post("Call 555 1234.")), can_mail=False)
    assert set(refusal.value.fields) == {"email"}


@pytest.mark.parametrize("address", ["@eve", "/@Eve", "https://PARVIS.test/@eve/", "eve"])
async def test_a_profile_can_be_reported(network: LiveNetwork, eve: Member, address: str) -> None:
    await guest_reports.file(guest_form(0, address=address), can_mail=True)
    assert await network.count("mod_case", f"subject_kind = 1 AND subject = {eve.id}") == 1


async def test_what_guests_do_not_see_is_not_told_apart_from_nothing(network: LiveNetwork, eve: Member) -> None:
    hidden = await eve.post("For followers.", followers=True)
    said = []
    for post in (hidden, 17):
        with pytest.raises(Invalid) as refusal:
            await guest_reports.file(guest_form(post), can_mail=True)
        said.append(str(refusal.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("text", ["", "17", "17.x", "x.y", "17." + "A" * 22, "é"])
async def test_forged_links_are_refused(network: LiveNetwork, text: str) -> None:
    with pytest.raises(Forbidden):
        await guest_reports.confirm(text)


async def test_another_notices_link_confirms_nothing(network: LiveNetwork, eve: Member) -> None:
    first, second = [
        await guest_reports.file(guest_form(await eve.post(f"Call 555 123{number}.")), can_mail=True)
        for number in range(2)
    ]
    token = await guest_reports.token(first.report)
    with pytest.raises(Forbidden):
        await guest_reports.confirm(token.replace(str(first.report), str(second.report)))
    assert await network.count("report", f"state = {ReportState.UNCONFIRMED}") == 2


async def test_a_notice_that_nobody_confirms_is_deleted(network: LiveNetwork, eve: Member, watch: Watch) -> None:
    taken = await guest_reports.file(guest_form(await eve.show("Call 555 1234.")), can_mail=True)
    watch.forward(guest_reports.CONFIRM_DAYS * DAY - 60)
    assert await guest_reports.forget_old() == 0
    watch.forward(120)
    assert await guest_reports.forget_old() == 1
    assert await network.count("report") == await network.count("guest_report") == 0
    assert await network.count("mod_case", f"state = {CaseState.VOID}") == 1
    assert await evidence.purge_due() == 1
    with pytest.raises(Forbidden):
        await guest_reports.confirm(await guest_reports.token(taken.report))


async def test_a_confirmed_notice_is_kept_until_its_case_is_old(
    network: LiveNetwork, eve: Member, watch: Watch
) -> None:
    moderator = await network.moderator()
    taken = await guest_reports.file(guest_form(await eve.post("Call 555 1234.")), can_mail=True)
    await guest_reports.confirm(await guest_reports.token(taken.report))
    watch.forward(100 * DAY)
    assert await guest_reports.forget_old() == 0
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL, rule=7)
    await network.settle()
    row = await guest_reports.of_report(taken.report)
    assert row is not None
    assert (guest_reports.outcome(row), row.email, row.locale) == (Outcome.ACTION, "zoe@tilly.example", "fr")
    watch.forward((evidence.KEPT_DAYS + 1) * DAY)
    assert await guest_reports.forget_old() == 1
    assert await guest_reports.of_report(taken.report) is None
    assert await network.count("report", f"state = {ReportState.ANSWERED}") == 1


async def test_a_notice_that_is_confirmed_after_the_decision_is_answered(network: LiveNetwork, eve: Member) -> None:
    ana = await network.member("ana")
    moderator = await network.moderator()
    post = await eve.post("Call 555 1234.")
    taken = await guest_reports.file(guest_form(post), can_mail=True)
    await ana.report(post)
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    await network.settle()
    await guest_reports.confirm(await guest_reports.token(taken.report))
    await network.settle()
    row = await guest_reports.of_report(taken.report)
    assert row is not None
    assert guest_reports.outcome(row) is Outcome.ACTION
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 0


async def test_a_post_is_found_at_its_authors_address_alone(network: LiveNetwork, eve: Member) -> None:
    await network.member("ana")
    post = await eve.post("Call 555 1234.")
    with pytest.raises(Invalid) as refusal:
        await guest_reports.file(guest_form(post, address=f"/@ana/{post}"), can_mail=True)
    assert set(refusal.value.fields) == {"address"}


async def test_an_edit_that_only_a_guest_has_reported_is_seen_before_the_decision(
    network: LiveNetwork, eve: Member
) -> None:
    """A moderator who has the earlier words before them says nothing of the later ones."""
    ana = await network.member("ana")
    moderator = await network.moderator()
    post = await eve.post("Have a nice day.")
    await ana.report(post)
    viewer, case = await moderator.viewer(), await network.open_case()
    seen = (await cases.read(viewer, case)).version
    await eve.edit(post, "You will be sorry.")
    await guest_reports.file(guest_form(post), can_mail=True)
    with pytest.raises(Conflict, match="has changed"):
        await decisions.decide(viewer, case, Decision(StatementKind.NO_BREACH, seen))
    again = await cases.read(viewer, case)
    assert [one.content.text for one in again.evidence] == ["You will be sorry.", "Have a nice day."]
    assert again.case.reports == 1


async def test_a_guests_report_of_what_was_found_harmless_reopens_nothing(network: LiveNetwork, eve: Member) -> None:
    ana = await network.member("ana")
    moderator = await network.moderator()
    post = await eve.post("Have a nice day.")
    await ana.report(post, 1)
    await moderator.decide(await network.open_case(), StatementKind.NO_BREACH)
    urgent = await guest_reports.file(guest_form(post, rule=NamedRule(1, 1)), can_mail=True)
    await network.settle()
    row = await guest_reports.of_report(urgent.report)
    assert row is not None
    assert guest_reports.outcome(row) is Outcome.NO_BREACH
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 0
    # Another rule is another question.
    await guest_reports.file(guest_form(post, rule=NamedRule(1, 3)), can_mail=True)
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 1


async def test_a_strangers_address_gets_one_mail_and_no_answer(network: LiveNetwork, eve: Member) -> None:
    moderator = await network.moderator()
    post = await eve.post("You will be sorry.")
    taken = await guest_reports.file(guest_form(post, rule=NamedRule(1, 1)), can_mail=True)
    assert taken.mailed
    assert not taken.confirm
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL, rule=1)
    await network.settle()
    row = await guest_reports.of_report(taken.report)
    assert row is not None
    assert not row.confirmed
    confirmed = await guest_reports.confirm(await guest_reports.token(taken.report))
    assert guest_reports.outcome(confirmed) is Outcome.ACTION
    assert await network.count("outbox", "kind = 'GuestAnswerDue'") == 1


async def test_only_threats_and_the_abuse_of_children_need_no_address(network: LiveNetwork, eve: Member) -> None:
    """Incitement is urgent as well, and waits until its sender has confirmed their address."""
    book = await rules.current()
    assert [rule.name for rule in book.rules if guest_reports.counts_at_once(rule)] == ["threats", "children"]
    post = await eve.post("You will be sorry.")
    with pytest.raises(Invalid, match="Give your name"):
        await guest_reports.file(guest_form(post, rule=NamedRule(1, 2), name="", email=""), can_mail=True)
    assert (await guest_reports.file(guest_form(post, rule=NamedRule(1, 2)), can_mail=True)).confirm
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 0
    assert not (await guest_reports.file(guest_form(post, rule=NamedRule(1, 3)), can_mail=True)).confirm
    assert await network.count("mod_case", f"state = {CaseState.OPEN}") == 1


@pytest.mark.parametrize(
    ("severity", "category", "at_once"),
    [
        (Severity.URGENT, Category.VIOLENCE, True),
        (Severity.URGENT, Category.PROTECTION_OF_MINORS, True),
        (Severity.URGENT, Category.ILLEGAL_OR_HARMFUL_SPEECH, False),
        (Severity.URGENT, Category.OTHER_VIOLATION_TC, False),
        (Severity.ILLEGAL, Category.VIOLENCE, False),
        (Severity.SERIOUS, Category.PROTECTION_OF_MINORS, False),
    ],
)
def test_a_rule_of_the_operators_counts_at_once_by_severity_and_category(
    severity: Severity, category: Category, at_once: bool
) -> None:
    texts = {"en": RuleText("A rule", "Of the operator's.")}
    assert guest_reports.counts_at_once(Rule(1, "a-rule", severity, category, 1, False, texts)) is at_once


async def test_a_guests_report_weighs_what_settings_say(network: LiveNetwork, eve: Member) -> None:
    post = await eve.post("Call 555 1234.")
    taken = await guest_reports.file(guest_form(post), can_mail=True, policy=ReportPolicy(guest=25))
    assert await network.count("mod_case", "weight > 0") == 0
    await guest_reports.confirm(await guest_reports.token(taken.report))
    assert await network.count("mod_case", "weight = 25") == 1
