"""Which part of the queue a moderator works on: chosen in a form, and kept in a cookie for a day."""

from typing import Any

from asgi.asgi_types import Request, header
from asgi.sessions import parse_cookies
from domain.core.access import Viewer
from domain.moderation import queued_cases
from domain.moderation.queued_cases import EVERYTHING, QueueScope
from domain.moderation.rules import Rulebook
from web import forms, state
from web.moderation_context import SUBJECT_WORDS, SUBJECTS

DAY_SECONDS = 86_400


def read(request: Request, viewer: Viewer, book: Rulebook) -> QueueScope:
    """What was chosen, but for a rule that is no longer in force. Errors: ``SignedOut``, ``NotFound``."""
    value = parse_cookies(header(request.scope, b"cookie")).get(state.of(request).cookies.queue, "")
    kind, _, rule = value.partition(".")
    return queued_cases.choose(viewer, book, rule, SUBJECTS.get(kind))


def chosen(form: forms.Form, viewer: Viewer, book: Rulebook) -> QueueScope:
    """By fields ``rule`` and ``kind``; what is not offered counts as nothing chosen. Errors: as ``read``."""
    return queued_cases.choose(viewer, book, form["rule"], SUBJECTS.get(form["kind"]))


def cookie(request: Request, scope: QueueScope) -> tuple[bytes, bytes]:
    """The header that has the browser keep it, or forget it."""
    cookies = state.of(request).cookies
    if scope == EVERYTHING:
        return cookies.set(cookies.queue, "", 0)
    return cookies.set(cookies.queue, f"{_word(scope)}.{scope.rule}", DAY_SECONDS)


def context(scope: QueueScope, book: Rulebook, locale: str) -> dict[str, Any]:
    """For the template: what is chosen, ``narrow`` if it is not everything, and the ``rules`` that are offered."""
    offered = [{"name": one.name, "number": one.number, "title": one.said(locale).title} for one in book.rules]
    return {
        "narrow": scope != EVERYTHING,
        "rule": scope.rule,
        "kind": _word(scope),
        "rule_title": next((one["title"] for one in offered if one["name"] == scope.rule), ""),
        "rules": offered,
    }


def _word(scope: QueueScope) -> str:
    return "" if scope.kind is None else SUBJECT_WORDS[scope.kind]
