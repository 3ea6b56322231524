"""Operators keep the list of senders whose mails about content are known."""

from litestar import delete, get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.moderation import upstream_senders
from domain.moderation.upstream import MAX_NAME
from domain.moderation.upstream_kinds import Sender
from web import errors, forms, page, upstream_words
from web.routes import upstream

HERE = "/moderation/upstream/senders"


@get(HERE)
async def senders(request: Request) -> ASGIApp:
    return await _senders(request, forms.Form(), forms.Form())


async def _senders(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    known = [
        {
            "pattern": one.pattern,
            "name": one.name,
            "sender": page.translate(request, upstream_words.SENDERS[Sender(one.sender)]),
        }
        for one in await upstream_senders.everyone(page.viewer(request))
    ]
    return page.show(
        request,
        "moderation/upstream_senders.html",
        page.translate(request, "Known senders"),
        status=status,
        active="settings",
        known=known,
        senders=upstream.senders(request),
        form=form,
        errors=problems,
        max_name=MAX_NAME,
    )


@post(HERE)
async def put(request: Request) -> ASGIApp:
    form = await forms.read(request)
    sender = upstream_words.NAMES.get(form["sender"])
    try:
        await upstream_senders.put(page.viewer(request), form["pattern"], sender, form["name"])
    except (Invalid, Conflict) as problem:
        return await _senders(request, form, errors.problems(request, problem), errors.status_of(problem))
    return page.redirect(request, HERE)


@delete(HERE, status_code=200)
async def drop(request: Request) -> ASGIApp:
    form = await forms.read(request)
    await upstream_senders.drop(page.viewer(request), form["pattern"])
    return page.redirect(request, HERE)


HANDLERS = [senders, put, drop]
