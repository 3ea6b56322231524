"""What an operator can set: the network's name, colours, terms and logo."""

from litestar import delete, get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.accounts import network_profile
from domain.core.access import operator
from domain.core.errors import Invalid
from web import errors, forms, page, state, submissions
from web.routes import settings


@get("/settings/network")
async def network_form(request: Request) -> ASGIApp:
    return await _network(request, saved=settings.just_saved(request))


async def _network(request: Request, status: int = 200, **shown: str) -> Response:
    """The network's two forms, the second with what is wrong with a logo."""
    operator(page.viewer(request))
    about = page.visit(request).network
    form = forms.Form(
        name=about.name,
        description=about.description,
        contact=about.contact,
        hue=str(about.hue),
        terms=(await network_profile.latest_terms()).text,
        cards="1" if about.link_previews else "",
    )
    return settings.show_settings(
        request, "network", "Network", form, status, **{"saved": "", "logo_error": "", **shown}
    )


@post("/settings/network")
async def edit_network(request: Request) -> ASGIApp:
    form = await forms.read(request)
    about = network_profile.NetworkInfo(
        form["name"], form["description"], form["contact"], forms.number(form["hue"]), link_previews=form.on("cards")
    )
    try:
        await network_profile.edit(page.viewer(request), about, form["terms"], state.of(request).processor)
    except Invalid as problem:
        found = errors.fields(request, problem)
        found["name"] = found.pop("network_name", "")
        return settings.show_settings(
            request, "network", "Network", form, 422, errors=forms.Form(found), saved="", logo_error=""
        )
    return settings.redirect_saved(request, "network")


@post(submissions.LOGO, request_max_body_size=None)
async def logo(request: Request) -> ASGIApp:
    operator(page.viewer(request))
    try:
        processor = state.of(request).processor
        async with submissions.submission(request, processor) as sent:
            file = sent.file()
            await network_profile.set_logo(page.viewer(request), file.read() if file else b"", processor)
    except Invalid as problem:
        return await _network(request, 422, logo_error=errors.words(request, problem))
    return settings.redirect_saved(request, "network", "logo")


@delete("/settings/network/logo", status_code=200)
async def no_logo(request: Request) -> ASGIApp:
    await network_profile.remove_logo(page.viewer(request))
    return settings.redirect_saved(request, "network", "logo")


HANDLERS = [network_form, edit_network, logo, no_logo]
