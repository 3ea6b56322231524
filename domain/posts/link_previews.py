"""Link previews: what the page behind a post's first link says of itself, fetched once for all posts with the link."""

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
import structlog

from adapters.http import Outgoing, Unreachable
from db.engine import DB
from db.queries import link_previews as queries
from db.queries.link_previews import FoundPreview, PostContent, PreviewStatus
from db.tables.media import LinkPreviewState
from domain.accounts import network_profile
from domain.core import clock, events, ids, signals, text_parsing
from domain.core.blocking import run_blocking
from domain.core.errors import Invalid
from domain.core.units import MB
from domain.media import attachments, storage, uploads
from domain.media.attachments import Attachment
from domain.media.processor import MediaProcessor
from domain.media.storage import PendingRemoval
from domain.posts import page_metadata
from domain.posts.page_metadata import PageMetadata

LOG = structlog.get_logger()

DAY = 86_400_000
# After how long a page is fetched again, by what came of it the last time.
FRESH_MS = {LinkPreviewState.REQUESTED: 0, LinkPreviewState.FOUND: 30 * DAY, LinkPreviewState.NOTHING: DAY}
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


async def by_ids(previews: Iterable[int]) -> dict[int, Preview]:
    """Those of the previews that were found, by their ids."""
    rows = await queries.by_ids(previews)
    images = await attachments.by_ids([row.media for row in rows if row.media is not None])
    return {
        row.id: Preview(row.id, row.url, row.title, row.description, row.site, images.get(row.media or 0))
        for row in rows
    }


async def request(event: events.PostPublished | events.PostEdited) -> None:
    """Gives a post the preview of its first link, if there is one, or has the page fetched."""
    content = await queries.content(event.post)
    if content is None:
        return
    url = _link(content.text) if await _may_have(content) else ""
    if not url:
        await _show(event.post, None)
        return
    known = await queries.by_url(_key(url))
    if known is None:
        await queries.add(ids.new(), _key(url), url)
        known = await queries.by_url(_key(url))
        assert known is not None
    if known.state == LinkPreviewState.FOUND:
        await _show(event.post, known.id)
    if not _is_fresh(known):
        await events.record(events.LinkPreviewRequested(link_preview=known.id, post=event.post))


async def _may_have(content: PostContent) -> bool:
    """A post that shows something else below its text has no preview, and none has where the network wants none."""
    plain = content.quote is None and not content.attachments
    return plain and (await network_profile.about()).link_previews


def _link(text: str) -> str:
    """The first link of a text that a preview may be made of."""
    links = (piece.value for piece in text_parsing.pieces(text) if piece.kind == "link")
    return next((link for link in links if len(link) <= MAX_URL), "").partition("#")[0]


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _is_fresh(status: PreviewStatus) -> bool:
    return clock.now() - status.fetched_at < FRESH_MS[LinkPreviewState(status.state)]


async def _show(post: int, preview: int | None) -> None:
    if await queries.show(post, preview):
        signals.send(signals.Kind.POST, post)


async def fetch(processor: MediaProcessor, out: Outgoing, event: events.LinkPreviewRequested) -> None:
    """Fetches the page, and shows what it says on the post that it was requested for."""
    status = await queries.status(event.link_preview)
    if status is None:
        return
    if not _is_fresh(status):
        found, media = await _ask(processor, out, status.url)
        await _keep(event.link_preview, found, media)
    status = await queries.status(event.link_preview)
    is_found = status is not None and status.state == LinkPreviewState.FOUND
    if is_found and await queries.content(event.post) is not None:
        await _show(event.post, event.link_preview)


async def _keep(preview: int, page: PageMetadata | None, media: int | None) -> None:
    """An earlier picture is deleted by ``forget_unused``: rendered posts may still show it."""
    going: list[PendingRemoval] = []
    async with DB.writing():
        if page is None:
            await queries.nothing(preview, clock.now())
            return
        found = FoundPreview(preview, page.title, page.description, page.site, media, clock.now())
        if not await queries.found(found):
            going = await attachments.drop([media] if media else [])
    await storage.remove_all(going)


async def _ask(processor: MediaProcessor, out: Outgoing, url: str) -> tuple[PageMetadata | None, int | None]:
    """What a page says, and its picture. A page that can't be had says nothing."""
    try:
        page = await out.fetch(url, PAGE_BYTES, SECONDS)
    except Unreachable as error:
        LOG.info("link_preview.unreachable", error=str(error))
        return None, None
    if page.status != 200 or page.type not in PAGES:
        return None, None
    found = await run_blocking(page_metadata.read, page.body, page.charset, page.url)
    if not found.title:
        return None, None
    return found, await _picture(processor, out, found.image) if found.image else None


async def _picture(processor: MediaProcessor, out: Outgoing, url: str) -> int | None:
    """A page's picture, checked and made anew like a member's; None where there is none that can be used.

    Errors: ``TooMany``, ``StorageUnavailable``: the event is tried again.
    """
    try:
        found = await out.fetch(url, IMAGE_BYTES, SECONDS)
        if found.status != 200 or found.cut:
            return None
        with processor.open_file() as file:
            file.write(found.body)
            return await uploads.take_link_preview(processor, file)
    except (Unreachable, Invalid) as error:
        LOG.info("link_preview.no_picture", error=type(error).__name__)
        return None


async def forget_unused() -> None:
    """Forgets previews that no post shows any more, and pictures that no preview does."""
    day = ids.first(clock.now() - DAY)
    while rows := await queries.unused(clock.now() - UNUSED_MS, day, BATCH):
        async with DB.writing():
            await queries.delete(row.id for row in rows)
            going = await attachments.drop([row.media for row in rows if row.media is not None])
        await storage.remove_all(going)
    while orphans := await queries.orphans(day, BATCH):
        async with DB.writing():
            going = await attachments.drop(orphans)
        await storage.remove_all(going)
