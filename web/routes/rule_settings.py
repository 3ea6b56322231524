"""Where an operator writes the rules: a form that is changed step by step, a preview, and the publication."""

from typing import Any

from litestar import get, post, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.access import operator
from domain.core.errors import Conflict, Invalid, NotFound, Refused
from domain.moderation import rules
from domain.moderation.rules import Rulebook
from web import errors, forms, i18n, page, rule_context, rule_forms, rule_words, state
from web.routes import settings
from web.rule_forms import RuleFields

HERE = "/settings/rules"


@get(HERE)
async def rules_form(request: Request) -> ASGIApp:
    operator(page.viewer(request))
    book = await rules.current()
    rows = rule_forms.rows_of(book, rule_forms.languages(list(i18n.LOCALES), book))
    return await _form(request, rows, str(book.version), saved=settings.just_saved(request))


@post(HERE, status_code=200)
async def change(request: Request) -> ASGIApp:
    """The form after a step, or what publishing it would change. Nothing is stored."""
    form, rows = await _read(request)
    step = form["step"]
    if step != "preview":
        return await _form(request, rule_forms.change(rows, step, await _languages()), form["since"])
    try:
        before, ready = await rules.preview(
            page.viewer(request), rule_forms.rules_of(rows), _number(form["since"]), _required(request)
        )
    except (Invalid, Conflict) as refusal:
        return await _form(request, rows, form["since"], refusal)
    return settings.show_settings(
        request,
        "rules_preview",
        "New rules",
        form,
        rows=rows,
        since=form["since"],
        version=before.version + 1,
        changes=rule_context.changes(page.locale(request), before.rules, ready),
    )


@put(HERE)
async def publish(request: Request) -> ASGIApp:
    form, rows = await _read(request)
    try:
        await rules.publish(page.viewer(request), rule_forms.rules_of(rows), _number(form["since"]), _required(request))
    except (Invalid, Conflict) as refusal:
        return await _form(request, rows, form["since"], refusal)
    return settings.redirect_saved(request, "rules")


def _required(request: Request) -> list[str]:
    """The languages that every rule must be written in."""
    return state.of(request).settings.rule_languages.split(",")


async def _languages() -> list[str]:
    return rule_forms.languages(list(i18n.LOCALES), await rules.current())


async def _read(request: Request) -> tuple[forms.Form, list[RuleFields]]:
    """Errors: ``Forbidden``, ``Unreadable``."""
    operator(page.viewer(request))
    form = await forms.read(request, max_fields=rule_forms.MAX_FIELDS)
    return form, rule_forms.read(form, await _languages())


def _number(since: str) -> int:
    """The version that a form began from; -1, which is none, for anything else."""
    return -1 if (found := forms.version(since)) is None else found


async def _changes_since(request: Request, version: int, book: Rulebook) -> list[dict[str, Any]]:
    """What has changed up to the rules in force; all of them, where nobody knows what the form began from."""
    try:
        before = (await rules.of_version(version)).rules
    except NotFound:
        before = ()
    return rule_context.changes(page.locale(request), before, book.rules)


async def _form(
    request: Request, rows: list[RuleFields], since: str, refusal: Refused | None = None, *, saved: str = ""
) -> Response:
    shown: dict[str, Any] = {"error": "", "status": 200}
    book = await rules.current()
    began = _number(since)
    meanwhile = isinstance(refusal, Conflict) and began != book.version
    if refusal:
        problems = errors.fields(request, refusal) if isinstance(refusal, Invalid) else {}
        rule_forms.mark(rows, problems)
        shown = {"error": errors.words(request, refusal), "status": errors.status_of(refusal)}
    codes = await _languages()
    return settings.show_settings(
        request,
        "rules",
        "Rules",
        forms.Form(),
        rows=rows,
        # What is sent next takes the place of the rules that this page shows as those in force.
        since=str(book.version) if meanwhile else since,
        saved=saved,
        version=book.version,
        meanwhile=await _changes_since(request, began, book) if meanwhile else None,
        languages=[(code, rule_context.language_name(code)) for code in codes],
        severities=_choices(request, rule_words.SEVERITIES),
        categories=_choices(request, rule_words.CATEGORIES),
        may_add=sum(not row.gone for row in rows) < rules.MAX_RULES,
        max_title=rules.MAX_TITLE,
        max_text=rules.MAX_TEXT,
        max_points=rules.MAX_POINTS,
        **shown,
    )


def _choices(request: Request, words: dict[str, str]) -> list[tuple[str, str]]:
    return [(value, page.translate(request, label)) for value, label in words.items()]


HANDLERS = [rules_form, change, publish]
