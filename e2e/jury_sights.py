"""The pages of juries, as they can be seen in the demo town."""

import contextlib
import re
import sqlite3

from playwright.sync_api import Page, expect

from domain.core import clock, ids
from domain.moderation.jury_kinds import JuryState, JuryVote, SeatState
from e2e.client import Client
from e2e.demo_site import DemoSite, PageSight
from ops.demo.cast import PASSWORD

WARNED = "quirin"
POST = "Whoever voted for the bench, @pavel first, can’t count to three."
REASONS = {"rule": "2.6", "kind": "warning", "facts": "It calls somebody stupid.", "explanation": ""}
APPEAL = "I, Quirin Quandt, was counting benches. There are two, and one wants three."
WHY = "It is about a person, and not about benches."
JURORS = ("eszter", "mireille")


def sights(town: DemoSite) -> list[PageSight]:
    """``@eszter`` and ``@mireille``, who reads French, are to hear an appeal; ``@bao`` has heard it, and ``@noor``
    and ``@tom`` as an audit."""
    _convene(town)
    return [
        PageSight("juries", "eszter", "/jury"),
        PageSight("juries-none", "ana", "/jury"),
        PageSight("jury", "eszter", "/jury", open_summons),
        PageSight("jury-refused", "eszter", "/jury", vote_badly, 422),
        PageSight("jury-french", "mireille", "/jury", open_summons),
        PageSight("jury-history", "bao", "/jury/history"),
        PageSight("jury-history-none", "ana", "/jury/history"),
        PageSight("jury-voted", "bao", "/jury/history", lambda page: page.locator(".verdict a").first.click()),
        PageSight("jury-audit", "noor", "/jury/history", lambda page: page.locator(".verdict a").first.click()),
        PageSight("jury-audits", "ottilie", "/moderation/audits"),
        PageSight("jury-settings", "eszter", "/jury/settings"),
        PageSight("jury-settings-french", "mireille", "/jury/settings"),
        PageSight("appeal-before-jury", WARNED, "/standing", open_appealed),
    ]


def _convene(town: DemoSite) -> None:
    """Has a jury hear an appeal, whom the town is too small for: all know each other."""
    if WARNED in town.clients:
        return
    warned = town.clients[WARNED] = Client(town.base)
    person = {"name": "Quirin Quandt", "birth_date": "1990-05-04", "terms": "1", "rules": "2", "handle": WARNED}
    warned.send("/signup", {**person, "password": PASSWORD})
    post = warned.publish(POST)
    town.client("lena").send("/reports", {"about": f"post.{post}", "rule": "2.6"})
    simone = town.client("simone").http
    case = max(re.findall(r"/moderation/cases/(\d+)", simone.get("/moderation").text), key=int)
    (version,) = re.findall(r'name="version" value="(\d+)"', simone.get(f"/moderation/cases/{case}").text)
    decided = f"/moderation/cases/{case}/decisions"
    town.client("simone").send(decided, {**REASONS, "version": version, "names_nobody": "1"})
    (statement,) = re.findall(r"/statements/(\d+)", warned.http.get("/standing").text)[:1]
    warned.send(f"/statements/{statement}/appeal", {"words": APPEAL})
    for handle in (*JURORS, "bao"):
        town.client(handle).send("/jury/settings", {"opted_in": "1"})
    _seat(town)


def _seat(town: DemoSite) -> None:
    """The newest appeal’s jury sits, and some have a seat on it."""
    now = clock.now()
    with contextlib.closing(sqlite3.connect(town.folder / "parvis.sqlite", timeout=20)) as connection:
        (appeal,) = connection.execute("SELECT max(appeal) FROM jury").fetchone()
        connection.execute(
            "UPDATE jury SET state = ?, ends_at = ?, closed_at = NULL WHERE appeal = ?",
            (JuryState.SITTING, now + 7 * clock.DAY_MS, appeal),
        )
        for handle in (*JURORS, "bao"):
            voted = handle == "bao"
            connection.execute(
                "INSERT INTO juror (id, jury, account, state, ends_at, vote, answered_at)"
                " SELECT ?, ?, id, ?, ?, ?, ? FROM account WHERE handle = ?",
                (
                    ids.new(),
                    appeal,
                    SeatState.VOTED if voted else SeatState.SUMMONED,
                    now + clock.DAY_MS,
                    JuryVote.REVERSE if voted else None,
                    now if voted else None,
                    handle,
                ),
            )
        connection.execute("INSERT INTO jury_audit (jury, why, promoted_at) VALUES (?, ?, ?)", (appeal, WHY, now))
        for handle, dispute in (("noor", None), ("tom", 0)):
            connection.execute(
                "INSERT INTO juror"
                " (id, jury, account, state, ends_at, vote, answered_at, audit, dispute, dispute_state)"
                " SELECT ?, ?, id, ?, ?, ?, ?, 1, ?, ? FROM account WHERE handle = ?",
                (
                    ids.new(),
                    appeal,
                    SeatState.VOTED,
                    now,
                    JuryVote.REVERSE,
                    now,
                    "" if dispute is None else "There are three benches: I have sat on each.",
                    dispute,
                    handle,
                ),
            )
        connection.commit()


def open_summons(page: Page) -> None:
    page.locator(".verdict a").first.click()
    expect(page.locator("#vote")).to_be_visible()


def vote_badly(page: Page) -> None:
    open_summons(page)
    page.locator("#vote textarea").fill("They were counting benches.")
    page.locator("#vote input[type=radio]").first.evaluate(
        "(one) => { for (const radio of one.form.vote) radio.required = false }"
    )
    page.locator("#vote button.cta").click()
    expect(page.locator("#e-vote")).to_be_visible()


def open_appealed(page: Page) -> None:
    page.locator(".verdict a").first.click()
    expect(page.get_by_text("Five members, drawn by lot, hear it")).to_be_visible()
