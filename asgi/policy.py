"""What handlers and templates need of the settings, made once per application."""

import msgspec

from settings import Settings


class Policy(msgspec.Struct, frozen=True, gc=False):
    """Equal policies render equal pages, so that what is rendered can be cached by it.

    ``origin`` is the network's own address without a trailing slash, ``media_origin`` that of the host for public
    files; both "" when the settings name none. The largest file of each class is in MB.
    """

    origin: str = ""
    media_origin: str = ""
    language: str = "en"
    signup_open: bool = True
    image_mb: int = 0
    video_mb: int = 0
    audio_mb: int = 0


def from_settings(settings: Settings) -> Policy:
    return Policy(
        origin=settings.origin.rstrip("/"),
        media_origin=settings.media_origin,
        language=settings.language,
        signup_open=settings.signup_open,
        image_mb=settings.image_mb,
        video_mb=settings.video_mb,
        audio_mb=settings.audio_mb,
    )
