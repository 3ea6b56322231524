"""The public log over HTTP: the page for people, and the files as c2sp.org/tlog-tiles has them."""

import gzip
import json
import re

from asgi import rate_limits
from db.engine import DB
from domain.core import notes, tlog
from domain.core.access import Role
from domain.moderation import public_log, public_log_receipts, reversals, staff
from domain.moderation.kinds import StatementKind
from tests.helpers import log_files
from tests.helpers.moderation import reported
from tests.helpers.people import LiveSite

COMMITMENT = re.compile(r"<code>([0-9a-f]{64})</code>")


async def add(site: LiveSite, count: int) -> None:
    async with DB.writing():
        for _ in range(count):
            await public_log.add_role(Role.MEMBER, Role.MODERATOR)
    await site.settle()


async def test_everybody_reads_it_and_nobody_is_named(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site.network)
    removal = await moderator.decide(case, StatementKind.POST_REMOVAL, facts="It insults.", explanation="That hurts.")
    reversal = await reversals.reverse(await moderator.viewer(), removal, "It was a quotation.")
    await staff.set_role("ana", Role.MODERATOR)
    await site.settle()
    guest = site.browser()
    answer = await guest.get("/log")
    assert answer.status_code == 200
    assert "etag" in answer.headers, "a page that guests share"
    for words in ("Decision taken back", "It was a quotation.", "Post removed", "It insults.", "That hurts.",
                  "6. Harassment", "taken back", "Somebody was made a moderator.", "/rules/1", "Entry 2",
                  'href="/log/receipts/2"', "parvis log verify", "The log has 4 entries."):  # fmt: skip
        assert words in answer.text, words
    assert len(COMMITMENT.findall(answer.text)) == 4
    shown = answer.text.partition("<main")[2].partition("</main>")[0]
    assert "It insults." in shown
    for secret in ("ana", "eve", "mona", "ottilie", "Mona"):
        assert not re.search(rf"\b{secret}\b", shown, re.IGNORECASE), secret
    for number in (ana.id, eve.id, moderator.id, post, case, removal, reversal):
        assert str(number) not in answer.text
    french = await guest.get("/log", headers={"accept-language": "fr"})
    assert "Quelqu’un a été nommé modérateur." in french.text
    for page in ("/about", "/rules"):
        assert 'href="/log"' in (await guest.get(page)).text, page
    assert (await site.browser(eve).get("/log")).status_code == 200


async def test_filters_and_pages(site: LiveSite) -> None:
    await add(site, 25)
    browser = site.browser()
    first = (await browser.get("/log?kind=role_changed")).text
    assert '<option value="role_changed" selected>' in first
    assert "Rules published</h2>" not in first
    assert len(re.findall('id="entry-', first)) == 20
    (older,) = set(re.findall(r'href="(/log\?before=[^"#]+)"', first))
    assert older == "/log?before=6&amp;kind=role_changed"
    rest = await browser.get(older.replace("&amp;", "&"), headers={"hx-request": "true"})
    assert re.findall(r'id="entry-(\d+)"', rest.text) == ["5", "4", "3", "2", "1"]
    assert "<html" not in rest.text
    assert "Nothing like this is in the log." in (await browser.get("/log?rule=spam")).text
    assert (await browser.get("/log?before=nonsense")).status_code == 200
    for wrong in ("kind=nonsense", "rule=No%20rule", "kind=role_changed%27"):
        assert (await browser.get(f"/log?{wrong}")).status_code == 404, wrong


async def test_files(site: LiveSite) -> None:
    await add(site, 300)
    browser = site.browser(headers={"accept-encoding": "identity"})
    key = notes.read_key((await browser.get("/log/key")).text)
    answer = await browser.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    checkpoint = tlog.read_checkpoint(answer.content, key)
    assert checkpoint.size == 301
    files = {"checkpoint": answer.content}
    for tile in (*tlog.tiles_of(301), *tlog.bundles_of(301)):
        answer = await browser.get(f"/log/{tile.path}")
        assert answer.status_code == 200, tile.path
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "set-cookie" not in answer.headers
        files[tile.path] = answer.content
    assert (await log_files.verify(files, key)).size == 301
    whole = await browser.get("/log/tile/entries/000", headers={"accept-encoding": "gzip"})
    assert whole.headers["content-encoding"] == "gzip"
    assert whole.headers["vary"] == "accept-encoding"
    assert whole.content == files["tile/entries/000"], "as httpx unpacks it"
    assert len(gzip.compress(whole.content)) < len(whole.content)
    # A narrower tile of an earlier checkpoint is still there, beside the whole one.
    assert (await browser.get("/log/tile/0/000.p/1")).content == files["tile/0/000"][:32]
    for wrong in ("tile/0/001", "tile/0/001.p/46", "tile/1/000.p/2", "tile/2/000.p/1", "tile/0/002.p/1", "tile/0/1",
                  "tile/entries/001", "tile/x/000", "tile/0/000.p/0", "tile/0/000.p/256", "nothing", "tile/",
                  "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/63/000"):  # fmt: skip
        assert (await browser.get(f"/log/{wrong}")).status_code == 404, wrong


async def test_a_log_that_is_empty(site: LiveSite) -> None:
    browser = site.browser()
    assert (await browser.get("/log/tile/0/001")).status_code == 404
    page = (await browser.get("/log")).text
    assert "The log has 0 entries." in page
    assert "Nothing is here yet." in page
    key = notes.read_key((await browser.get("/log/key")).text)
    files = {"checkpoint": (await browser.get("/log/checkpoint")).content}
    assert (await log_files.verify(files, key)).size == 0


async def test_receipts(site: LiveSite) -> None:
    ana, eve, moderator, _, case = await reported(site.network)
    statement = await moderator.decide(case, StatementKind.WARNING)
    mine, address = site.browser(eve), f"/statements/{statement}/receipt"
    assert (await mine.get(address)).status_code == 409
    await site.settle()
    assert f'href="{address}"' in (await mine.get(f"/statements/{statement}")).text
    answer = await mine.get(address)
    assert answer.headers["content-disposition"] == f'attachment; filename="decision-{statement}.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert public_log_receipts.check(answer.content)[0].statement == str(statement)
    assert (await site.browser(ana).get(address)).status_code == 404
    assert (await site.browser().get(address)).headers["location"].startswith("/signin")
    public = await site.browser().get("/log/receipts/1")
    assert public_log_receipts.check(public.content)[0].index == 1
    assert "own_salt" not in json.loads(public.content)
    for wrong in ("2", "-1", "x", "00", "9" * 19):
        assert (await site.browser().get(f"/log/receipts/{wrong}")).status_code == 404, wrong


async def test_files_have_a_limit_of_their_own(site: LiveSite) -> None:
    """Whoever checks the log reads many; they don't count as pages."""
    assert rate_limits.LOG_FILES[0] > site.network.settings.address_reads_burst
    await add(site, 1)
    browser = site.browser()
    for _ in range(site.network.settings.address_reads_burst + 1):
        assert (await browser.get("/log/tile/0/000.p/1")).status_code == 200
    assert (await browser.get("/log")).status_code == 200
