"""Link previews: what the page behind a post's first link says of itself, asked for once and shown on every post."""

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
import structlog

from adapters.http import Outgoing, Unreachable
from db.engine import DB
from db.queries import link_previews as queries
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
# How long what was found is taken for true, and how long a page that had nothing to say is not asked again.
FOUND_MS, NOTHING_MS = 30 * DAY, DAY
# What no post shows any more is forgotten after so long.
UNUSED_MS = 7 * DAY
PAGE_BYTES, IMAGE_BYTES = MB // 2, 8 * MB
SECONDS = 8
MAX_URL = 2000
BATCH = 100
PAGES = ("text/html", "application/xhtml+xml")


class Preview(msgspec.Struct, frozen=True):
    """``image`` may be missing, and so may everything but the title."""

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
    images = await attachments.by_ids([row[5] for row in rows if row[5] is not None])
    return {row[0]: Preview(row[0], row[1], row[2], row[3], row[4], images.get(row[5] or 0)) for row in rows}


async def look(event: events.PostPublished | events.PostEdited) -> None:
    """Gives a post the preview of its first link, if there is one, or has it asked for."""
    row = await queries.written(event.post)
    if row is None:
        return
    url = _link(row[0]) if row[1] is None and not row[2] and (await network_profile.about()).link_previews else ""
    if not url:
        await _show(event.post, None)
        return
    known = await queries.by_url(_key(url))
    if known is None:
        await queries.add(ids.new(), _key(url), url)
        known = await queries.by_url(_key(url))
        assert known is not None
    if known[1] == FOUND:
        await _show(event.post, known[0])
    if not _fresh(known[1], known[2]):
        await events.record(events.LinkPreviewRequested(link_preview=known[0], post=event.post))


def _link(text: str) -> str:
    """The first link of a text that a preview may be made of."""
    links = (piece.value for piece in text_parsing.pieces(text) if piece.kind == "link")
    return next((link for link in links if len(link) <= MAX_URL), "").partition("#")[0]


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _fresh(state: int, fetched_at: int) -> bool:
    return clock.now() - fetched_at < {ASKED: 0, FOUND: FOUND_MS, NOTHING: NOTHING_MS}[state]


async def _show(post: int, card: int | None) -> None:
    if await queries.show(post, card):
        signals.send(signals.POST, post)


async def fetch(studio: MediaProcessor, out: Outgoing, event: events.LinkPreviewRequested) -> None:
    """Asks the page, and shows what it says on the post that it was asked for."""
    row = await queries.state(event.link_preview)
    if row is None:
        return
    if not _fresh(row[1], row[2]):
        told, media = await _ask(studio, out, row[0])
        await _keep(event.link_preview, told, media)
    row = await queries.state(event.link_preview)
    if row is not None and row[1] == FOUND and await queries.written(event.post) is not None:
        await _show(event.post, event.link_preview)


async def _keep(card: int, told: PageMetadata | None, media: int | None) -> None:
    """An earlier picture goes with the sweep: drawn posts may still show it."""
    going: list[PendingRemoval] = []
    async with DB.writing():
        if told is None:
            await queries.nothing(card, clock.now())
        elif not await queries.found(card, told.title, told.description, told.site, media, clock.now()):
            going = await attachments.drop([media] if media else [])
    await storage.remove_all(going)


async def _ask(studio: MediaProcessor, out: Outgoing, url: str) -> tuple[PageMetadata | None, int | None]:
    """What a page says, and its picture. A page that can't be had says nothing."""
    try:
        page = await out.fetch(url, PAGE_BYTES, SECONDS)
    except Unreachable as error:
        LOG.info("link_preview.unreachable", error=str(error))
        return None, None
    if page.status != 200 or page.type not in PAGES:
        return None, None
    told = await run_blocking(page_metadata.read, page.body, page.charset, page.url)
    if not told.title:
        return None, None
    return told, await _picture(studio, out, told.image) if told.image else None


async def _picture(studio: MediaProcessor, out: Outgoing, url: str) -> int | None:
    """A page's picture through the same hands as everybody's; a page without one is a page all the same.

    Errors: ``TooMany``, ``Away``: to be tried again.
    """
    try:
        found = await out.fetch(url, IMAGE_BYTES, SECONDS)
        if found.status != 200 or found.cut:
            return None
        with studio.open_file() as file:
            file.write(found.body)
            return await uploads.take_link_preview(studio, file)
    except (Unreachable, Invalid) as error:
        LOG.info("link_preview.no_picture", error=type(error).__name__)
        return None


async def forget_unused() -> None:
    """Forgets previews that no post shows any more, and pictures that no preview does."""
    day = ids.first(clock.now() - DAY)
    while rows := await queries.unused(clock.now() - UNUSED_MS, day, BATCH):
        async with DB.writing():
            await queries.delete([row[0] for row in rows])
            going = await attachments.drop([row[1] for row in rows if row[1] is not None])
        await storage.remove_all(going)
    while orphans := await queries.orphans(day, BATCH):
        async with DB.writing():
            going = await attachments.drop(orphans)
        await storage.remove_all(going)
