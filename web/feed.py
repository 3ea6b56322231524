"""Posts as HTML: drawn once per version and language, kept in memory, and filled for each viewer."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from markupsafe import Markup, escape

from domain.accounts import profiles
from domain.core import clock, ids
from domain.core.access import Viewer
from domain.core.pages import Page
from domain.posts import views as posts
from domain.posts.cards import Preview
from domain.posts.views import EVERYONE, FOLLOWERS, FOLLOWERS_ONLY, MENTIONED, PUBLIC, Glimpse, PostView
from web import i18n, page, shots, templating, told
from web.shots import Shot
from web.templating import Stencil

HOLES = (
    "h_above", "h_time", "h_quote", "h_replies", "h_reposts", "h_votes", "h_downs",
    "h_repost_method", "h_repost_on", "h_up_method", "h_up_on", "h_down_method", "h_down_on",
)  # fmt: skip
OFF, ON = (b"PUT", b"false"), (b"DELETE", b"true")

# A copy is dropped after this long, so that what another process purges does not stay here.
KEEP_MS = 900_000

VISIBILITIES = {"public": PUBLIC, "followers": FOLLOWERS}
REPLIES = {"everyone": EVERYONE, "followers": FOLLOWERS_ONLY, "mentioned": MENTIONED}


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
    covered: bool
    edited: bool
    is_reply: bool
    parent_handle: str
    created_ms: int
    url: str
    picture: str
    shots: list[Shot]
    preview: Preview | None
    preview_shot: Shot | None


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
        covered=view.cover is not None,
        edited=view.edited_at is not None,
        is_reply=view.parent is not None,
        parent_handle=view.parent_handle or "",
        created_ms=view.created_at,
        url=address(view),
        picture=view.picture,
        shots=shots.of(view.media, view.open),
        preview=view.preview,
        preview_shot=shots.of([view.preview.image], True)[0] if view.preview and view.preview.image else None,
    )


def address(view: PostView) -> str:
    return f"/@{view.handle}/{view.id}"


class Kept(NamedTuple):
    """A post drawn but for its holes, and when (Unix milliseconds)."""

    view: PostView
    stencil: Stencil
    made_at: int


class Fragments:
    """The bounded memory of one language and form: posts with holes, and posts filled; the oldest go first."""

    def __init__(self, locale: str, focus: bool, above: bool, size: int) -> None:
        self.locale, self.focus, self.above, self.size = locale, focus, above, size
        self.kept: dict[int, Kept] = {}
        # By everything that the HTML depends on: a glimpse's fields from its id on, its age, what it quotes.
        self.filled: dict[tuple[Any, ...], bytes] = {}
        self.since = clock.now()

    def keep(self, kept: Kept) -> None:
        self.kept.pop(kept.view.id, None)
        self.kept[kept.view.id] = kept
        if len(self.kept) > self.size:
            del self.kept[next(iter(self.kept))]

    def sweep(self, now: int) -> None:
        """Drops what was made too long ago."""
        for post in [post for post, kept in self.kept.items() if now - kept.made_at > KEEP_MS]:
            del self.kept[post]
        if now - self.since > KEEP_MS:
            self.filled.clear()
            self.since = now

    def fill(self, key: tuple[Any, ...], html: bytes) -> None:
        if len(self.filled) >= self.size:
            del self.filled[next(iter(self.filled))]
        self.filled[key] = html

    def forget(self, post: int) -> None:
        """Drops a purged post, and whatever quotes it."""
        self.kept.pop(post, None)
        for key in [key for key in self.filled if post in (key[0], key[4])]:
            del self.filled[key]


SIZE = 10_000
_shelves: dict[tuple[str, bool, bool], Fragments] = {}


def resize(size: int) -> None:
    """How many posts to keep of each language and form."""
    global SIZE
    SIZE = size
    forget_all()


def shelf(locale: str, focus: bool = False, above: bool = True) -> Fragments:
    form = (locale, focus, above)
    found = _shelves.get(form)
    if found is None:
        found = _shelves[form] = Fragments(*form, SIZE)
    return found


def sweep() -> None:
    """Drops what was made too long ago, everywhere."""
    for each in _shelves.values():
        each.sweep(clock.now())


def forget(post: int) -> None:
    """Drops a purged post everywhere."""
    for each in _shelves.values():
        each.forget(post)


def forget_all() -> None:
    _shelves.clear()


async def draw(
    viewer: Viewer, views: Sequence[Glimpse], locale: str, *, focus: bool = False, above: bool = True
) -> list[bytes]:
    """Each post's HTML as this viewer sees it. ``above`` adds who reposted it or what it replies to."""
    fragments = shelf(locale, focus, above)
    filled = fragments.filled
    ages = i18n.ages(locale)
    now_minute = clock.now() // 60_000
    quoted = await _quoted(viewer, views)
    drawn: list[bytes] = []
    missing: list[tuple[int, Glimpse, tuple[Any, ...]]] = []
    for view in views:
        minutes = now_minute - ((view[1] >> ids.RANDOM_BITS) + ids.EPOCH) // 60_000
        key: tuple[Any, ...] = (*view[1:], ages[minutes] if 0 <= minutes < i18n.WEEK else None)
        if view[5] is not None:
            key = (*key, quoted[view[5]][3:5] if view[5] in quoted else None)
        html = filled.get(key)
        if html is None:
            missing.append((len(drawn), view, key))
            html = b""
        drawn.append(html)
    if missing:
        await _draw_missing(viewer, fragments, missing, drawn, quoted)
    return drawn


async def _quoted(viewer: Viewer, views: Sequence[Glimpse]) -> dict[int, Glimpse]:
    wanted = {view.quote for view in views if view.quote is not None}
    return await posts.look(viewer, list(wanted)) if wanted else {}


async def _draw_missing(
    viewer: Viewer,
    fragments: Fragments,
    missing: Sequence[tuple[int, Glimpse, tuple[Any, ...]]],
    drawn: list[bytes],
    quoted: dict[int, Glimpse],
) -> None:
    """Puts what was not kept into its places of ``drawn``, which ``missing`` names, and keeps it."""
    now, locale = clock.now(), fragments.locale
    stale = [view.id for _, view, _ in missing if not _fresh(fragments.kept.get(view.id), view)]
    quotes = [view.quote for _, view, _ in missing if view.quote in quoted and view.quote is not None]
    whole = await posts.load(viewer, list({*stale, *quotes})) if stale or quotes else {}
    reposters = {view.actor for _, view, _ in missing if view.actor} if fragments.above else set()
    actors = await profiles.cards(reposters) if reposters else {}
    for place, view, key in missing:
        kept = fragments.kept.get(view.id)
        if kept is None or not _fresh(kept, view):
            if view.id not in whole:  # deleted between the two reads
                continue
            kept = Kept(whole[view.id], _cut(whole[view.id], locale, fragments.focus), now)
            fragments.keep(kept)
        card = quote(whole.get(view.quote), locale) if view.quote is not None else Markup()
        line = _above(kept.view, actors.get(view.actor), locale) if fragments.above else ""
        drawn[place] = _fill(kept, view, locale, now, line, card)
        fragments.fill(key, drawn[place])


def _fresh(kept: Kept | None, view: Glimpse) -> bool:
    if kept is None:
        return False
    had = kept.view
    return (had.version, had.author_version, had.card) == (view.version, view.author_version, view.card)


def _cut(view: PostView, locale: str, focus: bool) -> Stencil:
    return templating.cut(locale, "posts/_post.html", HOLES, post=shown(view), focus=focus)


def _fill(kept: Kept, view: Glimpse, locale: str, now: int, above: str, card: str) -> bytes:
    repost = ON if view.my_repost else OFF
    up = ON if view.my_vote > 0 else OFF
    down = ON if view.my_vote < 0 else OFF
    return kept.stencil.fill(
        {
            "h_above": above.encode(),
            "h_time": i18n.ago(locale, kept.view.created_at, now).encode(),
            "h_quote": card.encode(),
            "h_replies": number(locale, view.replies).encode(),
            "h_reposts": number(locale, view.reposts).encode(),
            "h_votes": number(locale, view.ups).encode(),
            "h_downs": number(locale, view.downs).encode(),
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


def quote(view: PostView | None, locale: str) -> Markup:
    """The card of a quoted post, or of one that the viewer may not see."""
    return templating.render(
        locale,
        "posts/_quote.html",
        quote=shown(view) if view else None,
        attached=told.attached(locale, view) if view else "",
    )


def _above(view: PostView, actor: profiles.Card | None, locale: str) -> str:
    if actor is None and not view.parent_handle:
        return ""
    reposter = {"handle": actor.handle, "name": actor.name} if actor else None
    return templating.render(locale, "posts/_above.html", reposter=reposter, parent_handle=view.parent_handle or "")


async def feed(request: page.Asked, found: Page[Glimpse], here: str, empty: str, first: bool = True) -> bytes:
    """A page of a timeline with its link to older posts. ``here`` is the list's own address."""
    locale = page.locale(request)
    items = await draw(page.viewer(request), found.items, locale)
    if first and items and not page.visit(request).saver:
        items[0] = _at_once(items[0])
    drawn = b"\n".join(items)
    nothing = empty if first and not found.items else ""
    if found.next is None and not nothing:
        return drawn
    older = f"{here}{'&' if '?' in here else '?'}before={found.next}" if found.next else ""
    return _frame(locale, nothing, bool(older)).fill({"posts": drawn, "older_url": str(escape(older)).encode()})


def _at_once(html: bytes) -> bytes:
    """The first post's pictures do not wait until one looks at them, unless they are covered."""
    return html if b'class="cover"' in html else html.replace(b' loading="lazy"', b"")


@lru_cache(maxsize=64)
def _frame(locale: str, empty: str, older: bool) -> Stencil:
    link = templating.hole("older_url") if older else ""
    return templating.cut(locale, "timelines/_feed.html", ("posts",), older_url=link, empty=empty)
