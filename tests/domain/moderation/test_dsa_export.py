"""What the DSA Transparency Database gets: a statement of each kind that restricts something, and nobody's name."""

from collections import Counter
from typing import Any

import pytest

from db.engine import DB
from db.queries import cases
from db.sql import SQL
from domain.core import clock, ids, secrets
from domain.moderation import actions, dsa_checks, dsa_export, evidence, proposals, reversals
from domain.moderation.actions import Action, Author, Finding
from domain.moderation.dsa_export import RESTRICTIONS, UNRESTRICTED, ExportPage
from domain.moderation.kinds import MEASURES, SANCTIONS, Source, StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from domain.moderation.subjects import Subject
from domain.posts.measures import PostLabel
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork, Member

ORIGIN = "https://parvis.example"
SET_TEXTS = SQL("UPDATE statement SET facts = ?2, explanation = ?3 WHERE id = ?1")


async def pages(cleared: tuple[int, ...] = ()) -> list[ExportPage]:
    return [page async for page in dsa_export.pages(ids.EPOCH, clock.now() + 1, ORIGIN, cleared)]


async def exported() -> list[dict[str, Any]]:
    found = await pages()
    assert [page.refused for page in found if page.refused] == []
    statements = [one for page in found for one in page.statements]
    assert [dsa_checks.problems(one) for one in statements if dsa_checks.problems(one)] == []
    return statements


async def sole() -> dict[str, Any]:
    (statement,) = await exported()
    return statement


def test_every_kind_has_its_place() -> None:
    assert set(RESTRICTIONS) | UNRESTRICTED == set(StatementKind)
    assert not set(RESTRICTIONS) & UNRESTRICTED
    assert set(dsa_export.SOURCES) == set(Source)


async def test_a_removed_post(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL, facts="It insults.", explanation="It hurts.")
    found = await sole()
    assert found.pop("puid") == dsa_export.puid(await secrets.mac_key(), statement)
    assert len(found.pop("territorial_scope")) == 30
    day = clock.day(ids.time_of(statement))
    assert found == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": "https://parvis.example/rules/1",
        "incompatible_content_ground": "Rule 6, Harassment (version 1)",
        "incompatible_content_explanation": "It hurts.",
        "content_type": ["CONTENT_TYPE_TEXT"],
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "content_date": clock.day(ids.time_of(post)),
        "application_date": day,
        "decision_facts": "It insults.",
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }
    assert not any(str(number) in str(found) for number in (eve.id, post, case, statement))


@pytest.mark.parametrize("kind", sorted(SANCTIONS))
async def test_what_is_done_to_an_account(network: LiveNetwork, kind: StatementKind) -> None:
    with clock.fixed_at(clock.now() - 40 * clock.DAY_MS):
        ana, eve = await network.members("ana", "eve")
        moderator, second = await network.moderator(), await network.moderator("max")
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    case = await network.open_case()
    await moderator.decide(case, StatementKind.WARNING, sanction=kind, days=30)
    if kind is StatementKind.PERMANENT_SUSPENSION:
        row = await cases.one(case)
        assert row is not None
        await proposals.agree(await second.viewer(), case, row.version)
    found = await sole()
    registered = clock.day(ids.time_of(eve.id))
    assert (found["content_date"], found["content_type"]) == (registered, ["CONTENT_TYPE_OTHER"])
    assert found["content_date"] < found["application_date"]
    field, value, end = RESTRICTIONS[kind]
    assert found[field] == value
    assert "decision_visibility" not in found
    ends = clock.day(clock.now() + 30 * clock.DAY_MS)
    assert found.get(end) == (None if kind is StatementKind.PERMANENT_SUSPENSION else ends)


MEASURED = {
    StatementKind.LABEL: "DECISION_VISIBILITY_CONTENT_LABELLED",
    StatementKind.COVER: "DECISION_VISIBILITY_OTHER",
    StatementKind.LIMIT: "DECISION_VISIBILITY_CONTENT_DEMOTED",
    StatementKind.MEDIA_REMOVAL: "DECISION_VISIBILITY_CONTENT_REMOVED",
}


async def test_what_is_done_to_a_post_that_stays(network: LiveNetwork) -> None:
    """Each is a statement of its own; what is taken out of a post is what it was, and not what the post is."""
    assert set(MEASURED) == MEASURES
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    (picture,) = (view := await eve.view(await eve.show("Look."))).media
    await ana.report(view.id)
    chosen: dict[str, Any] = {"measures": MEASURES, "label": PostLabel.SENSITIVE, "media": (picture.id,)}
    await moderator.decide(await network.open_case(), None, **chosen)
    found = {tuple(one["decision_visibility"]): one for one in await exported()}
    assert set(found) == {(value,) for value in MEASURED.values()}
    types = {kind: found[(value,)]["content_type"] for kind, value in MEASURED.items()}
    both = ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_TEXT"]
    assert types == {**dict.fromkeys(MEASURED, both), StatementKind.MEDIA_REMOVAL: ["CONTENT_TYPE_IMAGE"]}
    others = {kind: found[(value,)].get("decision_visibility_other") for kind, value in MEASURED.items()}
    assert others == {**dict.fromkeys(MEASURED), StatementKind.COVER: dsa_export.COVERED}


async def test_a_post_that_is_hidden_until_it_is_edited(network: LiveNetwork) -> None:
    _, eve, moderator, post, case = await reported(network)
    await moderator.decide(case, StatementKind.HIDE_UNTIL_EDITED)
    found = await sole()
    assert found["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]
    assert "end_date_visibility_restriction" not in found
    await eve.edit(post, "You will be glad.")
    assert (await sole())["end_date_visibility_restriction"] == clock.day(clock.now())


async def test_a_removal_and_a_sanction_are_two_statements(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.POST_REMOVAL, sanction=StatementKind.FREEZE, days=7)
    found = await exported()
    assert len({one["puid"] for one in found}) == 2
    assert {"decision_visibility", "decision_provision"} <= {name for one in found for name in one}


async def test_what_restricts_nothing_is_counted(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    made = []
    for kind in (StatementKind.NO_BREACH, StatementKind.WARNING, StatementKind.WARNING, StatementKind.POST_REMOVAL):
        await ana.report(await eve.post("You will be sorry."))
        made.append(await moderator.decide(await network.open_case(), kind))
    *_, statement = made
    await reversals.reverse(await moderator.viewer(), statement, "It was a song.")
    found = await pages()
    counted = sum((page.left_out for page in found), Counter())
    assert counted == {StatementKind.NO_BREACH: 1, StatementKind.WARNING: 2, StatementKind.REVERSAL: 1}
    # What was taken back was a restriction until then, and is exported once.
    assert (await sole())["end_date_visibility_restriction"] == clock.day(clock.now())


async def test_a_statement_keeps_its_name(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    before = (await sole())["puid"]
    await reversals.reverse(await moderator.viewer(), statement, "It was a song.")
    assert (await sole())["puid"] == before


async def test_a_guest_s_report_is_a_notice_under_article_16(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await DB.fetch(
        SQL(
            "INSERT INTO guest_report (report, name, email, locale, confirmed, purge_at) "
            "SELECT id, '', '', 'en', 1, ?1 FROM report"
        ),
        clock.LAST,
    )
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    assert (await sole())["source_type"] == "SOURCE_ARTICLE_16"


async def test_what_no_person_did_is_automated(network: LiveNetwork) -> None:
    """Nobody has reported it, and nobody has decided it."""
    *_, case = await reported(network)
    await DB.fetch(SQL("UPDATE mod_case SET reports = 0 WHERE id = ?1"), case)
    row, kept = await cases.one(case), await evidence.of_case(case)
    assert row is not None
    finding = Finding(NamedRule(1, 6), "It insults.", "")
    async with DB.writing():
        await actions.take(row, [Action(StatementKind.POST_REMOVAL)], finding, Author(None), kept)
    found = await sole()
    assert (found["automated_detection"], found["automated_decision"]) == ("Yes", "AUTOMATED_DECISION_FULLY")


async def test_a_decision_stays_a_person_s_when_they_leave(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    await DB.fetch(SQL("UPDATE statement SET author = NULL"))
    found = await sole()
    assert (found["automated_detection"], found["automated_decision"]) == ("No", "AUTOMATED_DECISION_NOT_AUTOMATED")


async def test_pictures_are_pictures(network: LiveNetwork) -> None:
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    view = await eve.view(await eve.show("Look."))
    await ana.report(view.id)
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    assert (await sole())["content_type"] == ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_TEXT"]
    other = await eve.view(await eve.show("Look again."))
    await ana.report_subject(Subject(SubjectKind.MEDIA, other.media[0].id))
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    assert [one["content_type"] for one in await exported()][1] == ["CONTENT_TYPE_IMAGE"]
    for table in ("evidence_file", "evidence_holder", "evidence"):
        await DB.fetch(SQL(f"DELETE FROM {table}"))
    assert [one["content_type"] for one in await exported()] == [["CONTENT_TYPE_TEXT"], ["CONTENT_TYPE_OTHER"]]


@pytest.mark.parametrize(
    "text",
    ["Eve Rude insults people.", "The account eve did it.", "Said to @ana.", "See https://parvis.example/@eve.",
     "Written to eve@parvis.example.", "He insults Tom."],
)  # fmt: skip
async def test_a_text_that_names_a_member_is_refused(network: LiveNetwork, text: str) -> None:
    ana, tom = await network.member("ana"), await network.member("tom")
    eve = await network.member("eve", name="Eve Rude")
    moderator = await network.moderator()
    await ana.report(await eve.post("You will be sorry.", parent=await tom.post("Hello.")))
    statement = await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    for facts, explanation in ((text, ""), ("It insults.", text)):
        await DB.fetch(SET_TEXTS, statement, facts, explanation)
        (page,) = await pages()
        assert (page.statements, list(page.refused)) == ([], [statement])
        field = "decision_facts" if facts == text else "incompatible_content_explanation"
        assert [problem.field for problem in page.refused[statement]] == [field]


async def test_a_word_that_is_only_a_word_is_let_through(network: LiveNetwork) -> None:
    ana, the = await network.member("ana"), await network.member("the", name="The")
    moderator = await network.moderator()
    await ana.report(await the.post("You will be sorry."))
    case = await network.open_case()
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL, facts="The post insults.", names_nobody=True)
    assert list((await pages())[0].refused) == [statement]
    (page,) = await pages((statement,))
    assert (len(page.statements), page.refused) == (1, {})
    # That nobody is named is what somebody has looked at, and never a mention.
    await DB.fetch(SET_TEXTS, statement, "Said to @ana.", "")
    assert list((await pages((statement,)))[0].refused) == [statement]


async def test_texts_fit_however_they_are_written(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    long = "e\u0301\u0323" * 2000
    await moderator.decide(case, StatementKind.POST_REMOVAL, facts="é\u0323" * 4000, explanation=long)
    found = await sole()
    assert len(found["decision_facts"]) <= 5000
    assert len(found["incompatible_content_explanation"]) <= 2000
    assert found["decision_facts"].endswith("…")


async def test_the_rule_s_words_explain_where_the_moderator_does_not(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.POST_REMOVAL, rule=5, explanation="")
    found = await sole()
    assert found["incompatible_content_explanation"].startswith("Don't cheat people")
    # A rule of what the law forbids.
    assert found["incompatible_content_illegal"] == "Yes"


async def test_only_the_days_that_are_asked_for(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    await member_tick(ana)
    between = clock.now()
    await ana.report(await eve.post("You will be sorry again."))
    await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    first = [page async for page in dsa_export.pages(ids.EPOCH, between, "")]
    second = [page async for page in dsa_export.pages(between, clock.now() + 1, "")]
    names = [one["puid"] for page in (*first, *second) for one in page.statements]
    assert names == [one["puid"] for one in await exported()]
    assert len(first[0].statements) == 1
    assert "decision_ground_reference_url" not in first[0].statements[0]


async def member_tick(member: Member) -> None:
    await member._tick()


async def test_pages_follow_each_other(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dsa_export, "BATCH", 2)
    ana, eve = await network.members("ana", "eve")
    moderator = await network.moderator()
    for _ in range(3):
        await ana.report(await eve.post("You will be sorry."))
        await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)
    assert [len(page.statements) for page in await pages()] == [2, 1]
