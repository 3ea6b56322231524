"""Link previews: what the page behind a post's first link says about itself, fetched once and shown on every post."""

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
import structlog

from adapters.http import Outgoing, Unreachable
from db.engine import DB
from db.queries import link_previews as queries
from db.queries.link_previews import PreviewState
from domain.accounts import network_profile
from domain.core import clock, events, ids, signals, text_parsing
from domain.core.errors import Invalid
from domain.core.threads import run_blocking
from domain.core.units import MB
from domain.media import attachments, storage, uploads
from domain.media.attachments import Attachment
from domain.media.processor import MediaProcessor
from domain.media.storage import PendingRemoval
from domain.posts import page_metadata
from domain.posts.page_metadata import PageMetadata

LOG = structlog.get_logger()

ASKED, FOUND, NOTHING = 0, 1, 2
DAY = 86_400_000
# How long a preview is fresh, and how long a page that had nothing to say is not asked again.
FOUND_MS, NOTHING_MS = 30 * DAY, DAY
# How long a preview is kept that no post shows.
UNUSED_MS = 7 * DAY
PAGE_BYTES, IMAGE_BYTES = MB // 2, 8 * MB
SECONDS = 8
MAX_URL = 2000
BATCH = 100
PAGES = ("text/html", "application/xhtml+xml")


class Preview(msgspec.Struct, frozen=True):
    """Only the title is always there: the other texts may be empty, and ``image`` None."""

    id: int
    url: str
    title: str
    description: str
    site: str
    image: Attachment | None

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


async def by_ids(cards: Iterable[int]) -> dict[int, Preview]:
    """Previews by their ids."""
    rows = await queries.by_ids(cards)
    images = await attachments.by_ids([row.media for row in rows if row.media is not None])
    return {
        row.id: Preview(row.id, row.url, row.title, row.description, row.site, images.get(row.media or 0))
        for row in rows
    }


async def look(event: events.PostPublished | events.PostEdited) -> None:
    """Gives a post the preview of its first link, and requests it where there is none or it is old."""
    post = await queries.written(event.post)
    if post is None:
        return
    bare = post.quote is None and not post.attachments
    url = _link(post.text) if bare and (await network_profile.about()).cards else ""
    if not url:
        await _show(event.post, None)
        return
    known = await queries.by_url(_key(url))
    if known is None:
        await queries.add(ids.new(), _key(url), url)
        known = await queries.by_url(_key(url))
        assert known is not None
    if known.state == FOUND:
        await _show(event.post, known.id)
    if not _is_fresh(known):
        await events.record(events.LinkPreviewRequested(card=known.id, post=event.post))


def _link(text: str) -> str:
    """The first link of a text that can have a preview, "" without one."""
    links = (piece.value for piece in text_parsing.pieces(text) if piece.kind == "link")
    return next((link for link in links if len(link) <= MAX_URL), "").partition("#")[0]


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _is_fresh(known: PreviewState) -> bool:
    return clock.now() - known.fetched_at < {ASKED: 0, FOUND: FOUND_MS, NOTHING: NOTHING_MS}[known.state]


async def _show(post: int, card: int | None) -> None:
    if await queries.show(post, card):
        signals.send(signals.POST, post)


async def fetch(studio: MediaProcessor, out: Outgoing, event: events.LinkPreviewRequested) -> None:
    """Fetches the page, and shows its preview on the post that requested it."""
    known = await queries.state(event.card)
    if known is None:
        return
    if not _is_fresh(known):
        page, media = await _ask(studio, out, known.url)
        await _keep(event.card, page, media)
    known = await queries.state(event.card)
    if known is not None and known.state == FOUND and await queries.written(event.post) is not None:
        await _show(event.post, event.card)


async def _keep(card: int, page: PageMetadata | None, media: int | None) -> None:
    """Stores a preview. The sweep removes an earlier picture: cached posts may still show it."""
    going: list[PendingRemoval] = []
    async with DB.writing():
        if page is None:
            await queries.nothing(card, clock.now())
        elif not await queries.found(card, page.title, page.description, page.site, media, clock.now()):
            going = await attachments.drop([media] if media else [])
    await storage.remove_all(going)


async def _ask(studio: MediaProcessor, out: Outgoing, url: str) -> tuple[PageMetadata | None, int | None]:
    """What a page says, and its picture; None for a page that can't be fetched or has no title."""
    try:
        page = await out.fetch(url, PAGE_BYTES, SECONDS)
    except Unreachable as error:
        LOG.info("card.unreachable", error=str(error))
        return None, None
    if page.status != 200 or page.type not in PAGES:
        return None, None
    found = await run_blocking(page_metadata.read, page.body, page.charset, page.url)
    if not found.title:
        return None, None
    return found, await _picture(studio, out, found.image) if found.image else None


async def _picture(studio: MediaProcessor, out: Outgoing, url: str) -> int | None:
    """A page's picture, processed as an upload; None when it can't be had.

    Errors: ``TooMany``, ``ServiceUnavailable``; the event is tried again.
    """
    try:
        found = await out.fetch(url, IMAGE_BYTES, SECONDS)
        if found.status != 200 or found.cut:
            return None
        with studio.open_file() as file:
            file.write(found.body)
            return await uploads.take_card(studio, file)
    except (Unreachable, Invalid) as error:
        LOG.info("card.no_picture", error=type(error).__name__)
        return None


async def forget_unused() -> None:
    """Deletes previews that no post shows, and pictures that no preview has."""
    day = ids.first(clock.now() - DAY)
    while rows := await queries.unused(clock.now() - UNUSED_MS, day, BATCH):
        async with DB.writing():
            await queries.delete([row.id for row in rows])
            going = await attachments.drop([row.media for row in rows if row.media is not None])
        await storage.remove_all(going)
    while orphans := await queries.orphans(day, BATCH):
        async with DB.writing():
            going = await attachments.drop(orphans)
        await storage.remove_all(going)
