"""A store takes paths as we spell them and no others, whoever asks: a database row may come from a hostile archive."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.objects import Missing, Store, WrongPath, check_path
from tests.helpers.services import free_port

HOSTILE = [
    "", "/", ".", "..", "../secret", "aa/../../secret", "aa/..", "./aa/one", "aa/./one", "/etc/passwd", "aa//one",
    "aa/one/", "aa\\..\\one", "aa/one\0", "\0", "aa/one\n", "%2e%2e/secret", "aa/%2e%2e/%2e%2e/secret", "aa/.hidden",
    ".env", "~/one", "file:///etc/passwd", "aa/one#1", "aa/one?x=1", "aa/é", "a" * 300, "aa/" * 20 + "one",
]  # fmt: skip


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file beside the store's folder, which is ``tmp_path/objects``."""
    Store((tmp_path / "objects").as_uri()).make()
    (tmp_path / "objects" / "aa").mkdir()
    file = tmp_path / "secret"
    file.write_bytes(b"a file of this host")
    return file


def content(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("path", HOSTILE)
async def test_a_folder_takes_no_other_paths(tmp_path: Path, outside: Path, path: str) -> None:
    store = Store((tmp_path / "objects").as_uri())
    before = content(tmp_path)
    for ask in (store.get(path), store.read(path, 0, 5), store.size(path), store.delete(path), store.put(path, b"x")):
        with pytest.raises(WrongPath):
            await ask
    assert content(tmp_path) == before


@pytest.mark.parametrize("folder", ["..", "../..", "/etc", ".", "aa/.."])
async def test_no_other_folder_is_listed(tmp_path: Path, outside: Path, folder: str) -> None:
    store = Store((tmp_path / "objects").as_uri())
    with pytest.raises(WrongPath):
        _ = [found async for found in store.everything(folder)]


async def test_a_bucket_is_not_even_asked() -> None:
    store = Store(f"s3://the-key:the-secret@parvis?endpoint=http://127.0.0.1:{free_port()}")
    for path in HOSTILE:
        for ask in (
            store.get(path),
            store.read(path, 0, 5),
            store.size(path),
            store.delete(path),
            store.put(path, b"x"),
        ):
            with pytest.raises(WrongPath):
                await ask


async def test_what_is_not_ours_in_the_folder_is_left_alone(tmp_path: Path, outside: Path) -> None:
    store = Store((tmp_path / "objects").as_uri())
    await store.put("aa/one", b"ours")
    for name in ("aa/two words", ".DS_Store"):
        shutil.copy(outside, tmp_path / "objects" / name)
    assert [one async for found in store.everything() for one in found] == [("aa/one", 4)]


@given(
    st.text(max_size=40) | st.lists(st.sampled_from(["..", ".", "", "aa", "one", "\0", "~"]), max_size=6).map("/".join)
)
def test_whatever_is_taken_stays_in_the_folder(path: str) -> None:
    folder = Path("/store/objects")
    try:
        place = Path(f"{folder}/{check_path(path)}")
    except WrongPath:
        return
    assert place.is_relative_to(folder)
    assert place != folder
    assert ".." not in place.parts


async def test_a_wrong_path_is_a_missing_object_to_whoever_reads(tmp_path: Path, outside: Path) -> None:
    with pytest.raises(Missing):
        await Store((tmp_path / "objects").as_uri()).get("../secret")
