"""A member's own picture, and the header of their page."""

from litestar import delete, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.access import member
from domain.core.errors import Refused
from domain.media import profile_images
from domain.media.profile_images import ProfileImage
from domain.moderation import brake_profiles
from web import errors, forms, page, state, submissions
from web.routes import back, settings

# The box of a cut comes in parts of this.
WHOLE = 10_000


def _box(form: forms.Form) -> profile_images.Box | None:
    """The part of a picture to show; None, as it is without a script, for its middle."""
    try:
        left, top, width, height = (int(form[name]) / WHOLE for name in ("left", "top", "width", "height"))
    except (ValueError, OverflowError):
        return None
    return left, top, width, height


async def _put(request: Request, what: ProfileImage) -> Response:
    web = state.of(request)
    member(page.viewer(request))
    try:
        web.limits.upload.take(str(page.viewer(request).id))
        async with submissions.submission(request, web.processor) as sent:
            viewer = member(page.viewer(request))
            if (file := sent.file()) is not None:
                await brake_profiles.put_image(web.processor, viewer, what, file.file, _box(sent.form))
    except Refused as refusal:
        if page.is_act(request):
            raise
        problem = forms.Form({what: errors.words(request, refusal)})
        return await settings.profile_page(request, problem, errors.status_of(refusal))
    return back.done(request, {"saved": True}, f"/settings/profile?saved={what}")


async def _remove(request: Request, what: ProfileImage) -> Response:
    await profile_images.remove(page.viewer(request), what)
    return back.done(request, {"saved": True}, f"/settings/profile?saved={what}")


@post("/settings/profile/picture", request_max_body_size=None)
async def picture(request: Request) -> ASGIApp:
    return await _put(request, ProfileImage.PICTURE)


@post("/settings/profile/header", request_max_body_size=None)
async def header(request: Request) -> ASGIApp:
    return await _put(request, ProfileImage.HEADER)


@delete("/settings/profile/picture", status_code=200)
async def no_picture(request: Request) -> ASGIApp:
    return await _remove(request, ProfileImage.PICTURE)


@delete("/settings/profile/header", status_code=200)
async def no_header(request: Request) -> ASGIApp:
    return await _remove(request, ProfileImage.HEADER)


HANDLERS = [picture, header, no_picture, no_header]
