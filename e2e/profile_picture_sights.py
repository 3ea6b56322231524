"""A picture of a profile that moderators remove, as it can be seen in the demo town."""

import io
import re

from playwright.sync_api import Page, expect

from e2e.client import Client
from e2e.demo_site import DemoSite, PageSight
from ops.demo import drawings
from ops.demo.cast import PASSWORD

PICTURED = "paula"
REASONS = {"rule": "2.6", "kind": "", "sanction": "", "facts": "The header mocks somebody.", "explanation": ""}


def sights(town: DemoSite) -> list[PageSight]:
    """``@paula`` had her header removed, and is reported again for her picture."""
    case = _remove(town)
    return [
        PageSight("profile-pictures-case", "ottilie", case, choose),
        PageSight("profile-pictures-case-french", "simone", case),
        PageSight("profile-pictures-statement", PICTURED, "/standing", open_statement),
        PageSight("profile-pictures-settings", PICTURED, "/settings/profile"),
    ]


def _remove(town: DemoSite) -> str:
    """Has the header removed, and the picture reported; returns the address of the case that is open."""
    if PICTURED not in town.clients:
        paula = town.clients[PICTURED] = Client(town.base)
        person = {"name": "Paula Pinsel", "birth_date": "1990-05-04", "terms": "1", "rules": "2", "handle": PICTURED}
        paula.send("/signup", {**person, "password": PASSWORD})
        for what, drawing in (("picture", drawings.portrait(2)), ("header", drawings.bread())):
            body = io.BytesIO(drawings.jpeg(drawing))
            answer = paula.http.post(f"/settings/profile/{what}", files={"file": (f"{what}.jpg", body)})
            assert answer.status_code == 303, answer.text
        address = _report(town)
        page = town.client("simone").http.get(address).text
        (version,) = re.findall(r'name="version" value="(\d+)"', page)[:1]
        _picture, header = re.findall(r'name="(media\.\d+)"', page)
        town.client("simone").send(f"{address}/decisions", {**REASONS, header: "1", "version": version})
    return _report(town)


def _report(town: DemoSite) -> str:
    """Has somebody report the account; returns the address of its open case."""
    account = town.client("lena").id_of(PICTURED)
    town.client("lena").send("/reports", {"about": f"account.{account}", "rule": "2.6"})
    page = town.client("simone").http.get("/moderation").text
    # Sights that come before have cases made, too.
    (address,) = re.findall(rf'href="(/moderation/cases/[0-9]+)"(?:(?!</li>).)*@{PICTURED}', page, re.DOTALL)
    return str(address)


def choose(page: Page) -> None:
    page.get_by_label("Remove the picture").check()
    page.get_by_text("Pictures of the profile").scroll_into_view_if_needed()


def open_statement(page: Page) -> None:
    page.locator(".verdict a").first.click()
    expect(page.locator(".reasons")).to_be_visible()
