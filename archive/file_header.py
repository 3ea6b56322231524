"""Checks the first bytes of a file before anything else is read from it."""

from pathlib import Path

from archive.formats import OLDEST
from archive.records import FORMAT
from domain.core.errors import Refused

# "PRVS", in the place where SQLite files say whose they are.
MARK = 0x50525653
HEAD = 100
# The code of an archive that can't be written because its disk is full.
FULL = "full"


class WrongArchive(Refused):
    """A file that can't be read as an archive; ``code`` says why."""

    code = "archive"


def damaged(why: str) -> WrongArchive:
    return WrongArchive("The archive is damaged: %(why)s.", code="damaged", why=why)


def check(path: Path) -> int:
    """The format of an archive. Errors: ``WrongArchive`` for a file that is no whole archive of one that is read."""
    try:
        head, size = of(path), path.stat().st_size
    except OSError as error:
        raise WrongArchive("%(file)s can't be read: %(why)s", file=str(path), why=error.strerror or "") from None
    if (problem := foreign(head) or cut(head, size)) is not None:
        raise problem
    return format_of(head)


def of(path: Path) -> bytes:
    """A file's first bytes. Errors: ``OSError``."""
    with open(path, "rb") as file:
        return file.read(HEAD)


def format_of(head: bytes) -> int:
    """The format that an archive's first bytes name: SQLite's ``user_version``."""
    return int.from_bytes(head[60:64], "big")


def is_current(head: bytes) -> bool:
    """Whether a file that begins so is an archive of the present format."""
    return foreign(head) is None and format_of(head) == FORMAT


def foreign(head: bytes) -> WrongArchive | None:
    """Why a file that begins so is no archive that can be read. The places are those of SQLite's file format."""
    if len(head) < HEAD or head[:16] != b"SQLite format 3\0" or int.from_bytes(head[68:72], "big") != MARK:
        return WrongArchive("This file is not an archive of Parvis.", code="not-an-archive")
    found = format_of(head)
    if found > FORMAT:
        words = "This archive has format %(found)s, which is newer than this version of Parvis knows: upgrade first."
        return WrongArchive(words, code="newer", found=found)
    if found < OLDEST:
        words = (
            "This archive has format %(found)s, which this version of Parvis reads no longer"
            " (it reads %(oldest)s to %(format)s)."
        )
        return WrongArchive(words, code="older", found=found, oldest=OLDEST, format=FORMAT)
    return None


def cut(head: bytes, size: int) -> WrongArchive | None:
    page = int.from_bytes(head[16:18], "big")
    whole = int.from_bytes(head[28:32], "big") * (65_536 if page == 1 else page)
    if size < whole:
        words = "This archive is cut short: it has %(size)s of its %(whole)s bytes."
        return WrongArchive(words, code="cut", size=size, whole=whole)
    return None
