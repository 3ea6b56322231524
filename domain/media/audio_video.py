"""Videos and sounds: looked at and packed anew by ffmpeg, which copies what is seen and heard, and nothing else."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from adapters import children
from adapters.children import ChildLimits
from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.core.units import MB

PROBE = ChildLimits(seconds=10, memory=400 * MB, output=1 * MB)
PACK_SECONDS = 30
# Longest video or sound, in seconds, and largest picture of one, in pixels.
LONGEST, MOST_PIXELS = 600, 4096 * 2304

# Which of ffmpeg's readers reads what; none may reach for another file or for the network.
READERS = {"mp4": "mov", "matroska": "matroska", "ogg": "ogg", "mp3": "mp3", "flac": "flac", "wav": "wav"}
# What every browser of today plays, and in which package.
PACKAGES = {
    ("h264", "aac"): "mp4", ("h264", "mp3"): "mp4", ("h264", ""): "mp4", ("av1", "aac"): "mp4",
    ("av1", "opus"): "webm", ("av1", ""): "mp4", ("vp9", "opus"): "webm", ("vp9", "vorbis"): "webm",
    ("vp9", ""): "webm", ("vp8", "vorbis"): "webm", ("vp8", "opus"): "webm", ("vp8", ""): "webm",
    ("", "aac"): "m4a", ("", "mp3"): "mp3", ("", "opus"): "opus", ("", "vorbis"): "ogg", ("", "flac"): "flac",
    ("", "pcm_s16le"): "wav",
}  # fmt: skip
TYPES = {
    "mp4": "video/mp4", "webm": "video/webm", "m4a": "audio/mp4", "mp3": "audio/mpeg", "opus": "audio/ogg",
    "ogg": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav",
}  # fmt: skip
MUXERS = {"m4a": "ipod", "opus": "ogg"}
# What else a package says of itself, left out too.
PLAIN = {
    "mp4": ("-movflags", "+faststart"), "m4a": ("-movflags", "+faststart"),
    "mp3": ("-id3v2_version", "0", "-write_id3v1", "0"),
}  # fmt: skip
# Anything may stand between the frames of an MP3, such as another one's names: it is heard, and written anew.
ANEW = ("-c:a", "libmp3lame", "-q:a", "2")
# Encoders write of themselves, and cameras of where they were, into units beside the picture.
UNITS = {"h264": "filter_units=remove_types=6"}
# Packing stops so many seconds past LONGEST: well beyond it even where frames are far apart.
MARGIN = 60
# How far ffmpeg has written, in microseconds, as -progress reports it.
WRITTEN = re.compile(r"^out_time_us=(-?\d{1,15})$", re.MULTILINE)

BROKEN = N_("This video or sound can’t be read.")
CODEC = N_("Many browsers can’t play this (%(codec)s). Choose H.264, VP9 or AV1; phones call it “most compatible”.")
NONE = N_("This network takes no videos or sounds: ffmpeg is not installed on it.")


class Recording(msgspec.Struct):
    """What there is to play: ``duration`` in milliseconds, no width for a sound alone."""

    type: str
    width: int
    height: int
    duration: int

    @property
    def seen(self) -> bool:
        return self.width > 0


class _Stream(msgspec.Struct):
    codec_type: str = ""
    codec_name: str = ""
    width: int = 0
    height: int = 0
    disposition: dict[str, int] = {}
    side_data_list: list[dict[str, object]] = []

    @property
    def picture(self) -> bool:
        """A picture on the sleeve of a record is no video."""
        return bool(self.disposition.get("attached_pic"))

    @property
    def sideways(self) -> bool:
        return any(isinstance(turn := one.get("rotation"), int | float) and turn % 180 for one in self.side_data_list)


class _Format(msgspec.Struct, frozen=True):
    duration: str = ""


class _Probed(msgspec.Struct):
    streams: list[_Stream] = []
    format: _Format = _Format()


def available() -> bool:
    return shutil.which("ffmpeg") is not None and shutil.which("ffprobe") is not None


async def pack(source: BinaryIO, name: str, folder: Path, limit: int) -> tuple[Recording, BinaryIO]:
    """A video or sound that was sent, packed anew into a file of at most ``limit`` bytes; ``name`` is its kind's.

    Errors: ``Invalid``.
    """
    probed = await _probe(source, name, folder)
    seen = next((one for one in probed.streams if one.codec_type == "video" and not one.picture), None)
    heard = next((one for one in probed.streams if one.codec_type == "audio"), None)
    package = PACKAGES.get((seen.codec_name if seen else "", heard.codec_name if heard else ""))
    if package is None:
        raise _unplayable(seen, heard)
    _check_picture(seen)
    # What an honest header says saves the packing; what counts is what was packed.
    _check_duration(_milliseconds(probed.format.duration))
    packed = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - given away
    try:
        duration = await _copy(source, name, packed, package, seen, heard, limit)
        _check_duration(duration)
    except BaseException:
        packed.close()
        raise
    wide, high = (seen.width, seen.height) if seen else (0, 0)
    if seen and seen.sideways:
        wide, high = high, wide
    return Recording(TYPES[package], wide, high, duration), packed


def _unplayable(seen: _Stream | None, heard: _Stream | None) -> Invalid:
    codecs = [one.codec_name for one in (seen, heard) if one and one.codec_name]
    return Invalid(CODEC, codec=", ".join(codecs)[:40]) if codecs else Invalid(BROKEN)


def _milliseconds(text: str) -> int:
    try:
        return max(0, int(float(text) * 1000))
    except (ValueError, OverflowError):
        return 0


def _check_duration(duration: int) -> None:
    if duration > LONGEST * 1000:
        raise Invalid("It may last at most %(limit)s minutes.", limit=LONGEST // 60)


def _check_picture(seen: _Stream | None) -> None:
    if seen and not 0 < seen.width * seen.height <= MOST_PIXELS:
        raise Invalid("The resolution of this video is too high. Choose 4K at most.")


async def _probe(source: BinaryIO, name: str, folder: Path) -> _Probed:
    with tempfile.TemporaryFile(dir=folder) as told:
        ended = await children.run(
            [_found("ffprobe"), "-v", "error", *_from(source, name), "-print_format", "json", "-show_format",
             "-show_streams"],
            PROBE, stdout=told, files=[source],
        )  # fmt: skip
        told.seek(0)
        try:
            probed = msgspec.json.decode(told.read(), type=_Probed)
        except msgspec.MsgspecError:
            raise Invalid(BROKEN) from None
    if ended.status != 0:
        raise Invalid(BROKEN)
    return probed


async def _copy(
    source: BinaryIO, name: str, packed: BinaryIO, package: str, seen: _Stream | None, heard: _Stream | None, limit: int
) -> int:
    """Packs the streams into ``packed``. Returns how long they last, in milliseconds, by the packets that were written:
    a container's header may say anything, and that of a FLAC is copied as it is.
    """
    units = UNITS.get(seen.codec_name) if seen else None
    ended = await children.run(
        [
            _found("ffmpeg"), "-v", "error", "-nostdin", "-progress", "pipe:2", "-y", "-fflags", "+bitexact",
            *_from(source, name), *(("-map", "0:V:0") if seen else ()), "-map", "0:a:0?", "-c", "copy",
            "-t", str(LONGEST + MARGIN),
            *(ANEW if heard and heard.codec_name == "mp3" else ()),
            "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
            "-flags:a", "+bitexact", *(("-bsf:v", units) if units else ()), *PLAIN.get(package, ()),
            "-f", MUXERS.get(package, package), f"/proc/self/fd/{packed.fileno()}",
        ],
        ChildLimits(PACK_SECONDS, 400 * MB, limit), stdout=packed, files=[source, packed],
    )  # fmt: skip
    written = WRITTEN.findall(ended.said)
    if ended.status != 0 or not written:
        raise Invalid(BROKEN)
    return max(0, int(written[-1]) // 1000)


async def poster(video: BinaryIO, type_: str, duration: int, folder: Path) -> BinaryIO:
    """A frame from near the beginning of a packed video, as PNG. Errors: ``Invalid``."""
    name = "mp4" if type_ == "video/mp4" else "matroska"
    shot = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - given away
    at = min(1.0, duration / 1000 / 4)
    ended = await children.run(
        [
            _found("ffmpeg"), "-v", "error", "-nostdin", "-y", "-threads", "1", "-ss", f"{at:.2f}", *_from(video, name),
            "-frames:v", "1", "-vf", "scale='min(1920,iw)':-2", "-c:v", "png", "-f", "image2pipe", "pipe:1",
        ],
        ChildLimits(PACK_SECONDS, 400 * MB, 64 * MB), stdout=shot, files=[video],
    )  # fmt: skip
    if ended.status != 0 or not shot.tell():
        shot.close()
        raise Invalid(BROKEN)
    shot.seek(0)
    return shot


def _from(source: BinaryIO, name: str) -> Sequence[str]:
    """A file that is open already, read as the one kind that it is."""
    return ("-protocol_whitelist", "file", "-f", READERS[name], "-i", f"/proc/self/fd/{source.fileno()}")


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Invalid(NONE)
    return found
