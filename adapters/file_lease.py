"""A lease for the processes of one machine, for when the database can't be written."""

import fcntl
import os
from pathlib import Path

MS = 1_000_000


class FileLease:
    """When it ends is noted as the time of an empty file, which can be set on a full disk too.

    Where the file can't be made, only this process knows. Times are in Unix milliseconds.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._until = path, 0

    def take(self, until: int, now: int) -> bool:
        """Takes it; False while it is somebody's."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return self._take(until, now)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_mtime_ns > now * MS:
                return False
            os.utime(file, ns=(now * MS, until * MS))
            return True
        finally:
            os.close(file)

    def _take(self, until: int, now: int) -> bool:
        if self._until > now:
            return False
        self._until = until
        return True

    def extend(self, until: int) -> None:
        """For whoever took it."""
        self._until = until
        try:
            os.utime(self._path, ns=(until * MS, until * MS))
        except OSError:
            return
