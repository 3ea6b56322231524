"""The public log: a page for people, files for whoever verifies it, and receipts."""

from datetime import UTC, datetime
from typing import Any

from litestar import get
from litestar.types import ASGIApp

from asgi import public_files
from asgi.asgi_types import Request
from asgi.public_files import PublicFile
from asgi.responses import Response
from domain.core import ids
from domain.core.errors import NotFound
from domain.moderation import public_log_files, public_log_key, public_log_page, public_log_receipts, rules
from domain.moderation.public_log import BRAKE_ON, CRISIS_ON, JURY, ROLE
from domain.moderation.public_log_page import Content, FilterChange, LoggedEntry, RoleChange
from domain.moderation.rules import Rulebook
from web import forms, mails, measure_words, moderation_context, page, public_log_words, rule_context, state
from web.routes import timelines

HERE = "/log"
# Entries with words of whoever did that.
WITH_WORDS = (BRAKE_ON, CRISIS_ON, ROLE)


@get(HERE)
async def log(request: Request) -> ASGIApp:
    before, kind, rule = timelines.cursor(request), forms.query(request, "kind"), forms.query(request, "rule")
    found = await public_log_page.read(before, kind, rule)
    entries = [_entry(request, one) for one in found.items]
    older = f"{HERE}?before={found.next}" + "".join(
        f"&{name}={value}" for name, value in (("kind", kind), ("rule", rule)) if value
    )
    older = older if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "log/_entries.html", entries=entries, older_url=older).encode())
    return page.show(
        request,
        "log/log.html",
        page.translate(request, "Public log"),
        entries=entries,
        older_url=older,
        kind=kind,
        rule=rule,
        kinds=[(name, page.translate(request, words)) for name, words in public_log_words.KINDS.items()],
        rules=_rules(await rules.current(), page.locale(request)),
        size=(await public_log_files.checkpoint())[0],
        origin=mails.base(state.of(request).settings),
        key=str(await public_log_key.verifier_key()),
        shared=True,
    )


def _rules(book: Rulebook, locale: str) -> list[tuple[str, str, str]]:
    """Name, title and the title's language of each rule in force."""
    return [
        (one.name, f"{one.number}. {one.said(locale).title}", rule_context.language(locale, one)) for one in book.rules
    ]


def _entry(request: Request, one: LoggedEntry) -> dict[str, Any]:
    said = one.content
    named = said.rule if said else None
    kind = public_log_words.KINDS.get(one.kind, public_log_words.UNKNOWN)
    return {
        "index": one.index,
        "kind": _labelled(request, said.label) if said and said.label else page.translate(request, kind),
        "action": page.translate(request, public_log_words.KINDS.get(said.action, "")) if said and said.action else "",
        "count": said.count if said else 0,
        "one_of": said is not None and bool(said.one_of),
        "day_ms": _ms(one.day),
        "commitment": one.commitment,
        "forgotten": said is None,
        "facts": said.facts if said else "",
        "explanation": _explanation(request, said) if said else "",
        "public_words": said.explanation if said and one.kind in WITH_WORDS else "",
        "reason": _reason(request, said) if said and said.reason else "",
        "by_jury": said is not None and said.by == JURY,
        "rule": moderation_context.rule(one.rule, named.version, page.locale(request)) if one.rule and named else None,
        "until_ms": _ms(said.until) if said and said.until else 0,
        "rule_version": named.version if named else 0,
        "rules_version": said.rules.version if said and said.rules else 0,
        "role": _role(request, said.role) if said and said.role else "",
        "filter": _filter(request, said.filter) if said and said.filter else "",
        "reverses": one.reverses,
        "reversed_by": one.reversed_by,
    }


def _reason(request: Request, said: Content) -> str:
    words = public_log_words.REASONS.get(said.kind, {}).get(said.reason, public_log_words.UNKNOWN)
    return page.translate(request, words)


def _explanation(request: Request, said: Content) -> str:
    """Moderators write their own, juries have theirs in each language."""
    return page.translate(request, said.explanation) if said.by == JURY else said.explanation


def _labelled(request: Request, name: str) -> str:
    """What a label said, by its name in the entry; one that only a later version has is a label all the same."""
    label, unknown = measure_words.NAMES.get(name), public_log_words.KINDS["label"]
    if label is None:
        return page.translate(request, unknown)
    return page.translate(request, "Label: %(label)s", label=page.translate(request, measure_words.LABELS[label]))


def _ms(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def _role(request: Request, change: RoleChange) -> str:
    words = {(before.value, after.value): said for (before, after), said in public_log_words.ROLES.items()}
    return page.translate(request, words.get((change.before, change.after), public_log_words.UNKNOWN))


def _filter(request: Request, change: FilterChange) -> str:
    words = (
        public_log_words.FILTER_CHANGES.get(change.change, public_log_words.UNKNOWN),
        public_log_words.FILTER_OUTCOMES.get(change.outcome, ""),
    )
    return " ".join(page.translate(request, one) for one in words if one)


@get([f"{HERE}/checkpoint", f"{HERE}/key"])
async def text(request: Request) -> ASGIApp:
    """The signed state of the log, or the key it is signed with."""
    found = await public_log_files.read(page.path(request).removeprefix(f"{HERE}/"))
    return PublicFile(found.body, public_files.TEXT)


@get(HERE + "/tile/{place:path}")
async def tile(request: Request) -> ASGIApp:
    """Hashes of the tree, which can't be compressed, or a bundle of entries."""
    found = await public_log_files.read(page.path(request).removeprefix(f"{HERE}/"))
    return PublicFile(found.body, public_files.BYTES, cache=public_files.FOR_EVER, squeezed=found.entries)


@get(HERE + "/receipts/{number:str}")
async def receipt(request: Request, number: str) -> ASGIApp:
    """What proves that an entry is in the log. It changes as the log grows."""
    index = 0 if number == "0" else ids.parse(number)
    if index is None:
        raise NotFound
    found = await public_log_receipts.of_entry(index)
    return PublicFile(public_log_receipts.encoded(found), public_files.JSON, name=f"log-entry-{index}.json")


@get("/statements/{statement_id:str}/receipt")
async def own_receipt(request: Request, statement_id: str) -> ASGIApp:
    """The same for whom the decision concerns: it says which decision it is, too."""
    number = forms.parse_id(statement_id)
    found = await public_log_receipts.of_statement(page.viewer(request), number)
    body = public_log_receipts.encoded(found)
    return PublicFile(body, public_files.JSON, name=f"decision-{number}.json", cache=public_files.PRIVATE)


HANDLERS = [log, text, tile, receipt, own_receipt]
