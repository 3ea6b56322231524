"""Cursors come from outside: they lead where they were made for, and anything else to the first page."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.core import ids, pages
from domain.core.pages import HIGHEST, Rank

IDS = st.integers(1, ids.LAST - 1)
SCORES = st.integers(-HIGHEST.score, HIGHEST.score)


@given(IDS)
def test_a_list_goes_on_below_its_last_item(last: int) -> None:
    assert pages.below(pages.cursor(last)) == last


@given(SCORES, IDS)
def test_a_ranked_list_goes_on_after_its_last_item(score: int, last: int) -> None:
    assert pages.rank(pages.cursor(Rank(score, last))) == Rank(score, last)


@given(st.text())
@example("٣")
@example("²")
@example("9" * 30)
def test_other_text_is_the_first_page(text: str) -> None:
    made_here = text.isascii() and text.isdigit() and 0 < int(text) < ids.LAST
    assert (pages.below(text) == ids.LAST) is not made_here
    assert pages.rank(text) is None


@pytest.mark.parametrize(
    "text", ["", "1", "1.x", ".5", "-.1", "--1.5", "9" * 30 + ".1", "2147483648.1", "1.-1", "1.0", "٣.1", "1.2.3"]
)
def test_what_is_no_rank_is_the_first_page(text: str) -> None:
    assert pages.rank(text) is None
