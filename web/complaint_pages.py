"""Complaints from upstream as moderators' pages show them."""

from typing import Any

from asgi.asgi_types import Request
from domain.accounts import network_profile
from domain.core import permissions
from domain.core.access import Viewer
from domain.moderation import upstream
from domain.moderation.kinds import CaseState, SubjectKind
from domain.moderation.subjects import Subject
from domain.moderation.upstream_addresses import MAX_ADDRESSES
from domain.moderation.upstream_desk import ComplaintAddress, ComplaintView, ListedComplaint
from domain.moderation.upstream_kinds import ComplaintState, EntryKind, LetterState, Verified
from domain.moderation.upstream_letters import MAX_SUBJECT, MAX_WORDS, Letter
from domain.moderation.upstream_trail import TrailMail
from web import forms, mails, moderation_context, page, state, upstream_words


def operates(viewer: Viewer) -> bool:
    """Whether the viewer may change the list of known senders."""
    return permissions.may_know_senders(viewer) is None


def row(request: Request, one: ListedComplaint) -> dict[str, Any]:
    """A complaint in the list, and at the top of its page."""
    return {
        "id": str(one.id),
        "sender": page.translate(request, upstream_words.SENDERS[one.sender]),
        "name": one.name,
        "reference": one.reference,
        "words": one.words,
        "open": one.state is ComplaintState.OPEN,
        "unverified": one.verified is Verified.NOT,
        "made_sure": one.verified is Verified.BY_MODERATOR,
        "verified": page.translate(request, upstream_words.VERIFIED[one.verified]),
        "received_ms": one.received_at,
        "due_ms": one.due_at,
        "closed_ms": one.closed_at,
        "overdue": one.overdue,
        "claimed": one.claimed,
        "mine": one.mine,
    }


async def context(request: Request, view: ComplaintView, form: forms.Form) -> dict[str, Any]:
    """What the page of a complaint needs; ``form`` is one that was refused."""
    locale = page.locale(request)
    listed = view.listed
    return {
        "complaint": {
            **row(request, listed),
            "email": view.email,
            "channel": page.translate(request, upstream_words.CHANNELS[view.channel]),
            "deadline_ms": view.deadline_at,
            "until_ms": view.claimed_until,
            "version": view.version,
            "waits": view.waits,
        },
        "addresses": [_address(view, one, locale) for one in view.addresses],
        "trail": [
            {
                "words": page.translate(request, upstream_words.ENTRIES[one.kind]),
                "ms": one.at,
                "url": _entry_url(view, one),
            }
            for one in view.trail
        ],
        "mails": [_mail(one) for one in view.mails],
        "letters": [_letter(request, one) for one in view.letters],
        "correction": form if form["act"] == "correct" else _correction(view),
        "closing": form if form["act"] == "close" else await _closing(request, view),
        "mailed": bool(state.of(request).settings.smtp_url and view.email),
        "max_addresses": MAX_ADDRESSES,
        "max_subject": MAX_SUBJECT,
        "max_letter": MAX_WORDS,
        "max_name": upstream.MAX_NAME,
    }


def _address(view: ComplaintView, one: ComplaintAddress, locale: str) -> dict[str, Any]:
    return {
        "place": one.place,
        "address": one.address,
        "subject": moderation_context.SUBJECT_WORDS[one.subject.kind] if one.subject else "",
        "url": _url(view, one.subject),
        "case": str(one.case or ""),
        "open": one.case_state is CaseState.OPEN,
        "can_open": one.can_open,
        "decided": [moderation_context.statement(made, locale) for made in one.decided],
        "before": [{**moderation_context.statement(made, locale), "case": str(made.case)} for made in one.before],
    }


def _url(view: ComplaintView, subject: Subject | None) -> str:
    """Where a post can be seen in its thread, "" for what has no page by its number, or none that this viewer sees."""
    is_seen = subject is not None and subject.kind is SubjectKind.POST and subject.id in view.seen
    return f"/posts/{subject.id}" if subject and is_seen else ""


def _entry_url(view: ComplaintView, one: Any) -> str:
    """Where what an entry is about can be read, "" for nowhere."""
    if one.kind is EntryKind.CASE_OPENED:
        return f"/moderation/cases/{one.about}"
    return f"#mail-{one.about}" if one.kind in (EntryKind.REMINDER, EntryKind.AUTOMATIC) else ""


def _mail(one: TrailMail) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "ms": one.at,
        "sender": one.sender,
        "subject": one.subject,
        "words": one.words,
        "sha256": one.sha256,
        "size": one.size,
        "attachments": one.attachments,
    }


def _letter(request: Request, one: Letter) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "ms": one.written_at,
        "subject": one.subject,
        "words": one.words,
        "recipient": one.recipient,
        "state": page.translate(request, upstream_words.LETTERS[one.state]),
        "attempted_ms": one.attempted_at,
        "answer": one.answer,
        "by_hand": one.state in (LetterState.UNSENT, LetterState.FAILED),
    }


def _correction(view: ComplaintView) -> forms.Form:
    return forms.Form(
        sender=view.listed.sender.name.lower(),
        name=view.listed.name,
        locale=view.locale,
        deadline=upstream_words.moment(view.deadline_at),
    )


async def _closing(request: Request, view: ComplaintView) -> forms.Form:
    """The letter that a moderator begins with."""
    row_, locale = await upstream.one(view.listed.id), view.locale
    if row_ is None or view.listed.state is not ComplaintState.OPEN:
        return forms.Form()
    settings = state.of(request).settings
    network, token = (await network_profile.about()).name, await upstream.token(row_.id)
    subject, words = upstream_words.answer(locale, row_, view.addresses, token, network, mails.base(settings))
    return forms.Form(subject=subject, words=words)
