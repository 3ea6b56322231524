"""Downloading all that the network has of a member."""

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from asgi.zip_response import ZipResponse
from domain.accounts import credentials
from domain.core import clock
from domain.core.access import Viewer, account_holder
from domain.core.errors import Invalid, TooMany
from domain.exports import own_data
from web import errors, forms, mails, page, passwords, state
from web.export_files import Archive
from web.routes.settings import show_settings


@get("/settings/data")
async def form(request: Request) -> ASGIApp:
    account_holder(page.viewer(request))
    return _form(request)


def _form(request: Request, error: str = "", status: int = 200) -> Response:
    return show_settings(request, "data", "Your data", forms.Form(), status, error=error)


@post("/settings/data")
async def download(request: Request) -> ASGIApp:
    """The password is asked for: a browser that somebody left open is not to give everything away."""
    sent = await forms.read(request)
    limit = state.of(request).limits.exports
    try:
        async with passwords.proof(request) as viewer:
            await credentials.check(viewer, sent["password"])
        limit.take(str(viewer.id))
    except (Invalid, TooMany) as refusal:
        return _form(request, errors.words(request, refusal), errors.status_of(refusal))
    return await _archive(request, viewer)


async def _archive(request: Request, viewer: Viewer) -> ZipResponse:
    settings, account = state.of(request).settings, await own_data.account(viewer)
    archive = Archive(viewer, account, mails.base(settings), settings.domain, page.templates(request))
    return ZipResponse(f"{account.handle}-{clock.day(clock.now())}.zip", archive.write)


HANDLERS = [form, download]
