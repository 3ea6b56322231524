"""Makes what is written fit into what filters look at, so that no character of it is hidden from them.

A post has a limit in characters, and a character may have many code points: a family of emoji has seven, and thousands
of bytes before a text would hide it. A text that is too long is therefore thinned, not cut: of each character only the
first code points are left.
"""

import regex

# Bytes of a text, and of all texts of a list together. The longest text of a post has 1,100 characters with its cover:
# six code points of each fit, and in no language a text takes so many.
MAX_BYTES = 27_000
MOST_POINTS = 6

# Two letters of a flag, or what people see as one character.
_CHARACTER = regex.compile("[\U0001f1e6-\U0001f1ff]{2}|\\X")
# What belongs to the character after it. Without it, letters are the first code point of their character.
_PREPENDED = regex.compile(r"\p{Grapheme_Cluster_Break=Prepend}+")


def fitted(text: str, size: int = MAX_BYTES) -> str:
    """A text with at most ``size`` bytes: itself, thinned, or what fits of that."""
    found = text
    # Each time from the whole text: what is left of two characters may be one.
    for points in range(MOST_POINTS, 0, -1):
        if fits(found, size):
            return found
        found = thinned(text, points)
    return cut(found, size)


def fits(text: str, size: int) -> bool:
    """Whether a text has at most ``size`` bytes."""
    # No code point has more than four.
    return len(text) * 4 <= size or len(text.encode(errors="replace")) <= size


def thinned(text: str, points: int) -> str:
    """The first code points of each character, at most so many.

    >>> thinned("e\\u0301\\u0323", 2) == "e\\u0301"
    True
    """
    return str(_CHARACTER.sub(lambda one: one[0][:points], _PREPENDED.sub("", text)))


def cut(text: str, size: int) -> str:
    """The beginning of a text that has at most ``size`` bytes."""
    if fits(text, size):
        return text
    return text.encode(errors="replace")[:size].decode(errors="ignore")
