"""Public logs as files in memory, of this network or made up, and what somebody may do to them."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.core import merkle, notes, tlog
from domain.core.notes import VerifierKey
from domain.core.tlog import Checkpoint, Edge
from domain.moderation import public_log, public_log_checks, public_log_files
from domain.moderation.public_log_checks import SeenLog, WrongLog

NAME = "parvis/log/test"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey(NAME, PRIVATE.public_key().public_bytes_raw())
Files = dict[str, bytes]


def entry(index: int, text: str = "") -> bytes:
    """An entry as it is in a tree; another ``text`` is another commitment."""
    return public_log.entry_bytes(index, "warning", "2026-11-30", public_log.commitment("00" * 32, f"{text}{index}"))


def made_of(entries: Sequence[bytes]) -> Files:
    """The files of a log with these entries, signed."""
    edge = Edge()
    for one in entries:
        edge.add(merkle.leaf_hash(one))
    files = {"checkpoint": notes.sign(NAME, PRIVATE, Checkpoint(NAME, edge.size, edge.root).text).encode()}
    for tile in tlog.tiles_of(edge.size):
        files[tile.path] = b"".join(edge.changed[tile.level, tile.number])
    for tile in tlog.bundles_of(edge.size):
        files[tile.path] = tlog.bundle(entries[tile.number * 256 : tile.number * 256 + tile.width])
    return files


def entries(count: int, text: str = "") -> list[bytes]:
    return [entry(index, text) for index in range(count)]


async def own() -> Files:
    """Those of the network that is open."""
    return {path: body async for path, body in public_log_files.everything()}


async def verify(files: Files, key: VerifierKey = KEY, seen: SeenLog | None = None) -> SeenLog:
    """Errors: ``WrongLog``, ``WrongNote``."""

    async def read(path: str) -> bytes:
        if path not in files:
            raise WrongLog(f"{path} is missing.")
        return files[path]

    return await public_log_checks.verify(read, key, seen)


def entries_in(files: Files) -> list[bytes]:
    """All entries that are in the bundles, in order."""
    return [one for path in sorted(files) if "entries" in path for one in tlog.entries_of(files[path])]


def root_in(files: Files, key: VerifierKey = KEY) -> bytes:
    """What was signed."""
    return tlog.read_checkpoint(files["checkpoint"], key).root
