"""The names of rules, by which one is known in all versions: given once, from the title."""

from collections.abc import Sequence

import msgspec
import regex

from domain.core import text_parsing
from domain.moderation.rules import MAX_NAME, MAX_TITLE, Rule

_OTHER = regex.compile(r"[^a-z0-9]+")


def named(wanted: Sequence[Rule]) -> list[Rule]:
    """The rules, each that has no name with one of its own."""
    taken = {rule.name for rule in wanted}
    found: list[Rule] = []
    for rule in wanted:
        name = rule.name or _free(_from_title(rule), taken)
        taken.add(name)
        found.append(msgspec.structs.replace(rule, name=name))
    return found


def _from_title(rule: Rule) -> str:
    """For example "Données privées" gives "donnees-privees"; "rule" where no letter is one of a-z."""
    title = next((text.title for text in rule.texts.values() if text.title.strip()), "")
    words = _OTHER.sub("-", text_parsing.fold(title[:MAX_TITLE])).strip("-")
    return words[:MAX_NAME].strip("-") or "rule"


def _free(name: str, taken: set[str]) -> str:
    """The name, or with the first number that makes it another one than all that are taken."""
    if name not in taken:
        return name
    endings = (f"-{number}" for number in range(2, len(taken) + 3))
    return next(free for ending in endings if (free := name[: MAX_NAME - len(ending)] + ending) not in taken)
