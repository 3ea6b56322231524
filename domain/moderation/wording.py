"""Checks the texts that moderators write for members: their length, and that they name nobody."""

from collections.abc import Sequence

from domain.core import text_parsing
from domain.core.errors import Invalid, Refused, collect
from domain.core.translatable import N_
from domain.moderation import statements
from domain.moderation.evidence import Evidence
from domain.moderation.statements import MAX_EXPLANATION

WHY = N_("Say why, in words that the member will read.")


def required(text: str, limit: int) -> Refused | None:
    """What is wrong with a cleaned text that has to be there."""
    return statements.text_problem(text, limit) if text else Invalid(WHY)


def checked(field: str, text: str, names_nobody: bool, kept: Sequence[Evidence]) -> str:
    """A text that has to be there and explains a decision, as it is stored.

    Errors: ``Invalid`` with the fields ``field`` and ``names_nobody``.
    """
    text = text_parsing.clean(text)
    collect(**{field: required(text, MAX_EXPLANATION), "names_nobody": names_problem(text, names_nobody, kept)})
    return text


def names_problem(text: str, names_nobody: bool, kept: Sequence[Evidence]) -> Refused | None:
    """A statement may be published: it names nobody whom the evidence shows.

    ``names_nobody``: the moderator has looked at words that are also names.
    """
    name = None if names_nobody else statements.named_in(text, _names(kept))
    return Invalid("“%(name)s” is also the name of somebody whom this case concerns.", name=name) if name else None


def _names(kept: Sequence[Evidence]) -> list[str]:
    """Handles and names of those whom the evidence shows.

    Not of those who reported it: moderators don't know them, and would learn by what is refused who they are.
    """
    contents = [one.content for one in kept]
    excerpts = [excerpt.handle for content in contents for excerpt in content.context]
    return [*excerpts, *(name for content in contents for name in (content.handle, content.name))]
