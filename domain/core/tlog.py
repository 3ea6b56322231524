"""Transparency logs in files: checkpoints (c2sp.org/tlog-checkpoint), tiles and bundles (c2sp.org/tlog-tiles).

A tile holds up to 256 hashes. Those of level 0 are of leaves, those of level L are each the root of a whole tile below.
A bundle holds the entries whose hashes a tile of level 0 has.
"""

import base64
import binascii
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import regex

from domain.core import merkle, notes
from domain.core.merkle import Subtree
from domain.core.notes import VerifierKey, WrongNote

WIDTH = 256
# The place of the level in the address of a bundle of entries.
ENTRIES = -1
# The longest entry that a bundle takes, in bytes.
MAX_ENTRY = 2**16 - 1
_PATH = regex.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/){0,6}\d{3})(?:\.p/([1-9]\d{0,2}))?", regex.ASCII)
_COUNT = regex.compile(r"0|[1-9]\d{0,17}", regex.ASCII)


class Checkpoint(NamedTuple):
    """The state of a log: whose it is, how many entries it has, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def read_checkpoint(note: bytes, key: VerifierKey) -> Checkpoint:
    """A checkpoint that was signed with this key, whose name is the log's. Errors: ``WrongNote``."""
    lines = notes.opened(note, key).split("\n")[:-1]
    if len(lines) < 3 or not all(lines) or not _COUNT.fullmatch(lines[1]):
        raise WrongNote("This is no checkpoint: it has no origin, no size or no root.")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except binascii.Error:
        root = b""
    if len(root) != merkle.SIZE:
        raise WrongNote("The root of the checkpoint is no SHA-256.")
    if lines[0] != key.name:
        raise WrongNote("The checkpoint is another log's.")
    return Checkpoint(lines[0], int(lines[1]), root)


class Tile(NamedTuple):
    """Which tile: its level, or ENTRIES for the bundle of entries; its number in the level; how much is in it."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The address below the log's own: number 1234 of level 0 is ``tile/0/x001/234``, and with a width of 5
        ``tile/0/x001/234.p/5``."""
        digits = f"{self.number:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{number}" + (f".p/{self.width}" if self.width < WIDTH else "")


def read_path(path: str) -> Tile | None:
    """The tile at an address below the log's own, None for what is none; each tile has one address."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = ENTRIES if match[1] == "entries" else int(match[1])
    tile = Tile(level, int(match[2].replace("/", "").replace("x", "")), int(match[3]) if match[3] else WIDTH)
    return tile if tile.path == path and level < 64 else None


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of hashes of a tree of this size, the lowest level first."""
    for level in itertools.count():
        count = size >> 8 * level
        if not count:
            return
        whole, rest = divmod(count, WIDTH)
        yield from (Tile(level, number) for number in range(whole))
        if rest:
            yield Tile(level, whole, rest)


def bundles_of(size: int) -> Iterator[Tile]:
    """Every bundle of entries of a log of this size."""
    return (tile._replace(level=ENTRIES) for tile in itertools.takewhile(lambda tile: not tile.level, tiles_of(size)))


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries in a row, each after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_of(body: bytes) -> list[bytes]:
    """The entries of a bundle. Errors: ``ValueError``."""
    found, at = [], 0
    while at < len(body):
        begin = at + 2
        at = begin + int.from_bytes(body[at:begin], "big")
        if begin > len(body) or at > len(body):
            raise ValueError("a bundle that is cut off")
        found.append(body[begin:at])
    return found


def hashes_of(body: bytes) -> list[bytes]:
    """The hashes of a tile. Errors: ``ValueError``."""
    if len(body) % merkle.SIZE:
        raise ValueError("a tile that is cut off")
    return [body[at : at + merkle.SIZE] for at in range(0, len(body), merkle.SIZE)]


class Edge:
    """The right edge of a tree that grows: of each level the hashes that are not in a whole tile yet.

    ``changed`` has each tile that has grown, by level and number, with all its hashes.
    """

    def __init__(self, size: int = 0, levels: Mapping[int, Sequence[bytes]] | None = None) -> None:
        """``levels`` has the partial tile of each level of a tree of ``size`` leaves."""
        self.size = size
        self._levels = {level: list(hashes) for level, hashes in (levels or {}).items()}
        self.changed: dict[tuple[int, int], list[bytes]] = {}

    def add(self, leaf: bytes) -> None:
        """One more leaf, by its hash."""
        level, found, size = 0, leaf, self.size
        while True:
            tile = self._levels.setdefault(level, [])
            tile.append(found)
            size >>= 8
            self.changed[level, size] = tile
            if len(tile) < WIDTH:
                break
            found, self._levels[level] = merkle.root(tile), []
            level += 1
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root of all leaves: a level's hashes with what is left of the levels below as the last one."""
        rest: list[bytes] = []
        for level in sorted(self._levels):
            if hashes := [*self._levels[level], *rest]:
                rest = [merkle.root(hashes)]
        return rest[0] if rest else merkle.EMPTY


def edge_tiles(size: int) -> list[Tile]:
    """The tiles of a tree of this size that are not full: one or none of each level."""
    levels = range(-(-size.bit_length() // 8))
    found = [(level, *divmod(size >> 8 * level, WIDTH)) for level in levels]
    return [Tile(level, number, width) for level, number, width in found if width]


def proof_tiles(index: int, size: int) -> list[tuple[int, int]]:
    """The tiles (level, number) from which PATH(index, D[size]) and PROOF(index + 1, D[size]) can be made."""
    found: dict[tuple[int, int], None] = {}
    for level in range(-(-size.bit_length() // 8)):
        last = (size >> 8 * level) - 1
        for at in (index >> 8 * level, last):
            # A subtree that is not whole has no hash at this level yet: what it consists of is at the levels below.
            if at >> 8 <= last >> 8 and last >= 0:
                found[level, at >> 8] = None
    return list(found)


def subtree_from(tiles: Mapping[tuple[int, int], Sequence[bytes]]) -> Subtree:
    """Roots of perfect subtrees, from the hashes of tiles by level and number."""

    def subtree(height: int, number: int) -> bytes:
        level, rest = divmod(height, 8)
        tile, place = divmod(number << rest, WIDTH)
        return merkle.root(tiles[level, tile][place : place + (1 << rest)])

    return subtree
