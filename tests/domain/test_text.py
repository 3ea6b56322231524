"""What a text means, and how safely it is shown."""

import itertools
import unicodedata
from collections.abc import Callable

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from asgi import text_html
from domain.core import text_parsing
from domain.core.errors import Invalid
from tests.helpers.costs import cost
from web import filters


@pytest.mark.parametrize(
    ("words", "graphemes"),
    [
        ("", 0),
        ("été", 3),
        ("e\u0301te\u0301", 3),
        ("👩‍👩‍👧‍👦", 1),
        ("🇫🇷🇩🇪", 2),
        ("👍🏽", 1),
        ("नमस्ते", 3),
        ("a\nb", 3),
    ],
)
def test_length_is_what_people_see(words: str, graphemes: int) -> None:
    assert text_parsing.length(words) == graphemes


def test_stacked_accents_are_no_way_around_the_limit() -> None:
    assert text_parsing.too_long("a" * 1000, 1000) is None
    assert text_parsing.too_long("a" * 1001, 1000) is not None
    assert text_parsing.too_long("a" + "\u0301" * 8001, 1000) is not None
    assert text_parsing.too_long("👩‍👩‍👧‍👦" * 1000, 1000) is None


@pytest.mark.parametrize(
    ("work", "hostile"),
    [
        (text_parsing.length, "🇫🇷" * 4_000),
        (text_parsing.pieces, "http://a.b/!" * 2_000),
        # Words that are just short enough, of what is almost a link at each dot.
        (text_parsing.pieces, ("http://a@" + "\ufe0f\ufe0f\ufe0f\ufe0f\ufe0f\ufe0f\ufe0f.=" * 226 + " ") * 4),
        (text_parsing.pieces, ("www.=" * 50 + " ") * 30),
        (text_parsing.clean, "a" + "\u0301\u0316" * 20_000),
    ],
)
def test_time_grows_with_length_and_not_with_its_square(work: Callable[[str], object], hostile: str) -> None:
    plain = ("été " * len(hostile))[: len(hostile)]
    assert cost(lambda: work(hostile)) < 30 * cost(lambda: work(plain))


# Marks, and what comes apart into marks: sorting a run of them takes time that grows with its square.
MARKS = "".join(
    one
    for one in map(chr, range(0x110000))
    if unicodedata.combining(one) or unicodedata.combining(unicodedata.normalize("NFKD", one)[0])
)


@given(
    st.text(alphabet=st.one_of(st.sampled_from(MARKS), st.sampled_from("a\u2066\u0000 ")), min_size=35, max_size=200)
)
def test_no_run_of_marks_is_long(words: str) -> None:
    for work in (text_parsing.clean, text_parsing.line, text_parsing.fold, text_parsing.tag_key):
        assert longest_run(work(words)) <= 60


def test_all_that_comes_apart_into_marks_is_counted() -> None:
    for one in MARKS:
        assert longest_run(text_parsing.clean("a" + one * 100)) <= 60, hex(ord(one))


def longest_run(words: str) -> int:
    """Of combining marks, as they are sorted."""
    apart = unicodedata.normalize("NFKD", words)
    runs = itertools.groupby(apart, lambda one: unicodedata.combining(one) > 0)
    return max((len(list(run)) for marks, run in runs if marks), default=0)


def test_at_most_thirty_marks_stand_on_a_letter() -> None:
    assert text_parsing.clean("a" + "\u0316" * 40 + "b") == "a" + "\u0316" * 30 + "b"
    assert text_parsing.clean("a" + "\u0316\u2066" * 40) == "a" + "\u0316" * 30
    assert text_parsing.clean("e\u0301\u0302") == "é\u0302"


@given(st.text(alphabet="🇫🇷🇩🇪a\u0301\u200d👩\ufe0f", max_size=12))
def test_flags_are_counted_as_graphemes_are(words: str) -> None:
    assert text_parsing.length(words) == len(regex.findall(r"\X", words))


def test_sizes_are_checked_field_by_field() -> None:
    text_parsing.check_sizes(name=("a" * 80, 10), bio=("", 10))
    with pytest.raises(Invalid) as refused:
        text_parsing.check_sizes(name=("a" * 81, 10), bio=("b" * 80, 10))
    assert set(refused.value.fields) == {"name"}


def test_a_word_that_is_too_long_for_an_address_is_no_link() -> None:
    long = "https://a.example/" + "x" * text_parsing.MAX_LINK
    assert [piece.kind for piece in text_parsing.pieces(f"{long} b.fr")] == ["text", "link"]
    bare = "a.example/" + "x" * text_parsing.MAX_BARE_LINK
    assert [piece.kind for piece in text_parsing.pieces(f"{bare} https://{bare} b.fr")] == [
        "text",
        "link",
        "text",
        "link",
    ]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  two\r\nlines\r ", "two\nlines"),
        ("e\u0301", "é"),
        ("a\x00b\x07c\x1b[0m", "abc[0m"),
        ("gp\u202ej.exe\u2066", "gpj.exe"),
        ("\ue000h_time\ue001", "h_time"),
        ("tab\tstays", "tab\tstays"),
        ("\ud800x", "x"),
        ("\u200f שלום", "\u200f שלום"),
    ],
)
def test_clean(sent: str, kept: str) -> None:
    assert text_parsing.clean(sent) == kept


@pytest.mark.parametrize(
    ("words", "kind", "values"),
    [
        ("@ana and (@Ben), @c_1!", "mention", ["ana", "Ben", "c_1"]),
        ("mail ana@tilly.example or @ana@elsewhere.example", "mention", []),
        ("@" + "x" * 31, "mention", []),
        ("#Tilleul #CinéClub #2026été #日本", "tag", ["Tilleul", "CinéClub", "2026été", "日本"]),
        ("#1 &#39; a#b /#c", "tag", []),
        (
            "see https://tilly.example/a?b=1#c, or tilly.fr.",
            "link",
            ["https://tilly.example/a?b=1#c", "http://tilly.fr"],
        ),
        ("javascript:alert(1) ftp://x.example //y.example data:text/html,hi", "link", []),
        ("https://tilly.example/@ana/#tag", "mention", []),
        ("https://tilly.example/@ana/#tag", "tag", []),
    ],
)
def test_pieces(words: str, kind: str, values: list[str]) -> None:
    assert [piece.value for piece in text_parsing.pieces(words) if piece.kind == kind] == values


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80) | st.from_regex(r"[@#a-z:/. <&\"']{0,40}"))
def test_pieces_lose_nothing_and_markup_is_inert(words: str) -> None:
    cleaned = text_parsing.clean(words)
    assert "".join(piece.text for piece in text_parsing.pieces(cleaned)) == cleaned
    html = str(text_html.rich(cleaned, " ana "))
    for tag in html.split("<")[1:]:
        assert tag.startswith(('a href="/', 'a href="http', "/a>", "br>"))


def test_rich_text() -> None:
    html = text_html.rich('<script>"@ana" @nobody #Tilleul\nhttps://a.example/?q="><b>', " ana ")
    assert str(html) == (
        '&lt;script&gt;&#34;<a href="/@ana">@ana</a>&#34; @nobody <a href="/tags/tilleul">#Tilleul</a><br>'
        '<a href="https://a.example/?q=" rel="nofollow noopener ugc">a.example/?q=</a>&#34;&gt;&lt;b&gt;'
    )


def test_long_links_are_shortened_for_the_eye_only() -> None:
    address = "https://tilly.example/" + "a" * 80
    html = str(text_html.rich(address))
    assert f'href="{address}"' in html
    assert html.endswith("…</a>")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana Ruiz", "AR"), ("ana", "AN"), ("Bảo van Trần", "BT"), ("", "?"), ("!!", "!!"), ("É", "É")],
)
def test_initials(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


def test_tag_keys_ignore_case_and_composition() -> None:
    assert text_parsing.tag_key("CinéClub") == text_parsing.tag_key("CINE\u0301CLUB") == "cinéclub"
