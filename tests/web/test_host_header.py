"""The Host header is a stranger's text: nothing that is kept, mailed or shown to others has it."""

from domain.notifications import feeds
from tests.conftest import OpenSite
from tests.helpers.people import LiveSite
from tests.helpers.services import MailServer

EVIL = {"host": "evil.example"}


async def paths(site: LiveSite) -> list[str]:
    """Pages that everybody reads, and what is fetched for them."""
    ana = await site.member("ana")
    post = await ana.post("A post #lamp")
    await feeds.renew(await ana.viewer())
    mine = f"/feeds/{await feeds.address_of(await ana.viewer())}.xml"
    return [
        "/", "/public", "/@ana", "/@ana/replies", "/@ana/media", f"/@ana/{post}", "/tags/lamp", "/people", "/about",
        "/terms", "/@ana/feed", mine, "/manifest.webmanifest", "/service-worker.js", "/offline", "/moved", "/signin",
        "/install",
        "/reset", "/.well-known/parvis-move?nonce=" + "n" * 32, "/nowhere",
    ]  # fmt: skip


async def test_no_page_repeats_it(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    for path in await paths(site):
        for headers in (EVIL, {**EVIL, "x-forwarded-host": "evil.example"}, {}):
            answer = await site.browser().get(path, headers=headers)
            assert "evil.example" not in answer.text + str(answer.headers), path


async def test_no_mail_has_it(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url)
    await site.member("ana", email="ana@tilly.example")
    evil = site.browser(headers={**EVIL, "origin": "http://evil.example"})
    assert (await evil.post("/reset", data={"email": "ana"})).status_code in (200, 201)
    await site.settle()
    assert "http://127.0.0.1:8000/reset/" in mail.wait().get_content()
    assert "evil.example" not in mail.wait().as_string()
