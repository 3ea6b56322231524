"""The page of a filter's simulation, as it can be seen in the demo town."""

import contextlib
import re
import sqlite3
from functools import partial

import msgspec
from playwright.sync_api import Page

from domain.core import clock, ids
from domain.moderation import filter_expressions
from domain.moderation.filter_kinds import SimulationState
from domain.moderation.filter_tally import Count, GroupKind, Tally
from e2e.client import Client
from e2e.demo_site import DemoSite, PageSight
from tests.helpers.services import until

# Unlike the demo's own, these are for their simulations alone.
DONE, RUNNING, NONE, FAILED = "Benches", "Cats", "Tea in capitals", "Links to benches"
CONDITIONS = {
    DONE: r'skeleton.matches(r"\bbench(es)?\b") &&' + "\n" + '  !("history" in tags)',
    RUNNING: r'skeleton.matches(r"\b(cat|biscuit)s?\b")',
    NONE: 'text.contains("TEA") || text.contains("COFFEE")',
    FAILED: 'links.exists(link, link.contains("bench"))',
}
# What a network of some size would count.
COUNTED = {
    GroupKind.LANGUAGE: {"en": (81_204, 1130), "fr": (52_911, 2484), "": (9_410, 101)},
    GroupKind.AGE: {"day": (412, 77), "week": (2_804, 210), "month": (11_309, 402), "older": (129_000, 3026)},
    GroupKind.TAG: {"bench": (96, 91), "library": (1_201, 14), "thebiscuitaffair": (640, 0)},
    GroupKind.CLUSTER: {"1": (30_412, 2310), "2": (41_006, 640), "": (72_107, 765)},
}
HUBS = [(1, "friends_of_the_bench"), (2, "the_library")]


def sights(town: DemoSite) -> list[PageSight]:
    """``@ottilie`` operates the town and ``@simone``, who reads French, moderates it."""
    address = _simulate(town)
    return [
        PageSight("simulation", "ottilie", address[DONE]),
        PageSight("simulation-hits", "ottilie", address[DONE], scroll_to_hits),
        PageSight("simulation-french", "simone", address[DONE]),
        PageSight("simulation-running", "ottilie", address[RUNNING]),
        PageSight("simulation-none", "ottilie", address[NONE]),
        PageSight("simulation-failed", "ottilie", address[FAILED]),
    ]


def _simulate(town: DemoSite) -> dict[str, str]:
    """The addresses of the simulations of filters that ``@simone`` has written, by their names."""
    simone = town.client("simone")
    listed = simone.http.get("/moderation/filters").text
    for name, condition in CONDITIONS.items():
        if name not in listed:
            form = {"name": name, "condition": condition, "outcome": "case", "rule": "spam", "facts": ""}
            address = f"{simone.send('/moderation/filters', form).headers['location']}/simulation"
            if name in (DONE, FAILED):
                simone.send(address)
                until(partial(_is_done, simone, address))
    if DONE not in listed:
        _count(town)
    with contextlib.closing(sqlite3.connect(town.folder / "parvis.sqlite", timeout=20)) as connection:
        rows = connection.execute("SELECT name, id FROM filter_rule").fetchall()
    return {name: f"/moderation/filters/{number}/simulation" for name, number in rows}


def _is_done(client: Client, address: str) -> bool:
    return 'class="queue-figures"' in client.http.get(address).text


def _count(town: DemoSite) -> None:
    """Has one simulation find as much as in a larger town, one fail for some posts, and another one stand halfway."""
    groups = {kind: {name: Count(*count) for name, count in found.items()} for kind, found in COUNTED.items()}
    with contextlib.closing(sqlite3.connect(town.folder / "parvis.sqlite", timeout=20)) as connection:
        (done,) = connection.execute("SELECT id FROM filter_rule WHERE name = ?", (DONE,)).fetchone()
        (failed,) = connection.execute("SELECT id FROM filter_rule WHERE name = ?", (FAILED,)).fetchone()
        failures = Tally(posts=143_525, hits=40, failures=12, reason=filter_expressions.TOO_MANY_STEPS)
        for number, tally in ((done, Tally(hubs=HUBS, posts=143_525, hits=3715, groups=groups)), (failed, failures)):
            encoded = msgspec.json.encode(tally).decode()
            connection.execute("UPDATE simulation SET tally = ? WHERE filter = ?", (encoded, number))
        connection.execute(
            "UPDATE simulation_hit SET wrong = 1 WHERE filter = ? AND post = (SELECT max(post) FROM simulation_hit)",
            (done,),
        )
        now = clock.now()
        halfway = msgspec.json.encode(Tally(posts=61_500, hits=1207)).decode()
        connection.execute(
            "INSERT INTO simulation (filter, run, condition, state, since, until, next_post, tally, touched_at)"
            " SELECT id, ?, condition, ?, 0, 100, 43, ?, ? FROM filter_rule WHERE name = ?",
            (ids.new(), SimulationState.RUNNING, halfway, now, RUNNING),
        )
        connection.commit()


def scroll_to_hits(page: Page) -> None:
    page.get_by_role("heading", name=re.compile("Some of the hits")).scroll_into_view_if_needed()
    page.locator(".sample li").first.scroll_into_view_if_needed()
