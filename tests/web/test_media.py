"""Pictures over HTTP: who gets them, in which parts, for how long, and what may be sent."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from msgspec.structs import asdict

from app.asgi import create_app
from domain.core.access import Role
from domain.media.attachments import ChosenMedia
from settings import Settings
from tests.conftest import OpenSite
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork, LiveSite, Member
from tests.helpers.stores import away

ACT = {"x-act": "1"}


@pytest.fixture
def engine() -> str:
    """Of HTTP; the domain's tests have both."""
    return "sqlite"


async def sent(browser: httpx.AsyncClient, body: bytes | None = None, key: str = "a-key-for-it") -> httpx.Response:
    return await browser.post(f"/media?key={key}", content=body or media_files.encoded(), headers=ACT)


async def address(member: Member, post: int) -> str:
    return f"/media/{(await member.view(post)).media[0].stills[0].key}"


async def test_sent_shown_and_kept_for_long(site: LiveSite) -> None:
    ana = await site.member("ana")
    answer = await sent(site.browser(ana))
    assert answer.status_code == 201
    told = answer.json()
    assert (told["kind"], told["width"], told["height"]) == ("picture", 640, 480)
    assert (await site.browser().get(told["src"])).status_code == 404, "not posted yet"
    mine = await site.browser(ana).get(told["src"])
    assert mine.headers["cache-control"] == "private, max-age=86400"
    assert mine.headers["vary"] == "cookie"
    await ana.post("Look", media=(ChosenMedia(int(told["id"])),))
    shown = await site.browser().get(told["src"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["cache-control"] == "public, max-age=31536000, s-maxage=3600, immutable"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers.get_list("content-security-policy")[-1] == "default-src 'none'; sandbox"
    assert shown.headers["cross-origin-resource-policy"] == "same-origin"
    again = await site.browser().get(told["src"], headers={"if-none-match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_evidence_stays_on_no_device(site: LiveSite) -> None:
    mona, (ana, eve) = await site.member("mona", role=Role.MODERATOR), await site.members("ana", "eve")
    post = await eve.show("Look")
    shown = await address(eve, post)
    await ana.report(post)
    await eve.delete(post)
    answer = await site.browser(mona).get(shown)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    for other in (site.browser(ana), site.browser()):
        assert (await other.get(shown)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)), ("bytes=10-", 206, slice(10, None)), ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-999999999", 200, slice(None)), ("bytes=999999999-", 416, None), ("bytes=9-2", 416, None),
        ("bytes=0-1,4-5", 200, slice(None)), ("lines=0-9", 200, slice(None)), ("bytes=-", 200, slice(None)),
        ("bytes=-0", 416, None), ("bytes=a-b", 200, slice(None)),
    ],
)  # fmt: skip
async def test_parts_of_a_file(site: LiveSite, asked: str, status: int, part: slice | None) -> None:
    ana = await site.member("ana")
    where = await address(ana, await ana.show("Look"))
    browser = site.browser()
    whole = (await browser.get(where)).content
    answer = await browser.get(where, headers={"range": asked})
    assert answer.status_code == status
    if part is None:
        assert answer.headers["content-range"] == f"bytes */{len(whole)}"
    else:
        assert answer.content == whole[part]
        assert int(answer.headers["content-length"]) == len(answer.content)
    if status == 206:
        start = (part.indices(len(whole)) if part else (0,))[0]
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(answer.content) - 1}/{len(whole)}"
    other = await browser.get(where, headers={"range": asked, "if-range": '"another"'})
    assert (other.status_code, other.content) == (200, whole), "of another file the whole is sent"


async def test_a_film_comes_in_pieces(site: LiveSite) -> None:
    ana = await site.member("ana")
    body = media_files.video(4, "1280x720")
    video = await ana.send(body)
    await ana.post("A video", media=(ChosenMedia(video.id),))
    key = video.files["play"].key
    answer = await site.browser().get(f"/media/{key}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    assert len(answer.content) == int(answer.headers["content-length"]) > 600_000
    seek = await site.browser().get(f"/media/{key}", headers={"range": "bytes=100000-699999"})
    assert seek.content == answer.content[100_000:700_000]
    head = await site.browser().head(f"/media/{key}")
    assert (head.content, head.headers["accept-ranges"]) == (b"", "bytes")


async def test_asking_for_the_headers_reads_nothing(site: LiveSite) -> None:
    ana = await site.member("ana")
    where = await address(ana, await ana.show("Look"))
    whole = await site.browser().get(where)
    with away(site.network.settings.objects):
        assert (await site.browser().get(where)).status_code == 503, "there is nothing to read"
        head = await site.browser().head(where)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize("path", ["/media/", "/media/x", "/media/" + "a" * 32, "/media/" + "a" * 33, "/media/%2e%2e"])
async def test_there_is_nothing_else(site: LiveSite, path: str) -> None:
    assert (await site.browser().get(path)).status_code == 404


async def test_who_may_send(site: LiveSite) -> None:
    guest = site.browser()
    assert (await sent(guest)).status_code == 401
    ana, ben = await site.members("ana", "ben")
    foreign = await guest.post("/media?key=a-key-for-it", content=b"x", headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    told = (await sent(site.browser(ana))).json()
    assert (await site.browser(ben).delete(f"/media/{told['id']}", headers=ACT)).status_code == 404
    assert (await site.browser(ana).delete(f"/media/{told['id']}", headers=ACT)).status_code == 200
    assert (await site.browser(ana).get(told["src"])).status_code == 404
    assert (await sent(site.browser(ana), key="short")).status_code == 422


async def test_no_more_than_fits(open_site: OpenSite) -> None:
    site = await open_site(image_mb=1, video_mb=1, audio_mb=1, uploads_per_hour=3)
    ana = await site.member("ana")
    browser = site.browser(ana)
    large = media_files.encoded() + b"\0" * 1024 * 1024
    assert (await sent(browser, large)).status_code == 422
    assert (await sent(browser, b"\0" * 5 * 1024 * 1024)).status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"\0" * 100_000

    assert (await browser.post("/media?key=a-key-for-it", content=endless(), headers=ACT)).status_code in (413, 422)
    assert (await sent(browser, key="another-key")).status_code == 201
    refused = await sent(browser, key="one-more-key")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_the_plain_form(site: LiveSite) -> None:
    """Without scripts: files with the form, words for them, one of them taken away."""
    ana = await site.member("ana")
    browser = site.browser(ana)
    form = {"text": "By hand", "key": "the-form-key", "visibility": "followers"}
    files = [
        ("files", ("a.jpg", media_files.encoded())),
        ("files", ("b.png", media_files.encoded(media_files.photo(90, 60), "PNG"))),
    ]
    page = await browser.post("/compose", data=form, files=files)
    assert page.status_code == 200
    fields = re.findall(r'name="(alt\.\d+)"', page.text)
    assert len(fields) == 2
    assert ">\nBy hand</textarea>" in page.text
    assert 'value="followers" selected' in page.text
    less = await browser.post(
        "/compose", data={**form, fields[0]: "A lamp", fields[1]: "", "drop": fields[1].removeprefix("alt.")}
    )
    assert re.findall(r'name="(alt\.\d+)"', less.text) == [fields[0]]
    assert "A lamp</textarea>" in less.text
    refused = await browser.post(
        "/posts", data={**form, fields[0]: "A lamp"}, files=[("files", ("c.jpg", b"no picture"))]
    )
    assert refused.status_code == 422
    assert "Files of this kind" in refused.text
    assert "A lamp</textarea>" in refused.text
    done = await browser.post("/posts", data={**form, fields[0]: "A lamp"}, files=[("files", ("", b""))])
    assert done.status_code == 303
    view = await ana.view(int(done.headers["location"].rpartition("/")[2]))
    assert [one.alt for one in view.media] == ["A lamp"]


async def test_too_many_files_and_broken_forms(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    five = [("files", (f"{n}.jpg", media_files.encoded(media_files.photo(40 + n, 40)))) for n in range(5)]
    answer = await browser.post("/posts", data={"text": "Five", "key": "the-form-key"}, files=five)
    assert answer.status_code == 422
    kind = {"content-type": "multipart/form-data; boundary=xx"}
    for body in (
        b"", b"nothing", b"--xx\r\n",
        b"--xx\r\ncontent-disposition: form-data; name=text\r\n\r\n\xff\xfe\r\n--xx--\r\n",
        b"--xx\r\ncontent-disposition: form-data; name=text\r\n\r\n" + b"a" * 300_000 + b"\r\n--xx--\r\n",
    ):  # fmt: skip
        answer = await browser.post("/posts", content=body, headers=kind)
        assert answer.status_code == 400, body[:60]
    assert (
        await browser.post("/posts", content=b"x", headers={"content-type": "multipart/form-data"})
    ).status_code == 400
    assert await site.network.count("post") == 0


async def test_a_guests_files_are_not_kept(site: LiveSite) -> None:
    """The words travel through signing in; whatever else came is gone."""
    await site.member("ana")
    answer = await site.browser().post(
        "/posts", data={"text": "Mine", "key": "the-form-key"}, files=[("files", ("a.jpg", media_files.encoded()))]
    )
    assert answer.status_code == 401
    assert 'value="Mine"' in answer.text
    assert await site.network.count("media") == 0


async def test_what_is_attached_travels_through_signing_in(site: LiveSite) -> None:
    from tests.helpers.people import PASSWORD

    ana = await site.member("ana")
    picture = await ana.send()
    lost = await site.browser().post(
        "/posts", data={"text": "Mine", "key": "the-form-key", f"alt.{picture.id}": "A lamp"}
    )
    assert f'name="alt.{picture.id}" value="A lamp"' in lost.text
    carried = {
        "handle": "ana",
        "password": PASSWORD,
        "text": "Mine",
        f"alt.{picture.id}": "A lamp",
        "key": "the-form-key",
    }
    back = await site.browser().post("/signin", data={**carried, "next": "/compose"})
    assert f'name="alt.{picture.id}"' in back.text
    assert "A lamp</textarea>" in back.text


async def test_at_another_name(open_site: OpenSite) -> None:
    """Open pictures come from a host that has nothing else and gets no cookies; what is not open stays."""
    site = await open_site(media_origin="http://media.parvis.test")
    ana, ben = await site.members("ana", "ben")
    await ben.follow(ana)
    opened = await address(ana, await ana.show("Open"))
    closed = await address(
        ana, await ana.show("Closed", media_files.encoded(media_files.photo(80, 80)), followers=True)
    )
    page = (await site.browser(ben).get("/@ana")).text
    assert f'src="http://media.parvis.test{opened}"' in page
    assert f'src="{closed}"' in page
    policy = (await site.browser().get("/")).headers["content-security-policy"]
    assert "img-src 'self' data: blob: http://media.parvis.test;" in policy
    media = site.browser(headers={"host": "media.parvis.test"})
    answer = await media.get(opened)
    assert answer.status_code == 200
    assert answer.headers.get_list("cross-origin-resource-policy")[-1] == "cross-origin"
    assert (await media.get(closed)).status_code == 404
    for path in ("/", "/signin", "/static/nothing", "/@ana"):
        assert (await media.get(path)).status_code == 404, path


async def test_each_application_of_a_process_keeps_its_own_policy(open_site: OpenSite) -> None:
    """Where files are and how large they may be stays with an application, also in what is cached for all of them."""
    site = await open_site(media_origin="http://media.parvis.test", image_mb=3)
    ana = await site.member("ana")
    picture = await address(ana, await ana.show("Open"))
    other = Settings(**{**asdict(site.network.settings), "media_origin": "", "image_mb": 5})
    beside = LiveSite(LiveNetwork(other), create_app(other))
    for served, origin, size in ((site, "http://media.parvis.test", 3), (beside, "", 5)) * 2:
        browser = served.browser(ana)
        assert f'src="{origin}{picture}"' in (await browser.get("/@ana")).text
        assert f'data-image="{size}"' in (await browser.get("/")).text
    await beside.close()
