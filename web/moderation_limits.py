"""What the settings say of moderators' work."""

from asgi import policy
from asgi.asgi_types import Request
from domain.moderation.care import HardLimits
from web import state


def most_hard(request: Request) -> HardLimits:
    """How much that is hard to look at the network lets a moderator have in a day."""
    return policy.hard_limits(state.of(request).settings)
