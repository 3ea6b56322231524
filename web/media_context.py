"""Attachments as templates know them, and the addresses of their files."""

from collections.abc import Sequence

import msgspec

from asgi.media import PREFIX
from domain.media.attachments import Attachment, AttachmentFile
from domain.media.file_types import MediaKind

# The words of templates and style sheets.
KINDS = {
    MediaKind.IMAGE: "picture",
    MediaKind.ANIMATED: "animated",
    MediaKind.VIDEO: "video",
    MediaKind.AUDIO: "audio",
}


def url(key: str, origin: str = "") -> str:
    """The address of a file: on the network's own host, or for public files at the media host's ``origin``.

    >>> url("abc", "https://media.parvis.example")
    'https://media.parvis.example/media/abc'
    """
    return f"{origin}{PREFIX}{key}"


class MediaContext(msgspec.Struct):
    """An attachment as templates know it. ``kind`` is picture, animated, video or audio."""

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
    animation: str
    play: str
    type: str
    duration: str


def of(media: Sequence[Attachment], origin: str = "") -> list[MediaContext]:
    """The attachments of a post. ``origin`` is the media host's for a public post, "" for any other: only the network's
    own host knows who may see a file."""
    return [_shot(one, origin) for one in media]


def _shot(one: Attachment, origin: str) -> MediaContext:
    def at(file: AttachmentFile | None) -> str:
        return url(file.key, origin) if file else ""

    stills = one.stills
    play = one.files.get("play")
    # For browsers without srcset: the smallest that fills a column.
    usual = next((still for still in reversed(stills) if still.width >= 1000), stills[0]) if stills else None
    return MediaContext(
        id=str(one.id),
        kind=KINDS[one.kind],
        src=at(usual),
        srcset=", ".join(f"{at(still)} {still.width}w" for still in stills) if len(stills) > 1 else "",
        width=one.width,
        height=one.height,
        alt=one.alt,
        hash=one.hash,
        small=at(stills[-1] if stills else None),
        largest=at(stills[0] if stills else play),
        animation=at(one.files.get("moving")),
        play=at(play),
        type=play.type if play else "",
        duration=clock(one.duration),
    )


def clock(duration: int) -> str:
    """A duration in milliseconds as minutes and seconds: ``clock(65_000)`` is ``"1:05"``."""
    return f"{duration // 60_000}:{duration // 1000 % 60:02}"
