"""The demo network of `parvis demo`: the cast plays its week with this process's reactions and media processor."""

import msgspec

from app import media_processing
from app.wiring import reactions_by_event
from app.worker import Worker
from ops.demo import cast
from ops.demo.cast import Cast
from settings import Settings


async def play(settings: Settings, pictures: bool = True) -> Cast:
    """Fills the open, empty network; see ``ops.demo.cast.play``. Errors: ``NotEmpty``."""
    worker = Worker(reactions_by_event(msgspec.structs.replace(settings, log_minutes=0)))
    try:
        played = await cast.play(settings, worker.drain, media_processing.create(settings) if pictures else None)
        # Whoever called closes the database next: an event in hand would wait for it, and the command with it.
        await worker.settle()
        return played
    finally:
        await worker.stop()
