"""What is counted of moderation, and what everybody may know of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from db.engine import DB
from db.queries import moderation_figures as queries
from db.queries.moderation_figures import MonthRow, Span
from db.sql import SQL
from domain.core import clock, ids
from domain.moderation import appeal_decisions, appeals, figures, reversals, transparency
from domain.moderation.figures import Cells
from domain.moderation.jury_kinds import JuryState
from domain.moderation.kinds import AppealState, Party, StatementKind
from domain.moderation.transparency import ALL, FIGURES, Published
from tests.helpers.moderation import WORDS
from tests.helpers.people import LiveNetwork


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def value(found: Published, figure: str, month: str = ALL, **about: str) -> Any:
    """The value of the one figure that is about this."""
    (one,) = [
        one for one in found.figures
        if (one.month, one.figure) == (month, figure) and all(getattr(one, key) == said for key, said in about.items())
    ]  # fmt: skip
    return one.value


async def two_months(network: LiveNetwork) -> None:
    """In April seven posts are reported and decided after 90 minutes, two of them harmless; in May one more is, and
    two of the appeals of April's are granted.
    """
    with clock.fixed_at(at("2026-03-01T00:00")):
        ana, eve, tom = await network.members("ana", "eve", "tom")
        moderator, second = await network.moderator(), await network.moderator("max")
    made = []
    for number in range(7):
        with clock.fixed_at(at(f"2026-04-0{number + 1}T10:00")):
            post = await _post(eve)
            await ana.report(post, rule=1 if number == 0 else 6)
            if number < 6:
                await tom.report(post)
        with clock.fixed_at(at(f"2026-04-0{number + 1}T11:30")):
            kind = StatementKind.NO_BREACH if number > 4 else StatementKind.POST_REMOVAL
            made.append(await moderator.decide(await network.open_case(), kind))
    with clock.fixed_at(at("2026-05-02T10:00")):
        for statement in made[:5]:
            await appeals.lodge(await eve.viewer(), statement, WORDS)
        lodged = [row[0] for row in await DB.fetch(SQL("SELECT id FROM appeal ORDER BY statement"))]
        for number, appeal in enumerate(lodged):
            answer = appeal_decisions.grant if number < 2 else appeal_decisions.uphold
            await answer(await second.viewer(), appeal, "It was a song.")
        await ana.report(await _post(eve))
        await moderator.decide(await network.open_case(), StatementKind.POST_REMOVAL)


async def _post(member: Any) -> int:
    from domain.posts import publishing

    key = str(clock.now())
    return await publishing.publish(await member.viewer(), publishing.Draft("You will be sorry.", key))


async def test_figures_of_two_months(network: LiveNetwork) -> None:
    await two_months(network)
    with clock.fixed_at(at("2026-05-03T08:00")):
        assert await figures.count_due() == 2
        found = await transparency.read()
    assert (found.until, found.months) == ("2026-05-02", ("2026-05", "2026-04"))
    assert {one.figure for one in found.figures} == set(FIGURES)
    april = "2026-04"
    # 13 reports, 7 cases, 5 removals; from 1 to 4 is not told, 0 is.
    assert value(found, "reports", april, kind="member") == 10
    assert value(found, "reports", april, kind="guest") == 0
    assert value(found, "reports_by_rule", april, rule="harassment") == 10
    assert value(found, "reports_by_rule", april, rule="threats") is None
    assert value(found, "cases", april, severity="serious") == 5
    assert value(found, "cases", april, severity="urgent") is None
    assert value(found, "decisions", april, kind="post_removal") == 5
    assert value(found, "decisions", april, kind="no_breach") is None
    assert value(found, "decisions", april, kind="warning") == 0
    assert value(found, "decisions_by_rule", april, rule="harassment", kind="post_removal") == 5
    assert value(found, "cases_decided", april, kind="others") == 5
    assert value(found, "in_time_percent", april, kind="others") == 100
    assert value(found, "median_minutes", april, kind="others") == 90
    assert value(found, "p90_minutes", april, kind="others") == 90
    # One case is too little to say how long it took.
    assert value(found, "median_minutes", april, kind="urgent") is None
    assert value(found, "appeals", april, kind="sanctioned") == 0
    assert value(found, "appeals_granted_percent", april, kind="moderators") is None
    assert value(found, "appeals", "2026-05", kind="sanctioned") == 5
    assert value(found, "appeals_answered", "2026-05", kind="sanctioned_granted") is None
    assert value(found, "appeals_granted_percent", "2026-05", kind="moderators") == 40
    assert value(found, "appeals_granted_percent", "2026-05", kind="jury") is None
    assert value(found, "decisions", "2026-05", kind="reversal") is None
    # All together.
    assert value(found, "decisions", kind="post_removal") == 5
    assert value(found, "reports", kind="member") == 10
    assert value(found, "automated_percent") == 0
    assert value(found, "open_cases") == 0


async def test_what_waits_is_counted_as_it_was(network: LiveNetwork) -> None:
    with clock.fixed_at(at("2026-03-01T00:00")):
        ana, eve = await network.members("ana", "eve")
        moderator = await network.moderator()
    with clock.fixed_at(at("2026-04-01T10:00")):
        for number in range(6):
            with clock.fixed_at(at(f"2026-04-01T10:0{number}")):
                await ana.report(await _post(eve))
    with clock.fixed_at(at("2026-05-05T10:00")):
        for case in [row[0] for row in await DB.fetch(SQL("SELECT id FROM mod_case WHERE state = 1"))]:
            await moderator.decide(case, StatementKind.NO_BREACH)
        await figures.count_due()
        # Nothing of today is counted.
        found = await transparency.read()
        assert [value(found, "open_cases", month) for month in ("2026-04", "2026-05")] == [5, 5]
        assert value(found, "overdue_cases", "2026-04") == 5
        assert value(found, "decisions", "2026-05", kind="no_breach") == 0
    with clock.fixed_at(at("2026-05-06T10:00")):
        await figures.count_due()
        found = await transparency.read()
        assert [value(found, "open_cases", month) for month in ("2026-04", "2026-05", ALL)] == [5, 0, 0]
        assert value(found, "in_time_percent", "2026-05", kind="others") == 0
        assert value(found, "median_minutes", "2026-05", kind="others") == 48_000


async def test_it_is_counted_once_a_day_and_over_months_no_more(network: LiveNetwork) -> None:
    assert await figures.count_due() == 0
    assert (await transparency.read()).months == ()
    await two_months(network)
    for moment, due in (
        ("2026-05-03T08:00", 2), ("2026-05-03T09:00", 0), ("2026-05-03T23:59", 0), ("2026-05-04T00:01", 2),
        # April stays open for eight days.
        ("2026-05-09T12:00", 2), ("2026-05-12T12:00", 1), ("2026-06-20T12:00", 2),
    ):  # fmt: skip
        with clock.fixed_at(at(moment)):
            assert await figures.count_due() == due, moment
    before = [month for month in await figures.stored() if month.month == "2026-04"]
    await DB.fetch(SQL("UPDATE report SET reporter = NULL"))
    with clock.fixed_at(at("2026-07-20T12:00")):
        await figures.count_due()
    assert [month for month in await figures.stored() if month.month == "2026-04"] == before


async def test_guests_and_what_does_not_count(network: LiveNetwork) -> None:
    await two_months(network)
    guests = SQL(
        "INSERT INTO guest_report (report, name, email, locale, confirmed, purge_at) "
        "SELECT id, '', '', 'en', 1, ?1 FROM report WHERE rule_number = 6 ORDER BY id LIMIT 6"
    )
    await DB.fetch(guests, clock.LAST)
    await DB.fetch(SQL("UPDATE report SET reporter = NULL"))
    with clock.fixed_at(at("2026-05-03T08:00")):
        await figures.count_due()
        found = await transparency.read()
    # Whoever has left was a member.
    assert (value(found, "reports", kind="guest"), value(found, "reports", kind="member")) == (5, 5)
    await DB.fetch(SQL("UPDATE report SET state = 0"))
    with clock.fixed_at(at("2026-05-04T08:00")):
        await figures.count_due()
        assert value(await transparency.read(), "reports", kind="guest") == 0


async def test_reversals_of_decisions_are_not_appeals(network: LiveNetwork) -> None:
    await two_months(network)
    moderator = await network.moderator("mira")
    last = int(await DB.value(SQL("SELECT max(id) FROM statement WHERE kind = 2")))
    with clock.fixed_at(at("2026-05-02T11:00")):
        await reversals.reverse(await moderator.viewer(), last, "It was a song.")
    with clock.fixed_at(at("2026-05-03T08:00")):
        await figures.count_due()
        _, may = figures.decoded(await figures.stored())
    assert sum(row[-1] for row in may.cells.decisions if row[0] == StatementKind.REVERSAL) == 3
    assert sum(row[-1] for row in may.cells.answered) == 5


@pytest.mark.parametrize(
    ("number", "given"), [(0, 0), (1, None), (4, None), (5, 5), (9, 5), (10, 10), (1_234_567, 1_234_565)]
)
def test_numbers_are_rounded_down(number: int, given: int | None) -> None:
    assert transparency.rounded(number) == given


@pytest.mark.parametrize(
    ("part", "whole", "given"),
    [(0, 4, None), (4, 4, None), (0, 5, 0), (5, 5, 100), (1, 6, 15), (1, 3000, 0), (2, 3, None)],
)
def test_shares_are_coarse(part: int, whole: int, given: int | None) -> None:
    assert transparency.percent(part, whole) == given


def test_quantiles_are_values_that_are_there() -> None:
    counted = [(10, 5), (100, 4), (1000, 1)]
    assert [transparency.quantile(counted, hundredths) for hundredths in (50, 51, 90, 91, 100)] == [
        10,
        100,
        100,
        1000,
        1000,
    ]
    assert transparency.quantile([(10, 4)], 50) is None


def test_a_month_of_everything_is_published() -> None:
    """Each kind and state has its word."""
    cells = Cells(decisions=[(kind, "spam", 0, 0, 7) for kind in StatementKind])
    found = [one for one in transparency.of(ALL, cells) if one.figure == "decisions"]
    assert [one.value for one in found] == [5] * len(StatementKind)


def test_times_have_two_digits() -> None:
    """So a month has few different ones, and they add up to a time for all months."""
    one, other = (Cells(decided=[(2, 1, 90, count)]) for count in (3, 4))
    found = list(transparency.of(ALL, figures.together([one, other])))
    assert [row.value for row in found if row.figure == "median_minutes" and row.kind == "others"] == [90]


def test_juries_and_moderators_are_told_apart() -> None:
    party, granted, upheld = Party.SANCTIONED, AppealState.GRANTED, AppealState.UPHELD
    answered: list[tuple[int, int, int, int]] = [
        (party, granted, 1, 6),
        (party, upheld, 1, 4),
        (party, granted, 0, 2),
        (party, upheld, 0, 8),
    ]
    found = {
        one.kind: one.value
        for one in transparency.of(ALL, Cells(answered=answered))
        if one.figure == "appeals_granted_percent"
    }
    assert found == {"moderators": 20, "jury": 60}


async def test_what_a_jury_has_answered_is_counted_as_its_own(network: LiveNetwork) -> None:
    """As long as it sits, and where it hands the appeal to a moderator, it has answered nothing."""
    await two_months(network)
    first, *_ = [row[0] for row in await DB.fetch(SQL("SELECT id FROM appeal WHERE state > 0 ORDER BY id"))]
    span = Span(0, clock.LAST, 0, ids.LAST)
    counts = []
    for state in JuryState:
        await DB.fetch(SQL("DELETE FROM jury"))
        await DB.fetch(SQL("INSERT INTO jury (appeal, state, opened_at, ends_at) VALUES (?1, ?2, 0, 0)"), first, state)
        counts.append(sum(count for *_, by_jury, count in await queries.answered(span) if by_jury))
    assert dict(zip(JuryState, counts, strict=True)) == {
        JuryState.SITTING: 0, JuryState.UPHELD: 1, JuryState.REVERSED: 1, JuryState.REFERRED: 0, JuryState.VOID: 0,
    }  # fmt: skip


def test_complaints_are_told_apart_by_their_clocks() -> None:
    cells = Cells(complaints_closed=[(1, 30, 7), (0, 90, 6), (1, 1200, 8)], orders_closed=[(1, 30, 7), (0, 90, 6)])
    found = {(one.figure, one.kind): one.value for one in transparency.of("2026-05", cells)}
    assert [found["complaints_answered", kind] for kind in ("order", "others")] == [10, 5]
    assert [found["complaints_in_time_percent", kind] for kind in ("order", "others")] == [55, 100]
    assert [found["complaints_p90_minutes", kind] for kind in ("order", "others")] == [90, 1200]
    # What an earlier version has counted.
    (before,) = figures.decoded([MonthRow("2026-05", 1, '{"complaints_closed": [[1, 30, 7]]}')])
    assert before.cells.orders_closed == []
