"""Rows that were refused: which and why, as JSON lines in a file beside the archive."""

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.records import Bad
from domain.core.errors import Refused

# So many are kept in memory for whoever asked; all of them are in the file.
FIRST = 1000
FIELDS = ("table", "key", "field", "reason")


def beside(path: Path) -> Path:
    """Where the report on an archive is, if there is one."""
    return path.with_name(f"{path.name}.bad.jsonl")


def read(file: Path) -> Iterator[Bad]:
    """All of a report; nothing where there is none."""
    with contextlib.suppress(FileNotFoundError), open(file, encoding="utf-8") as lines:
        for line in lines:
            said = json.loads(line)
            yield said["table"], said["key"], said["field"], said["reason"]


class ReportWriter:
    """The report on the archive at ``path``; ``size`` are the bytes of it that an earlier part of the work wrote."""

    def __init__(self, path: Path, size: int = 0) -> None:
        self._path = beside(path)
        self.first: list[Bad] = []
        self.count = self.size = 0
        self.cut(size if self._path.exists() else 0)

    def _count(self, one: Bad) -> None:
        self.count += 1
        if len(self.first) < FIRST:
            self.first.append(one)

    def add(self, bad: Iterable[Bad]) -> None:
        """Errors: ``Refused`` when the file can't be written."""
        lines = []
        for one in bad:
            self._count(one)
            lines.append(json.dumps(dict(zip(FIELDS, one, strict=True))) + "\n")
        if lines:
            try:
                with open(self._path, "ab") as file:
                    file.write("".join(lines).encode())
                    self.size = file.tell()
            except OSError as error:
                words = "%(file)s can't be written: %(why)s"
                raise Refused(words, file=str(self._path), why=error.strerror or "") from None

    def cut(self, size: int) -> None:
        """Takes back what was added since the report had ``size`` bytes; without any it is no file."""
        self.first, self.count, self.size = [], 0, size
        if not size:
            self._path.unlink(missing_ok=True)
            return
        os.truncate(self._path, size)
        for one in read(self._path):
            self._count(one)
