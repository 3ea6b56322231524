"""The response to a request that was meant for another account than the one signed in."""

from asgi.asgi_types import Request
from asgi.responses import Response
from web import page

LIVE = "/live"


def wrong_account(request: Request, meant: str, address: str = "") -> Response:
    """Says that nothing was done or shown, and how to go on. ``meant`` is the id of the account that was meant.

    ``address`` is where to go on after signing in with it, "" for the requested page itself.
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
