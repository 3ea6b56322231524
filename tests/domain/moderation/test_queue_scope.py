"""A moderator works on a part of the queue: by rule, and by what cases are about."""

import pytest

from domain.moderation import cases, upstream_work, work
from domain.moderation.filter_kinds import FilterOutcome
from domain.moderation.kinds import SubjectKind
from domain.moderation.queued_cases import EVERYTHING, QueueScope
from domain.moderation.reports import NamedRule
from domain.moderation.subjects import Subject
from domain.moderation.work import Work, WorkKind
from tests.conftest import Watch
from tests.helpers import written_filters
from tests.helpers.complaints import mail, opened
from tests.helpers.moderation import appealed
from tests.helpers.people import LiveNetwork, Member

SPAM, HARASSMENT = QueueScope(rule="spam"), QueueScope(rule="harassment")
ACCOUNTS = QueueScope(kind=SubjectKind.ACCOUNT)
THREATS_RULE, HARASSMENT_RULE, SPAM_RULE = 1, 6, 10


async def shown(moderator: Member, scope: QueueScope) -> set[int]:
    return {one.id for one in (await cases.queue(await moderator.viewer(), "", scope)).cases}


async def case_of(moderator: Member, text: str) -> int:
    """The case of the post with this text."""
    found = (await cases.queue(await moderator.viewer())).cases
    return next(one.id for one in found if one.content and one.content.text == text)


async def test_by_rule_and_by_subject(network: LiveNetwork) -> None:
    ana, ben, eve = await network.members("ana", "ben", "eve")
    moderator = await network.moderator()
    await ana.report(await eve.post("Cheap shoes."), rule=SPAM_RULE)
    await ana.report(await eve.post("A hateful word."), rule=HARASSMENT_RULE)
    both = await eve.post("Cheap hateful shoes.")
    await ana.report(both, rule=SPAM_RULE)
    await ben.report(both, rule=HARASSMENT_RULE)
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id), rule=SPAM_RULE)
    spam, hateful, mixed = [
        await case_of(moderator, one) for one in ("Cheap shoes.", "A hateful word.", "Cheap hateful shoes.")
    ]
    every = await shown(moderator, EVERYTHING)
    (account,) = every - {spam, hateful, mixed}
    assert await shown(moderator, SPAM) == {spam, mixed, account}
    assert await shown(moderator, HARASSMENT) == {hateful, mixed}
    assert await shown(moderator, ACCOUNTS) == {account}
    assert await shown(moderator, QueueScope("harassment", SubjectKind.ACCOUNT)) == set()
    assert await shown(moderator, QueueScope("no-such-rule")) == set()
    # The figures are of all that waits, whatever is shown of it.
    figures = (await cases.queue(await moderator.viewer(), "", ACCOUNTS)).figures
    assert figures.open == len(every) == 4


async def test_what_filters_and_complaints_bring(network: LiveNetwork) -> None:
    mona, max_ = await written_filters.staff(network)
    eve = await network.member("eve")
    await written_filters.live(mona, max_, FilterOutcome.CASE)
    await eve.post("buy pills")
    found = await case_of(mona, "buy pills")
    post = await eve.post("A whole book, copied.")
    complaint = await opened(mail(f"https://parvis.test/@eve/{post}"))
    viewer = await max_.viewer()
    await upstream_work.open_cases(viewer, complaint, [0], NamedRule(1, HARASSMENT_RULE))
    complained = await case_of(mona, "A whole book, copied.")
    under = {rule: await shown(mona, QueueScope(rule)) for rule in ("spam", "harassment", "threats")}
    assert complained in under["harassment"]
    assert [rule for rule, cases in under.items() if found in cases] == [written_filters.SPAM]


async def test_the_next_one_is_of_that_part(network: LiveNetwork, watch: Watch) -> None:
    ana, eve, _, moderator, *_ = await appealed(network)
    await ana.report(await eve.post("You will be sorry."), rule=THREATS_RULE)
    watch.forward(60)
    await ana.report(await eve.post("Cheap shoes."), rule=SPAM_RULE)
    spam = await case_of(moderator, "Cheap shoes.")
    viewer = await moderator.viewer()
    assert await work.claim_next(viewer, scope=SPAM) == Work(WorkKind.CASE, spam)
    await cases.release(viewer, spam)
    assert await work.claim_next(viewer, scope=ACCOUNTS) is None, "appeals and complaints are of no part"
    assert await work.claim_next(viewer) == Work(WorkKind.CASE, await case_of(moderator, "You will be sorry."))


@pytest.mark.parametrize("alone", [True, False])
async def test_by_which_rule_one_is_reported_is_not_told(network: LiveNetwork, alone: bool) -> None:
    ana, operator = await network.member("ana"), await network.operator()
    if not alone:
        await network.moderator()
    await ana.report(await operator.post("Cheap shoes."), rule=SPAM_RULE)
    assert bool(await shown(operator, EVERYTHING)) == alone
    assert await shown(operator, SPAM) == set()
