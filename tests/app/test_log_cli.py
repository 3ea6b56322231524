"""`parvis log`: verifies the log here and elsewhere, exports it, checks receipts, and forgets."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from adapters.http import Outgoing, Unreachable
from domain.moderation import public_log_site
from domain.moderation.public_log_checks import WrongLog
from tests.app.test_cli import fails, run, says
from tests.helpers import log_files
from tests.helpers.log_files import KEY, entries, made_of


@pytest.fixture
def town(demo_data: Path, tmp_path: Path) -> Path:
    """The data folder of a demo."""
    import shutil

    shutil.copytree(demo_data, tmp_path, dirs_exist_ok=True)
    return tmp_path


def write(folder: Path, files: log_files.Files) -> Path:
    for path, body in files.items():
        (folder / "log" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "log" / path).write_bytes(body)
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder on a web server that knows nothing of logs."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_networks_own_log(town: Path) -> None:
    state = town / "state.json"
    said = says("log", "verify", "--state", str(state), folder=town)
    assert "The log is whole: 7 entries" in said
    key = says("log", "key", folder=town).strip()
    assert f"Key: {key}" in said
    assert "It continues the 7 entries" in says("log", "verify", "--state", str(state), folder=town)
    assert "whole" in says("log", "verify", "--key", key, folder=town)
    assert "not signed with the key" in fails("log", "verify", "--key", str(KEY), folder=town)
    assert "with another key" in fails("log", "verify", "--key", str(KEY), "--state", str(state), folder=town)
    assert "no Ed25519 verification key" in fails("log", "verify", "--key", "x", folder=town)
    state.write_text("nonsense")
    assert "is no file of" in fails("log", "verify", "--state", str(state), folder=town)
    assert says("log", "checkpoint", folder=town).splitlines()[1] == "7"


def test_an_export_is_the_same_log(town: Path) -> None:
    folder = town / "exported"
    assert "Wrote 4 files" in says("log", "export", str(folder), folder=town)
    files = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert set(files) == {"checkpoint", "key", "tile/0/000.p/7", "tile/entries/000.p/7"}
    assert files["checkpoint"].decode() == says("log", "checkpoint", folder=town)
    assert "whole: 7 entries" in says("log", "verify", str(folder), folder=town)
    (folder / "tile/0/000.p/7").unlink()
    assert "tile/0/000.p/7 can't be read" in fails("log", "verify", str(folder), folder=town)


def test_forgetting(town: Path) -> None:
    assert "It says" not in run("log", "check", str(town / "none.json"), folder=town).output
    assert run("log", "forget", "3", folder=town).exit_code == 1, "nobody answers the question"
    assert "Entry 3 is forgotten." in says("log", "forget", "3", "--yes", folder=town)
    assert "There is no entry 7." in fails("log", "forget", "7", "--yes", folder=town)
    assert "whole: 7 entries" in says("log", "verify", folder=town)


async def test_receipts(town: Path, demo_receipt: bytes) -> None:
    file = town / "receipt.json"
    file.write_bytes(demo_receipt)
    said = says("log", "check", str(file), folder=town)
    for words in ("Entry 3 is in the log of 7 entries", "singles out one person", "Compare it with"):
        assert words in said
    assert "not signed with the key" in fails("log", "check", str(file), "--key", str(KEY), folder=town)
    file.write_bytes(demo_receipt.replace(b"singles out", b"praises"))
    assert "made of another text" in fails("log", "check", str(file), folder=town)
    file.write_bytes(b"x" * 300_000)
    assert "too large" in fails("log", "check", str(file), folder=town)
    assert "can't be read" in fails("log", "check", str(town / "none.json"), folder=town)


@pytest.fixture
async def demo_receipt(town: Path) -> bytes:
    from db.engine import DB
    from domain.moderation import public_log_receipts

    await DB.open(f"sqlite:///{town / 'parvis.sqlite'}")
    try:
        return public_log_receipts.encoded(await public_log_receipts.of_entry(3))
    finally:
        await DB.close()


async def test_another_sites_log(tmp_path: Path, private_addresses: None) -> None:
    files = made_of(entries(600))
    folder = write(tmp_path, files | {"key": f"{KEY}\n".encode()})
    with served(folder) as base:
        for address in (base, f"{base}/", f"{base}/log", f"{base}/log/"):
            assert (await public_log_site.verify(address)).size == 600
        seen = await public_log_site.verify(base, KEY)
        write(tmp_path, made_of(entries(601, "other")))
        with pytest.raises(WrongLog, match="rewritten"):
            await public_log_site.verify(base, KEY, seen)
        (folder / "log/tile/0/001").unlink()
        with pytest.raises(WrongLog, match="tile/0/001 is missing: the site answers 404"):
            await public_log_site.verify(base, KEY)
        (folder / "log/tile/0/001").write_bytes(bytes(300_000))
        with pytest.raises(WrongLog, match="larger than any file"):
            await public_log_site.verify(base, KEY)
    with pytest.raises(WrongLog, match="can't be had"):
        await public_log_site.verify(base, KEY)


def test_only_public_addresses_are_asked(tmp_path: Path) -> None:
    with served(write(tmp_path, made_of(entries(3)))) as base:
        assert "whole: 3 entries" in says("log", "verify", base, "--key", str(KEY), folder=tmp_path)
    for other in ("http://192.168.0.9:8000", "http://localhost.example:1", "ftp://127.0.0.1"):
        assert "is not asked: give the https address" in fails("log", "verify", other, folder=tmp_path)


async def test_this_machine_leads_nowhere_else(tmp_path: Path) -> None:
    async with Outgoing(loopback=True) as out:
        with pytest.raises(Unreachable, match="WrongAddress"):
            await out.fetch("https://parvis.example/log/checkpoint", 100, 1)
