r"""Word lists: thousands of words and patterns, looked for in one pass over the skeleton of a text.

A list is text, one entry a line. An empty line, or one that begins with "#", says nothing:

    kill you     words in this order, with or without spaces between them
    insult*      words that begin so; "*insult" ends so, "*insult*" has it anywhere
    /\bkil+\b/   a pattern of re2, compared with the skeleton: lower case, no accents
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntFlag
from typing import TYPE_CHECKING

import msgspec

from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.moderation import filter_patterns, filter_skeleton
from domain.moderation.filter_ambiguity import AmbiguousWords
from domain.moderation.filter_sizes import MAX_BYTES
from domain.moderation.filter_skeleton import EDGE, Skeleton

if TYPE_CHECKING:
    import re2
    from ahocorasick_rs import AhoCorasick

MAX_WORDS, MAX_WORD, MAX_PATTERNS = 5000, 100, 100
# Instructions of all patterns of a list together, as domain/moderation/filter_costs.py counts them.
MAX_PROGRAM = 1000

EMPTY_LIST = N_("Write at least one word.")
TOO_MANY = N_("A list has at most %(words)s words and %(patterns)s patterns.")
WRONG_LENGTH = N_("Line %(line)s: a word needs a letter or a digit, and has at most %(limit)s characters.")
WRONG_PATTERN = N_("Line %(line)s: this pattern is wrong (%(problem)s).")
TOO_COSTLY = N_("Line %(line)s: up to here, the patterns are too large. Use smaller repetitions, such as {0,20}.")


class Ends(IntFlag):
    """At which ends of a word other letters may stand."""

    NONE = 0
    BEFORE = 1
    AFTER = 2


class Word(msgspec.Struct, frozen=True):
    """An entry of a list. ``text`` is a word or a phrase, or the source of a pattern if it ``is_pattern``; ``line`` is
    where it stands."""

    text: str
    ends: Ends = Ends.NONE
    is_pattern: bool = False
    line: int = 0


def parse(source: str) -> "WordList":
    """Errors: ``Invalid`` with the number of the line, in ``params`` and in words."""
    words = list(_entries(source))
    if not words:
        raise Invalid(EMPTY_LIST)
    return WordList(words)


def _entries(source: str) -> Iterator[Word]:
    for number, line in enumerate(source.splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if len(text) > MAX_WORD:
            raise Invalid(WRONG_LENGTH, line=number, limit=MAX_WORD)
        if len(text) > 2 and text.startswith("/") and text.endswith("/"):
            yield Word(text[1:-1], is_pattern=True, line=number)
        else:
            ends = (Ends.BEFORE if text.startswith("*") else Ends.NONE) | (
                Ends.AFTER if text.endswith("*") else Ends.NONE
            )
            yield Word(text.strip("*").strip(), ends, line=number)


class WordList:
    """A compiled list; ``steps`` is what it may cost for a post, as domain/moderation/filter_costs.py counts.

    Errors: ``Invalid``.
    """

    def __init__(self, words: Sequence[Word]) -> None:
        patterns = [word for word in words if word.is_pattern]
        if len(words) - len(patterns) > MAX_WORDS or len(patterns) > MAX_PATTERNS:
            raise Invalid(TOO_MANY, words=MAX_WORDS, patterns=MAX_PATTERNS)
        forms = {form for word in words if not word.is_pattern for form in _forms(word)}
        self._automaton = _automaton(forms) if forms else None
        self._ambiguous = AmbiguousWords(forms) if forms else None
        self._size = len(words)
        self._set, program = _compiled(patterns)
        # Each byte once for words, and once more for those that ambiguous signs may make.
        self.steps = (2 + program) * MAX_BYTES

    def __len__(self) -> int:
        return self._size

    def matches(self, skeleton: Skeleton) -> bool:
        """Whether any word of the list is in the text."""
        # Not every match is asked for: ninety words that are inside of each other would make ninety for each letter.
        if self._automaton is not None and any(map(self._automaton.find_matches_as_indexes, skeleton.edged)):
            return True
        if self._ambiguous is not None and any(map(self._ambiguous.are_in, skeleton.alternatives)):
            return True
        return self._set is not None and any(map(self._set.Match, skeleton.readings))


def _automaton(forms: Iterable[str]) -> "AhoCorasick":
    # Only where there are lists: it takes memory.
    from ahocorasick_rs import AhoCorasick

    return AhoCorasick(forms)


def _forms(word: Word) -> set[str]:
    """A folded word with its edges, as it is in a text; a phrase without its spaces too.

    Errors: ``Invalid`` for one without a letter or a digit.
    """
    folded = filter_skeleton.fold(word.text).split()
    if not any(sign.isalnum() for part in folded for sign in part):
        raise Invalid(WRONG_LENGTH, line=word.line, limit=MAX_WORD)
    return {_open(filter_skeleton.edged(form), word.ends) for form in (" ".join(folded), "".join(folded))}


def _open(form: str, ends: Ends) -> str:
    """Without the edges at which other letters may stand: a star says so, or a sign there that is no letter."""
    if ends & Ends.BEFORE or form.startswith(EDGE * 2):
        form = form.lstrip(EDGE)
    return form.rstrip(EDGE) if ends & Ends.AFTER or form.endswith(EDGE * 2) else form


def _compiled(patterns: Sequence[Word]) -> tuple["re2.Set | None", int]:
    """The patterns, None without any, and how many instructions they have."""
    if not patterns:
        return None, 0
    found, size = filter_patterns.search_set(), 0
    for word in patterns:
        try:
            size += filter_patterns.size(word.text)
        except filter_patterns.Error as error:
            raise Invalid(WRONG_PATTERN, line=word.line, problem=str(error)) from None
        if size > MAX_PROGRAM:
            raise Invalid(TOO_COSTLY, line=word.line)
        found.Add(word.text)
    found.Compile()
    return found, size
