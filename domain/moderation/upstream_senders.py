"""The senders whom the operator knows: by it a mail is taken to be a host's, a registrar's, and so on.

It says whom a mail claims to be from. That it is from them only the confirmed address, or a moderator, says.
"""

from adapters import email_address
from db.engine import DB
from db.queries import known_senders as queries
from db.queries.known_senders import KnownRow
from domain.core import access, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, Refused, collect
from domain.core.retries import retried
from domain.moderation import upstream_forms
from domain.moderation.upstream import MAX_NAME
from domain.moderation.upstream_kinds import Sender

MAX_SENDERS = 500

# A sender whom the operator knows, as it is stored.
KnownSender = KnownRow


async def everyone(viewer: Viewer) -> list[KnownSender]:
    """By mail address or domain. Errors: ``SignedOut``, ``NotFound``, ``Forbidden``."""
    access.require(permissions.may_know_senders(viewer))
    return await queries.everyone()


@retried
async def put(viewer: Viewer, pattern: str, sender: Sender | None, name: str) -> None:
    """Adds a mail address or a domain, or changes who that is.

    Errors: ``SignedOut``, ``NotFound``, ``Forbidden``, ``Conflict``, ``Invalid`` on ``pattern``, ``sender``, ``name``.
    """
    access.require(permissions.may_know_senders(viewer))
    text_parsing.check_sizes(name=(name, MAX_NAME), pattern=(pattern, email_address.MAX_LENGTH))
    name, found = text_parsing.line(name), _normal(pattern)
    collect(
        pattern=None if found else Invalid("Give a mail address, or a domain such as host.example."),
        sender=None if sender in upstream_forms.senders() else Invalid("Choose who that is."),
        name=_name_problem(name),
    )
    assert sender is not None
    async with DB.writing():
        if await queries.count_others(found) >= MAX_SENDERS:
            raise Conflict("There are as many senders as there can be. Take one away first.")
        await queries.put(KnownRow(found, sender, name))


def _name_problem(name: str) -> Refused | None:
    return text_parsing.too_long(name, MAX_NAME) if name else Invalid("Give a name.")


def _normal(pattern: str) -> str:
    """A mail address, or a domain, in lower case and ASCII; "" for what is neither."""
    text = pattern.strip().lstrip("@")
    try:
        return email_address.normalize(text) if "@" in text else email_address.normalize(f"a@{text}").partition("@")[2]
    except ValueError:
        return ""


async def drop(viewer: Viewer, pattern: str) -> None:
    """Takes one away; harmless where there is none. Errors: ``SignedOut``, ``NotFound``, ``Forbidden``."""
    access.require(permissions.may_know_senders(viewer))
    await queries.drop(pattern)
