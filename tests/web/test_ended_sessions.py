"""A request whose session ends while its body still comes: what is behind it is not done."""

import asyncio
from typing import Any

import pytest

from domain.accounts import sessions
from tests.helpers import media_files
from tests.helpers.people import LiveSite, Member

PICTURE = media_files.encoded()
WORDS = b"text=Words+of+a+thief&key=the-key-of-a-form&name=Thief&hue=1&private=&locale=fr&theme=dark&digest=daily"
FORM = b"application/x-www-form-urlencoded"


def parts() -> bytes:
    text = b'--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nWords of a thief\r\n'
    head = b'--b\r\ncontent-disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
    return text + head + PICTURE + b"\r\n--b--\r\n"


ACTIONS: dict[str, tuple[bytes, bytes]] = {
    "/posts": (FORM, WORDS),
    "/posts with a picture": (b"multipart/form-data; boundary=b", parts()),
    "/posts/ID?_method=PUT": (FORM, WORDS),
    "/settings/profile": (FORM, WORDS),
    "/settings/privacy": (FORM, WORDS),
    "/settings/reading": (FORM, WORDS),
    "/settings/notifications": (FORM, WORDS),
    "/settings/notifications/digest": (FORM, WORDS),
    "/settings/profile/picture": (b"multipart/form-data; boundary=b", parts()),
    "/media?key=the-key-of-a-form": (b"image/jpeg", PICTURE),
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_what_comes_too_late_is_not_done(site: LiveSite, action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asgi.sessions.PROMPT_SECONDS", 0)
    ana = await site.member("ana")
    post = await ana.post("As it was")
    await site.browser(ana).post("/settings/privacy", data={"private": "1"})
    thief = await site.network.device(ana.id, "ana")
    kind, body = ACTIONS[action]
    before = await state_of(site, ana)
    request = Slow(site, thief, action.partition(" ")[0].replace("ID", str(post)), kind, body)
    await request.begun.wait()
    await sessions.end_others(await ana.viewer())
    status = await request.end()
    assert status in (401, 303), status
    assert status == 401 or request.headers[b"location"].startswith(b"/signin")
    assert await state_of(site, ana) == before


async def state_of(site: LiveSite, ana: Member) -> list[Any]:
    viewer = await ana.viewer()
    count = site.network.count
    return [
        viewer.name, viewer.private, viewer.reading, viewer.avatar_small, await count("post"),
        await count("revision"), await count("media"), await count("notice_setting"), await count("outbox"),
    ]  # fmt: skip


class Slow:
    """A request whose body comes in two pieces; the second one at its ``end``."""

    def __init__(self, site: LiveSite, member: Member, address: str, kind: bytes, body: bytes) -> None:
        self.begun, self._go_on = asyncio.Event(), asyncio.Event()
        self.headers: dict[bytes, bytes] = {}
        self._status = 0
        pieces = [body[:40], body[40:]]

        async def receive() -> dict[str, Any]:
            if len(pieces) == 1:
                self.begun.set()
                await self._go_on.wait()
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._status, self.headers = message["status"], dict(message["headers"])

        path, _, query = address.partition("?")
        headers = [(b"host", b"parvis.test"), (b"cookie", f"parvis={member.token}".encode()), (b"content-type", kind)]
        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": headers, "client": ("192.0.2.1", 4444), "scheme": "http", "http_version": "1.1",
            "server": ("parvis.test", 80), "root_path": "", "asgi": {"version": "3.0"},
        }  # fmt: skip
        self._task = asyncio.create_task(site.app(scope, receive, send))

    async def end(self) -> int:
        """The answer's status."""
        self._go_on.set()
        await self._task
        return self._status
