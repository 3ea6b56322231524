"""What the settings say of moderators' work."""

from asgi.asgi_types import Request
from web import state


def most_hard(request: Request) -> int:
    """How many cases that are hard to look at the network lets a moderator have in a day."""
    return state.of(request).settings.hard_cases_per_day
