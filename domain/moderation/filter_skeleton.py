"""What a text says once its disguises are undone, for comparing it with word lists.

Words of a list are folded by the same functions, so that skeletons are compared with skeletons.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import resources

import regex

from domain.core import text_parsing
from domain.moderation import filter_ambiguity, filter_signs, filter_sizes
from domain.moderation.filter_sizes import MAX_BYTES

# Letters that look less alike than those of Unicode's table, and are used in its place. They count only in words that
# mix scripts.
_ALSO = dict(zip("вВкκĸмнтτпηиεєэзяшμλβ", "bbkkkmhttnnueeeerwulb", strict=True))
# Unseen characters, blank Braille, the Arabic stroke that only stretches a word, and what no font draws among them.
# Signs of other scripts that stand above or below a letter are part of it, but not of a Latin one.
_UNSEEN = regex.compile(
    r"[\p{Cf}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800\u0640\ufffc]|[\p{M}&&\p{Script=Inherited}]", regex.V1
)
_ON_LATIN = regex.compile(r"(?<=\p{Latin})\p{M}+")
_FOREIGN = regex.compile(r"[[\p{L}\p{N}]--[\x00-\x7f]]", regex.V1)
_LETTERS = regex.compile(r"[\p{L}\p{N}]+")
_LATIN, _OTHER = regex.compile(r"\p{Latin}"), regex.compile(r"[\p{L}--\p{Latin}]", regex.V1)
# Two Arabic ligatures come apart into 18 and 8 letters: they are written as they are abbreviated, or a post of nothing
# else would take ten times as long as any other.
_SHORT = str.maketrans({"\ufdfa": "\u0635\u0644\u0639\u0645", "\ufdfb": "\u062c\u0644"} | filter_signs.LETTERS)
# What stands at the edges of words for comparing them with lists: no text has it (text_parsing.clean).
EDGE = "\0"
_BETWEEN_WORDS = re.compile(r"([\W_]+)")
# Bytes of a letter of nearly all alphabets.
_NARROW = 3
# The shortest word that is taken for one in look-alikes alone.
_SHORTEST = 3
# Letters of a text in which Latin letters are written as those of other scripts: beyond what is usual it takes long.
_LONGEST_MIXED = 2000

# Three or more single characters with the same sign between them.
_SPACED = re.compile(
    r"(?<![^\W_])([^\W_]|[@$])([\s._\-*+~/\\|,;:'’·•]{1,3})(?:(?:[^\W_]|[@$])\2)+(?:[^\W_]|[@$])(?![^\W_])"
)
# A word with a digit or a sign in the place of a letter. What is before "@" is no mention then.
_LEET = re.compile(r"[\w$](?:[\w@$!|€£]*[\w@$|€£])?")
# The same with what is at its end.
_LEET_TO_THE_END = re.compile(r"[\w$][\w@$!|€£]*")
_LEET_SIGNS = frozenset("013457890@$!|€£")
_LEET_I = str.maketrans("01345789@$!|€£", "oieastbgasiiel")
_LEET_L = str.maketrans("01345789@$!|€£", "oleastbgasllel")
_ASCII_LETTER = re.compile("[a-z]")


class Skeleton:
    """What a text may say: folded, and then once more for each kind of disguise that was found in it.

    >>> skeleton("I’ll k1ll  you").readings
    ('i’ll k1ll you', 'i’ll kill you', 'i’ll klll you', 'i ll k1ll you', 'i ll kill you', 'i ll klll you')
    """

    def __init__(self, needed: Iterable[str], optional: Iterable[str] = ()) -> None:
        """``optional`` are readings of what is rare, which go before anything of the others is cut off."""
        self.needed = tuple(dict.fromkeys(needed))
        self.optional = tuple(one for one in dict.fromkeys(optional) if one not in self.needed)
        self.readings = self.needed + self.optional

    @cached_property
    def edged(self) -> tuple[str, ...]:
        """The readings with the edges of their words, see :func:`edged`."""
        return tuple(map(edged, self.readings))

    @cached_property
    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Groups of edged readings that differ only in i and l: where they do, either is read."""
        return filter_ambiguity.alternatives(self.edged)


def edged(text: str) -> str:
    """A text with EDGE before and after each word; two at an end where no word is.

    >>> edged("go home!").replace(EDGE, "|")
    '|go| |home|!||'
    """
    return f"{EDGE}{EDGE.join(_BETWEEN_WORDS.split(text))}{EDGE}"


def of_post(words: str, descriptions: Sequence[str]) -> Skeleton:
    """What a post may say, in at most ``MAX_BYTES``; of that, descriptions have what the words of the post leave, and
    a quarter at least.
    """
    described = "\n".join(descriptions)
    found = _within(words, MAX_BYTES * 3 // 4 if described else MAX_BYTES)
    if described:
        other = _within(described, MAX_BYTES - _size(found.needed))
        found = Skeleton(found.needed + other.needed, found.optional + other.optional)
    return found if _size(found.readings) <= MAX_BYTES else Skeleton(found.needed)


def _within(text: str, size: int) -> Skeleton:
    """The skeleton of a text, or of what is left of it once it is thinned so that all readings that are needed fit."""
    found = skeleton(text if filter_sizes.fits(text, size) else filter_sizes.thinned(text, 2))
    if _size(found.needed) > size:
        found = skeleton(_narrow(filter_sizes.thinned(text, 1)))
    return found if _size(found.needed) <= size else Skeleton(_cut(found.needed, size))


def _cut(readings: Sequence[str], size: int) -> Iterator[str]:
    """The first reading, which is what was typed, and of the others what fits beside it, of each as much."""
    yield (typed := filter_sizes.cut(readings[0], size - 1))
    for one in readings[1:]:
        yield filter_sizes.cut(one, max(0, (size - len(typed.encode()) - 1) // (len(readings) - 1) - 1))


def _size(readings: Sequence[str]) -> int:
    """Bytes of readings with a line break after each."""
    return sum(len(one.encode()) + 1 for one in readings)


def _narrow(text: str) -> str:
    """A text without signs that are no letters and take many bytes, such as emoji, and those that come apart into
    several."""
    return "".join(sign if len(fold(sign).encode()) <= _NARROW else " " for sign in text)


def skeleton(text: str) -> Skeleton:
    """The cost is linear in the length of the text."""
    plain = _plain(text)
    found = [_folded(plain)]
    # Before look-alikes are: they are told by the word that they stand in.
    if (joined := _SPACED.sub(_joined, plain)) != plain:
        found.append(_folded(joined))
    for reading in tuple(found):
        if not _LEET_SIGNS.isdisjoint(reading):
            found += (_without_leet(reading, _LEET, table) for table in (_LEET_I, _LEET_L))
    needed, optional = _loose(plain)
    optional += _in_own_script(joined)
    return Skeleton(map(_with_single_spaces, (*found, *needed)), map(_with_single_spaces, optional))


def _loose(plain: str) -> tuple[list[str], list[str]]:
    """The readings of a text without what is between letters and between words: those that are needed, and others."""
    closed = filter_signs.with_letters_closed(plain)
    all_i = all_l = filter_signs.with_words_closed(_folded(closed))
    needed, optional = [filter_signs.without_punctuation(all_i)], list[str]()
    if filter_ambiguity.has_tall(closed):
        all_l = filter_signs.with_words_closed(_folded(filter_ambiguity.with_capitals_as_l(closed), tall="l"))
        needed.append(filter_signs.without_punctuation(all_l))
    if not _LEET_SIGNS.isdisjoint(all_l):
        if all_i != all_l:
            optional.append(filter_signs.without_punctuation(_without_leet(all_l, _LEET_TO_THE_END, _LEET_I)))
        all_i = _without_leet(all_i, _LEET_TO_THE_END, _LEET_I)
        all_l = _without_leet(all_l, _LEET_TO_THE_END, _LEET_L)
    optional += map(filter_signs.without_punctuation, _in_own_script(closed))
    if all_i == all_l:
        return [*needed, filter_signs.without_punctuation(all_i)], optional
    all_i, all_l = (filter_signs.without_punctuation(one) for one in (all_i, all_l))
    optional += (filter_ambiguity.mixed(all_i, all_l), filter_ambiguity.mixed(all_l, all_i))
    return [*needed, all_i, all_l], optional


def _in_own_script(text: str) -> list[str]:
    """A text with words of another script that have Latin letters in them, if it has such words and is not long."""
    native = filter_signs.in_own_script(text) if len(text) <= _LONGEST_MIXED else text
    return [filter_signs.with_words_closed(native.casefold())] if native != text else []


def _with_single_spaces(text: str) -> str:
    return " ".join(text.split())


def fold(text: str) -> str:
    """A text in Unicode's compatibility form without case, accents, unseen characters and look-alikes of letters.

    >>> fold("Ｋіll thé BОSS")
    'kill the boss'
    """
    return _folded(_plain(text))


def _plain(text: str) -> str:
    if text.isascii():
        return text
    text = filter_signs.without_flags(text)
    decomposed = text_parsing.normalised("NFKD", _UNSEEN.sub("", text.translate(_SHORT)))
    return text_parsing.normalised("NFC", _ON_LATIN.sub("", _UNSEEN.sub("", decomposed)))


def _folded(plain: str, tall: str = "i") -> str:
    if plain.isascii():
        return plain.lower()
    return (_latin(plain, look_alikes(tall)) if _FOREIGN.search(plain) else plain).casefold()


def _latin(text: str, alike: Mapping[str, str]) -> str:
    """Replaces look-alikes in words that mix scripts, and words of look-alikes alone in a text that is mostly Latin."""
    mostly_latin = len(_LATIN.findall(text)) > 2 * len(_OTHER.findall(text))
    return str(_LETTERS.sub(lambda word: _latin_word(word[0], alike, mostly_latin), text))


def _latin_word(word: str, alike: Mapping[str, str], mostly_latin: bool) -> str:
    if word.isascii():
        return word
    if _LATIN.search(word):
        mixed = _OTHER.search(word) is not None
        return "".join(alike.get(letter) or (_ALSO.get(letter, letter) if mixed else letter) for letter in word)
    if mostly_latin and len(word) >= _SHORTEST and all(letter in alike for letter in word):
        return "".join(alike[letter] for letter in word)
    return word


@functools.cache
def look_alikes(tall: str = "i") -> Mapping[str, str]:
    """The Latin letters that others look like, from Unicode's table (ops/look_alikes.py); ``tall`` is how those are
    read that may be either i or l."""
    source = resources.files("domain.moderation").joinpath("look_alikes.txt").read_text(encoding="utf-8")
    lines = [line.split() for line in source.splitlines() if not line.startswith("#")]
    alike = {chr(int(point, 16)): like for like, *points in lines for point in points}
    return alike | dict.fromkeys(filter_ambiguity.TALL, tall)


def _without_leet(reading: str, words: re.Pattern[str], table: dict[int, int]) -> str:
    return words.sub(functools.partial(_undisguised, table=table), reading)


def _joined(run: re.Match[str]) -> str:
    """The letters of a run without what is between them; a run of numbers stays."""
    letters = run[0].replace(run[2], "")
    return letters if any(sign.isalpha() for sign in letters) else run[0]


def _undisguised(word: re.Match[str], table: dict[int, int]) -> str:
    text, last = word[0], ""
    if text.endswith("!") and (text[-2:] == "!!" or _LEET_SIGNS.isdisjoint(text[:-1])):
        # It is no letter.
        text, last = text.rstrip("!"), word[0][len(text.rstrip("!")) :]
    if not _LEET_SIGNS.isdisjoint(text) and _ASCII_LETTER.search(text):
        text = text.translate(table)
    return text + last
