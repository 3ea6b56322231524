"""Where pictures lie: a folder and a real Ceph answer alike, and say clearly when they do not."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters import objects
from adapters.objects import Down, Missing, Store, WrongURL
from ops.rigs.ceph_cluster import Ceph
from tests.helpers.services import free_port

Open = Callable[[], Store]
# One process has all of Ceph, when several share the tests.
pytestmark = pytest.mark.xdist_group("ceph")


@pytest.fixture(params=["folder", "ceph"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        found = tmp_path.joinpath("objects").as_uri()
        Store(found).make()
        return found
    ceph: Ceph = request.getfixturevalue("ceph")
    return ceph.make_bucket(f"test-{os.urandom(4).hex()}") if request.node.get_closest_marker("apart") else ceph.url()


async def everything(store: Store) -> dict[str, int]:
    return {path: size async for found in store.everything() for path, size in found}


@pytest.mark.apart
async def test_written_once_and_read_in_parts(url: str) -> None:
    store = Store(url)
    assert await everything(store) == {}
    await store.put("ab/one", b"0123456789")
    await store.put("ab/one", b"9876543210")
    assert await store.get("ab/one") == b"0123456789", "what is there stays"
    assert await store.read("ab/one", 2, 5) == b"234"
    assert await store.size("ab/one") == 10
    await store.put("cd/two", b"x" * 1000)
    assert await everything(store) == {"ab/one": 10, "cd/two": 1000}
    await store.delete("ab/one")
    await store.delete("ab/one")
    assert await everything(store) == {"cd/two": 1000}
    for ask in (store.get("ab/one"), store.read("ab/one", 0, 1), store.size("ab/one")):
        with pytest.raises(Missing):
            await ask


async def test_a_film_goes_in_parts_and_comes_back_whole(url: str) -> None:
    store = Store(url)
    path = f"fi/lm-{os.urandom(4).hex()}"
    body = os.urandom(20 * 1024 * 1024)
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.flush()
        await store.put(path, file)
    assert await store.size(path) == len(body)
    assert await store.read(path, 10_000_000, 10_000_050) == body[10_000_000:10_000_050]
    assert await store.get(path) == body


async def test_two_at_once(url: str) -> None:
    store = Store(url)
    path = f"tw/o-{os.urandom(4).hex()}"
    await asyncio.gather(*(store.put(path, bytes([65 + n]) * 100_000) for n in range(6)))
    found = await store.get(path)
    assert len(found) == 100_000
    assert len(set(found)) == 1, "one of them, whole"


@pytest.mark.parametrize("wrong", ["nothing there", "wrong key", "no bucket"])
async def test_a_gateway_that_does_not_serve_us(ceph: Ceph, wrong: str) -> None:
    """Soon, in words, and without the keys."""
    url = {
        "nothing there": f"s3://the-key:the-secret@parvis?endpoint=http://127.0.0.1:{free_port()}",
        "wrong key": ceph.url().replace(ceph.secret_key, "the-secret"),
        "no bucket": ceph.url("nowhere-at-all"),
    }[wrong]
    store = Store(url)
    asked = [store.put("ab/x", b"x"), *([] if wrong == "no bucket" else [store.delete("ab/x")])]
    for ask in asked:
        with pytest.raises(Down) as refusal:
            await asyncio.wait_for(ask, objects.SECONDS + 2)
        assert "secret" not in str(refusal.value)
    with pytest.raises((Down, Missing)):
        await store.get("ab/x")


async def test_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Down):
        await Store((tmp_path / "file" / "objects").as_uri()).put("ab/x", b"x")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://x", "must be"), ("var/objects", "must be"), ("file://host/folder", "must be"),
        ("s3://bucket", "needs a key"),
        ("s3://key:secret@?endpoint=http://x", "names no bucket"), ("s3://key@bucket", "needs a key"),
        ("s3://key:secret@bucket?endpoint=ftp://x", "neither http"), ("s3://key:secret@bucket?colour=red", "colour"),
        ("s3://key:secret@bucket?endpoint", "can't be read"),
    ],
)  # fmt: skip
def test_addresses_that_are_none(url: str, words: str) -> None:
    with pytest.raises(WrongURL, match=words) as refusal:
        objects.check(url)
    assert "secret" not in str(refusal.value).replace("key and a secret: s3://key:secret@bucket", "").replace(
        "s3://key:secret@bucket?endpoint=https://host", ""
    )


def test_an_address_without_its_keys() -> None:
    url = "s3://the-key:the%2Fsecret@Bucket/pictures/?endpoint=https://s3.example.org/&region=eu"
    assert objects.public(url) == "s3://bucket/pictures?endpoint=https://s3.example.org"
    assert objects.public("file:///srv/objects") == "file:///srv/objects"
    objects.check(url)


async def test_one_that_hangs_is_down_for_a_film_too(tmp_path: Path) -> None:
    """obstore holds what it was given for longer than anybody waits."""

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)

    open_ones: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    store = Store(f"s3://key:secret@parvis?endpoint=http://127.0.0.1:{port}", seconds=1)
    try:
        with (tmp_path / "video").open("w+b") as file:
            file.write(b"x" * 100_000)
            file.flush()
            with pytest.raises(Down):
                await store.put("ab/video", file)
        assert open_ones
    finally:
        server.close()
        for one in open_ones:
            one.close()


async def test_a_name_without_its_bytes_is_written_again(tmp_path: Path) -> None:
    """As a power cut leaves it."""
    store = Store(tmp_path.as_uri())
    await store.put("ab/one", b"whole")
    (tmp_path / "ab" / "one").write_bytes(b"")
    await store.put("ab/one", b"whole")
    assert await store.get("ab/one") == b"whole"
