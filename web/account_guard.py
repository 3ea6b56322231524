"""Requests that say whose they are: one that reaches somebody else is not answered."""

from asgi import query_string
from asgi.asgi_types import Request, Scope, header
from asgi.responses import Response
from web import page

LIVE = "/live"


def intended_account(scope: Scope) -> str:
    """The account a request is for, if it says so: a queued deed in `X-Account`, a notification's address in `for=`."""
    if scope["method"] != "GET":
        return header(scope, b"x-account").decode("latin-1")
    return query_string.value(scope, "for")


def wrong_account(request: Request, meant: str, address: str = "") -> Response:
    """The answer to what was meant for another account: nothing is done or shown, and how to go on is said.

    ``address`` is where to go on, the page itself if there is none.
    """
    if request.scope["path"] == LIVE:
        # An event stream that gets this does not come back.
        return Response(b"", 204, ())
    words = page.translate(request, "This is for another account. Sign in with it to go on.")
    if request.scope["method"] != "GET" and not (address and page.is_plain(request)):
        return page.json({"error": {"code": "other_account", "message": words}}, 409)
    title = page.translate(request, "For another account")
    address = address or page.current_address(request)
    return page.show(request, "pages/other_account.html", title, status=409, meant=meant, address=address)
