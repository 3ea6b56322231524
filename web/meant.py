"""Requests that say whose they are: one that reaches somebody else is not answered."""

from web import page, query
from web.answers import Answer
from web.page import Asked
from web.wire import Scope, header

LIVE = "/live"


def whom(scope: Scope) -> str:
    """The account a request is for, if it says so: a queued deed in `X-Account`, a notification's address in `for=`."""
    if scope["method"] != "GET":
        return header(scope, b"x-account").decode("latin-1")
    return query.value(scope, "for")


def not_you(request: Asked, meant: str, address: str = "") -> Answer:
    """The answer to what was meant for another account: nothing is done or shown, and how to go on is said.

    ``address`` is where to go on, the page itself if there is none.
    """
    if request.scope["path"] == LIVE:
        # An event stream that gets this does not come back.
        return Answer(b"", 204, ())
    words = page.say(request, "This is for another account. Sign in with it to go on.")
    if request.scope["method"] != "GET" and not (address and page.is_plain(request)):
        return page.json({"error": {"code": "other_account", "message": words}}, 409)
    title = page.say(request, "For another account")
    address = address or page.here(request)
    return page.show(request, "pages/other_account.html", title, status=409, meant=meant, address=address)
