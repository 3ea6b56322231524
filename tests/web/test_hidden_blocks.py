"""Somebody who has blocked one looks, by every address and every button, as if they did not exist."""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import clock, ids
from tests.conftest import OpenSite
from tests.helpers import sweeps
from tests.helpers.people import LiveSite
from tests.web.test_hidden_roles import PLENTY

# As long as the name, the handle and the ids of whom they are compared with.
BLOCKER, NOBODY = "mirabelle", "nemophila"

# What a process looks up from time to time, whatever is asked of it.
BESIDE = ("handover", "move_notice")
# A post that is at the reader can be reported in spite of a block, so that is looked up. What it tells by its time is
# no more than what anybody reads who signs out: that there is such a public post.
REPORTING = ("/report?about=post.", "/reports {'about': 'post.")


@pytest.fixture
async def site(open_site: OpenSite) -> LiveSite:
    return await open_site(**PLENTY, acts_per_hour=100_000, posts_per_hour=100_000)


async def test_who_has_blocked_is_as_who_does_not_exist(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers are the same, to the byte, and so are the statements that were run for them."""
    run: list[object] = []
    fetch = DB.fetch

    async def noted(statement: SQL, *args: object) -> object:
        if not any(table in statement.sqlite for table in BESIDE):
            run.append(statement)
        return await fetch(statement, *args)

    blocker, eve = await site.members(BLOCKER, "eve")
    post = await blocker.post("Good morning.")
    await blocker.block(eve)
    await site.settle()
    # Ids of the same time, which nobody has.
    nobody, nothing = blocker.id + 1, post + 1
    assert ids.time_of(nobody) == ids.time_of(blocker.id)
    known = {BLOCKER: NOBODY, str(blocker.id): str(nobody), str(post): str(nothing)}
    browser = site.browser(eve, headers={"accept-encoding": "identity"})
    monkeypatch.setattr(DB, "fetch", noted)
    shown, missing, statements = {}, {}, {}
    with clock.fixed_at(clock.now()):
        for method in ("GET", "POST", "PUT", "DELETE"):
            pairs = zip(_asked(method, BLOCKER, blocker.id, post), _asked(method, NOBODY, nobody, nothing), strict=True)
            for (address, data), (elsewhere, other) in pairs:
                for headers in ({}, {"x-act": "1"}, {"hx-request": "true"}):
                    name = f"{method} {address} {data} {headers}"
                    run.clear()
                    answer = await browser.request(method, address, headers=headers, data=data)
                    shown[name] = sweeps.renamed(sweeps.answered(answer), known)
                    ran = [*run]
                    run.clear()
                    answer = await browser.request(method, elsewhere, headers=headers, data=other)
                    missing[name] = sweeps.renamed(sweeps.answered(answer), known)
                    if ran != run and not any(path in name for path in REPORTING):
                        statements[name] = (ran, [*run])
    assert statements == {}
    assert sweeps.differences(shown, missing) == {}
    assert len(shown) > 100
    assert await site.network.count("block") == 1
    assert await site.network.count("follow") == 0


def _asked(method: str, handle: str, account: int, post: int) -> list[tuple[str, dict[str, str] | None]]:
    """What names a person or a post, in its address or in its form."""
    values = {"handle": (handle,), "account_id": (account,), "post_id": (post,)}
    rest = dict.fromkeys(sweeps.places() - values.keys(), ("1",))
    asked: list[tuple[str, dict[str, str] | None]] = [
        (address, None if method == "GET" else {"value": "up", "text": "Hello", "version": "1"})
        for address in sweeps.addresses(method, {**values, **rest})
        if address != f"/@{handle}/feed" and any(str(one) in address for one in (handle, account, post))
    ]
    if method == "GET":
        asked += [
            (address, None)
            for address in (
                f"/people?q={handle}",
                f"/complete?kind=people&q={handle}",
                f"/compose?reply_to={post}",
                f"/compose?quote={post}",
                f"/report?about=account.{account}",
                f"/report?about=post.{post}",
                f"/posts/{post}",
            )
        ]
    if method == "POST":
        asked += [
            ("/posts", {"text": "Hello", "key": "a-key-for-this", "reply_to": str(post)}),
            ("/posts", {"text": "Hello", "key": "a-key-for-that", "quote": str(post)}),
            ("/reports", {"about": f"account.{account}", "rule": "1.6"}),
            ("/reports", {"about": f"post.{post}", "rule": "1.6"}),
        ]
    return asked


async def test_their_feed_is_public_as_it_is_for_guests(site: LiveSite) -> None:
    """A feed asks nobody who they are: a reader's program has no session."""
    blocker, eve = await site.members(BLOCKER, "eve")
    await blocker.post("Good morning.")
    await blocker.block(eve)
    own, guest = [await site.browser(one).get(f"/@{BLOCKER}/feed") for one in (eve, None)]
    assert own.status_code == guest.status_code == 200
    assert sweeps.answered(own) == sweeps.answered(guest)
