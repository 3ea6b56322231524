"""What is known of a request before its handler runs."""

import msgspec

from asgi.asgi_types import Request, Scope
from asgi.policy import Policy
from domain.accounts.network_profile import NetworkInfo
from domain.core.access import Theme, Viewer
from domain.moderation.brake import OFF, Brake


class Visit(msgspec.Struct):
    """Who sends a request and how the response should look; `asgi.sessions.SessionMiddleware` makes one per request."""

    viewer: Viewer
    locale: str
    theme: Theme
    network: NetworkInfo
    policy: Policy
    signup_open: bool
    # Whether pictures load only when tapped: the member or the browser asks for it.
    saver: bool = False
    # The address that the network moves to, "" when it stays.
    moving_to: str = ""
    # What slows newcomers down now.
    brake: Brake = OFF
    # False while the database is unavailable, so that nobody can be recognized.
    identified: bool = True


def in_scope(scope: Scope) -> Visit:
    found: Visit = scope["state"]["visit"]
    return found


def of(request: Request) -> Visit:
    return in_scope(request.scope)
