"""Responses that middleware gives before any handler, as the layer above draws them: web as pages, an API as JSON."""

from collections.abc import Awaitable, Callable

import msgspec

from asgi.asgi_types import Receive, Request, Scope
from asgi.responses import Response
from domain.core.errors import Refused


class EarlyResponses(msgspec.Struct, frozen=True):
    """What the middleware asks of the layer above it.

    ``refused`` answers with a refusal, and gives back a form that came with the request. ``first_run`` answers while
    the network is not set up yet, except for paths that begin with one of ``first_run_paths``. ``other_account``
    answers a request that was meant for the given account id while somebody else is signed in. ``choose_locale``
    takes the locale that was chosen by name ("" for none), the Accept-Language header and the default.
    ``uncounted_paths`` take nothing from the reading budget. Whoever is suspended is refused all paths but
    ``suspended_paths`` and those below them.
    """

    refused: Callable[[Scope, Receive, Refused], Awaitable[Response]]
    first_run: Callable[[Request], Response]
    other_account: Callable[[Request, str], Response]
    choose_locale: Callable[[str, str, str], str]
    first_run_paths: tuple[str, ...]
    uncounted_paths: tuple[str, ...]
    suspended_paths: tuple[str, ...]

    def is_for_the_suspended(self, path: str) -> bool:
        """Whether somebody who is suspended may ask for a path."""
        return any(path == one or path.startswith(f"{one.rstrip('/')}/") for one in self.suspended_paths)
