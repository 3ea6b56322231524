"""Encrypted parts of an unfinished backup on this machine; an interrupted backup continues from them."""

import hashlib
import shutil
from pathlib import Path

import msgspec

from archive import records
from domain.core import clock
from ops.backup.manifest import ArchivePart, Chain

# What is older is made anew: to send it would cost more of what happened since.
FRESH_MS = 6 * 3_600_000


def is_whole(file: Path, piece: ArchivePart) -> bool:
    """Whether a file is all that it should be; a power cut may have cost its end. Errors: ``OSError``."""
    if not file.exists() or file.stat().st_size != piece.bytes:
        return False
    with file.open("rb") as body:
        return hashlib.file_digest(body, "sha256").hexdigest() == piece.sha256


class Staged(msgspec.Struct):
    """As in the manifest that will be; ``pictures`` are keys, with their bytes."""

    place: str
    at: int
    archive: int
    parts: list[ArchivePart]
    bytes: int
    counts: dict[str, int]
    samples: dict[str, list[tuple[str, str]]]
    pictures: dict[str, int]
    chain: Chain | None


class Staging:
    """The folder for it. Errors of every call: ``OSError``."""

    def __init__(self, work: Path) -> None:
        self.folder = work / "backup"

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    @property
    def _words(self) -> Path:
        return self.folder / "staged.json"

    def left(self, place: str, writer: str) -> Staged | None:
        """What a stopped backup to this place has left, if it can still be used."""
        try:
            found = msgspec.json.decode(self._words.read_bytes(), type=Staged)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None
        fresh = clock.now() - found.at < FRESH_MS and found.archive == records.FORMAT
        same = found.place == place and (found.chain.writer if found.chain else "") == writer
        return found if fresh and same and all(is_whole(self.folder / one.sha256, one) for one in found.parts) else None

    def clear(self) -> None:
        """Empty, for a new one."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def keep(self, staged: Staged) -> None:
        """The archive is sealed: it need not be made again."""
        self.archive.unlink(missing_ok=True)
        half = self._words.with_suffix(".half")
        half.write_bytes(msgspec.json.encode(staged))
        half.rename(self._words)

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
