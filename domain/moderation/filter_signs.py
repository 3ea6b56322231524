"""Signs in the place of letters, and between them: what the skeleton of a text (filter_skeleton.py) undoes besides."""

import re

import regex

_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
# White letters in black circles and squares: Unicode does not say of which letters they are made.
_BOXED = {chr(first + at): chr(97 + at) for first in (0x1F150, 0x1F170) for at in range(26)}
LETTERS = _SMALL_CAPITALS | _BOXED

# Two of these are a flag; more of them may be a word.
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{3,}")
_FLAG_LETTERS = {0x1F1E6 + at: 97 + at for at in range(26)}
# What may be an address: there, signs between letters and words mean something else.
_TOKEN = re.compile(r"\S+")
_MAYBE_ADDRESS = re.compile(r"://|@|www\.")
# Three or more single characters with any signs between them.
_SINGLE = re.compile(r"(?<![\w@$])[\w@$](?:[^\w@$]{1,6}[\w@$]){2,}(?![\w@$])")
# Marks are parts of letters, and to Python's own expressions they are not.
_MARK = regex.compile(r"\p{M}")
# A word in parts. After these beginnings a hyphen says that it is another word: "re-sign", "co-op".
_PARTS = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:[-\u2010\u2011]{1,2}[^\W\d_]+)+")
_BETWEEN_PARTS = re.compile(r"[-\u2010\u2011]+")
_BEGINNINGS = frozenset(
    "anti co contre de demi ex extra in inter mid mini mis multi non on out over post pre pro re self semi sub super "
    "un up vice".split()
)
# Signs that may stand for letters are none of it.
# From the first of a run only: else each "!" of a long run would be followed to its end.
_PUNCTUATION = re.compile(r"[^\w\s@$!|€£]+|(?<!!)!+(?=\s)")
_PUNCTUATION_BESIDES_MARKS = regex.compile(r"[^\w\s\p{M}@$!|€£]+|(?<!!)!+(?=\s)")


# Latin letters that look like those of another script, which may stand in its words.
_CYRILLIC_TWINS = str.maketrans("ABCEHIJKMOPSTXYaceijkmopstxy", "АВСЕНІЈКМОРЅТХУасеіјкморѕтху")
_GREEK_TWINS = str.maketrans("ABEHIKMNOPTXYZaeiknoptuvwxy", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖαεικηορτυνωχγ")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_LATIN, _CYRILLIC, _GREEK = (regex.compile(rf"\p{{{script}}}") for script in ("Latin", "Cyrillic", "Greek"))


def in_own_script(text: str) -> str:
    """Writes Latin letters as those of the script that the rest of their word is in, Cyrillic or Greek.

    >>> in_own_script("c\u0443\u043a\u0430") == "\u0441\u0443\u043a\u0430"
    True
    """
    if text.isascii() or not _LATIN.search(text) or not (_CYRILLIC.search(text) or _GREEK.search(text)):
        return text
    return str(_WORD.sub(lambda word: _in_own_script(word[0]), text))


def _in_own_script(word: str) -> str:
    if word.isascii() or not _LATIN.search(word):
        return word
    if _CYRILLIC.search(word):
        return word.translate(_CYRILLIC_TWINS)
    return word.translate(_GREEK_TWINS) if _GREEK.search(word) else word


def without_flags(text: str) -> str:
    """Writes three or more letters of flags as a word.

    >>> without_flags("\U0001f1eb\U0001f1f7 \U0001f1f3\U0001f1f4\U0001f1fc") == "\U0001f1eb\U0001f1f7  now "
    True
    """
    return _FLAGS.sub(lambda run: f" {run[0].translate(_FLAG_LETTERS)} ", text)


def with_letters_closed(text: str) -> str:
    """Takes out addresses, and whatever is between single letters.

    >>> with_letters_closed("n-o.w, see https://a.example/b")
    'now, see  '
    """
    if _MAYBE_ADDRESS.search(text):
        text = _TOKEN.sub(lambda token: " " if _is_address(token[0]) else token[0], text)
    return _SINGLE.sub(_closed, text.replace("_", "-"))


def _is_address(token: str) -> bool:
    before, at, after = token.partition("@")
    return "http" in token[:9].lower() or token.startswith("www.") or bool(before and at and "." in after[1:])


def _closed(run: re.Match[str]) -> str:
    letters = "".join(sign for sign in run[0] if sign.isalnum() or sign in "@$")
    return letters if any(map(str.isalpha, letters)) and not _has_marks(run[0]) else run[0]


def _has_marks(text: str) -> bool:
    return not text.isascii() and _MARK.search(text) is not None


def with_words_closed(text: str) -> str:
    """Joins the two parts of a word, or more where some are single letters.

    >>> with_words_closed("wel-come, co-op, go-away-now, w-ell-come")
    'welcome, co-op, go-away-now, wellcome'
    """
    return _PARTS.sub(_whole, text)


def _whole(word: re.Match[str]) -> str:
    parts = _BETWEEN_PARTS.split(word[0])
    joined = parts[0] not in _BEGINNINGS and (len(parts) == 2 or min(map(len, parts)) == 1)
    return "".join(parts) if joined else word[0]


def without_punctuation(text: str) -> str:
    """Leaves spaces between words, and signs that may be letters.

    >>> without_punctuation("go, home! now-here")
    'go  home  now here'
    """
    return str((_PUNCTUATION_BESIDES_MARKS if _has_marks(text) else _PUNCTUATION).sub(" ", text))
