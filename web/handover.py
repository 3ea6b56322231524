"""While the network moves to another machine: pages go on, nothing is written; afterwards all of it leads there."""

from typing import Any

from litestar import Request

from domain.core.errors import Refused
from domain.keeping.handover import GONE, STANCE, Moving
from web import errors, forms, page
from web.page import Answer, Asked
from web.wire import App, Receive, Scope, Send

# What nobody wants to see again in a page.
SECRET = ("password", "current", "new", "proof", "code")


class Leading:
    """ASGI: once the network has gone, every address leads to the same one at its new place."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if STANCE.state != GONE or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        to = STANCE.address.encode() + scope.get("raw_path", scope["path"].encode()) + query
        # Kept by browsers for an hour: a move that is taken back must not last.
        headers = [(b"location", to), (b"cache-control", b"max-age=3600"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 308, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def refuse(request: Request[Any, Any, Any]) -> Answer | None:
    """The answer to whoever wants to write: why not, and what they typed, to be sent again in a while.

    None while all is as ever, and for whoever reads.
    """
    if not STANCE.still or request.method == "GET":
        return None
    refusal = errors.refused(request, Moving())
    if not page.is_plain(request):
        return refusal
    return page.show(
        request,
        "pages/handover.html",
        page.say(request, "Not just now"),
        status=503,
        words=errors.words(request, Moving()),
        form=await _typed(request),
        action=page.here(request),
        headers=((b"retry-after", b"60"),),
    )


async def _typed(request: Asked) -> dict[str, str]:
    """The fields of the form, without secrets and files."""
    try:
        form = await forms.read(request)
    except Refused:
        return {}
    return {name: value for name, value in form.items() if value and name not in SECRET}
