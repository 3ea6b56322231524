"""What a text means, and how safely it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core import text
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
    assert text.length(words) == graphemes


def test_stacked_accents_are_no_way_around_the_limit() -> None:
    assert text.too_long("a" * 1000, 1000) is None
    assert text.too_long("a" * 1001, 1000) is not None
    assert text.too_long("a" + "\u0301" * 8001, 1000) is not None
    assert text.too_long("👩‍👩‍👧‍👦" * 1000, 1000) is None


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
    assert text.clean(sent) == kept


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
    assert [piece.value for piece in text.pieces(words) if piece.kind == kind] == values


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80) | st.from_regex(r"[@#a-z:/. <&\"']{0,40}"))
def test_pieces_lose_nothing_and_markup_is_inert(words: str) -> None:
    cleaned = text.clean(words)
    assert "".join(piece.text for piece in text.pieces(cleaned)) == cleaned
    html = str(filters.rich(cleaned, " ana "))
    for tag in html.split("<")[1:]:
        assert tag.startswith(('a href="/', 'a href="http', "/a>", "br>"))


def test_rich_text() -> None:
    html = filters.rich('<script>"@ana" @nobody #Tilleul\nhttps://a.example/?q="><b>', " ana ")
    assert str(html) == (
        '&lt;script&gt;&#34;<a href="/@ana">@ana</a>&#34; @nobody <a href="/tags/tilleul">#Tilleul</a><br>'
        '<a href="https://a.example/?q=" rel="nofollow noopener ugc">a.example/?q=</a>&#34;&gt;&lt;b&gt;'
    )


def test_long_links_are_shortened_for_the_eye_only() -> None:
    address = "https://tilly.example/" + "a" * 80
    html = str(filters.rich(address))
    assert f'href="{address}"' in html
    assert html.endswith("…</a>")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana Ruiz", "AR"), ("ana", "AN"), ("Bảo van Trần", "BT"), ("", "?"), ("!!", "!!"), ("É", "É")],
)
def test_initials(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


def test_tag_keys_ignore_case_and_composition() -> None:
    assert text.tag_key("CinéClub") == text.tag_key("CINE\u0301CLUB") == "cinéclub"
