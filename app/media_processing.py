"""Creates the media processor as the settings want it."""

from adapters import sandbox
from domain.core.units import MB
from domain.media.processor import MediaProcessor, ProcessingBudget, UploadRules
from settings import Settings


def create(settings: Settings, budget: ProcessingBudget | None = None) -> MediaProcessor:
    """``budget`` is what members may use of it; what nobody in particular asks for has none."""
    # Says in the log when children can't be filtered here.
    sandbox.available()
    rules = UploadRules(settings.image_mb * MB, settings.video_mb * MB, settings.audio_mb * MB)
    return MediaProcessor(settings.work, rules, settings.media_at_once, budget)
