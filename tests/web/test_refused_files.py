"""A file that is refused while its form still comes: everything else in the form comes back."""

import httpx
import pytest

from domain.core.units import MB
from tests.conftest import OpenSite
from tests.helpers import media_files
from tests.helpers.people import LiveSite

BOUNDARY = b"a-boundary"
KIND = {"content-type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}
WORDS = "Words that took an hour"
SMALL = media_files.encoded()


@pytest.fixture
async def site(open_site: OpenSite) -> LiveSite:
    return await open_site(image_mb=1, video_mb=1, audio_mb=1)


def part(name: str, value: bytes, file: str = "") -> bytes:
    kind = f'; filename="{file}"' if file else ""
    return b"--%b\r\ncontent-disposition: form-data; name=%b%b\r\n\r\n%b\r\n" % (
        BOUNDARY, name.encode(), kind.encode(), value,
    )  # fmt: skip


async def send(browser: httpx.AsyncClient, address: str, *files: bytes) -> httpx.Response:
    """The key in front of the files, the words behind them."""
    sent = [part("files", body, f"{number}.jpg") for number, body in enumerate(files)]
    body = b"".join([part("key", b"the-key-of-a-form"), *sent, part("text", WORDS.encode()), b"--%b--\r\n" % BOUNDARY])
    return await browser.post(address, content=body, headers=KIND)


@pytest.mark.parametrize("address", ["/posts", "/compose", "/share"])
async def test_too_large(site: LiveSite, address: str) -> None:
    ana = await site.member("ana")
    answer = await send(
        site.browser(ana), address, SMALL, bytes(2 * MB), media_files.encoded(media_files.photo(90, 90))
    )
    assert (answer.status_code, WORDS in answer.text, "at most 1 MB" in answer.text) == (422, True, True)
    assert answer.text.count('name="alt.') == 1, "the one before it is attached"
    assert await site.network.count("post") == 0


async def test_too_many(site: LiveSite) -> None:
    ana = await site.member("ana")
    files = [media_files.encoded(media_files.photo(60 + number, 60)) for number in range(5)]
    answer = await send(site.browser(ana), "/posts", *files)
    assert (answer.status_code, WORDS in answer.text, "At most 4" in answer.text) == (422, True, True)
    assert answer.text.count('name="alt.') == 4
    assert await site.network.count("post") == 0


async def test_edited(site: LiveSite) -> None:
    ana = await site.member("ana")
    post = await ana.post("As it was")
    answer = await send(site.browser(ana), f"/posts/{post}?_method=PUT", bytes(2 * MB))
    assert (answer.status_code, WORDS in answer.text, "at most 1 MB" in answer.text) == (422, True, True)
    assert (await ana.view(post)).text == "As it was"


@pytest.mark.parametrize("what", ["picture", "header"])
async def test_pictures_of_oneself(site: LiveSite, what: str) -> None:
    ana = await site.member("ana")
    answer = await send(site.browser(ana), f"/settings/profile/{what}", bytes(MB + 10_000))
    assert (answer.status_code, "at most 1 MB" in answer.text) == (422, True)
