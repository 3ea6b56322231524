"""Compresses (zstd) and encrypts (age) files of any size in little memory."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyrage
import zstandard

from domain.core.units import MB
from ops.backup import repository
from ops.backup.errors import Problem, Tampered, WrongIdentity
from ops.backup.manifest import ArchivePart

LEVEL = 3
CHUNK = MB
Recipients = Sequence[pyrage.x25519.Recipient]
Identities = Sequence[pyrage.x25519.Identity]


def recipients(text: str) -> Recipients:
    """The public keys of a setting, by commas or spaces. Errors: ``Problem``."""
    try:
        found = [pyrage.x25519.Recipient.from_str(one) for one in text.replace(",", " ").split()]
    except pyrage.RecipientError:
        raise Problem("PARVIS_BACKUP_RECIPIENTS must be public keys such as age1...") from None
    if not found:
        raise Problem("PARVIS_BACKUP_RECIPIENTS is empty: `parvis backup keygen` makes a pair of keys.")
    return found


def identities(text: str) -> Identities:
    """The private keys in a file's text, as age's own tools write it. Errors: ``WrongIdentity``."""
    lines = [line.strip() for line in text.splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise WrongIdentity("The identity must be a file with a line AGE-SECRET-KEY-1...")
    return found


def new_pair() -> tuple[str, str]:
    """``(private, public)``."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def seal(body: bytes, to: Recipients) -> bytes:
    return encrypt(zstandard.ZstdCompressor(LEVEL).compress(body), to)


def unseal(body: bytes, identity: Identities, name: str) -> bytes:
    """Errors: ``WrongIdentity``, ``Tampered``."""
    try:
        return zstandard.ZstdDecompressor().decompress(pyrage.decrypt(body, identity))
    except (pyrage.DecryptError, zstandard.ZstdError) as error:
        raise _why(error, name) from None


def encrypt(body: bytes, to: Recipients) -> bytes:
    """What is squeezed already, as pictures are."""
    sealed: bytes = pyrage.encrypt(body, to)
    return sealed


def decrypt(body: bytes, identity: Identities, name: str) -> bytes:
    """Errors: ``WrongIdentity``, ``Tampered``."""
    try:
        plain: bytes = pyrage.decrypt(body, identity)
    except pyrage.DecryptError as error:
        raise _why(error, name) from None
    return plain


def seal_file(source: Path, folder: Path, to: Recipients) -> list[ArchivePart]:
    """Seals a file into parts in ``folder``, each named by its hash. Errors: ``StoreFull``."""
    with repository.room(), source.open("rb") as file:
        parts = Parts(folder)
        with zstandard.ZstdCompressor(LEVEL).stream_reader(file) as squeezed:
            _encrypt(squeezed, parts, to)
        return parts.finish()


def _encrypt(reader: zstandard.ZstdCompressionReader, parts: "Parts", to: Recipients) -> None:
    try:
        pyrage.encrypt_io(reader, parts, to)
    except pyrage.EncryptError:
        # It has made words of the disk's own error.
        raise parts.problem or Problem("The archive can't be encrypted.") from None


class Parts:
    """What is written to it becomes files of PART bytes each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[ArchivePart] = []
        self.problem: OSError | None = None
        self._open()

    def _open(self) -> None:
        self._file, self._hash, self._size = (self._folder / "part").open("wb"), hashlib.sha256(), 0

    def write(self, body: bytes) -> int:
        try:
            return self._write(body)
        except OSError as error:
            self.problem = error
            raise

    def _write(self, body: bytes) -> int:
        left = memoryview(body)
        while left:
            taken = left[: repository.PART - self._size]
            self._file.write(taken)
            self._hash.update(taken)
            self._size += len(taken)
            left = left[len(taken) :]
            if self._size == repository.PART:
                self._close()
                self._open()
        return len(body)

    def flush(self) -> None:
        self._file.flush()

    def _close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        piece = ArchivePart(self._hash.hexdigest(), self._size)
        if self._size:
            (self._folder / "part").rename(self._folder / piece.sha256)
            self._made.append(piece)

    def finish(self) -> list[ArchivePart]:
        self._close()
        (self._folder / "part").unlink(missing_ok=True)
        return self._made


def unseal_parts(parts: Iterator[BinaryIO], target: Path, identity: Identities, told: Callable[[int], None]) -> None:
    """Puts opened parts together again, and closes them; ``told`` is how many bytes of them were read.

    Errors: ``WrongIdentity``, ``Tampered``, ``StoreFull``.
    """
    with repository.room(), target.open("wb") as file:
        writer = zstandard.ZstdDecompressor().stream_writer(file, closefd=False)
        try:
            pyrage.decrypt_io(io.BufferedReader(Joined(parts, told), CHUNK), writer, identity)
            writer.flush()  # type: ignore[no-untyped-call]
        except (pyrage.DecryptError, zstandard.ZstdError) as error:
            raise _why(error, "The archive") from None
        except OSError as error:
            # What age finds damaged on the way has no number.
            if error.errno is None:
                raise _why(error, "The archive") from None
            raise


class Joined(io.RawIOBase):
    """Files one after the other, each closed behind its end."""

    def __init__(self, files: Iterator[BinaryIO], told: Callable[[int], None]) -> None:
        self._files, self._told = files, told
        self._file: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        while True:
            if self._file is None:
                self._file = next(self._files, None)
                if self._file is None:
                    return 0
            if count := self._file.readinto(buffer):  # type: ignore[attr-defined]
                self._told(count)
                return int(count)
            self._file.close()
            self._file = None


def _why(error: Exception, name: str) -> Problem:
    if "No matching keys" in str(error):
        return WrongIdentity("%(name)s is encrypted to other keys than this identity.", name=name)
    return Tampered("%(name)s can't be decrypted: it is damaged.", name=name)
