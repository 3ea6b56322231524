"""The page of figures and its files: for everybody, the same numbers in each, and nobody in them."""

import csv
import io
import re

import pytest

from domain.core import clock
from domain.moderation import figures, transparency
from domain.moderation.kinds import StatementKind
from domain.moderation.transparency import FIGURES
from tests.domain.moderation.test_figures import at, two_months
from tests.helpers.people import LiveSite, Member
from web import charts, public_log_words


@pytest.fixture
async def counted(site: LiveSite) -> LiveSite:
    await two_months(site.network)
    with clock.fixed_at(at("2026-05-03T08:00")):
        await figures.count_due()
    return site


async def test_everybody_reads_the_page(counted: LiveSite) -> None:
    guest = counted.browser()
    answer = await guest.get("/transparency")
    assert answer.status_code == 200
    assert "etag" in answer.headers, "a page that guests share"
    for words in ("May 2, 2026", "April 2026", "under 5", "Harassment", "Post removed", "<title id=", "<desc id=",
                  "rounded down to a multiple of 5"):  # fmt: skip
        assert words in answer.text, words
    assert "style=" not in answer.text
    shown = answer.text.partition("<main")[2].partition("</main>")[0]
    for secret in ("ana", "eve", "mona", "max", "ottilie"):
        assert not re.search(rf"\b{secret}\b", shown, re.IGNORECASE), secret
    for page in ("/about", "/rules", "/log"):
        assert 'href="/transparency"' in (await guest.get(page)).text, page
    french = await guest.get("/transparency", headers={"accept-language": "fr"})
    assert "moins de 5" in french.text
    assert "avril 2026" in french.text
    again = await guest.get("/transparency", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_month_of_its_own(counted: LiveSite) -> None:
    guest = counted.browser()
    text = (await guest.get("/transparency?month=2026-05")).text
    assert '<option value="2026-05" selected>' in text
    assert "<dd>40%</dd>" in text
    assert (await guest.get("/transparency?month=2026-03")).status_code == 404
    assert (await guest.get("/transparency?month=%27")).status_code == 404


async def test_the_files_have_the_same_figures(counted: LiveSite) -> None:
    guest = counted.browser()
    answer = await guest.get("/transparency.json")
    said = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert (said["until"], said["rounded_to"], said["fields"]) == ("2026-05-02", 5, FIGURES)
    table = await guest.get("/transparency.csv")
    assert table.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(table.text))
    assert [dict(zip(head, row, strict=True)) for row in rows] == [
        {key: "" if value is None else str(value) for key, value in one.items()} for one in said["figures"]
    ]
    assert {one["figure"] for one in said["figures"]} == set(FIGURES)
    counts = [one["value"] for one in said["figures"] if one["figure"] in ("reports", "cases", "decisions")]
    assert all(value is None or value % 5 == 0 for value in counts)


async def test_nothing_is_counted_for_a_page(counted: LiveSite) -> None:
    """What happens now changes no figure before tomorrow."""
    before = (await counted.browser().get("/transparency.json")).text
    _, _, moderator, _, case = await reported_again(counted)
    await moderator.decide(case, StatementKind.POST_REMOVAL)
    assert (await counted.browser().get("/transparency.json")).text == before


async def reported_again(site: LiveSite) -> tuple[Member, Member, Member, int, int]:
    """A reporter, an author, a moderator, the author's post and its case."""
    lea, ugo = await site.members("lea", "ugo")
    moderator = await site.network.moderator("mira")
    post = await ugo.post("You will be sorry.")
    await lea.report(post)
    return lea, ugo, moderator, post, await site.network.open_case()


async def test_before_anything_is_counted(site: LiveSite) -> None:
    guest = site.browser()
    assert "Nothing counted yet" in (await guest.get("/transparency")).text
    assert (await guest.get("/transparency.csv")).text.count("\n") == 1
    assert (await guest.get("/transparency.json")).json()["figures"] == []


async def test_the_suspended_read_it(counted: LiveSite) -> None:
    _, eve, moderator, _, case = await reported_again(counted)
    await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=1)
    for page in ("/transparency", "/transparency.csv", "/transparency.json"):
        assert (await counted.browser(eve).get(page)).status_code == 200, page


def test_every_kind_has_its_words() -> None:
    assert {transparency.word(kind) for kind in StatementKind} <= set(public_log_words.KINDS)


def test_bars_stay_in_the_drawing() -> None:
    found = charts.stacked([("01", [0, 3]), ("02", [None, 97]), ("03", [0, 0])])
    assert [(bar.series, bar.height > 0) for bar in found.bars] == [(2, True), (2, True)]
    drawn = [*found.bars, *found.marks]
    assert all(bar.y >= 0 and bar.y + bar.height <= charts.HEIGHT - charts.BOTTOM + 0.1 for bar in drawn)
    assert all(bar.x >= charts.LEFT and bar.x + bar.width <= charts.WIDTH for bar in drawn)
    assert [line.text for line in found.lines] == ["0", "50", "100"]
    assert charts.stacked([]).bars == []


def test_what_is_too_small_to_be_given_adds_nothing_to_the_axis() -> None:
    found = charts.stacked([("01", [None, None]), ("02", [10, None])])
    assert [(mark.series, mark.height) for mark in found.marks] == [
        (1, charts.MARK),
        (2, charts.MARK),
        (2, charts.MARK),
    ]
    assert [bar.series for bar in found.bars] == [1]
    first, second, on_top = found.marks
    assert (first.y, first.x + first.width < second.x) == (second.y, True)
    assert on_top.y + on_top.height == found.bars[0].y
    assert [line.text for line in found.lines] == ["0", "5", "10"]
