"""What people write is words, never markup, wherever it turns up."""

import pytest

from tests.helpers.people import LiveSite, Member
from tests.web.paging import check, walk


@pytest.fixture
def engine() -> str:
    """Nothing here depends on the database."""
    return "sqlite"


async def test_errors_and_refused_forms_are_no_exception(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    answers = [
        await browser.get("/nowhere"),
        await browser.get(f"/tags/{evil[:20]}"),
        await browser.get("/people", params={"q": evil}),
        await browser.get("/signin", params={"next": evil}),
        await browser.get("/", params={"x": evil}),
        await browser.get("/compose", params={"text": evil}),
        await browser.get("/settings/profile", params={"saved": evil}),
        await browser.get("/posts/1/edit"),
        await browser.post("/posts", data={"text": evil, "key": "x", "cover": evil, "reply_to": evil}),
        await browser.post("/posts", data={"text": evil, "key": "x", "cover": evil, "visibility": evil}),
        await browser.post(
            "/settings/profile", data={"name": evil * 9, "bio": evil, "link_label_1": evil, "link_url_1": evil}
        ),
        await browser.post("/settings/account/email", data={"email": evil, "proof": evil}),
        await browser.post("/settings/leave", data={"handle": evil, "password": evil}),
        await site.browser().post("/signup", data={"handle": evil, "name": evil, "email": evil, "birth_date": evil}),
        await site.browser().post("/signin", data={"handle": evil, "password": evil, "next": evil, "text": evil}),
        await site.browser().post("/posts", data={"text": evil}),
        await site.browser().get("/reset/" + "x" * 43),
    ]
    for answer in answers:
        assert "<script>alert" not in answer.text, str(answer.url)
        assert "<img src=x" not in answer.text, str(answer.url)
        check(answer)


async def everywhere(ana: Member, site: LiveSite, words: str) -> None:
    browser = site.browser(ana)
    await browser.post(
        "/settings/profile",
        data={
            "name": words[:50],
            "bio": words,
            "hue": "1",
            "link_label_1": words[:40],
            "link_url_1": "https://a.example/?" + words[:60].replace(" ", "+"),
        },
    )
    first = await ana.post(words, cover=words[:100])
    await ana.post(f"{words} #{words} @ana", parent=first)
    await ana.post(words, quote=first)
    await ana.edit(first, words + "!", cover=words[:90])


@pytest.mark.parametrize(
    "words",
    ['<script>alert(1)</script>" onload="x', "'><svg/onload=alert(1)>", "%s%(x)s{{7*7}}{% raw %}\ue000h_time\ue001"],
)
async def test_what_people_write_is_never_markup(site: LiveSite, words: str) -> None:
    ana, ben = await site.members("ana", "ben")
    await ben.follow(ana)
    await everywhere(ana, site, words)
    await site.settle()
    for member in (None, ana, ben):
        pages = await walk(site.browser(member, address=f"192.0.2.{member.id % 200 if member else 1}"), "/@ana")
        for path, text in pages.items():
            assert "<script>alert" not in text, path
            assert "<svg/onload" not in text, path
            assert ">49<" not in text, path
            assert "\ue000" not in text, path
