"""Posts as HTML: rendered once per version and language, kept in memory, and filled for each viewer."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from markupsafe import Markup

from domain.core import clock
from domain.core.pages import Page
from domain.posts.views import EVERYONE, FOLLOWERS_ONLY, PUBLIC, PostView
from web import i18n, page, templating
from web.templating import Stencil

HOLES = (
    "h_above", "h_time", "h_quote", "h_replies", "h_reposts", "h_votes", "h_downs",
    "h_repost_method", "h_repost_on", "h_up_method", "h_up_on", "h_down_method", "h_down_on",
)  # fmt: skip
OFF, ON = ("PUT", "false"), ("DELETE", "true")

# A copy that nobody has asked for is dropped after this long, so that what another process purges does not stay here.
KEEP_MS = 900_000

VISIBILITIES = {"public": PUBLIC, "followers": 1}
REPLIES = {"everyone": EVERYONE, "followers": FOLLOWERS_ONLY, "mentioned": 2}


class Shown(msgspec.Struct):
    """A post as templates know it. Ids are strings, times Unix milliseconds."""

    id: str
    account_id: str
    handle: str
    name: str
    hue: int
    private: bool
    text: str
    mentions: str
    visibility: str
    replies_to: str
    cover: str
    edited: bool
    is_reply: bool
    parent_handle: str
    created_ms: int
    url: str


class Kept(NamedTuple):
    """A rendered post: the versions it was made from, its stencil, and the last filling, which most readers share."""

    version: int
    author_version: int
    stencil: Stencil
    made_at: int
    filled: dict[Any, str]


def shown(view: PostView) -> Shown:
    return Shown(
        id=str(view.id),
        account_id=str(view.author),
        handle=view.handle,
        name=view.name,
        hue=view.hue,
        private=bool(view.private),
        text=view.text,
        mentions=view.mentions,
        visibility="public" if view.visibility == PUBLIC else "followers",
        replies_to=next(name for name, value in REPLIES.items() if value == view.replies_to),
        cover="" if view.cover is None else view.cover,
        edited=view.edited_at is not None,
        is_reply=view.parent is not None,
        parent_handle=view.parent_handle or "",
        created_ms=view.created_at,
        url=address(view),
    )


def address(view: PostView) -> str:
    return f"/@{view.handle}/{view.id}"


class Fragments:
    """The bounded memory of rendered posts, one per process."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[int, str, bool], Kept] = OrderedDict()

    def resize(self, size: int) -> None:
        self._size = size

    def forget(self, post: int) -> None:
        """Drops every copy of a purged post."""
        for locale in i18n.LOCALES:
            for focus in (False, True):
                self._kept.pop((post, locale, focus), None)

    def __contains__(self, post: int) -> bool:
        return any(key[0] == post for key in self._kept)

    def sweep(self, now: int) -> None:
        """Drops the copies that were made long ago."""
        while self._kept:
            key, kept = next(iter(self._kept.items()))
            if now - kept.made_at < KEEP_MS:
                return
            del self._kept[key]

    def get(self, view: PostView, locale: str, focus: bool, now: int) -> Kept:
        key = (view.id, locale, focus)
        kept = self._kept.get(key)
        if kept is None or kept.version != view.version or kept.author_version != view.author_version:
            kept = Kept(view.version, view.author_version, _cut(view, locale, focus), now, {})
            self._kept[key] = kept
            self._kept.move_to_end(key)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
            self.sweep(now)
        return kept


fragments = Fragments(10_000)


def _cut(view: PostView, locale: str, focus: bool) -> Stencil:
    return templating.cut(locale, "posts/_post.html", HOLES, post=shown(view), focus=focus)


def post(view: PostView, locale: str, *, focus: bool = False, above: bool = True, now: int = 0) -> str:
    """One post as its viewer sees it."""
    now = now or clock.now()
    kept = fragments.get(view, locale, focus, now)
    age = i18n.ago(locale, view.id // 4_194_304 + 1_577_836_800_000, now)
    key = (
        age, view.replies, view.reposts, view.ups, view.downs, view.my_vote, view.my_repost != 0,
        view.actor if above else -1,
    )  # fmt: skip
    if view.quote is None:
        html = kept.filled.get(key)
        if html is None:
            # One filling is enough: readers of the same minute without votes of their own share it.
            if len(kept.filled) > 3:
                kept.filled.clear()
            html = kept.filled[key] = _fill(kept.stencil, view, locale, age, above)
        return html
    return _fill(kept.stencil, view, locale, age, above)


def _fill(stencil: Stencil, view: PostView, locale: str, age: str, above: bool) -> str:
    repost = ON if view.my_repost else OFF
    up = ON if view.my_vote > 0 else OFF
    down = ON if view.my_vote < 0 else OFF
    return stencil.fill_safe(
        {
            "h_above": _above(view, locale) if above else "",
            "h_time": age,
            "h_quote": quote(view, locale),
            "h_replies": number(locale, view.replies),
            "h_reposts": number(locale, view.reposts),
            "h_votes": number(locale, view.ups),
            "h_downs": number(locale, view.downs),
            "h_repost_method": repost[0],
            "h_repost_on": repost[1],
            "h_up_method": up[0],
            "h_up_on": up[1],
            "h_down_method": down[0],
            "h_down_on": down[1],
        }
    )


def number(locale: str, value: int) -> str:
    """A count on a button: nothing for none."""
    return i18n.short(locale, value) if value > 0 else ""


def quote(view: PostView, locale: str) -> str:
    """The card of a quoted post, "" when nothing is quoted."""
    if view.quote is None:
        return ""
    return templating.render(locale, "posts/_quote.html", quote=shown(view.quoted) if view.quoted else None)


def _above(view: PostView, locale: str) -> str:
    if view.actor and view.actor_handle:
        reposter = {"handle": view.actor_handle, "name": view.actor_name}
        return templating.render(locale, "posts/_above.html", reposter=reposter, parent_handle="")
    if view.parent_handle:
        return templating.render(locale, "posts/_above.html", reposter=None, parent_handle=view.parent_handle)
    return ""


def posts(views: Sequence[PostView], locale: str) -> Markup:
    """Posts of a timeline, one after the other."""
    now = clock.now()
    return Markup("\n".join([post(view, locale, now=now) for view in views]))  # noqa: S704 - rendered fragments


def feed(request: page.Asked, found: Page[PostView], here: str, empty: str, first: bool = True) -> Markup:
    """A page of a timeline with its link to older posts. ``here`` is the list's own address."""
    locale = page.locale(request)
    older = f"{here}{'&' if '?' in here else '?'}before={found.next}" if found.next else ""
    body = posts(found.items, locale)
    if not older and not (first and not found.items):
        return body
    return page.render(
        request, "timelines/_feed.html", posts=body, older_url=older, empty=empty if first and not found.items else ""
    )
