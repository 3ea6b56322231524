"""Signs that may be an i or an l, such as "1", "|" and a capital I: each is read by itself.

The skeleton of a text reads all of them as one letter and then all as the other, which misses "k1l1". Readings that
differ in nothing else say together what each letter may be, so that words are found without trying all combinations.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import contains

# Letters of other scripts, and rare Latin ones, that look like a capital I and so like an l.
TALL = "\u0196\u0197\u0399\u0406\u04c0\u04cf\u16c1\u2c92\u2d4f\ua4f2"
_CAPITALS = re.compile("(?<=[a-z])I+")
_TALL = re.compile(f"(?<=[a-z])I|[{TALL}]")
# Letters of a text that are searched for overlapping words at a time, and how many words that may be there are
# compared with it. A post has no more unless a list has many words inside of each other.
_PIECE, _MOST = 128, 1000


def _merged(text: str) -> str:
    """A text in which i and l are one letter, at the same places."""
    return text.replace("i", "l")


def alternatives(readings: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of two readings or more that differ only in i and l.

    >>> alternatives(["k1l1, bail", "kili, bail", "klll, bail"])
    (('kili, bail', 'klll, bail'),)
    """
    if len(readings) == 1:
        return ()
    groups: dict[str, list[str]] = {}
    for one in readings:
        groups.setdefault(_merged(one), []).append(one)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def has_tall(text: str) -> bool:
    """Whether a text has a letter in the shape of a capital I that may be an l."""
    return _TALL.search(text) is not None


def with_capitals_as_l(text: str) -> str:
    """A capital I within a word is an l.

    >>> with_capitals_as_l("I wiII")
    'I will'
    """
    return _CAPITALS.sub(lambda run: "l" * len(run[0]), text)


def mixed(first: str, then: str) -> str:
    """From two readings that differ only in i and l: in each word the first such sign as in one, the rest as in the
    other.

    >>> mixed("kiii bail iiiicit", "klll bail llllclt")
    'kill bail illlclt'
    """
    if _merged(first) != _merged(then):
        # Which parts of a word are joined depends on its letters: "mini-" is a beginning, "mlni-" is none.
        return first
    return " ".join(
        one if one == other else _word(one, other) for one, other in zip(first.split(" "), then.split(" "), strict=True)
    )


def _word(first: str, then: str) -> str:
    at = next(at for at, (one, other) in enumerate(zip(first, then, strict=True)) if one != other)
    return first[: at + 1] + then[at + 1 :]


class AmbiguousWords:
    """Words with both letters, for texts in which some sign may be either. Words with one of them are in the readings.

    >>> AmbiguousWords({"kill", "ball"}).are_in(("kili bail", "klll bail"))
    True
    """

    def __init__(self, forms: Iterable[str]) -> None:
        # Only where there are lists: it takes memory.
        from ahocorasick_rs import AhoCorasick

        found: dict[str, list[str]] = {}
        for form in forms:
            if "i" in form and "l" in form:
                found.setdefault(_merged(form), []).append(form)
        self._automaton = AhoCorasick(found)
        self._forms = tuple(found.values())
        self._longest = max(map(len, found), default=0)

    def are_in(self, readings: Sequence[str]) -> bool:
        """Whether any of the words can be read in a group of alternatives.

        The time is linear in the length of the text: at most ``_MOST`` candidates are compared.
        """
        text = _merged(readings[0])
        if not self._automaton.find_matches_as_indexes(text):
            return False
        return any(
            all(map(contains, zip(*(one[at : at + len(form)] for one in readings), strict=True), form))
            for form, at in islice(self._candidates(text), _MOST)
        )

    def _candidates(self, text: str) -> Iterator[tuple[str, int]]:
        """Words that are in a merged text, and where: one that was not typed must not hide another."""
        # In pieces: words inside of each other may make a hundred matches for each letter.
        for piece in range(0, len(text), _PIECE):
            part = text[piece : piece + _PIECE + self._longest]
            for number, start, _ in self._automaton.find_matches_as_indexes(part, overlapping=True):
                if start < _PIECE:
                    for form in self._forms[number]:
                        yield form, piece + start
