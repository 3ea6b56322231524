"""The trail of a complaint from upstream as a file: what came and when, what was decided, and what was answered.

It names no moderator. Mails are named by the SHA-256 of all that came, so that whoever has one can compare.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from domain.moderation.upstream_desk import ComplaintAddress, ComplaintView, ListedComplaint
from domain.moderation.upstream_letters import Letter
from domain.moderation.upstream_trail import TrailMail


def encoded(view: ComplaintView) -> bytes:
    """JSON, to be read by people too."""
    proof = {
        **_listed(view.listed),
        "email": view.email,
        "channel": view.channel.name.lower(),
        "deadline_at": _moment(view.deadline_at),
        "addresses": [_address(one) for one in view.addresses],
        "mails": [_mail(one) for one in view.mails],
        "letters": [_letter(one) for one in view.letters],
        "trail": [
            {"at": _moment(one.at), "what": one.kind.name.lower(), "about": str(one.about or "")} for one in view.trail
        ],
    }
    return _json(proof)


def encoded_list(found: Iterable[ListedComplaint]) -> bytes:
    """Complaints without their trails, each as in its proof."""
    return _json([_listed(one) for one in found])


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _listed(one: ListedComplaint) -> dict[str, Any]:
    return {
        "complaint": str(one.id),
        "sender": one.sender.name.lower(),
        "name": one.name,
        "reference": one.reference,
        "verified": one.verified.name.lower(),
        "state": one.state.name.lower(),
        "received_at": _moment(one.received_at),
        "due_at": _moment(one.due_at),
        "closed_at": _moment(one.closed_at),
        "words": one.words,
    }


def _moment(at: int | None) -> str | None:
    """Unix milliseconds as in RFC 3339, in UTC."""
    if at is None:
        return None
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _address(one: ComplaintAddress) -> dict[str, Any]:
    decisions = [
        {
            "at": _moment(made.decided_at),
            "decision": made.kind.name.lower(),
            "statement": made.puid,
            "rule": made.rule.number if made.rule else None,
            "rules_version": made.rule_version or None,
        }
        for made in reversed(one.decided)
    ]
    return {"address": one.address, "is_here": one.subject is not None, "decisions": decisions}


def _mail(one: TrailMail) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "came_at": _moment(one.at),
        "message_id": one.message_id,
        "from": one.sender,
        "subject": one.subject,
        "sha256": one.sha256,
        "bytes": one.size,
        "attachments": [attached._asdict() for attached in one.attachments],
    }


def _letter(one: Letter) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind.name.lower(),
        "to": one.recipient,
        "subject": one.subject,
        "words": one.words,
        "written_at": _moment(one.written_at),
        "state": one.state.name.lower(),
        "attempted_at": _moment(one.attempted_at),
        "mail_server": one.answer,
    }
