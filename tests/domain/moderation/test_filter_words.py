"""Word lists: their lines, whole words and parts, and what they refuse."""

import pytest

from domain.core.errors import Invalid
from domain.moderation import filter_words
from domain.moderation.filter_skeleton import skeleton

LIST = r"""
# Insults
ass
*phobe
insult*
*troll*
go home
naïf
C++
/\bkil+ (him|her)\b/
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("an ass", {"ass"}),
        ("Bass, asset, ass2, ass-hat", {"ass"}),
        ("a homophobe, phobes", {"phobe"}),
        ("insulted, reinsult", {"insult"}),
        ("untrollable", {"troll"}),
        ("go   home, GOHOME", {"go home"}),
        ("go at home", set()),
        ("naïfs, a naif", {"naïf"}),
        ("c++, no c", {"C++"}),
        ("killll her", {r"\bkil+ (him|her)\b"}),
        ("kil hers", set()),
        ("ass go home", {"ass", "go home"}),
        ("", set()),
    ],
)
def test_words_are_found(text: str, found: set[str]) -> None:
    words = filter_words.parse(LIST)
    matches = words.find(skeleton(text))
    assert {match.word.text for match in matches} == found
    assert words.matches(skeleton(text)) == bool(found)
    assert len(words) == 8


def test_places_are_told() -> None:
    text = skeleton("see the ass")
    (match,) = filter_words.parse("ass").find(text)
    assert text.readings[match.reading][match.start : match.end] == "ass"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("# nothing\n\n", None),
        ("good\n***", 2),
        ("good\n\n!!!", 3),
        ("x" * 101, 1),
        ("good\n/(/", 2),
        ("/.{900}/", 1),
        ("\n".join(["/(.{0,90}a){9}/"] * 10), 1),
        ("\n".join(f"word{number}" for number in range(filter_words.MAX_WORDS + 1)), None),
        ("\n".join(f"/a{number}/" for number in range(filter_words.MAX_PATTERNS + 1)), None),
    ],
)
def test_wrong_lists_are_refused(source: str, line: int | None) -> None:
    with pytest.raises(Invalid) as refused:
        filter_words.parse(source)
    assert refused.value.params.get("line") == line


def test_all_that_a_list_may_have() -> None:
    words = filter_words.parse("\n".join(f"word{number}x" for number in range(filter_words.MAX_WORDS)))
    assert len(words) == filter_words.MAX_WORDS
    assert [match.word.line for match in words.find(skeleton("A word4999x, a word5000x"))] == [5000]
