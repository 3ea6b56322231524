"""A request whose body is held open, over a real socket: what its sender lost meanwhile, they do no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from asgi.sessions import PROMPT_SECONDS
from domain.accounts import sessions
from domain.core.access import Role
from domain.moderation import staff
from domain.moderation.kinds import StatementKind
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.services import ServerProcess


class HeldRequest:
    """A request whose form is sent but for its first byte; ``end`` sends the rest."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rest: bytes) -> None:
        self._reader, self._writer, self._rest = reader, writer, rest
        self.began = asyncio.get_running_loop().time()

    async def end(self) -> int:
        """The answer's status."""
        while asyncio.get_running_loop().time() - self.began <= PROMPT_SECONDS:
            await asyncio.sleep(0)
        self._writer.write(self._rest)
        line = await asyncio.wait_for(self._reader.readline(), 60)
        self._writer.close()
        return int(line.split()[1])


@asynccontextmanager
async def serving(network: LiveNetwork, folder: Path) -> AsyncIterator[ServerProcess]:
    server = ServerProcess(folder, database_url=network.settings.url, outbox_in_server="false")
    try:
        yield server.start()
    finally:
        server.stop()


async def hold(server: ServerProcess, member: Member, path: str, method: str = "POST", **form: str) -> HeldRequest:
    """Begins a request. The server asks for its body, and so has looked its sender up."""
    body = urlencode(form).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.base}\r\n"
        f"Cookie: parvis={member.token}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    assert b"100" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    writer.write(body[:1])
    return HeldRequest(reader, writer, body[1:])


async def test_whoever_is_dismissed_does_nothing_more(network: LiveNetwork, tmp_path: Path) -> None:
    _, _, mona, _, case = await reported(network)
    second = await network.member("second", role=Role.OPERATOR)
    address = f"/moderation/cases/{case}"
    decision = {"kind": "warning", "version": "1", "rule": "1.6", "facts": "It insults.", "explanation": "It does."}
    async with serving(network, tmp_path) as server:
        held = [
            await hold(server, mona, f"{address}/notes", note="A ghost was here."),
            await hold(
                server, mona, f"{address}/messages", party="sanctioned", message="Boo.", message_names_nobody="1"
            ),
            await hold(server, mona, f"{address}/decisions", **decision),
            await hold(server, mona, f"{address}/claim", "PUT", note=""),
            await hold(server, second, "/settings/staff", handle="second", role="operator"),
        ]
        await staff.set_role("mona", Role.MEMBER)
        await staff.set_role("second", Role.MEMBER)
        assert [await one.end() for one in held] == [404, 404, 404, 404, 403]
    assert Role.OPERATOR not in (await second.viewer()).roles
    for table in ("case_note", "case_message", "statement"):
        assert await network.count(table) == 0
    assert await network.count("mod_case", "claimed_by IS NOT NULL") == 0


@pytest.mark.parametrize("sanction", [StatementKind.FREEZE, StatementKind.SUSPENSION])
async def test_whoever_is_sanctioned_posts_nothing_more(
    network: LiveNetwork, tmp_path: Path, sanction: StatementKind
) -> None:
    ana, eve, mona, post, case = await reported(network)
    async with serving(network, tmp_path) as server:
        held = [
            await hold(server, eve, "/posts", text="Too late", key="the-key-of-a-form", visibility="public"),
            await hold(server, eve, f"/posts/{post}?_method=PUT", text="Too late", version="1"),
        ]
        report = await hold(server, eve, "/reports", about=f"account.{ana.id}", rule="1.6", words="Too late")
        await mona.decide(case, StatementKind.WARNING, sanction=sanction, days=1)
        assert [await one.end() for one in held] == [403, 403]
        # The frozen may still report.
        assert await report.end() == (403 if sanction is StatementKind.SUSPENSION else 200)
    assert await network.count("post", "text LIKE 'Too late%'") == 0
    assert await network.count("post") == 1


async def test_whoever_is_signed_out_reports_nothing_more(network: LiveNetwork, tmp_path: Path) -> None:
    ana, eve = await network.members("ana", "eve")
    async with serving(network, tmp_path) as server:
        held = await hold(server, ana, "/reports", about=f"account.{eve.id}", rule="1.6", words="Too late")
        viewer = await ana.viewer()
        await sessions.end(viewer, viewer.session)
        assert await held.end() == 401
    assert await network.count("report") == 0


async def test_whoever_lost_nothing_is_answered_as_ever(network: LiveNetwork, tmp_path: Path) -> None:
    ana, eve = await network.members("ana", "eve")
    async with serving(network, tmp_path) as server:
        held = await hold(server, ana, "/reports", about=f"account.{eve.id}", rule="1.6", words="In time")
        assert await held.end() == 200
    assert await network.count("report", "words = 'In time'") == 1
