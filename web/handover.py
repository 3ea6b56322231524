"""While the network moves to another machine: pages go on, nothing is written; afterwards all of it leads there."""

from asgi.asgi_types import App, Receive, Request, Scope, Send
from asgi.responses import Response
from domain.backups.handover import MOVED, SITE_MODE, NetworkMoving
from web import errors, forms


class Leading:
    """ASGI: once the network has gone, every address leads to the same one at its new place."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if SITE_MODE.state != MOVED or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        to = SITE_MODE.address.encode() + scope.get("raw_path", scope["path"].encode()) + query
        # Kept by browsers for an hour: a move that is taken back must not last.
        headers = [(b"location", to), (b"cache-control", b"max-age=3600"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 308, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def refuse(request: Request) -> Response | None:
    """The answer to a request that writes: why it can't, and what was typed, to be sent again in a while.

    None while everything may be written, and for requests that read.
    """
    if not SITE_MODE.still or request.method == "GET":
        return None
    await forms.read_to_return(request)
    return errors.refused(request, NetworkMoving())
