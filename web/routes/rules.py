"""The rules for everybody: those in force, earlier versions, what has changed; and their acceptance by members."""

from typing import Any

import msgspec
from litestar import get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.access import member
from domain.core.errors import Conflict, NotFound, Refused
from domain.moderation import rule_acceptance, rules
from domain.moderation.rules import Rulebook
from web import errors, forms, page, post_forms, rule_context
from web.routes import timelines

HERE = "/rules"


@get(HERE)
async def in_force(request: Request) -> ASGIApp:
    form = forms.Form(next=forms.query(request, "next"))
    return await _in_force(request, form, accepted=bool(forms.query(request, "accepted")))


@post(HERE, status_code=200, request_max_body_size=None)
async def with_post(request: Request) -> ASGIApp:
    """The rules, with a post that was refused because of them: its form goes along until they are accepted.

    For browsers without scripts, which keep no draft.
    """
    form = await forms.read(request)
    form["edit"] = forms.query(request, "edit")
    if (answer := post_forms.wrong_account(request, form, form["edit"])) is not None:
        return answer
    viewer = member(page.viewer(request))
    # The rules were accepted meanwhile, on another page.
    if viewer.rules_version >= (await rules.current()).version and post_forms.can_resume(form, viewer.id):
        return await post_forms.resume(request, form)
    return await _in_force(request, form)


async def _in_force(
    request: Request, form: forms.Form, refusal: Refused | None = None, *, accepted: bool = False
) -> Response:
    """``form``: where to go once the rules are accepted, and a post that is not sent yet."""
    viewer, book = page.viewer(request), await rules.current()
    to_accept = viewer.signed_in and viewer.rules_version < book.version
    known = await rules.of_version(viewer.rules_version) if to_accept and viewer.rules_version else rules.NONE
    return _show(
        request,
        book,
        status=errors.status_of(refusal) if refusal else 200,
        error=errors.words(request, refusal) if refusal else "",
        accepted=accepted and viewer.signed_in and not to_accept,
        to_accept=to_accept,
        known=known.version,
        changes=rule_context.changes(page.locale(request), known.rules, book.rules) if known.version else [],
        next=page.local_address(form["next"]) if form["next"] else "",
        carried=post_forms.carried_fields(form) if to_accept else {},
    )


def _show(request: Request, book: Rulebook, **context: Any) -> Response:
    shown = {
        "error": "", "accepted": False, "to_accept": False, "known": 0, "changes": [], "next": "", "carried": {},
        "old": False, **context,
    }  # fmt: skip
    title = page.translate(request, "Rules")
    return page.show(
        request, "rules/rules.html", title, book=rule_context.book(page.locale(request), book), shared=True, **shown
    )


@put(f"{HERE}/acceptance", status_code=200)
async def accept(request: Request) -> ASGIApp:
    """Accepts the version that the form shows, and leads back: to a post that it carries, or to a page."""
    form = await forms.read(request)
    carries = bool(post_forms.carried_fields(form))
    if carries and (answer := post_forms.wrong_account(request, form, form["edit"])) is not None:
        return answer
    viewer, version = member(page.viewer(request)), _number(form["rules"])
    try:
        await rule_acceptance.accept(viewer, version)
    except Conflict as refusal:
        return await _in_force(request, form, refusal)
    if post_forms.can_resume(form, viewer.id):
        page.visit(request).viewer = msgspec.structs.replace(viewer, rules_version=version)
        return await post_forms.resume(request, form)
    return page.redirect(request, page.local_address(form["next"]) if form["next"] else f"{HERE}?accepted=1")


@get(f"{HERE}/history")
async def history(request: Request) -> ASGIApp:
    before, locale = timelines.cursor(request), page.locale(request)
    found = await rules.history(before)
    # Each version is compared with the one below it; that of the last is on the next page.
    earlier = [*found.items[1:], *[await rules.version_before(book.version) for book in found.items[-1:]]]
    versions = [
        {
            "book": rule_context.book(locale, book),
            "changes": rule_context.changes(locale, old.rules, book.rules) if old.version else [],
            "first": not old.version,
        }
        for book, old in zip(found.items, earlier, strict=True)
    ]
    older = f"{HERE}/history?before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "rules/_history.html", versions=versions, older_url=older).encode())
    title = page.translate(request, "History of the rules")
    return page.show(request, "rules/history.html", title, versions=versions, older_url=older, shared=True)


@get(HERE + "/{version:str}")
async def of_version(request: Request, version: str) -> ASGIApp:
    """One version whole, for whoever follows a link from a report or a decision."""
    book = await rules.of_version(_number(version))
    latest = await rules.current()
    return _show(request, book, old=book.version < latest.version)


def _number(text: str) -> int:
    """A version from an address or a form. Errors: ``NotFound`` for anything else."""
    version = forms.version(text)
    if version is None:
        raise NotFound
    return version


HANDLERS = [in_force, with_post, accept, history, of_version]
