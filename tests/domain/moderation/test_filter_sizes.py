"""However long a post is, and whatever its characters are made of, filters see all that people read of it."""

import itertools
import unicodedata

import pytest
import regex

from domain.core import text_parsing
from domain.media.attachments import MAX_ALT, MOST
from domain.moderation import filter_engine, filter_fields, filter_sizes, filter_skeleton, filter_words
from domain.moderation.filter_fields import PostFields
from domain.moderation.filter_sizes import MAX_BYTES
from domain.posts.publishing import MAX_COVER, MAX_LENGTH

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
MARKS = "\u0301\u0302\u0303\u0304\u0305\u0306\u0307"
# What stands before a text to hide it: one character each, by its name.
PADDING = {
    "letters": "a",
    "families": FAMILY,
    "more families": FAMILY + "\u200d\U0001f466",
    "flags": "\U0001f1eb\U0001f1f7",
    "flags of regions": "\U0001f3f4" + "\U000e0067" * 7,
    "marks": f"x{MARKS}",
    "letters that belong to the next": "\u0d4e" * 7 + "x",
    "signs that belong to the next": "\u0600" * 7 + "x",
    "syllables": "\u1100" * 8,
    "conjuncts": "\u0915\u094d" * 4,
    "signs that come apart into words": "\u3316",
    "letters of four bytes": "\U00010400",
    "ideographs": "\u6f22",
}
HIDDEN = " k1ll y0u k i l l"


def padded(character: str, limit: int, end: str = HIDDEN) -> str:
    """As many of a character before a text as are accepted."""
    count = min(limit - len(end), (limit * text_parsing.CODE_POINTS - len(end)) // len(character))
    text = text_parsing.clean(character * count + end)
    assert text_parsing.too_long(text, limit) is None
    assert text.endswith(end)
    return text


@pytest.mark.parametrize("character", PADDING.values(), ids=PADDING)
def test_nothing_hides_a_text(character: str) -> None:
    longest = PostFields(text=padded(character, MAX_LENGTH), cover=padded(character, MAX_COVER))
    seen = filter_fields.values(longest, frozenset({"text", "skeleton"}), lambda: skeleton_of(longest))
    assert str(seen["text"]).endswith(HIDDEN)
    assert len(str(seen["text"]).encode()) <= MAX_BYTES
    assert "kill you" in str(seen["skeleton"])
    assert len(str(seen["skeleton"]).encode()) <= MAX_BYTES


@pytest.mark.parametrize("character", PADDING.values(), ids=PADDING)
def test_nothing_hides_what_a_filter_looks_for(character: str) -> None:
    conditions = ('words("threats")', r'skeleton.matches(r"\bkill you\b")', 'text.contains("k1ll y0u")',
                  'descriptions.exists(one, one.contains("k1ll y0u"))')  # fmt: skip
    found = [filter_engine.Filter(number, "", condition) for number, condition in enumerate(conditions)]
    filters = filter_engine.compile_all(found, {"threats": filter_words.parse("kill you")})
    text, descriptions = padded(character, MAX_LENGTH), (padded(character, MAX_ALT),) * MOST
    assert [one.filter.id for one in filters.check(PostFields(text=text, descriptions=descriptions))] == [0, 1, 2, 3]
    others, last = (padded(character, MAX_ALT, " you"),) * (MOST - 1), padded(character, MAX_ALT, " kill you k1ll y0u")
    only_described = PostFields(text=character * 3, descriptions=(*others, last))
    assert [one.filter.id for one in filters.check(only_described)] == [0, 1, 3]


@pytest.mark.parametrize("character", PADDING.values(), ids=PADDING)
@pytest.mark.parametrize("end", [" k1l1 y0u k i l l", " k1l\u0406 you"])
def test_nothing_hides_a_word_read_in_two_ways(character: str, end: str) -> None:
    """Readings that only patterns need are left out before anything is cut off."""
    longest = PostFields(text=padded(character, MAX_LENGTH, end), cover=padded(character, MAX_COVER, end))
    found = skeleton_of(longest)
    assert filter_words.parse("kill you").matches(found)
    assert len("\n".join(found.readings).encode()) <= MAX_BYTES


def skeleton_of(fields: PostFields) -> filter_skeleton.Skeleton:
    return filter_skeleton.of_post(fields.words, fields.descriptions)


def test_an_ordinary_text_is_seen_as_it_is() -> None:
    """Also the longest one in an alphabet of many bytes."""
    for text in ("Plain words. " * 76, "\u0915\u094d\u0937\u093f \u6f22\u5b57 " * 140, "Qu\u2019est-ce\u202f? " * 70):
        cleaned = text_parsing.clean(text)
        assert filter_sizes.fitted(cleaned) == cleaned


def test_letters_are_the_first_code_point_of_their_character() -> None:
    """Once what belongs to the next character is gone: so no letter is thinned out of a text."""
    letter = regex.compile(r"[[\p{Latin}\p{Cyrillic}\p{Greek}]--\p{M}]", regex.V1)
    bases = letter.findall("".join(map(chr, range(0xD800))))
    assert len(bases) > 1000
    for before, after in itertools.product((FAMILY, "\u1100", "\u0915\u094d", "\u0d4e", "\u0600", "\U0001f1eb"), bases):
        assert filter_sizes.thinned(before + after, 1).endswith(after), (unicodedata.name(before[0]), after)
