"""What moderators do with complaints from upstream: claims, cases, decisions, answers, and what outsiders are told."""

import msgspec
import pytest

from domain.core import clock
from domain.core.access import Role
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound
from domain.moderation import (
    cases,
    dsa_export,
    evidence,
    figures,
    staff,
    statements,
    transparency,
    upstream,
    upstream_desk,
    upstream_proof,
    upstream_work,
)
from domain.moderation.kinds import CaseState, Severity, Source, StatementKind
from domain.moderation.reports import NamedRule
from domain.moderation.upstream_desk import ComplaintView
from domain.moderation.upstream_kinds import ComplaintState, EntryKind, LetterState, Sender, Verified
from domain.moderation.upstream_work import Closing
from tests.conftest import Watch
from tests.helpers.complaints import WORDS, about_a_post, filed, mail, opened, read
from tests.helpers.people import LiveNetwork, Member

RULE = NamedRule(1, 6)


async def open_all(moderator: Member, complaint: int, rule: NamedRule = RULE) -> ComplaintView:
    places = [one.place for one in (await read(moderator, complaint)).addresses]
    await upstream_work.open_cases(await moderator.viewer(), complaint, places, rule)
    return await read(moderator, complaint)


async def close(moderator: Member, complaint: int, *, can_mail: bool = True, answers: bool = True) -> None:
    version = (await read(moderator, complaint)).version
    closing = Closing(version, answers, "Answer", "It is removed.")
    await upstream_work.close(await moderator.viewer(), complaint, closing, can_mail=can_mail)


async def test_one_moderator_has_it_for_twenty_minutes(network: LiveNetwork, watch: Watch) -> None:
    _, mona, _, complaint = await about_a_post(network)
    max_ = await network.moderator("max")
    for _ in range(2):
        await upstream_desk.claim(await mona.viewer(), complaint)
    view = await read(max_, complaint)
    assert (view.listed.claimed, view.listed.mine) == (True, False)
    assert [one.kind for one in view.trail] == [EntryKind.RECEIVED, EntryKind.CLAIMED]
    viewer = await max_.viewer()
    for act in (
        upstream_desk.claim(viewer, complaint),
        upstream_work.verify(viewer, complaint),
        upstream_work.correct(viewer, complaint, Sender.HOST, "H", "en", ""),
        upstream_work.close(viewer, complaint, Closing(view.version, answers=False), can_mail=True),
        upstream_work.open_cases(viewer, complaint, [0], RULE),
    ):
        with pytest.raises(Conflict, match="Another moderator"):
            await act
    watch.forward(20 * 60 + 1)
    await upstream_desk.claim(viewer, complaint)
    await upstream_desk.release(await mona.viewer(), complaint)
    assert (await read(max_, complaint)).listed.mine
    await upstream_desk.release(viewer, complaint)
    assert not (await read(max_, complaint)).listed.claimed
    await upstream_desk.claim(viewer, complaint)
    await staff.set_role("max", Role.MEMBER)
    assert not (await read(mona, complaint)).listed.claimed


async def test_a_party_to_it_neither_sees_nor_handles_it(network: LiveNetwork) -> None:
    mona, max_ = await network.moderator(), await network.moderator("max")
    post = await mona.post("You will be sorry.")
    complaint = await opened(mail(f"https://parvis.test/@mona/{post}"))
    viewer = await mona.viewer()
    assert (await upstream_desk.desk(viewer)).open.items == []
    for act in (
        upstream_desk.read(viewer, complaint),
        upstream_desk.claim(viewer, complaint),
        upstream_work.verify(viewer, complaint),
        upstream_work.open_cases(viewer, complaint, [0], RULE),
        upstream_work.close(viewer, complaint, Closing(1, answers=False), can_mail=True),
    ):
        with pytest.raises(Forbidden):
            await act
    view = await open_all(max_, complaint)
    (address,) = view.addresses
    assert address.case is not None
    assert (await cases.read(viewer, address.case)).case.complaint is None


async def test_a_case_is_due_no_later_than_its_complaint(network: LiveNetwork) -> None:
    eve, moderator, _, complaint = await about_a_post(network)
    view = await open_all(moderator, complaint)
    (address,) = view.addresses
    assert (address.case_state, address.can_open, view.waits) == (CaseState.OPEN, False, True)
    (queued,) = (await cases.queue(await moderator.viewer())).cases
    assert (queued.id, queued.complaint, queued.due_at) == (address.case, complaint, view.listed.due_at)
    assert (queued.severity, queued.reports) == (Severity.SERIOUS, 1)
    assert (await evidence.of_case(queued.id))[0].content.text == "You will be sorry."
    # A clock that is shorter stays so.
    other = await eve.post("Another.")
    second = await opened(mail(f"https://parvis.test/@eve/{other}", Message_ID="<2@a.example>"))
    before = clock.now()
    await open_all(moderator, second, NamedRule(1, 1))
    urgent = (await cases.queue(await moderator.viewer())).cases[0]
    assert urgent.complaint == second
    assert 0 <= urgent.due_at - before - clock.HOUR_MS < clock.MINUTE_MS


async def test_it_joins_the_case_that_there_is(network: LiveNetwork) -> None:
    _, moderator, post, complaint = await about_a_post(network)
    ana = await network.member("ana")
    await ana.report(post)
    case = await network.open_case()
    again = f"https://parvis.test/posts/{post}"
    second = await opened(mail(f"{again} https://parvis.test/@eve/{post}", Message_ID="<2@a.example>"))
    for one in (complaint, second):
        assert {address.case for address in (await open_all(moderator, one)).addresses} == {case}
    (queued,) = (await cases.queue(await moderator.viewer())).cases
    assert queued.reports == 3
    with pytest.raises(Invalid) as problem:
        await upstream_work.open_cases(await moderator.viewer(), complaint, [0], RULE)
    assert set(problem.value.fields) == {"places"}
    await moderator.decide(case, StatementKind.NO_BREACH)
    await network.settle()
    for one in (complaint, second):
        assert await network.count("complaint_entry", f"complaint = {one} AND kind = 6") == 1
    (address,) = (await open_all(moderator, complaint)).addresses
    assert address.case != case, "it was decided, and the host insists"


async def test_only_followers_may_see_it_and_a_case_is_opened_all_the_same(network: LiveNetwork) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    post = await eve.post("You will be sorry.", followers=True)
    complaint = await opened(mail(f"https://parvis.test/@eve/{post} https://parvis.test/@eve"))
    view = await open_all(moderator, complaint)
    assert all(one.case is not None for one in view.addresses)
    assert await network.count("mod_case", "state = 1") == 2


async def test_a_case_is_for_a_rule_that_there_is(network: LiveNetwork) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    with pytest.raises(Invalid) as problem:
        await upstream_work.open_cases(await moderator.viewer(), complaint, [0], NamedRule(1, 99))
    assert set(problem.value.fields) == {"rule"}
    assert await network.count("mod_case", "state > 0") == 0


async def test_a_decision_is_in_the_trail_and_a_letter_closes_it(network: LiveNetwork) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    view = await open_all(moderator, complaint)
    case = view.addresses[0].case
    assert case is not None
    with pytest.raises(Conflict, match="still open"):
        await close(moderator, complaint)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    await network.settle()
    seen = view.version
    with pytest.raises(Conflict, match="has changed"):
        await upstream_work.close(await moderator.viewer(), complaint, Closing(seen, answers=False), can_mail=True)
    for subject, words, field in (("", "W", "subject"), ("S", " ", "words"), ("S", "x" * 20_001, "words")):
        with pytest.raises(Invalid) as problem:
            await upstream_work.close(
                await moderator.viewer(), complaint, Closing(1, True, subject, words), can_mail=True
            )
        assert set(problem.value.fields) == {field}
    await close(moderator, complaint)
    view = await read(moderator, complaint)
    assert [(one.kind, one.about) for one in view.trail] == [
        (EntryKind.RECEIVED, None),
        (EntryKind.CASE_OPENED, case),
        (EntryKind.DECIDED, statement),
        (EntryKind.CLOSED, None),
    ]
    assert view.listed.state is ComplaintState.CLOSED
    assert (await upstream_desk.desk(await moderator.viewer())).closed.items[0].id == complaint
    assert [made.kind for made in view.addresses[0].decided] == [StatementKind.POST_REMOVAL]
    assert (view.letters[-1].words, view.letters[-1].state) == ("It is removed.", LetterState.WAITING)
    assert await network.count("outbox", "kind = 'ComplaintLetterDue'") == 1
    with pytest.raises(Conflict, match="has been closed"):
        await close(moderator, complaint)


async def test_without_mail_a_letter_is_sent_by_hand(network: LiveNetwork) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    await close(moderator, complaint, can_mail=False)
    (letter,) = (await read(moderator, complaint)).letters
    assert letter.state is LetterState.UNSENT
    viewer = await moderator.viewer()
    with pytest.raises(NotFound):
        await upstream_work.sent_by_hand(viewer, complaint, letter.id + 1)
    await upstream_work.sent_by_hand(viewer, complaint, letter.id)
    view = await read(moderator, complaint)
    assert (view.letters[0].state, view.trail[-1].kind) == (LetterState.BY_HAND, EntryKind.LETTER_BY_HAND)
    with pytest.raises(Conflict):
        await upstream_work.sent_by_hand(viewer, complaint, letter.id)


async def test_a_corrected_sender_has_another_clock(network: LiveNetwork) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    viewer = await moderator.viewer()
    received = (await read(moderator, complaint)).listed.received_at
    await upstream_work.correct(viewer, complaint, Sender.AUTHORITY, " Police ", "fr", "")
    view = await read(moderator, complaint)
    assert (view.listed.sender, view.listed.name, view.locale) == (Sender.AUTHORITY, "Police", "fr")
    assert view.listed.due_at == received + clock.HOUR_MS
    await upstream_work.correct(viewer, complaint, Sender.HOST, "Host", "en", "2026-01-01T00:00")
    view = await read(moderator, complaint)
    assert (view.listed.due_at, view.listed.overdue) == (view.deadline_at, True)
    with pytest.raises(Invalid) as problem:
        await upstream_work.correct(viewer, complaint, None, "", "de", "soon")
    assert set(problem.value.fields) == {"sender", "name", "locale", "deadline"}


@pytest.mark.parametrize(
    ("sender", "verified", "source"),
    [
        (Sender.TRUSTED_FLAGGER, Verified.BY_MODERATOR, Source.TRUSTED_FLAGGER),
        (Sender.TRUSTED_FLAGGER, Verified.BY_LINK, Source.OTHER_NOTICE),
        (Sender.AUTHORITY, Verified.BY_MODERATOR, Source.OTHER_NOTICE),
    ],
)
async def test_statements_say_what_brought_it_up(
    network: LiveNetwork, sender: Sender, verified: Verified, source: Source
) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    viewer = await moderator.viewer()
    await upstream_work.correct(viewer, complaint, sender, "Hotline", "en", "")
    await upstream.confirm(await upstream.token(complaint))
    if verified is Verified.BY_MODERATOR:
        await upstream_work.verify(viewer, complaint)
    assert (await read(moderator, complaint)).listed.verified is verified
    case = (await open_all(moderator, complaint)).addresses[0].case
    assert case is not None
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    assert (await statements.of_case(case))[0].source is source
    (exported,) = [page async for page in dsa_export.pages(0, clock.now() + 1000, "https://parvis.test")]
    (fields,) = exported.statements
    assert (exported.refused, fields["automated_detection"]) == ({}, "No")
    assert fields["source_type"] == dsa_export.SOURCES[source]
    assert fields.get("source_identity") == ("Hotline" if source is Source.TRUSTED_FLAGGER else None)


async def test_the_proof_names_what_came_and_no_moderator(network: LiveNetwork) -> None:
    _, moderator, post, complaint = await about_a_post(network)
    case = (await open_all(moderator, complaint)).addresses[0].case
    assert case is not None
    await upstream_desk.claim(await moderator.viewer(), complaint)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    await network.settle()
    await close(moderator, complaint)
    view = await read(moderator, complaint)
    body = upstream_proof.encoded(view)
    proof = msgspec.json.decode(body)
    assert (proof["complaint"], proof["sender"], proof["state"]) == (str(complaint), "other", "closed")
    (kept,) = proof["mails"]
    assert (kept["sha256"], kept["from"]) == (view.mails[0].sha256, "abuse@nordhost.example")
    assert proof["addresses"][0]["address"] == f"https://parvis.test/@eve/{post}"
    assert proof["addresses"][0]["decisions"][0]["statement"] == str(statement)
    assert [one["what"] for one in proof["trail"]] == ["received", "case_opened", "claimed", "decided", "closed"]
    assert proof["letters"][-1]["words"] == "It is removed."
    assert b"mona" not in body
    assert str(moderator.id).encode() not in body
    raw = await upstream_desk.kept_mail(await moderator.viewer(), complaint, view.mails[0].id)
    assert WORDS.encode() in raw
    with pytest.raises(NotFound):
        await upstream_desk.kept_mail(await moderator.viewer(), complaint + 1, view.mails[0].id)


async def test_figures_say_how_many_came_and_how_long_an_answer_took(network: LiveNetwork) -> None:
    day = 1_777_600_000_000  # 2026-05-01
    with clock.fixed_at(day):
        moderator = await network.moderator()
        made = [await opened(mail(Message_ID=f"<{one}@a.example>")) for one in range(6)]
        await filed()
        order = await filed(sender=Sender.AUTHORITY, email="a@police.example")
    with clock.fixed_at(day + 90 * clock.MINUTE_MS):
        moderator = await network.device(moderator.id, "mona")
        for complaint in made[:5]:
            await close(moderator, complaint)
        await upstream.confirm(await upstream.token(order))
    with clock.fixed_at(day + 5 * clock.DAY_MS):
        await figures.count_due()
        published = (await transparency.read()).figures
    found = {(one.figure, one.kind): one.value for one in published if one.month == "2026-05"}
    assert found["complaints", "other"] == 5, "six, rounded down"
    assert found["complaints", "authority"] is None
    assert found["complaints", "host"] == 0, "nobody has confirmed it"
    for clock_, figures_ in (("others", (5, 100, 90, 90)), ("order", (0, None, None, None))):
        names = ("answered", "in_time_percent", "median_minutes", "p90_minutes")
        assert tuple(found[f"complaints_{name}", clock_] for name in names) == figures_
    assert (found["open_complaints", ""], found["overdue_complaints", ""]) == (None, None)
