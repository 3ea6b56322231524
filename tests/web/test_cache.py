"""What a process keeps of rendered pages: it stays within one bound on memory, whatever strangers ask for."""

import gc
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from asgi import cache, responses
from asgi.cache import ABOUT, BUDGET, Budget, Cache, TtlCache
from asgi.policy import Policy
from asgi.responses import Response
from domain.accounts.profiles import Profile, Relation
from domain.core import ids
from domain.core.units import MB
from domain.media.attachments import Attachment, AttachmentFile
from domain.media.file_types import MediaKind
from domain.posts.views import PostView
from domain.timelines.profile_lists import Tab
from web import page, post_rendering, templating
from web.routes import accounts

ENGLISH, FRENCH = (templating.templates(locale, Policy()) for locale in ("en", "fr"))


def test_what_came_first_goes_first() -> None:
    budget = Budget(30)
    kept: Cache[str, str] = Cache(budget, lambda _, value: len(value))
    for name in "abcd":
        kept.put(name, name * 10)
    assert list(kept.entries) == ["b", "c", "d"]
    kept.put("b", "b" * 5)
    assert (list(kept.entries), budget.used) == (["c", "d", "b"], 25)
    kept.pop("c")
    kept.pop("nothing")
    assert budget.used == 15
    kept.put("large", "x" * 31)
    assert (list(kept.entries), budget.used) == ([], 0)


def test_the_fullest_cache_gives_way() -> None:
    budget = Budget(30)
    large, small = (Cache[int, str](budget, lambda _, value: len(value)) for _ in range(2))
    small.put(0, "x" * 5)
    for number in range(10):
        large.put(number, "x" * 5)
    assert (len(small.entries), len(large.entries)) == (1, 5)
    budget.resize(10)
    assert budget.used == 10
    large.clear()
    assert budget.used == small.used == 5


def test_a_cache_that_is_gone_takes_nothing() -> None:
    budget = Budget(30)
    kept: Cache[int, str] = Cache(budget, lambda _, value: len(value))
    kept.put(1, "x" * 20)
    del kept
    gc.collect()
    assert budget.used == 0


def test_what_is_about_something_is_found_by_it() -> None:
    asked: list[str] = []

    def about(key: str) -> list[int]:
        asked.append(key)
        return [int(one) for one in key.split()]

    budget = Budget(100_000)
    kept: Cache[str, str] = Cache(budget, lambda _, value: len(value), about)
    for key in ("1", "2", "2 1", "3 2", "4"):
        kept.put(key, "x" * 10)
    assert kept.used == 5 * 10 + 7 * ABOUT
    asked.clear()
    kept.drop_about(1)
    assert (list(kept.entries), set(asked)) == (["2", "3 2", "4"], {"1", "2 1"}), "nothing else is looked at"
    kept.drop_about(1)
    kept.put("2", "y" * 20)
    assert (list(kept.entries), kept.used) == (["3 2", "4", "2"], 40 + 4 * ABOUT)
    kept.drop_oldest()
    kept.drop_about(3)
    assert list(kept.entries) == ["4", "2"]
    kept.drop_where(lambda key, _: key == "4")
    kept.drop_about(2)
    assert (kept.used, kept._keys) == (0, {})
    kept.put("5", "z")
    kept.clear()
    kept.drop_about(5)
    assert (kept.used, kept._keys) == (0, {})


def test_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(cache, "monotonic", lambda: now)
    kept: TtlCache[str, str] = TtlCache(2, Budget(100), lambda _, value: len(value))
    kept.put("a", "x")
    now += 1
    kept.put("b", "x")
    assert (kept.get("a"), kept.get("c")) == ("x", None)
    now += 1
    assert (kept.get("a"), kept.get("b")) == (None, "x")
    kept.sweep()
    assert kept.get("b") == "x"
    none: TtlCache[str, str] = TtlCache(0, Budget(100), lambda _, value: len(value))
    none.put("a", "x")
    assert none.get("a") is None


# --- in memory -------------------------------------------------------------------------------------------------------


@pytest.fixture
def small() -> Iterator[int]:
    """A budget of 2 MB."""
    before = BUDGET.size
    post_rendering.forget_all()
    responses.forget_compressed()
    page.forget_titles()
    accounts.FRAMES.clear()
    BUDGET.resize(2 * MB)
    yield 2 * MB
    BUDGET.resize(before)


def view(number: int, text: str, pictures: int) -> PostView:
    file = AttachmentFile("k" * 32, 100, 100, "image/webp")
    media = tuple(
        Attachment(
            number * 10 + place,
            MediaKind.IMAGE,
            100,
            100,
            0,
            text + str(number),
            "h" * 28,
            {"wide": file, "small": file},
        )
        for place in range(pictures)
    )
    post = ids.new() + number
    return PostView(
        entry=post, id=post, author=post, author_version=1, version=1, quote=None, replies=0, reposts=0, ups=number,
        downs=0, my_vote=0, my_repost=0, actor=0, actor_version=0, link_preview=None,
        parent_hidden=0, measures=0, handle=f"h{number}", name=f"N {number}",
        hue=1, private=0, text=text + str(number), mentions=f" h{number} ", visibility=0, replies_to=0, cover=None,
        edited_at=None, parent=None, parent_handle=None, root=post, quotes=0,
        attachments=pictures, avatar_small="", media=media,
    )  # fmt: skip


def fill_posts(text: str, pictures: int = 0, posts: int = 800) -> None:
    form = post_rendering.PostVariant(ENGLISH, focus=False, above=True)
    for number in range(posts):
        shown = view(number, text, pictures)
        stencil = post_rendering._cut(shown, ENGLISH, focus=False)
        post_rendering.KEPT.put((form, shown.id), post_rendering.CachedPost(shown, stencil, number))
        html = post_rendering._fill(
            post_rendering.KEPT.entries[form, shown.id], shown.summary, "en", shown.created_at, "", ""
        )
        post_rendering.FILLED.put((form, *shown.summary[1:], f"{number} min"), html)


def fill_people(bio: str) -> None:
    for number in range(700):
        person = Profile(
            number, f"h{number}", f"Name {number}", 1, "", "", "", bio + str(number), "", (), False, 0, 0, 0,
            Relation.NONE, False, False, False, 1,
        )  # fmt: skip
        accounts.profile_frame(ENGLISH, person, Tab.POSTS)


def fill_pages() -> None:
    for _ in range(200):
        responses._compressed_shared(Response(os.urandom(15_000), shared=True), b"br")


@pytest.mark.parametrize("posts", [1, 800])
def test_a_purged_post_costs_nothing_for_the_others(small: int, posts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # A server has one application and so one policy; the process of the tests has had many.
    monkeypatch.setattr(templating, "_MADE", {("en", Policy()): ENGLISH, ("fr", Policy()): FRENCH})
    BUDGET.resize(64 * MB)
    fill_posts("Short ", posts=posts)
    form, post = next(reversed(post_rendering.KEPT.entries))
    quoting = post_rendering.PostVariant(FRENCH, focus=True, above=False), *view(1, "", 0).summary[1:5], post
    post_rendering.FILLED.put((*quoting, "1 min"), b"quotes it")
    before = len(post_rendering.KEPT.entries), len(post_rendering.FILLED.entries)
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        post_rendering.forget(post)
    finally:
        sys.setprofile(None)
    assert (form, post) not in post_rendering.KEPT.entries
    assert (len(post_rendering.KEPT.entries), len(post_rendering.FILLED.entries)) == (before[0] - 1, before[1] - 2)
    assert calls < 100


@pytest.mark.parametrize(
    "fill",
    [
        lambda: fill_posts("Short "),
        lambda: fill_posts("Longer, as far as it goes. " * 37),
        lambda: fill_posts("😀" + "&" * 990),
        lambda: fill_posts("a" * 100, pictures=4),
        lambda: fill_people("Somebody. "),
        lambda: fill_people("<" * 490),
        fill_pages,
    ],
    ids=["short posts", "long posts", "wide posts", "pictures", "people", "wide people", "pages"],
)
def test_the_bound_holds_in_memory(small: int, fill: Callable[[], None]) -> None:
    # What is made once, such as templates, is not counted.
    fill()
    post_rendering.forget_all()
    accounts.FRAMES.clear()
    responses.forget_compressed()
    page.forget_titles()
    gc.collect()
    tracemalloc.start()
    try:
        fill()
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.9 * small < BUDGET.used <= small
    assert taken < 1.3 * small
