"""The public form for hosts, registrars, authorities and trusted flaggers."""

from typing import Any
from urllib.parse import urlsplit

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.client_address import client_address
from asgi.responses import Response
from domain.core.errors import Invalid, Refused
from domain.moderation import upstream, upstream_addresses, upstream_forms
from domain.moderation.upstream import Complaint
from domain.moderation.upstream_forms import ComplaintForm
from domain.moderation.upstream_kinds import Verified
from web import errors, forms, page, state, upstream_words

NO_REFERRER = ((b"referrer-policy", b"no-referrer"),)


@get("/upstream")
async def complaint_form(request: Request) -> ASGIApp:
    return _form(request, forms.Form(locale=page.locale(request)), forms.Form())


def _form(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    settings = state.of(request).settings
    return page.show(
        request,
        "moderation/upstream_form.html",
        page.translate(request, "For hosts and authorities"),
        status=status,
        mail=bool(settings.smtp_url),
        address=settings.upstream_address,
        days=upstream.CONFIRM_DAYS,
        **fields(request, form, problems, can_mail=bool(settings.smtp_url)),
    )


def fields(request: Request, form: forms.Form, problems: forms.Form, *, can_mail: bool = True) -> dict[str, Any]:
    """What the fields of a complaint need, on either of its forms."""
    return {
        "form": form,
        "errors": problems,
        "senders": senders(request, can_mail=can_mail),
        "max_words": upstream.MAX_WORDS,
        "max_addresses": upstream_addresses.MAX_ADDRESSES,
    }


def senders(request: Request, *, can_mail: bool = True) -> list[tuple[str, str]]:
    """What somebody can say that they are, as forms call it and in words."""
    return [
        (one.name.lower(), page.translate(request, upstream_words.SENDERS[one]))
        for one in upstream_forms.senders(can_mail=can_mail)
    ]


def complaint(request: Request, form: forms.Form) -> ComplaintForm:
    """What was filled in, on either form."""
    return ComplaintForm(
        sender=upstream_words.NAMES.get(form["sender"]),
        name=form["name"],
        email=form["email"],
        words=form["words"],
        addresses=form["addresses"],
        reference=form["reference"],
        deadline=form["deadline"],
        received=form["received"],
        locale=form["locale"],
        hosts=hosts(request),
    )


def hosts(request: Request) -> frozenset[str]:
    """The names under which this network, and its files, are reached."""
    settings = state.of(request).settings
    named = {urlsplit(one).netloc for one in (settings.origin, settings.media_origin)}
    return frozenset({request.headers.get("host", "").lower(), *named} - {""})


@post("/upstream")
async def file(request: Request) -> ASGIApp:
    form = await forms.read(request)
    form["received"] = ""
    try:
        state.of(request).limits.guest_report(client_address(request.scope), form["email"])
        can_mail = bool(state.of(request).settings.smtp_url)
        taken = await upstream_forms.file(complaint(request, form), can_mail=can_mail)
    except Invalid as problem:
        state.of(request).limits.guest_report_refused(form["email"])
        return _form(request, form, forms.Form(errors.fields(request, problem)), 422)
    except Refused as refusal:
        shown = forms.Form(form=errors.words(request, refusal))
        return _form(request, form, shown, errors.status_of(refusal))
    return page.show(
        request,
        "moderation/upstream_taken.html",
        page.translate(request, "Complaint received"),
        number=str(taken.complaint),
        confirm=taken.confirm,
        mailed=taken.mailed,
        email=form["email"],
        days=upstream.CONFIRM_DAYS,
    )


@get("/upstream/confirmation/{token:str}")
async def confirmation_form(request: Request, token: str) -> ASGIApp:
    """A mail program may open a link by itself: only the button on its page confirms anything."""
    return _confirmation(request, token, await upstream.of_token(token))


@post("/upstream/confirmation/{token:str}")
async def confirmation(request: Request, token: str) -> ASGIApp:
    await upstream.confirm(token)
    return _confirmation(request, token, await upstream.of_token(token))


def _confirmation(request: Request, token: str, found: Complaint) -> Response:
    return page.show(
        request,
        "moderation/upstream_confirmation.html",
        page.translate(request, "Confirm your complaint")
        if found.verified == Verified.NOT
        else page.translate(request, "Complaint confirmed"),
        token=token,
        number=str(found.id),
        done=found.verified != Verified.NOT,
        headers=NO_REFERRER,
    )


HANDLERS = [complaint_form, file, confirmation_form, confirmation]
