"""Takes people out of texts: whoever is named in what a jury reads is "Person A", "Person B" and so on.

It rather takes out a word too many: one that is also a name.
"""

from collections.abc import Iterable, Sequence

import msgspec
import regex

from domain.core import text_parsing

# Each character of a script that puts no spaces between words is one by itself.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = regex.compile(rf"[{_UNSPACED}]|[\w--[{_UNSPACED}]]+", regex.V1)
# A part of a longer name is taken out by itself where it is written as the name is: not "may" for somebody called May.
MIN_PART = 3


class Person(msgspec.Struct, frozen=True):
    """Somebody who may be named; ``names`` are what they are or were called."""

    handle: str
    names: tuple[str, ...] = ()


class Clearing:
    """Clears texts that belong together: the same person has the same letter in all of them."""

    def __init__(self, people: Iterable[Person], label: str) -> None:
        """``label`` is what somebody is called, with a place for their letter: "Person %(letter)s"."""
        self._label = label
        self._letters: dict[str, str] = {}
        # By their first word, the longest first: of "Ana Maria" and "Ana".
        self._phrases: dict[str, list[tuple[list[str], str]]] = {}
        self._parts: dict[str, str] = {}
        self.learn(people)

    def learn(self, people: Iterable[Person]) -> None:
        """Also takes these people out of the texts that are cleared from now on."""
        for one in people:
            self._add(one)
        for phrases in self._phrases.values():
            phrases.sort(key=lambda phrase: -len(phrase[0]))

    def _add(self, one: Person) -> None:
        key = one.handle.lower()
        for name in (one.handle, *one.names):
            words = _words(name)
            if words:
                phrase = [text_parsing.fold(word) for word in words]
                self._phrases.setdefault(phrase[0], []).append((phrase, key))
            for word in words if len(words) > 1 else ():
                if len(word) >= MIN_PART:
                    self._parts.setdefault(word, key)

    def person(self, handle: str) -> str:
        """What somebody is called."""
        letter = self._letters.setdefault(handle.lower(), _letter(len(self._letters)))
        return self._label % {"letter": letter}

    def text(self, text: str) -> str:
        """A text without anybody's handle or name. Whatever follows an @ is taken for a handle."""
        words = list(_WORD.finditer(text))
        folded = [text_parsing.fold(word[0]) for word in words]
        cleared, at, place = [], 0, 0
        while place < len(words):
            length, key = self._named(words, folded, place, text)
            if not length:
                place += 1
                continue
            start, end = words[place].start(), words[place + length - 1].end()
            if start and text[start - 1] == "@":
                start -= 1
            cleared += [text[at:start], self.person(key)]
            at, place = end, place + length
        return "".join([*cleared, text[at:]])

    def _named(
        self, words: Sequence[regex.Match[str]], folded: Sequence[str], place: int, text: str
    ) -> tuple[int, str]:
        """How many words from ``place`` on name somebody, and whom; 0 for none."""
        start, word = words[place].start(), words[place][0]
        if start and text[start - 1] == "@":
            return 1, word.lower()
        for phrase, key in self._phrases.get(folded[place], ()):
            if list(folded[place : place + len(phrase)]) == phrase:
                return len(phrase), key
        return (1, self._parts[word]) if word in self._parts and word[0].isupper() else (0, "")


def _words(name: str) -> list[str]:
    return [word[0] for word in _WORD.finditer(name)]


def _letter(number: int) -> str:
    """A, B … Z, AA, AB: as columns of a table are counted.

    >>> _letter(0), _letter(26)
    ('A', 'AA')
    """
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def handles_in(texts: Iterable[str]) -> set[str]:
    """The handles that texts mention, and words that look like one, such as eve_22; without case."""
    return {
        word[0].lower()
        for text in texts
        for word in _WORD.finditer(text)
        if "_" in word[0] or (word.start() and text[word.start() - 1] == "@")
    }
