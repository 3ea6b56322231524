"""The public log: a stranger reads a decision without names, and its member proves offline that it is there."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from tests.helpers.services import ServerProcess, parvis

FACTS = "A reply insults whoever plays under a window."


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_decision_is_found_and_proved(meet_fresh: Meet, fresh: ServerProcess, tmp_path: Path, scripts: bool) -> None:
    desk = Client(fresh.base).found()
    eve, ana = Client(fresh.base).sign_up("zelda"), Client(fresh.base).sign_up("quentin")
    post = eve.publish("You will be sorry.")
    ana.send("/reports", {"about": f"post.{post}", "rule": "1.6"})
    operator = meet_fresh("desktop", scripts, desk)
    operator.page.goto("/moderation")
    operator.page.get_by_role("button", name="Next", exact=True).click()
    operator.page.get_by_label("Warning").check()
    operator.page.get_by_label("What happened").fill(FACTS)
    operator.page.get_by_role("button", name="Decide").click()
    expect(operator.page.get_by_text("Decided.")).to_be_visible()

    stranger = meet_fresh("phone", scripts)
    page = stranger.page
    page.goto("/about")
    page.get_by_role("main").get_by_role("link", name="Public log").click()
    _until(page, FACTS)
    expect(page.get_by_role("heading", name="Warning")).to_be_visible()
    for handle in ("zelda", "quentin", "desk"):
        expect(page.get_by_role("main")).not_to_contain_text(handle, ignore_case=True)
    page.get_by_label("What").select_option("Rules published")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".log-entry")).to_have_count(1)
    page.get_by_text("How to check this log").click()
    expect(page.get_by_text(f"parvis log verify {fresh.base}")).to_be_visible()

    member = meet_fresh("phone", scripts, eve)
    member.page.goto("/standing")
    member.page.get_by_role("link", name="Warning").click()
    with member.page.expect_download() as download:
        member.page.get_by_role("link", name="Receipt from the public log").click()
    receipt = tmp_path / "receipt.json"
    download.value.save_as(receipt)
    key = parvis("log", "key", environment=fresh.environment).strip()
    # No network is needed: the folder has none.
    said = parvis("log", "check", str(receipt), "--key", key, environment={**fresh.environment, "PARVIS_DATA": "/none"})
    assert "Entry 1 is in the log of 2 entries" in said
    assert FACTS in said
    assert "The log is whole: 2 entries" in parvis("log", "verify", environment=fresh.environment)


def _until(page: Page, words: str) -> None:
    """Reads the page again until the server has got so far."""

    def is_there() -> bool:
        page.reload()
        return page.get_by_text(words).count() > 0

    device.until(page, is_there)
