"""A browser that never answers costs one story, and not the run."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Error

from e2e import patience

NEVER = "new Promise(() => {})"


def test_a_story_that_does_not_end_fails(launched: Callable[[], Browser], capsys: pytest.CaptureFixture[str]) -> None:
    page = launched().new_page()
    with patience.limited("a story", 0.5), pytest.raises(Error, match="closed"):
        page.evaluate(NEVER)
    assert "a story: not over within 0.5 s" in capsys.readouterr().err
    page = launched().new_page()
    assert page.evaluate("1 + 1") == 2
    page.close()


def test_a_story_that_ends_is_left_alone(launched: Callable[[], Browser]) -> None:
    page = launched().new_page()
    with patience.limited("a story", 0.5):
        pass
    page.evaluate("new Promise((done) => { setTimeout(done, 1000); })")
    page.close()
