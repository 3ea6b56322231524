"""A moderator's own page: duty, breaks, and limits on what is hard to look at."""

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Invalid
from domain.moderation import care
from domain.moderation.care import Choice
from web import errors, forms, page
from web.moderation_limits import most_hard

HERE = "/moderation/care"


@get(HERE)
async def care_page(request: Request) -> ASGIApp:
    return await _show(request, None, forms.Form())


async def _show(request: Request, form: forms.Form | None, problems: forms.Form, status: int = 200) -> Response:
    found = await care.read(page.viewer(request), most_hard(request))
    chosen = form or forms.Form(
        cases=str(found.limits.cases),
        minutes=str(found.limits.minutes),
        on_duty="1" if found.on_duty else "",
        keeps_grey="1" if found.keeps_grey else "",
    )
    return page.show(
        request,
        "moderation/care.html",
        page.translate(request, "Duty and breaks"),
        status=status,
        care=found,
        form=chosen,
        errors=problems,
        most=most_hard(request),
        saved=bool(forms.query(request, "saved")),
        active="settings",
    )


@post(HERE)
async def save(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        cases, minutes = (forms.version(form[name].strip()) for name in ("cases", "minutes"))
        chosen = Choice(form.on("on_duty"), cases, minutes, form.on("keeps_grey"))
        await care.choose(page.viewer(request), chosen, most_hard(request))
    except Invalid as problem:
        return await _show(request, form, forms.Form(errors.fields(request, problem)), 422)
    return page.redirect(request, f"{HERE}?saved=1")


@put(f"{HERE}/break", status_code=200)
async def take_break(request: Request) -> ASGIApp:
    await care.take_break(page.viewer(request))
    return page.redirect(request, HERE)


@delete(f"{HERE}/break", status_code=200)
async def end_break(request: Request) -> ASGIApp:
    await care.end_break(page.viewer(request))
    return page.redirect(request, "/moderation")


HANDLERS = [care_page, save, take_break, end_break]
