"""Responses to actions: JSON for an optimistic button, else back to the page it was pressed on."""

from typing import Any
from urllib.parse import urlsplit

from asgi import request_guard
from asgi.asgi_types import Request
from asgi.responses import Response
from web import page


def done(request: Request, answer: dict[str, Any], to: str = "") -> Response:
    """``answer`` for our own script; for everybody else ``to``, or the page that the request came from."""
    if page.is_act(request):
        return page.json(answer)
    return page.redirect(request, to or previous_page(request))


def previous_page(request: Request) -> str:
    """The page that a request came from, when it is one of ours."""
    address = request.headers.get("referer", "")
    # No page of ours has a longer one, and urlsplit keeps what it is given.
    if len(address) > request_guard.MAX_HOST + request_guard.MAX_ADDRESS:
        return "/"
    try:
        referer = urlsplit(address)
    except ValueError:
        return "/"
    if referer.netloc == request.headers.get("host", ""):
        return page.local_address(referer.path + (f"?{referer.query}" if referer.query else ""))
    return "/"
