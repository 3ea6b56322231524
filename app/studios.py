"""Where pictures are made, as the settings want it."""

from domain.media.studio import MB, Rules, Studio
from settings import Settings


def of(settings: Settings) -> Studio:
    rules = Rules(settings.image_mb * MB, settings.video_mb * MB, settings.audio_mb * MB)
    return Studio(settings.work, rules, settings.media_at_once)
