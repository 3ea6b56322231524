"""Members' email addresses."""

from adapters import email_address
from domain.core.errors import Invalid, Refused


def problem(typed: str) -> Refused | None:
    """Why this can't be kept as an address, or None; an empty one is no problem here."""
    try:
        normalized(typed)
    except ValueError:
        return Invalid("This is not an email address.")
    return None


def normalized(typed: str) -> str:
    """The address as it is kept, "" for none. Errors: ``ValueError``."""
    return email_address.normalize(typed) if typed.strip() else ""
