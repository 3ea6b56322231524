"""All filters at once: which a post hits, and which fail."""

import subprocess
import sys
from typing import Any

import pytest

from domain.moderation import (
    bulk_search,
    filter_costs,
    filter_engine,
    filter_expressions,
    filter_skeleton,
    filter_words,
)
from domain.moderation.filter_engine import Failure, Filter, FilterSet, Hit
from domain.moderation.filter_fields import PostFields
from tests.helpers import written_filters
from tests.test_conventions import ROOT

LISTS = {"insults": filter_words.parse("idiot\ninsult*"), "spam": filter_words.parse("buy now")}


def compiled(*conditions: str) -> FilterSet:
    found = [Filter(number, f"Filter {number}", condition) for number, condition in enumerate(conditions)]
    return filter_engine.compile_all(found, LISTS)


def hits(filters: FilterSet, text: str = "", **fields: Any) -> list[int]:
    found = filters.check(PostFields(text=text, **fields))
    return [one.filter.id for one in found if isinstance(one, Hit)]


def test_a_post_hits_some() -> None:
    filters = compiled('words("insults")', "trust < 2", '"offer" in tags', "pictures > 1", "mentions.size() == 2")
    assert hits(filters, text="You 1d10t", trust=3) == [0]
    assert hits(filters, text="@ana, @ANA, @ben: an #Offer", pictures=2) == [1, 2, 3, 4]
    assert hits(filters, trust=2) == []


def test_everything_that_is_written_counts() -> None:
    """Nothing is hidden from filters under a cover, or in the description of a picture."""
    filters = compiled('words("insults")', 'text.contains("idiot")', 'descriptions.exists(one, one.contains("idiot"))')
    assert hits(filters, text="You idiot") == [0, 1]
    assert hits(filters, text="Hello", cover="You idiot") == [0, 1]
    assert hits(filters, text="Hello", descriptions=("a cat", "an idiot"), pictures=2) == [0, 2]


def test_addresses_are_taken_apart() -> None:
    filters = compiled('"shop.example" in hosts', 'links.exists(link, link.contains("/ref"))')
    assert hits(filters, text="See https://www.SHOP.example/ref?id=1 now") == [0, 1]
    assert hits(filters, text="See https://shop.example.evil.example/") == []


@pytest.mark.parametrize(
    "link",
    [
        "https://ｓhop.example/",
        "https://www.shop.exam\u00adple/",
        "https://ⓢhop.example/x",
        "https://shop.example\\@evil.example/",
    ],
)
def test_a_host_is_the_one_that_a_browser_goes_to(link: str) -> None:
    filters = compiled('"shop.example" in hosts', "hosts.size() == 1")
    assert hits(filters, text=f"See {link} now") == [0, 1]
    assert next(host for host, _ in bulk_search.links_of(link)).endswith("shop.example")


def test_no_number_of_links_hides_another() -> None:
    filters = compiled('"shop.example" in hosts', 'links.exists(link, link.contains("shop"))')
    others = " ".join(f"http://{chr(0xE0 + at % 23)}{at}.be" for at in range(77))
    assert hits(filters, text=f"{others} https://shop.example/") == [0, 1]


def test_a_host_in_other_letters_is_there_in_both_ways_of_writing_it() -> None:
    filters = compiled('"bücher.example" in hosts', '"xn--bcher-kva.example" in hosts')
    for link in ("https://Bücher.example/", "https://xn--bcher-kva.example/", "https://bu\u0308cher.example/"):
        assert hits(filters, text=f"See {link} now") == [0, 1]


def test_failures_are_told_and_are_no_hits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_costs, "MAX_TURNS", 20_000)
    filters = compiled(written_filters.FAILS, "nothing == 1", 'words("missing")', "trust == 0")
    found = filters.check(PostFields(text=written_filters.HUNDRED_LINKS))
    assert [(type(one), one.filter.id) for one in found] == [(Failure, 0), (Hit, 3)]
    assert [one.reason for one in found if isinstance(one, Failure)] == [filter_expressions.TOO_MANY_STEPS]
    assert [one.filter.id for one in filters.check(PostFields(text=""))] == [0, 3]
    assert [one.filter.id for one in filters.broken] == [1, 2]
    assert "“nothing”" in filters.broken[0].reason
    assert "“missing”" in filters.broken[1].reason


def test_a_skeleton_is_made_once_and_if_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    skeleton = filter_skeleton.skeleton

    def counted(text: str) -> filter_skeleton.Skeleton:
        made.append(text)
        return skeleton(text)

    monkeypatch.setattr(filter_skeleton, "skeleton", counted)
    compiled("trust == 0").check(PostFields(text="a"))
    assert made == []
    compiled('words("insults")', 'words("spam")', 'skeleton == ""').check(PostFields(text="b"))
    assert made == ["b"]


def test_nothing_to_look_with() -> None:
    assert not compiled()
    assert compiled().check(PostFields(text="idiot")) == []
    assert not compiled("wrong")
    assert compiled("true")


LOADED = """
import sys
import app.asgi, app.wiring, app.schedule
print([name for name in ("cel_expr_python", "re2", "ahocorasick_rs") if name in sys.modules])
from domain.moderation import filter_expressions, filter_words
filter_words.parse("word")
print([name for name in ("cel_expr_python", "re2", "ahocorasick_rs") if name in sys.modules])
filter_expressions.compile("text.matches('a')")
print([name for name in ("cel_expr_python", "re2", "ahocorasick_rs") if name in sys.modules])
"""


def test_libraries_are_loaded_where_there_are_filters() -> None:
    """They take twelve megabytes of each process."""
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "[]", "['ahocorasick_rs']", "['cel_expr_python', 're2', 'ahocorasick_rs']",
    ]  # fmt: skip


def test_long_posts_are_looked_at_beside_the_rest() -> None:
    few, many = (
        compiled("trust == 0"),
        compiled(*[rf'skeleton.matches(r"\bkill\b.{{0,20}}{number}")' for number in range(20)]),
    )
    short, long = PostFields(text="word " * 50), PostFields(text="word " * 200, descriptions=("word " * 300,) * 4)
    assert [one.may_take_long(post) for one in (few, many) for post in (short, long)] == [False, False, False, True]
    # Undoing its disguises takes as long, however little is looked for; of what is typed that is none.
    one_word = compiled('skeleton.contains("kill")')
    assert [one.may_take_long(PostFields(text="a1" * 3100)) for one in (few, one_word)] == [False, True]
