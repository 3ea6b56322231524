"""Atom feeds (RFC 4287): built as a tree, so that nothing that people write can be more than text."""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from xml.etree import ElementTree as ET

import msgspec

from asgi import responses
from asgi.asgi_types import Receive, Scope, Send, header
from asgi.responses import Response
from web import filters

TYPE = b"application/atom+xml; charset=utf-8"
NAMESPACE = "http://www.w3.org/2005/Atom"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# What XML 1.0 can't hold, not even escaped. Compiled when first used: it takes 10 ms.
_NO_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class Entry(msgspec.Struct, frozen=True):
    """``html`` is safe HTML with whole addresses; times are Unix milliseconds, ``author`` a name and an address."""

    id: str
    link: str
    title: str
    author: tuple[str, str]
    html: str
    published: int
    updated: int


class Head(msgspec.Struct, frozen=True):
    """What a feed says of itself; ``at`` is its time while it is empty, ``here`` its own address."""

    id: str
    here: str
    home: str
    title: str
    locale: str
    at: int


class Feed(Response):
    """A feed's answer, revalidated by its ETag. One that is ``shared`` also by its time, and for guests from memory.

    A member's own has no such time: what is dated by the day alone makes it no newer.
    """

    __slots__ = ("changed",)

    def __init__(self, head: Head, entries: Iterable[Entry], *, shared: bool = False) -> None:
        made = list(entries)
        super().__init__(write(head, made), 200, ((b"content-type", TYPE),), shared)
        self.changed = max([entry.updated for entry in made], default=head.at) // 1000
        self.etag = b'"' + hashlib.blake2b(self.body, digest_size=9).hexdigest().encode() + b'"'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.shared and "guests" in scope["state"]:
            scope["state"]["guests"].keep(scope, self)
        cache = b"no-cache" if self.shared else b"private, no-cache"
        sent = [
            *self.headers,
            (b"etag", self.etag),
            (b"cache-control", cache),
            (b"vary", b"accept-language, accept-encoding"),
        ]
        if self.shared:
            modified = format_datetime(datetime.fromtimestamp(self.changed, UTC), usegmt=True)
            sent.append((b"last-modified", modified.encode()))
        body, status = self.body, self.status
        if self._known(scope):
            body, status = b"", 304
        elif len(body) > 1000 and b"gzip" in header(scope, b"accept-encoding"):
            body = responses.compress(body, b"gzip")
            sent.append((b"content-encoding", b"gzip"))
        if status == 200:
            sent.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _known(self, scope: Scope) -> bool:
        """Whether the reader has it as it is; a tag counts before a time."""
        tags = header(scope, b"if-none-match")
        if tags:
            return self.etag in (tag.strip().removeprefix(b"W/") for tag in tags.split(b","))
        if not self.shared:
            return False
        try:
            since = parsedate_to_datetime(header(scope, b"if-modified-since").decode("latin-1"))
            return since.timestamp() >= self.changed
        except (ValueError, TypeError, OverflowError):
            return False


def write(head: Head, entries: Iterable[Entry]) -> bytes:
    """A feed's document."""
    ET.register_namespace("", NAMESPACE)
    feed = ET.Element(_tag("feed"), {XML_LANG: head.locale})
    made = list(entries)
    _text(feed, "id", head.id)
    _text(feed, "title", head.title)
    _text(feed, "updated", filters.iso(max([entry.updated for entry in made], default=head.at)))
    ET.SubElement(feed, _tag("link"), {"rel": "self", "type": "application/atom+xml", "href": head.here})
    ET.SubElement(feed, _tag("link"), {"rel": "alternate", "type": "text/html", "href": head.home})
    for entry in made:
        _entry(ET.SubElement(feed, _tag("entry")), entry)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _entry(element: ET.Element, entry: Entry) -> None:
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "published", filters.iso(entry.published))
    _text(element, "updated", filters.iso(entry.updated))
    ET.SubElement(element, _tag("link"), {"rel": "alternate", "type": "text/html", "href": entry.link})
    author = ET.SubElement(element, _tag("author"))
    _text(author, "name", entry.author[0])
    _text(author, "uri", entry.author[1])
    if entry.html:
        _text(element, "content", entry.html).set("type", "html")


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    made = ET.SubElement(parent, _tag(name))
    made.text = re.sub(_NO_XML, "", text)
    return made


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
