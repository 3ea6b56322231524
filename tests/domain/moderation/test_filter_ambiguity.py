"""Signs that may be an i or an l are read in both ways within one word, and typed letters only as what they are."""

import time

import pytest

from domain.moderation import filter_engine, filter_words
from domain.moderation.filter_fields import PostFields
from domain.moderation.filter_skeleton import skeleton

WORDS = filter_words.parse("kill\nkill you\nillicit\nbill*\n*phile\n*slip*\nassail all")
# Letters of other scripts are written by their numbers, since nobody would see them here.
MIXED = {
    "digits around a letter": "k1l1",
    "digits before a letter": "k11l",
    "only digits": "I'll k111.",
    "lines": "k1||",
    "different signs": "k1|l",
    "an exclamation mark": "k!11",
    "a sign at the end": "k11|!",
    "Cyrillic palochkas": "k\u0456\u04cf\u04cf",
    "capital palochkas": "ki\u04c0\u04c0",
    "Cyrillic capitals": "k\u0456\u0406\u0406",
    "Greek capitals": "ki\u0399\u0399",
    "only capitals": "k\u0406\u0406\u0406, he said.",
    "Latin capitals": "kIIl.",
    "capitals and digits": "k\u04061\u0406",
    "capitals and a digit, then a sign": "k\u0406\u04061.",
    "dots": "k.1.1.l",
    "spaces": "k 1 1 1",
    "hyphens": "k-1-l-1",
    "brackets": "k(1)l(1)",
    "a phrase": "k1l1 y0u",
    "a phrase with a comma": "k1l1, y0u",
    "a phrase run together": "k1l1y0u",
    "words of a phrase in two ways": "4ssa1l a1l",
    "many": "11l1c1t",
    "a beginning": "b111ionaire",
    "an end": "bib1i0ph1le",
    "a part": "unsI1pped, uns11pped",
    "in capitals": "K1L1",
    "after honest words": "It is 11:11, 1 mile; bail, lil. K11l!",
}
HONEST = [
    ("ball\nfall\nmall\nmale", "bail fail mail, Bail! It was a fail (1); mail 11."),
    ("bail\nfail\nmail", "ball fall mall: 1 ball, 2 malls, he11o"),
    ("fail\nbail you", "f4ll, f@ll, b4ll y0u"),
    ("fall\nball you", "f4il, f@il, b4il y0u"),
    ("*ialist*", "fl00r a1list"),
    ("ill\nlil", "Il mail, A1 road, il l1t"),
    ("kill\nbill\nill\nlil\nmile", "$11, 11 €, £1.11, 11/11/2011, 1,111.11, 1-11-1, 11:11 | 1 ! 1"),
    ("kill\nlil\nmil", "H1N1 on the A11, the M1 and the 1st or 11th of May 1911!!! 1|1"),
    ("kill\nslit", "1 litre, 1l, 10 l, I'll, Ill, WILL, McIlroy, AppleID, iOS 11, III, VIII"),
    ("la\nlil\nlila", "\u0406\u0442\u0430\u043b\u0456\u044f \u0456 \u0406\u043b\u043b\u044f, 1 \u0456 1"),
    ("ilios\nlliada", "\u0399\u03bb\u03b9\u03ac\u03b4\u03b1, \u0397\u039b\u0399\u039f\u03a3, 11 \u03b9"),
]


@pytest.mark.parametrize("text", MIXED.values(), ids=MIXED.keys())
def test_a_sign_is_read_in_two_ways_within_a_word(text: str) -> None:
    assert WORDS.matches(skeleton(text)), skeleton(text).readings


@pytest.mark.parametrize(("listed", "text"), HONEST)
def test_letters_are_read_as_what_they_are(listed: str, text: str) -> None:
    assert not filter_words.parse(listed).matches(skeleton(text)), skeleton(text).readings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ba1l", {"ball", "bail"}),
        ("b@1l", {"ball", "bail"}),
        ("bal1", {"ball"}),
        ("b@il", {"bail"}),
        ("bli1i0n", set()),
        ("bi1l1on", {"billion"}),
        ("bi1l1on bai1 ba1l", {"billion", "bail", "ball"}),
    ],
)
def test_each_word_that_it_may_be_is_found(text: str, found: set[str]) -> None:
    """Also where another one that begins alike is not what was typed."""
    listed = ("ball", "bail", "bl*", "billion")
    assert {one for one in listed if filter_words.parse(one).matches(skeleton(text))} - {"bl*"} == found
    assert filter_words.parse("bll*\nbli*\nblliion\nbillion").matches(skeleton(text)) == (
        "billion" in found or text.startswith("bli")
    )


@pytest.mark.parametrize(
    "text", ["k1l1 y0u", "k11l, y0u", "k\u0406\u0406\u0406 you", "k.1.1.l y0u", "k1|l them or y0u"]
)
def test_conditions_and_patterns_read_it_too(text: str) -> None:
    post = PostFields(text=f"Well, {text}.")
    pattern = r"\bkill\b.{0,20}\byou\b"
    listed = {"list": filter_words.parse(f"/{pattern}/")}
    for condition in (f'skeleton.matches(r"{pattern}")', 'words("list")', 'skeleton.contains("kill")'):
        assert len(filter_engine.compile_alone(condition, listed).check(post)) == 1, condition


@pytest.mark.parametrize("text", ["c11ck", "s11p on it.", "f\u0406\u0406p"])
def test_an_l_may_come_first_in_conditions(text: str) -> None:
    (hit,) = filter_engine.compile_alone(r'skeleton.matches(r"\b(click|slip|flip)\b")', {}).check(PostFields(text=text))
    assert isinstance(hit, filter_engine.Hit)


def test_readings_with_other_parts_are_not_mixed() -> None:
    assert WORDS.matches(skeleton("a m\u0406ni-bar, muItI-bar: k1l1"))


def test_descriptions_of_pictures_are_read_so() -> None:
    post = PostFields(text="k1l", descriptions=("k1l1 y0u",))
    assert len(filter_engine.compile_alone('words("list")', {"list": WORDS}).check(post)) == 1


@pytest.mark.parametrize("text", ["1l" * 13_500, "l" * 26_998 + "1a", "a1l " * 6_700, "i1" * 13_500, "k11k" * 6_700])
@pytest.mark.parametrize("stars", ["*", ""])
def test_words_inside_of_each_other_are_little_work(text: str, stars: str) -> None:
    """Each letter would be the end of ninety of them, none of which is there."""
    nested = [f"{'l' * before}ix{'l' * length}" for before in (1, 3) for length in range(90)]
    nested += [f"{'li' * length}li{'iil' * 2}q" for length in range(40)] + [f"{'l' * length}ii" for length in range(90)]
    words = filter_words.parse("\n".join(f"{stars}{one}{stars}" for one in nested))
    found, began = skeleton(text), time.thread_time()
    words.matches(found)
    assert time.thread_time() - began < 0.3
