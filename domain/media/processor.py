"""Where what was sent is worked on: a bounded number of children at a time, on files that have no name."""

import asyncio
import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Set
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Protocol
from weakref import WeakValueDictionary

import msgspec

from adapters.children import OtherVersion
from domain.accounts import network_icons
from domain.core.errors import Invalid, ServiceUnavailable, TooMany
from domain.core.translatable import N_
from domain.core.units import MB
from domain.media import audio_video, decoding, file_types, picture_jobs
from domain.media.audio_video import Recording
from domain.media.decoding import Refuse
from domain.media.file_types import FileClass, FileType
from domain.media.picture_jobs import Job, LogoJob, Made

# What decoding a picture may cost, in estimated seconds; with what is made of it, it holds a place for three at most.
MOST_SECONDS = 2.0
MOST_PIXELS, MOST_FRAMES = 120_000_000, 600
# Who waits longer than this for a place is asked to come again, in seconds.
PATIENCE, AGAIN = 12, 5
# So many may wait for a place in each process.
LINE = 40
# Left free on the disk, whatever is sent, in bytes.
MIN_FREE_BYTES = 256 * MB

WORDS = {
    "large": N_("This picture has too many pixels to be processed here. Choose a smaller one."),
    "frames": N_("This animation is too long or too large. Choose a shorter or smaller one, or a video."),
    "broken": N_("This picture can’t be read: the file is damaged, or not what it says it is."),
    "small": N_("There is too little in this part of the picture. Choose a larger one."),
    "time": N_("This picture takes too long to process. Choose a simpler one."),
}
BUSY = N_("Many pictures are being sent just now. Try again in a moment.")
FULL = N_("There is no room for pictures on the server. Its operator has to look after it: try again later.")

UPDATING = N_("The server is being updated just now. Nothing was lost: try again in a moment.")


class Updating(ServiceUnavailable):
    """The code on disk is newer than this process, which can't start its children any more."""

    def __init__(self) -> None:
        super().__init__(UPDATING)


class DiskFull(ServiceUnavailable):
    """The disk is full."""

    code = "full"

    def __init__(self) -> None:
        super().__init__(FULL)


class UploadRules(msgspec.Struct, frozen=True):
    """The largest file of each class, in bytes."""

    image: int = 20 * MB
    video: int = 40 * MB
    audio: int = 40 * MB

    @property
    def most(self) -> int:
        return max(self.image, self.video, self.audio)

    def of(self, cls: FileClass) -> int:
        return {FileClass.IMAGE: self.image, FileClass.VIDEO: self.video, FileClass.AUDIO: self.audio}[cls]


class ProcessingBudget(Protocol):
    """What each account may use: refused once it is overdrawn (``take`` of 0), charged afterwards."""

    def take(self, key: str, cost: float) -> None:
        """Errors: ``TooMany``."""

    def charge(self, key: str, cost: float) -> None: ...


class MediaProcessor:
    """One in a process. Errors of its work: ``Invalid``, ``TooMany`` when it is crowded, ``DiskFull``, ``Updating``."""

    def __init__(self, folder: Path, rules: UploadRules, at_once: int, budget: ProcessingBudget | None = None) -> None:
        """``folder`` is for files in work, and may be emptied when nothing runs; ``at_once`` children work in it.

        ``budget`` is in seconds for which a member occupies a place; None: nobody counts them.
        """
        self.folder, self.rules, self._budget = folder, rules, budget
        self._places = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._uploading: Counter[int] = Counter()

    def open_file(self) -> BinaryIO:
        """A file without a name, which is gone when it is closed, or when the process is. Errors: ``DiskFull``."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if free_bytes(self.folder) < MIN_FREE_BYTES:
                raise DiskFull
            return tempfile.TemporaryFile(dir=self.folder)
        except OSError:
            raise DiskFull from None

    def kind(self, source: BinaryIO) -> FileType:
        """What a file is. Errors: ``Invalid`` for what is not taken."""
        source.seek(0)
        head = source.read(file_types.HEAD)
        if not head:
            raise Invalid("This file is empty.")
        found = file_types.of(head)
        if found is None:
            raise Invalid(file_types.SVG if file_types.is_svg(head) else file_types.UNKNOWN)
        if os.fstat(source.fileno()).st_size > (limit := self.rules.of(found.cls)):
            raise Invalid("This file is too large: at most %(limit)s MB.", limit=limit // MB)
        return found

    @contextlib.contextmanager
    def uploading(self, account: int) -> Iterator[int]:
        """Counts an upload as in progress; gives how many of the account's are in this process, with this one."""
        self._uploading[account] += 1
        try:
            yield self._uploading[account]
        finally:
            self._uploading[account] -= 1
            if not self._uploading[account]:
                del self._uploading[account]

    @contextlib.asynccontextmanager
    async def work(self, account: int) -> AsyncIterator[None]:
        """A member's turn and a place, charged to the member's budget when it is left.

        Errors: ``TooMany``, also when the budget is spent.
        """
        async with self.turn(account):
            if self._budget:
                self._budget.take(str(account), 0)
            async with self.place():
                begun = monotonic()
                try:
                    yield
                finally:
                    if self._budget:
                        self._budget.charge(str(account), monotonic() - begun)

    @contextlib.asynccontextmanager
    async def turn(self, account: int) -> AsyncIterator[None]:
        """One member's files are worked on one by one, so that there is a place for others. Errors: ``TooMany``."""
        turn = self._turns.setdefault(account, asyncio.Lock())
        await _acquire(turn)
        try:
            yield
        finally:
            turn.release()

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """One of the places to work at. Errors: ``TooMany`` when none becomes free in time."""
        if self._waiting >= LINE:
            raise TooMany(BUSY, AGAIN)
        self._waiting += 1
        try:
            await _acquire(self._places)
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def process(self, source: BinaryIO, job: Job) -> tuple[Made, list[bytes]]:
        """What a picture becomes, in a child; the caller has a place."""
        return await self._decode(job, source, picture_jobs.ALL, _refused)

    async def draw_icons(self, account: int, logo: bytes, hue: int) -> network_icons.Icons:
        """A logo as a square, by the name ``network_icons.LOGO``, and the icons made from it. Errors: ``Invalid``."""
        with self.open_file() as source:
            source.write(logo)
            source.flush()
            async with self.work(account):
                names = {network_icons.LOGO, *network_icons.SIZES}
                made, bodies = await self._decode(LogoJob(hue), source, names, network_icons.refusal)
        return {part.name: body for part, body in zip(made.parts, bodies, strict=True)}

    async def _decode(
        self, job: Job | LogoJob, source: BinaryIO, names: Set[str], refuse: Refuse
    ) -> tuple[Made, list[bytes]]:
        with self.open_file() as out, _same_version():
            try:
                return await decoding.run(job, source, out, names, refuse)
            except Invalid:
                if self.is_full():
                    raise DiskFull from None
                raise

    async def pack(self, source: BinaryIO, kind: FileType) -> tuple[Recording, BinaryIO]:
        """A video or sound, packed anew; the caller has a place, and closes the file."""
        try:
            with _same_version():
                return await audio_video.pack(source, kind.name, self.folder, self.rules.of(kind.cls) + 2 * MB)
        except Invalid:
            if self.is_full():
                raise DiskFull from None
            raise

    def is_full(self) -> bool:
        """Whether there is no room for what is worked on."""
        return free_bytes(self.folder) < MIN_FREE_BYTES // 2

    async def poster(self, recording: Recording, packed: BinaryIO) -> tuple[Made, list[bytes]]:
        """A video's picture before it plays."""
        with _same_version():
            found = await audio_video.poster(packed, recording.type, recording.duration, self.folder)
        with found as shot:
            return await self.process(shot, job("png"))


@contextlib.contextmanager
def _same_version() -> Iterator[None]:
    """Around children. Errors: ``Updating``."""
    try:
        yield
    except OtherVersion:
        raise Updating from None


async def _acquire(one: asyncio.Lock | asyncio.Semaphore) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await one.acquire()
    except TimeoutError:
        raise TooMany(BUSY, AGAIN) from None


def free_bytes(place: Path | int) -> int:
    """Bytes that are free on the disk of a folder, or of an open file. Errors: ``OSError``."""
    stat = os.statvfs(place)
    return stat.f_bavail * stat.f_frsize


def _refused(word: str) -> Invalid:
    return Invalid(WORDS.get(word, WORDS["broken"]))


def job(
    kind: str,
    box: tuple[float, float, float, float] | None = None,
    sizes: tuple[tuple[int, int], ...] = (),
    widths: tuple[int, ...] = picture_jobs.WIDTHS,
) -> Job:
    """What to make of a picture of this kind: it in these ``widths``, or ``sizes`` of the part in the ``box``."""
    moving = not sizes and widths == picture_jobs.WIDTHS
    return Job(kind, MOST_PIXELS, MOST_FRAMES, MOST_SECONDS, widths, sizes, box, moving)
