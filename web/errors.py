"""Refused -> status and words, in the look of every other page."""

from urllib.parse import quote

import structlog
from litestar.exceptions import HTTPException

from asgi import responses
from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.errors import (
    NOTHING,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    ServiceUnavailable,
    SignedOut,
    Suspended,
    TooMany,
)
from domain.core.outages import DATABASE_STATUS
from domain.core.translatable import N_
from web import forms, page

LOG = structlog.get_logger()

STATUSES: dict[type[Refused], int] = {
    SignedOut: 401,
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
    ServiceUnavailable: 503,
    Refused: 400,
}

TITLES = {
    401: N_("Sign in first"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    409: N_("Not possible now"),
    422: N_("Something is not right"),
    429: N_("Slow down"),
    503: N_("Not just now"),
    500: N_("Something broke"),
}
OTHERWISE = N_("Not possible")
# Sent again later, the same form may go through.
LATER = (409, 429, 500, 503)
# Fields that no page shows, to be typed again -> label.
SECRET = {
    "password": N_("Password"),
    "proof": N_("Current password"),
    "current": N_("Current password"),
    "new": N_("New password"),
    "code": N_("Code"),
}
# Forms that a script fills in: nobody could type what they need.
BY_SCRIPT = ("/arrive",)
UNREADABLE = N_("This request can't be read.")
BROKEN = N_("This is our fault. Nothing was lost: go back and try again in a moment.")


def status_of(error: Refused) -> int:
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def words(request: Request, error: Refused) -> str:
    """What to tell the person, in their language."""
    return page.translate(request, error.words, **error.params)


def fields(request: Request, error: Invalid) -> dict[str, str]:
    """Field -> words; what belongs to no field stands under "form"."""
    found = {name: words(request, problem) for name, problem in error.fields.items()}
    return found or {"form": words(request, error)}


def problems(request: Request, error: Invalid | Conflict) -> forms.Form:
    """What is wrong with the fields of a form, or with all of it."""
    return forms.Form(fields(request, error)) if isinstance(error, Invalid) else forms.Form(form=words(request, error))


def refused(request: Request, error: Refused) -> Response:
    status = status_of(error)
    wait = error.retry_after if isinstance(error, TooMany | ServiceUnavailable) else 0
    headers: responses.Headers = ((b"retry-after", str(wait).encode()),) if wait else ()
    if page.is_act(request):
        answer = page.json({"error": {"code": error.code, "message": words(request, error)}}, status)
        answer.headers = (*answer.headers, *headers)
        return answer
    if isinstance(error, SignedOut) and request.method == "GET" and page.is_plain(request):
        return page.redirect(
            request, "/signin?next=" + quote(page.local_address(page.current_address(request)), safe="/")
        )
    # With scripts what was typed is kept as a draft; without, the page gives it back.
    if isinstance(error, Suspended) and (request.method == "GET" or page.is_fragment(request)):
        return page.redirect(request, "/standing")
    # Whatever is away says in its words when it may be back.
    shown = error.retry_after if isinstance(error, TooMany) else 0
    return _page(request, status, words(request, error), shown, headers)


def http(request: Request, error: HTTPException) -> Response:
    """Litestar's own refusals: no such address, a method or a body that does not fit."""
    status = 404 if error.status_code == 405 else error.status_code
    if status >= 500:
        return broken(request, error)
    return _page(request, status, NOTHING if status == 404 else UNREADABLE)


def broken(request: Request, error: Exception) -> Response:
    """Anything unforeseen. The log gets the place; neither it nor the page gets what people sent."""
    if refusal := DATABASE_STATUS.refusal(error):
        return refused(request, refusal)
    # The route and not the path, which may hold a reset link's token.
    route = request.scope.get("path_template", "")
    LOG.error("request.broken", route=route, method=request.method, error=type(error).__name__, exc_info=error)
    return _page(request, 500, BROKEN)


def _page(
    request: Request, status: int, text: str, retry_after: int = 0, headers: responses.Headers | None = None
) -> Response:
    said = page.translate(request, text)
    if page.is_act(request):
        return page.json({"error": {"code": "failed", "message": said}}, status)
    received = _to_give_back(request) if status in LATER or page.viewer(request).suspended_until else forms.Form()
    return page.show(
        request,
        "pages/error.html",
        page.translate(request, TITLES.get(status, OTHERWISE)),
        code=status,
        words=said,
        retry_after=retry_after,
        form={name: value for name, value in received.items() if name not in SECRET},
        secrets={name: page.translate(request, label) for name, label in SECRET.items() if name in received},
        action=page.current_address(request),
        files=received.has_files,
        bare=not page.visit(request).identified,
        headers=headers or (),
        status=status,
    )


def _to_give_back(request: Request) -> forms.Form:
    """The form that a browser without scripts sent, for the page to show all of it but secrets and files."""
    form = forms.received(request)
    if request.method == "GET" or not page.is_plain(request) or request.scope["path"] in BY_SCRIPT:
        return forms.Form()
    return form if any(form.values()) else forms.Form()
