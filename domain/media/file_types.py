"""What a file is, by its first bytes: never by its name, nor by what it is said to be."""

from enum import IntEnum, StrEnum
from typing import NamedTuple

from domain.core.translatable import N_

# How many of a file's first bytes are looked at.
HEAD = 512


class MediaKind(IntEnum):
    """What an attachment is, by the stored number. ANIMATED is a picture that moves."""

    IMAGE = 0
    ANIMATED = 1
    VIDEO = 2
    AUDIO = 3


class FileClass(StrEnum):
    """What a file that was sent is, which decides how large it may be and who reads it."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


class FileType(NamedTuple):
    """``name`` is for whoever reads the file: Pillow's readers (pictures.READERS), or ffmpeg's (videos.READERS)."""

    cls: FileClass
    name: str


SVG = N_("SVG drawings can’t be used here, because they may carry scripts. Save it as PNG.")
UNKNOWN = N_(
    "Files of this kind can’t be used here. Choose a JPEG, PNG, WebP, AVIF, HEIC or GIF picture, an MP4, MOV or WebM "
    "video, or an MP3, M4A, OGG, FLAC or WAV sound."
)

# ISO base media files say in their first box what they are: pictures and videos of one family.
_PICTURES = {
    b"avif": "avif", b"avis": "avif", b"heic": "heic", b"heix": "heic", b"hevc": "heic", b"heim": "heic",
    b"heis": "heic",
}  # fmt: skip
# Some picture of the family; what else stands there says which.
_ANY_PICTURE = (b"mif1", b"msf1")
_SOUNDS = (b"M4A ", b"M4B ")


_BEGINNINGS = {
    b"\xff\xd8\xff": FileType(FileClass.IMAGE, "jpeg"),
    b"\x89PNG\r\n\x1a\n": FileType(FileClass.IMAGE, "png"),
    b"GIF87a": FileType(FileClass.IMAGE, "gif"),
    b"GIF89a": FileType(FileClass.IMAGE, "gif"),
    b"\x1a\x45\xdf\xa3": FileType(FileClass.VIDEO, "matroska"),
    b"OggS": FileType(FileClass.AUDIO, "ogg"),
    b"fLaC": FileType(FileClass.AUDIO, "flac"),
    b"ID3": FileType(FileClass.AUDIO, "mp3"),
}
_RIFFS = {b"WEBP": FileType(FileClass.IMAGE, "webp"), b"WAVE": FileType(FileClass.AUDIO, "wav")}
# An old video of a camera begins with its data.
_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip")


def of(head: bytes) -> FileType | None:
    """The kind of a file that begins so, or None for anything that is not taken."""
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if head.startswith(b"RIFF"):
        return _RIFFS.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _boxed(head)
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return FileType(FileClass.AUDIO, "mp3")
    return FileType(FileClass.VIDEO, "mp4") if head[4:8] in _BOXES else None


def _boxed(head: bytes) -> FileType:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    for brand in brands:
        if brand in _PICTURES:
            return FileType(FileClass.IMAGE, _PICTURES[brand])
    if brands[0] in _ANY_PICTURE:
        return FileType(FileClass.IMAGE, "heic")
    return FileType(FileClass.AUDIO if brands[0] in _SOUNDS else FileClass.VIDEO, "mp4")


def is_svg(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!--", b"<!doctype")) and b"<svg" in text)
