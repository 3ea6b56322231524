"""What moderators write to those whom a case concerns, and the answers."""

from typing import Any

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid
from domain.moderation import case_messages
from domain.moderation.case_messages import MAX_WORDS, ReceivedMessage
from web import errors, forms, moderation_context, page
from web.routes import timelines

HERE = "/moderators"


@get(HERE)
async def received(request: Request) -> ASGIApp:
    return await _received(request, timelines.cursor(request))


async def _received(
    request: Request,
    before: str = "",
    failed: str = "",
    form: forms.Form | None = None,
    problems: forms.Form | None = None,
    status: int = 200,
) -> Response:
    found = await case_messages.mine(page.viewer(request), before)
    return page.show(
        request,
        "moderation/received_messages.html",
        page.translate(request, "Messages from moderators"),
        status=status,
        messages=[_message(one) for one in found.items],
        older_url=f"{HERE}?before={found.next}" if found.next else "",
        failed=failed,
        form=form or forms.Form(),
        errors=problems or forms.Form(),
        limit=MAX_WORDS,
    )


def _message(one: ReceivedMessage) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "party": one.party.name.lower(),
        "subject": moderation_context.SUBJECT_WORDS[one.kind],
        "post": str(one.post or ""),
        "words": one.words,
        "ms": one.written_at,
        "answers": one.answers,
        "answerable": one.answerable,
    }


@post(HERE + "/{message_id:str}/answers")
async def answer(request: Request, message_id: str) -> ASGIApp:
    form = await forms.read(request)
    number = forms.parse_id(message_id)
    before = case_messages.page_of(number)
    try:
        await case_messages.answer(page.viewer(request), number, form["words"])
    except Invalid as problem:
        return await _received(request, before, message_id, form, forms.Form(errors.fields(request, problem)), 422)
    except Conflict as problem:
        refused = forms.Form(form=errors.words(request, problem))
        return await _received(request, before, message_id, form, refused, 409)
    return page.redirect(request, f"{HERE}#message-{message_id}")


HANDLERS = [received, answer]
