"""Link previews: asked for once, shown on every post with the link, and never more than the page says."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web

from db.engine import DB
from db.sql import SQL
from domain.accounts import network_profile
from domain.media import serving
from domain.posts import link_previews, page_metadata
from domain.posts.link_previews import Preview
from tests.conftest import Watch
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.web_server import answering

HEAD = """<!doctype html><html><head><title>Plain title</title>
<meta property="og:title" content="The bench &amp; the linden"><meta property="og:site_name" content="Tilly Daily">
<meta property="og:description" content="It moves by a metre.\nThe roots breathe.">
<meta property="og:image" content="/bench.jpg">
</head><body><meta property="og:title" content="Not this">"""


class Pages:
    """A web site on loopback. ``bodies`` by path; ``asked`` are the paths that were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bodies: dict[str, Any] = {"/": HEAD, "/bench.jpg": media_files.with_secrets(media_files.encoded())}
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        body = self.bodies.get(request.path)
        if body is None:
            raise web.HTTPNotFound
        if isinstance(body, str):
            return web.Response(text=body, content_type="text/html", charset="utf-8")
        return web.Response(body=body, content_type="image/jpeg")


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    made = Pages()
    async with answering(made.answer) as port:
        made.url = f"http://127.0.0.1:{port}"
        yield made


@pytest.fixture
async def town(network: LiveNetwork, private_addresses: None) -> LiveNetwork:
    """The network, which may ask this machine."""
    return network


async def preview(member: Member, post: int) -> Preview | None:
    return (await member.view(post)).preview


async def test_what_the_page_says(town: LiveNetwork, pages: Pages) -> None:
    ana, ben = await town.members("ana", "ben")
    post = await ana.post(f"See {pages.url}/#top, the news")
    assert await preview(ben, post) is None
    await town.settle()
    found = await preview(ben, post)
    assert found is not None
    assert (found.title, found.site) == ("The bench & the linden", "Tilly Daily")
    assert found.description == "It moves by a metre. The roots breathe."
    assert found.image is not None
    for file in found.image.files.values():
        served = await serving.find(file.key)
        assert served is not None
        assert served.open
        body = await serving.read(served, 0, served.size)
        assert not any(word.encode() in body for word in media_files.SECRETS)
    assert pages.asked == ["/", "/bench.jpg"]
    again = await ben.post(f"{pages.url}/ once more")
    await town.settle()
    assert await preview(ana, again) == found
    assert pages.asked == ["/", "/bench.jpg"], "asked once"


async def test_who_has_none(town: LiveNetwork, pages: Pages) -> None:
    """Posts with pictures, quotes, no links; and networks that want none."""
    ana = await town.member("ana")
    link = f"{pages.url}/"
    quoted = await ana.post("Quoted")
    posts = [await ana.show(link), await ana.post(link, quote=quoted), await ana.post("No link")]
    await town.settle()
    assert [await preview(ana, post) for post in posts] == [None] * 3
    about = await network_profile.about()
    operator = await town.operator()
    terms = (await network_profile.latest_terms()).text
    without = msgspec.structs.replace(about, link_previews=False)
    await network_profile.edit(await operator.viewer(), without, terms, operator.processor)
    post = await ana.post(link)
    await town.settle()
    assert await preview(ana, post) is None
    assert pages.asked == []


async def test_another_link_another_preview(town: LiveNetwork, pages: Pages) -> None:
    ana = await town.member("ana")
    pages.bodies["/other"] = "<title>Another</title>"
    post = await ana.post(f"{pages.url}/")
    await town.settle()
    await ana.edit(post, f"{pages.url}/other")
    await town.settle()
    found = await preview(ana, post)
    assert found is not None
    assert (found.title, found.image) == ("Another", None)
    await ana.edit(post, "Nothing at all")
    await town.settle()
    assert await preview(ana, post) is None


@pytest.mark.parametrize(
    "body", ["", "<html>", "<title> \n </title>", "no head at all", b"\x89PNG not a page", "<title>" + "\ud7ff" * 9]
)
async def test_pages_that_say_nothing(town: LiveNetwork, pages: Pages, body: Any) -> None:
    ana = await town.member("ana")
    pages.bodies["/page"] = body
    post = await ana.post(f"{pages.url}/page and {pages.url}/missing")
    await town.settle()
    found = await preview(ana, post)
    assert found is None or found.title
    await ana.post(f"{pages.url}/page")
    await town.settle()
    assert pages.asked.count("/page") == 1, "not asked again today"


async def test_a_picture_that_is_none(town: LiveNetwork, pages: Pages) -> None:
    ana = await town.member("ana")
    for number, body in enumerate((b"not a picture", b"<svg/>", b"\xff\xd8\xff broken", "<title>a page</title>")):
        pages.bodies["/bench.jpg"] = body
        pages.bodies[f"/{number}"] = HEAD
        post = await ana.post(f"{pages.url}/{number}")
        await town.settle()
        found = await preview(ana, post)
        assert found is not None
        assert (found.title, found.image) == ("The bench & the linden", None)


async def test_it_asks_nobody_inside(network: LiveNetwork, pages: Pages) -> None:
    """As every network that is not under test."""
    ana = await network.member("ana")
    posts = [await ana.post(link) for link in (f"{pages.url}/", "http://localhost:1/x", "http://169.254.169.254/meta")]
    await network.settle()
    assert [await preview(ana, post) for post in posts] == [None] * 3
    assert pages.asked == []


async def test_what_no_post_shows_is_forgotten(town: LiveNetwork, pages: Pages, watch: Watch) -> None:
    ana = await town.member("ana")
    post = await ana.post(f"{pages.url}/")
    await town.settle()
    watch.forward(8 * 86_400)
    await link_previews.forget_unused()
    assert await town.count("link_preview") == 1
    await ana.delete(post)
    await town.settle()
    await link_previews.forget_unused()
    assert [await town.count(table) for table in ("link_preview", "media", "stored_object")] == [0, 0, 0]
    assert not [file for file in town.settings.objects.rglob("*") if file.is_file()]


async def test_a_page_that_is_away_for_a_while_keeps_its_preview(town: LiveNetwork, pages: Pages, watch: Watch) -> None:
    ana = await town.member("ana")
    post = await ana.post(f"{pages.url}/")
    await town.settle()
    before = await preview(ana, post)
    assert before is not None
    watch.forward(31 * 86_400)
    del pages.bodies["/"]
    again = await ana.post(f"{pages.url}/")
    await town.settle()
    assert [await preview(ana, one) for one in (post, again)] == [before] * 2
    assert pages.asked == ["/", "/bench.jpg", "/"], "it was asked"


async def test_another_picture_takes_the_place_of_the_first(town: LiveNetwork, pages: Pages, watch: Watch) -> None:
    ana = await town.member("ana")
    post = await ana.post(f"{pages.url}/")
    await town.settle()
    watch.forward(31 * 86_400)
    pages.bodies["/bench.jpg"] = media_files.encoded(media_files.photo(320, 200, seed=9))
    await ana.post(f"{pages.url}/")
    await town.settle()
    shown = await preview(ana, post)
    assert shown is not None
    assert shown.image is not None
    await link_previews.forget_unused()
    assert await town.count("media") == 1, "the first one is swept"
    assert await serving.find(shown.image.stills[0].key) is not None


async def test_a_preview_that_goes_while_its_page_is_asked(
    town: LiveNetwork, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it stays."""
    ana = await town.member("ana")
    real = link_previews._ask

    async def ask(*arguments: Any) -> Any:
        found = await real(*arguments)
        await DB.fetch(SQL("UPDATE post SET link_preview = NULL"))
        await DB.fetch(SQL("DELETE FROM link_preview"))
        return found

    monkeypatch.setattr(link_previews, "_ask", ask)
    await ana.post(f"{pages.url}/")
    await town.settle()
    assert [await town.count(table) for table in ("link_preview", "media", "stored_object")] == [0, 0, 0]


async def test_a_crowded_studio_is_asked_again(
    town: LiveNetwork, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A moment's fault takes no picture away for a month."""
    ana = await town.member("ana")
    monkeypatch.setattr("domain.media.processor.PATIENCE", 0.05)
    crowded = LiveNetwork(msgspec.structs.replace(town.settings, media_at_once=0))
    post = await ana.post(f"{pages.url}/")
    await crowded.settle()
    assert await preview(ana, post) is None
    assert await town.count("outbox") == 1


def test_reading_heads() -> None:
    def read(html: str | bytes, charset: str = "") -> page_metadata.PageMetadata:
        return page_metadata.read(
            html.encode() if isinstance(html, str) else html, charset, "https://a.example/dir/page"
        )

    assert read("<title>One</title><title>Two</title>").title == "One"
    assert read("<meta name='twitter:title' content='T'><meta name=description content=D>").title == "T"
    assert read("<title>Été</title>".encode("latin-1"), "iso-8859-1").title == "Été"
    assert read(b"<meta charset=windows-1252><title>\x80</title>").title == "€"
    assert read("<title>Été</title>", "no-such-charset").title == "Été"
    assert read("<title>Ünï</title>").title == "Ünï"
    assert len(read(f"<title>{'x' * 999}</title>").title) == page_metadata.MAX_TITLE
    for image, whole in (
        ("b.png", "https://a.example/dir/b.png"), ("//c.example/x", "https://c.example/x"), ("javascript:alert(1)", ""),
        ("data:image/png;base64,AA", ""), ("file:///etc/passwd", ""), ("https://[", ""), ("", ""),
    ):  # fmt: skip
        assert read(f"<meta property=og:image content='{image}'>").image == whole
    for charset in ("punycode", "idna", "undefined", "unicode_escape", "hex"):
        assert read("<title>Été</title>", charset).title == "Été", "no encoding of pages"
    assert read("<title>Before</title><![foo[ x ]]><title>After</title>").title == "Before"
    hostile = "<meta property='og:title' content='\"><script>alert(1)</script>'>" * 500
    assert read(hostile).title == '"><script>alert(1)</script>', "text like any other, which is escaped when drawn"
