"""What a backup says of itself, and what a segment of changes does."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from ops.backup import envelope, repository
from ops.backup.envelope import FORMAT
from ops.backup.errors import Tampered
from ops.backup.repository import Repository

# Names of files here and of objects there: whoever signed them may be anybody.
Hash = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]


class ArchivePart(msgspec.Struct, frozen=True):
    """An object of the store: the SHA-256 of its bytes, which names it, and how many they are."""

    sha256: Hash
    bytes: int


class MediaList(msgspec.Struct, frozen=True):
    """The list of pictures, videos and sounds (keys, a line each, compressed), their number and bytes."""

    list: ArchivePart
    files: int
    bytes: int


class Chain(msgspec.Struct, frozen=True):
    """A place in a chain of segments: after segment ``number``, whose hash is ``head``; 0 and "" before the first."""

    writer: Name
    number: int
    head: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``at``: the moment of which it is, Unix milliseconds. ``archive``: the archive's own format.

    ``chain``: where the changes after it begin; ``until``: where they end, in one that hands the network over.
    ``counts``: rows by table; ``after``: those at the end of the changes, in one that hands over.
    ``samples``: ``(key as JSON, keyed hash of the row)`` of some rows by table.
    """

    format: int = FORMAT
    number: int
    at: int
    name: str
    origin: str
    app: str
    archive: int
    parts: Sequence[ArchivePart]
    bytes: int
    counts: dict[str, int]
    samples: dict[str, list[tuple[str, str]]]
    media: MediaList
    chain: Chain | None
    until: Chain | None = None
    after: dict[str, int] = {}


async def read_manifest(at: Repository, number: int, key: bytes | None) -> tuple[Manifest, bytes]:
    """A manifest by its number, and the key that signed it; ``key``: no other may have.

    Errors: ``StoreUnavailable``, and those of ``envelope.opened``; ``Tampered`` for one in another's place.
    """
    raw = await at.get(repository.manifest(number))
    found, public, _ = envelope.opened(raw, Manifest, f"Backup {number}", key)
    if found.number != number:
        raise Tampered("Backup %(number)s is not what its name says: it is number %(found)s.",
                       number=number, found=found.number)  # fmt: skip
    return found, public


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Changes; ``previous`` is the hash of the segment before, ``sha256`` that of the sealed body.

    ``more``: they are whole only with those of the next one.
    """

    format: int = FORMAT
    writer: Name
    number: int
    previous: str
    at: int
    archive: int
    sha256: Hash
    rows: int
    more: bool
