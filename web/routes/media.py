"""Sending pictures, videos and sounds, before they are part of a post."""

from litestar import delete, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.uploads import body_as_file
from domain.core.access import member
from domain.media import uploads
from domain.media.attachments import Attachment
from web import forms, media_context, page, state
from web.routes import back


def sent(one: Attachment) -> dict[str, object]:
    """What a script needs to show what it has sent."""
    shot = media_context.of([one])[0]
    return {
        "id": shot.id, "kind": shot.kind, "src": shot.animation or shot.src, "width": shot.width, "height": shot.height,
        "duration": shot.duration, "alt": shot.alt, "file": shot.largest,
    }  # fmt: skip


@post("/media", request_max_body_size=None)
async def send(request: Request) -> ASGIApp:
    """Takes one file, as it is. ``?key=`` makes a repeated request with the same file the same picture."""
    web = state.of(request)
    web.limits.upload.take(str(member(page.viewer(request)).id))
    async with body_as_file(request, web.processor) as sent_file:
        viewer = member(page.viewer(request))
        made = await uploads.take(web.processor, viewer, sent_file.file, forms.query(request, "key"), sent_file.digest)
    return page.json(sent(made), 201)


@delete("/media/{media_id:str}", status_code=200)
async def discard(request: Request, media_id: str) -> ASGIApp:
    """Removes what was sent and not posted."""
    await uploads.discard(page.viewer(request), forms.parse_id(media_id))
    return back.done(request, {})


HANDLERS = [send, discard]
