"""Bulk decisions as moderators' pages show them, and the forms by which they begin."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from asgi.asgi_types import Request
from domain.core import clock, ids
from domain.moderation import bulk_search, rules, sanctions
from domain.moderation.bulk_decisions import ManyDecided
from domain.moderation.bulk_kinds import ALONE, MOST, OFFERED, SINCE_DAYS, BulkState, BulkSubjectState, Criteria
from domain.moderation.bulk_previews import Bulk, BulkPage, ShownSubject
from domain.moderation.cases import CaseView
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.statements import MAX_EXPLANATION, MAX_FACTS
from web import case_pages, forms, moderation_context, page, public_log_words

HERE = "/moderation/bulk"
# The field that says that a subject is chosen: its place follows.
CHOSEN = "s."
# How many hours around that of one account others count as of the same wave.
COHORT_HOURS = 6
# Fields of a preview's form: the subjects of a page, and the decision.
MAX_FIELDS = 80
KINDS = {"post": SubjectKind.POST, "account": SubjectKind.ACCOUNT}
_WORDS = {kind: word for word, kind in KINDS.items()}
_MINUTE = "%Y-%m-%dT%H:%M"


def criteria(form: forms.Form) -> Criteria:
    """What a form asks for. A time that can't be read is one that is refused."""
    begin, end = _ms(form["signed_up_from"]), _ms(form["signed_up_to"])
    return Criteria(
        link=form["link"].strip(),
        picture=form["picture"] if form.on("same_picture") else "",
        days=forms.version(form["days"]) or 0,
        signed_up_from=begin,
        signed_up_to=end,
    )


def _ms(text: str) -> int:
    """A minute in UTC, as Unix milliseconds; 0 where nothing was typed, -1 for anything else."""
    if not text:
        return 0
    try:
        return max(-1, int(datetime.strptime(text[:16], _MINUTE).replace(tzinfo=UTC).timestamp()) * 1000)
    except ValueError:
        return -1


def _minute(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime(_MINUTE) if ms else ""


def asked(said: Criteria, kind: SubjectKind) -> dict[str, str]:
    """The fields of a form that asks for the same."""
    return {
        "about": _WORDS[kind],
        "link": said.link,
        "picture": said.picture,
        "same_picture": "1" if said.picture else "",
        "days": str(said.days),
        "signed_up_from": _minute(said.signed_up_from),
        "signed_up_to": _minute(said.signed_up_to),
    }


def alike(view: CaseView) -> dict[str, Any]:
    """Searches for what is like the subject of a case, each as the address of a form that asks for it."""
    texts = [one.content.text for one in view.evidence]
    found = list(dict.fromkeys(link for text in texts for link in bulk_search.links_of(text)))
    keys = [file.key for one in view.evidence[:1] for file in one.files if file.name == "still"]
    made, around = ids.time_of(view.account), COHORT_HOURS * clock.HOUR_MS
    cohort = Criteria(signed_up_from=made - around, signed_up_to=made + around)
    return {
        "links": [
            (link, _search(SubjectKind.POST, Criteria(link=link)))
            for link in dict.fromkeys(link for host, address in found for link in (host, address))
        ][:6],
        "pictures": [(_search(SubjectKind.POST, Criteria(picture=key)), key) for key in keys] if view.post else [],
        "cohort": _search(SubjectKind.ACCOUNT, cohort),
    }


def _search(kind: SubjectKind, said: Criteria) -> str:
    return f"{HERE}?{urlencode({name: value for name, value in asked(said, kind).items() if value})}"


def begin_form(request: Request) -> forms.Form:
    """The form as an address asks for it, or an empty one."""
    found = forms.Form({name: forms.query(request, name) for name in asked(Criteria(), SubjectKind.POST)})
    found["about"] = found["about"] if found["about"] in KINDS else "post"
    found["days"] = found["days"] or str(SINCE_DAYS[1])
    return found


def row(request: Request, one: Bulk) -> dict[str, Any]:
    """A bulk decision in the list, and at the top of its page."""
    action = page.translate(request, public_log_words.KINDS[one.action.name.lower()]) if one.action is not None else ""
    waiting = BulkSubjectState.DECIDED if one.state is BulkState.UNDOING else BulkSubjectState.CHOSEN
    return {
        "id": str(one.id),
        "state": one.state.name.lower(),
        "lapsed": one.lapsed,
        "mine": one.mine,
        "about": _WORDS[one.kind],
        "criteria": one.criteria,
        "begun_ms": ids.time_of(one.id),
        "expires_ms": one.expires_at,
        "found": one.found,
        "left_out": one.left_out,
        "done": one.found - one.count(waiting) - one.count(BulkSubjectState.LEFT_OUT),
        "all": one.found - one.count(BulkSubjectState.LEFT_OUT),
        "counts": {state.name.lower(): one.count(state) for state in BulkSubjectState},
        "action": action,
        "kind": one.action.name.lower() if one.action is not None else "",
        "days": one.days,
        "decided_ms": one.decided_at,
        "undo_until_ms": one.undo_until,
        "can_undo": one.state is BulkState.DONE and clock.now() < one.undo_until,
        "undo_words": one.undo_words,
    }


async def context(request: Request, found: BulkPage, form: forms.Form, problems: forms.Form) -> dict[str, Any]:
    """What the page of a bulk decision needs."""
    locale, bulk = page.locale(request), found.bulk
    reasons = None
    if bulk.rule is not None:
        rule = moderation_context.rule(bulk.rule, bulk.rule_version, locale)
        reasons = {"facts": bulk.facts, "explanation": bulk.explanation, "rule": rule, "kind": "bulk"}
    return {
        "bulk": row(request, bulk),
        "subjects": [_subject(one) for one in found.subjects],
        "page": found.page,
        "pages": found.pages,
        "accounts": found.accounts,
        "again": asked(bulk.criteria, bulk.kind),
        "reasons_given": reasons,
        "offered": [kind.name.lower() for kind in OFFERED[bulk.kind]],
        "days": sanctions.DAYS,
        "rules": moderation_context.rules(await rules.current(), locale),
        "form": form,
        "errors": problems,
        "alone": ALONE,
        "most": MOST,
        "max_facts": MAX_FACTS,
        "max_explanation": MAX_EXPLANATION,
    }


def _subject(one: ShownSubject) -> dict[str, Any]:
    return {
        "name": f"{CHOSEN}{one.place}",
        "id": str(one.id),
        "state": one.state.name.lower(),
        "text": one.text,
        "handle": one.handle,
        "followers": one.followers,
        "made_ms": one.made_at,
    }


def chosen(form: forms.Form) -> Sequence[int]:
    """The places that are ticked."""
    places = (forms.version(name.removeprefix(CHOSEN)) for name in form if name.startswith(CHOSEN) and form.on(name))
    return [place for place in places if place is not None]


def decision(form: forms.Form) -> ManyDecided:
    """What a moderator has chosen and written."""
    return ManyDecided(
        kind=case_pages.KINDS.get(form["kind"], StatementKind.REVERSAL) if form["kind"] else None,
        rule=moderation_context.named_rule(form["rule"]) if form["rule"] else None,
        facts=form["facts"],
        explanation=form["explanation"],
        names_nobody=form.on("names_nobody"),
        days=forms.version(form["days"]),
    )
