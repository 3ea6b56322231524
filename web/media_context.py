"""Pictures, films and sounds as templates know them, and where their files are to be had."""

from collections.abc import Sequence

import msgspec

from asgi.media import PREFIX
from domain.media.attachments import Attachment, AttachmentFile
from domain.media.file_types import AUDIO, MOVING, VIDEO

NAMES = {MOVING: "moving", VIDEO: "video", AUDIO: "audio"}


class MediaUrls:
    """Where files are to be had: open ones perhaps at another name, which gets no cookies."""

    def __init__(self) -> None:
        self.origin = ""

    def of(self, key: str, is_open: bool = True) -> str:
        return f"{self.origin if is_open else ''}{PREFIX}{key}"


MEDIA_URLS = MediaUrls()


class SizeLimits(msgspec.Struct):
    """The largest file of each class, in MB, so that a browser need not send one that is larger."""

    image: int = 0
    video: int = 0
    audio: int = 0


SIZE_LIMITS = SizeLimits()


class MediaContext(msgspec.Struct):
    """An attachment as templates know it. ``kind`` is picture, moving, video or audio."""

    id: str
    kind: str
    src: str
    srcset: str
    width: int
    height: int
    alt: str
    hash: str
    small: str
    largest: str
    moving: str
    play: str
    type: str
    duration: str


def of(media: Sequence[Attachment], is_open: bool) -> list[MediaContext]:
    """The attachments of a post; ``is_open``: anybody may see it."""
    return [_shot(one, is_open) for one in media]


def _shot(one: Attachment, is_open: bool) -> MediaContext:
    def at(file: AttachmentFile | None) -> str:
        return MEDIA_URLS.of(file.key, is_open) if file else ""

    stills = one.stills
    play = one.files.get("play")
    # For those that know no srcset: what fits a column.
    usual = next((still for still in reversed(stills) if still.width >= 1000), stills[0]) if stills else None
    return MediaContext(
        id=str(one.id),
        kind=NAMES.get(one.kind, "picture"),
        src=at(usual),
        srcset=", ".join(f"{at(still)} {still.width}w" for still in stills) if len(stills) > 1 else "",
        width=one.width,
        height=one.height,
        alt=one.alt,
        hash=one.hash,
        small=at(stills[-1] if stills else None),
        largest=at(stills[0] if stills else play),
        moving=at(one.files.get("moving")),
        play=at(play),
        type=play.type if play else "",
        duration=clock(one.duration),
    )


def clock(duration: int) -> str:
    """Milliseconds as 1:05."""
    return f"{duration // 60_000}:{duration // 1000 % 60:02}"
