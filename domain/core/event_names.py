"""Names of events and of their fields in the version before this one, which some still have.

They wait in the outbox, in archives and in backups. To be removed in the next version, with a migration that renames
what is left.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class OldName(NamedTuple):
    """What an event is called now, and its fields, where their names were others too."""

    name: str
    fields: Mapping[str, str] = {}


OLD_NAMES = {
    "CardDue": OldName("LinkPreviewRequested", {"card": "link_preview"}),
    "CopiesLeft": OldName("CopiesContinued"),
    "BellsLeft": OldName("BellsContinued"),
    "SaidLeft": OldName("PostNoticesContinued"),
    "CauseLeft": OldName("CauseContinued"),
    "FollowAsked": OldName("FollowRequested"),
    "FollowUnasked": OldName("FollowRequestClosed"),
    "AccountOpened": OldName("AccountMadePublic"),
    "ResetAsked": OldName("PasswordResetRequested"),
    "ResetDue": OldName("PasswordResetDue"),
    "ConfirmDue": OldName("EmailConfirmationDue"),
}


def current(kind: str) -> str:
    """What an event is called now that was recorded under this name.

    >>> current("CardDue")
    'LinkPreviewRequested'
    """
    return OLD_NAMES[kind].name if kind in OLD_NAMES else kind


def stored(kind: str) -> list[str]:
    """All names under which events of this kind may have been recorded, the current one first."""
    name = current(kind)
    return [name, *(old for old, new in OLD_NAMES.items() if new.name == name)]


def current_fields(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an event that was recorded under an old name, by their current names."""
    names = OLD_NAMES[kind].fields
    return {names.get(field, field): value for field, value in fields.items()}


def old_forms(name: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """An event of today as it was recorded under each of its old names: ``(kind, fields)``."""
    for kind, new in OLD_NAMES.items():
        if new.name == name:
            before = {present: field for field, present in new.fields.items()}
            yield kind, {before.get(field, field): value for field, value in fields.items()}
