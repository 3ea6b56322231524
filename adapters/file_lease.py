"""A lease between the processes of one machine, for when the database can't be written."""

import contextlib
import fcntl
import os
from pathlib import Path

# Nanoseconds.
MS, SECOND, DAY = 10**6, 10**9, 86_400 * 10**9


class FileLease:
    """A lease of at most a day, whose end is noted as the time of an empty file: that can be set on a full disk too.

    Where the file can't be made, only this process knows. Times are in Unix milliseconds.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._until = path, 0

    def take(self, until: int, now: int) -> bool:
        """Takes it; False while it is somebody's."""
        try:
            return self._take_file(until * MS, now * MS)
        except OSError:
            free = self._until <= now
            self._until = until if free else self._until
            return free

    def _take_file(self, until: int, now: int) -> bool:
        """In nanoseconds. Errors: ``OSError``."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            # A new file has the time of now; one that is further ahead was written while the clock was wrong.
            if SECOND < os.fstat(file).st_mtime_ns - now <= DAY + SECOND:
                return False
            os.utime(file, ns=(until, until))
            return True
        finally:
            os.close(file)

    def extend(self, until: int) -> None:
        """For whoever took it."""
        self._until = until
        with contextlib.suppress(OSError):
            os.utime(self._path, ns=(until * MS, until * MS))
