"""Checks the words that the public log keeps of why the network was slowed down, or a role given or taken."""

from domain.core import text_parsing
from domain.core.errors import Invalid, Refused
from domain.core.translatable import N_
from domain.moderation import statements

MAX_WORDS = 300
WORDS = N_("Say why, in words that everybody will read.")


def checked(words: str) -> tuple[str, Refused | None]:
    """The words as they are stored, and what is wrong with them."""
    text_parsing.check_sizes(words=(words, MAX_WORDS))
    words = text_parsing.clean(words)
    return words, statements.text_problem(words, MAX_WORDS) if words else Invalid(WORDS)
