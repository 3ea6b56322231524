"""Word lists: their lines, whole words and parts, and what they refuse."""

import time

import pytest

from domain.core.errors import Invalid
from domain.moderation import filter_costs, filter_words
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
*@mail
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
        ("c++a, +c+++, abc++", {"C++"}),
        ("abc++, c+", set()),
        ("x@mail, -@mail", {"@mail"}),
        ("@mails, mail", set()),
        ("killll her", {r"\bkil+ (him|her)\b"}),
        ("kil hers", set()),
        ("ass go home", {"ass", "go home"}),
        ("", set()),
    ],
)
def test_words_are_found(text: str, found: set[str]) -> None:
    words = filter_words.parse(LIST)
    assert words.matches(skeleton(text)) == bool(found)
    assert len(words) == 9
    each = [line for line in LIST.splitlines() if line and not line.startswith("#")]
    assert {line.strip("*/") for line in each if filter_words.parse(line).matches(skeleton(text))} == found


@pytest.mark.parametrize("text", ["a" * 27_000, "b" * 27_000])
def test_words_inside_of_each_other_are_no_work(text: str) -> None:
    """Each letter would be the end of ninety of them."""
    words = filter_words.parse("\n".join(f"*{'a' * length}*" for length in range(1, 95)))
    alone = filter_words.parse("\n".join("a" * length for length in range(1, 95)))
    found, began = skeleton(text), time.thread_time()
    assert (words.matches(found), alone.matches(found)) == (text[0] == "a", False)
    assert time.thread_time() - began < 0.2


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
    assert words.matches(skeleton("A word4999x"))
    assert not words.matches(skeleton("A word5000x"))


def test_what_a_list_may_cost_grows_with_its_patterns() -> None:
    plain, few, many = (filter_words.parse("\n".join(["word", *["/kil+/"] * count])).steps for count in (0, 1, 60))
    assert plain < few < many < filter_costs.MAX_STEPS * 3
