"""Cursors come from outside: they lead where they were made for, and anything else to the first page."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asgi.guest_pages import LINKED
from domain.core import cursors, ids
from domain.core.cursors import BACK, FRONT, HIGHEST, QueuePlace, Rank

IDS = st.integers(1, ids.LAST - 1)
SCORES = st.integers(-HIGHEST.score, HIGHEST.score)
# What looks like a cursor, and often is one.
LIKELY = st.from_regex(r"-?[0-9.]{0,25}", fullmatch=True)


@given(IDS)
def test_a_list_goes_on_below_its_last_item(last: int) -> None:
    cursor = cursors.after(last)
    assert cursors.below(cursor) == last
    assert cursors.checked(cursor) == cursor
    assert cursors.checked_rank(cursor) == ""


@given(SCORES, IDS)
def test_a_ranked_list_goes_on_after_its_last_item(score: int, last: int) -> None:
    cursor = cursors.after(Rank(score, last))
    assert cursors.rank(cursor) == Rank(score, last)
    assert cursors.checked_rank(cursor) == cursor
    assert cursors.checked(cursor) == ""


@given(st.integers(0, 1), IDS, st.integers(0, 9), st.integers(-FRONT.weight, FRONT.weight), IDS)
def test_a_queue_goes_on_after_its_last_item(rest: int, due_at: int, severity: int, weight: int, last: int) -> None:
    place = QueuePlace(rest, due_at, severity, weight, last)
    assert cursors.queue_place(cursors.after(place)) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "1.2",
        "2.1.1.1.1",
        "1.1.1.99999999999.1",
        "1.9999999999999999999.1.0.1",
        "-1.1.1.1.1",
        "1.1.10.1.1",
        "1.1.1.1",
        "x",
    ],
)
def test_what_is_no_place_in_a_queue_is_the_first_page(text: str) -> None:
    assert cursors.queue_place(text) == FRONT
    assert cursors.queue_place(text, BACK) == BACK


@given(LIKELY | st.text())
@example("٣")
@example("²")
def test_other_text_is_the_first_page(text: str) -> None:
    is_id = re.fullmatch(r"[0-9]{1,19}", text) is not None and 0 < int(text) < ids.LAST
    assert (cursors.below(text), cursors.checked(text)) == ((int(text), text) if is_id else (ids.LAST, ""))
    assert cursors.above(text) == (int(text) if is_id else 0)
    parts = re.fullmatch(r"(-?[0-9]{1,10})[.]([0-9]{1,19})", text)
    is_rank = parts is not None and abs(int(parts[1])) <= HIGHEST.score and 0 < int(parts[2]) < ids.LAST
    assert cursors.rank(text) == (Rank(int(parts[1]), int(parts[2])) if parts and is_rank else None)
    assert cursors.checked_rank(text) == (text if is_rank else "")


@pytest.mark.parametrize(
    "text", ["", "1", "1.x", ".5", "-.1", "--1.5", "9" * 30 + ".1", "2147483648.1", "1.-1", "1.0", "٣.1", "1.2.3"]
)
def test_what_is_no_rank_is_the_first_page(text: str) -> None:
    assert cursors.rank(text) is None


@pytest.mark.parametrize("last", [1, ids.LAST - 1, Rank(-HIGHEST.score, ids.LAST - 1), Rank(0, 1)])
def test_pages_of_guests_are_cached_by_their_cursors(last: int | Rank) -> None:
    """``asgi.guest_pages`` caches no page with a query that no link of ours has."""
    assert LINKED.fullmatch(f"before={cursors.after(last)}".encode())
