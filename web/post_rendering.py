"""Posts as HTML: drawn once per version and language, kept in memory, and filled for each viewer."""

import itertools
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from asgi.asgi_types import Request
from asgi.cache import BUDGET, ENTRY_BYTES, Cache
from domain.accounts import profiles
from domain.core import clock, ids
from domain.core.access import Viewer
from domain.core.cursors import Page
from domain.posts.views import PostSummary, PostView, load, quoted
from web import i18n, notification_text, page, post_context, templating
from web.templating import Stencil, Templates

HOLES = (
    "h_above", "h_time", "h_quote", "h_replies", "h_reposts", "h_votes", "h_downs",
    "h_repost_method", "h_repost_on", "h_up_method", "h_up_on", "h_down_method", "h_down_on",
)  # fmt: skip
OFF, ON = (b"PUT", b"false"), (b"DELETE", b"true")

# A copy is dropped after this long, so that what another process purges does not stay here.
KEEP_MS = 900_000


class PostVariant(NamedTuple):
    """How a post is drawn, whoever looks: ``focus``: by itself, above its thread; ``above``: under a line that says who
    reposted it or what it replies to."""

    templates: Templates
    focus: bool
    above: bool


class CachedPost(NamedTuple):
    """A post drawn but for its holes, and when (Unix milliseconds)."""

    view: PostView
    stencil: Stencil
    made_at: int


def _weigh_kept(_: tuple[PostVariant, int], kept: CachedPost) -> int:
    view = kept.view
    words = sys.getsizeof(view.text) + sum(MEDIUM + sys.getsizeof(one.alt) for one in view.media)
    return ENTRY_BYTES + VIEW + words + kept.stencil.size


def _weigh_filled(key: tuple[Any, ...], html: bytes) -> int:
    return ENTRY_BYTES + KEY + len(html)


def _shown(key: tuple[Any, ...]) -> tuple[int, ...]:
    """The post of a filling, and the one it quotes."""
    return (key[1],) if key[5] is None else (key[1], key[5])


# What takes memory beside the words and the HTML, in bytes: a post's view, each of its pictures, a filling's key.
VIEW, MEDIUM, KEY = 2000, 1500, 500
KEPT: Cache[tuple[PostVariant, int], CachedPost] = Cache(BUDGET, _weigh_kept)
# By everything that the HTML depends on: its form, a summary's fields from its id on, its age, what it quotes.
FILLED: Cache[tuple[Any, ...], bytes] = Cache(BUDGET, _weigh_filled, _shown)
_filled_since = 0


def sweep() -> None:
    """Drops what was made too long ago."""
    global _filled_since
    now = clock.now()
    KEPT.drop_where(lambda _, kept: now - kept.made_at > KEEP_MS)
    if now - _filled_since > KEEP_MS:
        FILLED.clear()
        _filled_since = now


def forget(post: int) -> None:
    """Drops a purged post, and whatever quotes it."""
    for form in itertools.product(templating.made(), (False, True), (False, True)):
        KEPT.pop((PostVariant(*form), post))
    FILLED.drop_about(post)


def forget_all() -> None:
    KEPT.clear()
    FILLED.clear()


async def render(
    viewer: Viewer, views: Sequence[PostSummary], templates: Templates, *, focus: bool = False, above: bool = True
) -> list[bytes]:
    """Each post's HTML as this viewer sees it. ``above`` adds who reposted it or what it replies to."""
    form = PostVariant(templates, focus, above)
    filled = FILLED.entries
    ages = i18n.ages(templates.locale)
    now_minute = clock.now() // 60_000
    quoted = await _quoted(viewer, views)
    drawn: list[bytes] = []
    missing: list[tuple[int, PostSummary, tuple[Any, ...]]] = []
    for view in views:
        minutes = now_minute - ((view[1] >> ids.RANDOM_BITS) + ids.EPOCH) // 60_000
        key: tuple[Any, ...] = (form, *view[1:], ages[minutes] if 0 <= minutes < i18n.WEEK else None)
        if view[5] is not None:
            key = (*key, _version(quoted[view[5]]) if view[5] in quoted else None)
        html = filled.get(key)
        if html is None:
            missing.append((len(drawn), view, key))
            html = b""
        drawn.append(html)
    if missing:
        await _draw_missing(viewer, form, missing, drawn, quoted)
    return drawn


def _version(quoted: PostSummary) -> tuple[int, ...]:
    """What the card of a quoted post depends on."""
    return quoted.author_version, quoted.version, quoted.measures


async def _quoted(viewer: Viewer, views: Sequence[PostSummary]) -> dict[int, PostSummary]:
    wanted = {view.quote for view in views if view.quote is not None}
    return await quoted(viewer, list(wanted)) if wanted else {}


async def _draw_missing(
    viewer: Viewer,
    form: PostVariant,
    missing: Sequence[tuple[int, PostSummary, tuple[Any, ...]]],
    drawn: list[bytes],
    quoted: dict[int, PostSummary],
) -> None:
    """Puts what was not kept into its places of ``drawn``, which ``missing`` names, and keeps it."""
    now, templates = clock.now(), form.templates
    stale = [view.id for _, view, _ in missing if not _fresh(KEPT.get((form, view.id)), view)]
    quotes = [view.quote for _, view, _ in missing if view.quote in quoted and view.quote is not None]
    whole = await load(viewer, list({*stale, *quotes})) if stale or quotes else {}
    reposters = {view.actor for _, view, _ in missing if view.actor} if form.above else set()
    actors = await profiles.cards(reposters) if reposters else {}
    for place, view, key in missing:
        kept = KEPT.get((form, view.id))
        if kept is None or not _fresh(kept, view):
            if view.id not in whole:  # deleted between the two reads
                continue
            kept = CachedPost(whole[view.id], _cut(whole[view.id], templates, form.focus), now)
            KEPT.put((form, view.id), kept)
        # The quoted post may be in the list by itself, where this viewer sees it, and not in what quotes it.
        shown = whole.get(view.quote) if view.quote in quoted and view.quote is not None else None
        card = quote(shown, templates) if view.quote is not None else Markup()
        parent = "" if view.parent_hidden else kept.view.parent_handle or ""
        line = _above(parent, actors.get(view.actor), templates) if form.above else ""
        drawn[place] = _fill(kept, view, templates.locale, now, line, card)
        FILLED.put(key, drawn[place])


def _fresh(kept: CachedPost | None, view: PostSummary) -> bool:
    if kept is None:
        return False
    had = kept.view
    if had.parent_hidden and not view.parent_hidden:
        # Drawn for somebody who may not know whom it replies to.
        return False
    versions = had.version, had.author_version, had.link_preview, had.measures
    return versions == (view.version, view.author_version, view.link_preview, view.measures)


def _cut(view: PostView, templates: Templates, focus: bool) -> Stencil:
    return templates.cut(
        "posts/_post.html", HOLES, post=post_context.of(view, templates.media_origin, templates.locale), focus=focus
    )


def _fill(kept: CachedPost, view: PostSummary, locale: str, now: int, above: str, card: str) -> bytes:
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


def quote(view: PostView | None, templates: Templates) -> Markup:
    """The card of a quoted post, or of one that the viewer may not see."""
    return templates.render(
        "posts/_quote.html",
        quote=post_context.of(view, templates.media_origin, templates.locale) if view else None,
        attached=notification_text.attached(templates.locale, view) if view else "",
    )


def _above(parent_handle: str, actor: profiles.ProfileCard | None, templates: Templates) -> str:
    if actor is None and not parent_handle:
        return ""
    reposter = {"handle": actor.handle, "name": actor.name} if actor else None
    return templates.render("posts/_above.html", reposter=reposter, parent_handle=parent_handle)


async def feed(request: Request, found: Page[PostSummary], here: str, empty: str, first: bool = True) -> bytes:
    """A page of a timeline with its link to older posts. ``here`` is the list's own address."""
    templates = page.templates(request)
    items = await render(page.viewer(request), found.items, templates)
    if first and items and not page.visit(request).saver:
        items[0] = _at_once(items[0])
    drawn = b"\n".join(items)
    nothing = empty if first and not found.items else ""
    if not found.next and not nothing:
        return drawn
    older = f"{here}{'&' if '?' in here else '?'}before={found.next}" if found.next else ""
    return _frame(templates, nothing, bool(older)).fill({"posts": drawn, "older_url": str(escape(older)).encode()})


def _at_once(html: bytes) -> bytes:
    """The first post's pictures do not wait until one looks at them, unless they are covered."""
    return html if b'class="cover"' in html else html.replace(b' loading="lazy"', b"")


@lru_cache(maxsize=64)
def _frame(templates: Templates, empty: str, older: bool) -> Stencil:
    link = templating.hole("older_url") if older else ""
    return templates.cut("timelines/_feed.html", ("posts",), older_url=link, empty=empty)
