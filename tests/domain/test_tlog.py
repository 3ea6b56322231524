"""Signed notes, checkpoints, and the addresses and contents of tiles."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.core import merkle, notes, tlog
from domain.core.notes import VerifierKey, WrongNote
from domain.core.tlog import ENTRIES, Checkpoint, Tile

# From the documentation of Go's golang.org/x/mod/sumdb/note, which the format comes from.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "parvis/log/test"
KEY = VerifierKey(NAME, PRIVATE.public_key().public_bytes_raw())
CHECKPOINT = Checkpoint(NAME, 3, merkle.root([bytes(32)] * 3))


def signed(text: str) -> str:
    return notes.sign(NAME, PRIVATE, text)


def test_a_note_of_another_implementation() -> None:
    key = notes.read_key(GO_KEY)
    assert str(key) == GO_KEY
    assert notes.opened(GO_NOTE.encode(), key) == GO_NOTE.partition("\n\n")[0] + "\n"
    with pytest.raises(WrongNote, match="not signed with the key"):
        notes.opened(GO_NOTE.encode(), KEY)


def test_signatures_of_others_are_passed_over() -> None:
    note = signed("words\n")
    both = note + GO_NOTE.rpartition("\n\n")[2]
    assert notes.opened(both.encode(), KEY) == "words\n"
    assert notes.opened(signed("a\n\nb\n").encode(), KEY) == "a\n\nb\n"


def test_each_bit_of_a_note_counts() -> None:
    note = signed(CHECKPOINT.text).encode()
    assert tlog.read_checkpoint(note, KEY) == CHECKPOINT
    for bit in range(8 * len(note)):
        harmed = bytearray(note)
        harmed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(WrongNote):
            tlog.read_checkpoint(bytes(harmed), KEY)


@pytest.mark.parametrize(
    "note",
    [
        b"", b"words\n", b"\n\n", b"words\n\nno signature\n", b"\xff", b"words\n\n" + "— x eA==\n".encode(),
        signed("words\n").encode() + b"more", signed("words\n").encode() * 20, b"x" * 200_000,
        signed("words\n").replace("words", "w\x07rds").encode(),
    ],
)  # fmt: skip
def test_what_is_no_note(note: bytes) -> None:
    with pytest.raises(WrongNote):
        notes.opened(note, KEY)


@pytest.mark.parametrize(
    "text",
    [
        "words\n", f"{NAME}\n3\n", f"{NAME}\n03\n{'A' * 43}=\n", f"{NAME}\n-1\n{'A' * 43}=\n", f"{NAME}\n3\nAAAA\n",
        f"{NAME}\n3\n!\n", f"other\n3\n{'A' * 43}=\n", f"{NAME}\n{'9' * 30}\n{'A' * 43}=\n",
        f"{NAME}\n٣\n{'A' * 43}=\n",
    ],
)  # fmt: skip
def test_what_is_signed_and_no_checkpoint(text: str) -> None:
    with pytest.raises(WrongNote):
        tlog.read_checkpoint(signed(text).encode(), KEY)


def test_extensions_of_a_checkpoint_are_passed_over() -> None:
    assert tlog.read_checkpoint(signed(CHECKPOINT.text + "more\n").encode(), KEY) == CHECKPOINT


@pytest.mark.parametrize("key", ["", "a+b+c", GO_KEY.replace("c7", "c8"), GO_KEY[:-4], "a b" + GO_KEY, GO_KEY + "+"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(WrongNote):
        notes.read_key(key)


def test_a_key_of_another_algorithm() -> None:
    with pytest.raises(WrongNote):
        notes.read_key(f"x+01234567+{base64.b64encode(bytes([2]) + bytes(32)).decode()}")


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 5, 3), "tile/0/005.p/3"),
        (Tile(2, 1234067), "tile/2/x001/x234/067"),
        (Tile(ENTRIES, 1000, 255), "tile/entries/x001/000.p/255"),
        (Tile(63, 999_999), "tile/63/x999/999"),
    ],
)
def test_addresses_of_tiles(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert tlog.read_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/x000/001",
        "tile/0/001/234", "tile/0/x001/x234", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/",
        "tile/0/000.p", "tile/data/000", "tile/entries/../0/000", "tile/0/٠٠٠", "checkpoint", "", "tile/0/000/",
        "tile/0/" + "x001/" * 7 + "000",
    ],
)  # fmt: skip
def test_what_is_no_address(path: str) -> None:
    assert tlog.read_path(path) is None


def test_the_tiles_of_a_tree() -> None:
    """The example of c2sp.org/tlog-tiles."""
    found = list(tlog.tiles_of(70_000))
    assert [sum(tile.level == level for tile in found) for level in range(4)] == [274, 2, 1, 0]
    assert [tile for tile in found if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert sorted(tlog.edge_tiles(70_000)) == [tile for tile in found if tile.width < 256]
    assert list(tlog.tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tlog.tiles_of(0)) == []
    assert len(list(tlog.bundles_of(70_000))) == 274


def test_bundles() -> None:
    entries = [b"", b"a", b"b" * 65_535]
    body = tlog.bundle(entries)
    assert body[:5] == b"\0\0\0\1a"
    assert tlog.entries_of(body) == entries
    for cut in (1, 3, len(body) - 1):
        with pytest.raises(ValueError, match="cut off"):
            tlog.entries_of(body[:cut])
    with pytest.raises(ValueError, match="cut off"):
        tlog.hashes_of(bytes(33))
