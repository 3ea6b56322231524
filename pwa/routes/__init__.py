"""What an installed app asks for, a file per area; ``HANDLERS`` is what the application serves."""

from pwa.routes import install, login_transfer, push, worker

_AREAS = (install, worker, push, login_transfer)
HANDLERS = [handler for area in _AREAS for handler in area.HANDLERS]
