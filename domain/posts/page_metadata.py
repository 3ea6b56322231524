"""What a page says of itself in its head: by the Open Graph protocol (ogp.me), by Twitter's names, or plainly."""

import codecs
import re
import time
from html.parser import HTMLParser
from urllib.parse import urljoin

import msgspec

from domain.core import text_parsing

MAX_TITLE, MAX_DESCRIPTION, MAX_SITE, MAX_URL = 200, 300, 60, 2000
# How much of a page is looked at for its encoding, in bytes.
DECLARED = 2048
# What pages are written in (encoding.spec.whatwg.org), by Python's names; other codecs take long, or are none of text.
ENCODINGS = {
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp866",
    "cp874", "gbk", "gb2312", "gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "shift_jis", "cp932", "euc_kr",
    "cp949", *(f"cp{number}" for number in range(1250, 1259)), *(f"iso8859-{number}" for number in range(1, 17)),
}  # fmt: skip
# Broken markup may take the parser long: it is fed piece by piece, for so long (seconds).
PIECE, SECONDS = 4096, 0.3
_CHARSET = re.compile(rb"""<meta[^>]+charset=["']?\s*([\w.:-]+)""", re.IGNORECASE)


class PageMetadata(msgspec.Struct, frozen=True):
    """``image`` is a whole address, or ""."""

    title: str
    description: str
    site: str
    image: str


def read(body: bytes, charset: str, url: str) -> PageMetadata:
    """What a page at ``url`` says. ``charset`` is what came with it, "" for nothing; it may be broken in any way."""
    head = _Head()
    head.take(_decoded(body, charset))
    image = head.first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
    return PageMetadata(
        title=_line(head.first("og:title", "twitter:title") or head.title, MAX_TITLE),
        description=_line(head.first("og:description", "twitter:description", "description"), MAX_DESCRIPTION),
        site=_line(head.first("og:site_name"), MAX_SITE),
        image=_joined(url, image),
    )


def _decoded(body: bytes, charset: str) -> str:
    declared = _CHARSET.search(body[:DECLARED])
    for name in (charset, declared.group(1).decode("ascii") if declared else ""):
        if name and _known(name):
            return body.decode(name, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _known(name: str) -> bool:
    try:
        return codecs.lookup(name).name in ENCODINGS
    except (LookupError, ValueError):
        return False


def _line(text: str, limit: int) -> str:
    line = text_parsing.line(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _joined(url: str, image: str) -> str:
    try:
        whole = urljoin(url, image.strip())
    except ValueError:
        return ""
    return whole if image and len(whole) <= MAX_URL and whole.startswith(("http://", "https://")) else ""


class _Head(HTMLParser):
    """Collects what stands in a head, and no more once the body begins."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._said: dict[str, str] = {}
        self._in_title = False
        self._over = False

    def take(self, page: str) -> None:
        """Reads until the body begins, or as far as it gets."""
        end = time.monotonic() + SECONDS
        for start in range(0, len(page), PIECE):
            if self._over or time.monotonic() > end:
                return
            try:
                self.feed(page[start : start + PIECE])
            except AssertionError:
                # Of declarations that HTML does not have.
                return

    def first(self, *names: str) -> str:
        """The first of these that says something."""
        return next((self._said[name] for name in names if self._said.get(name, "").strip()), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._over = self._over or tag == "body"
        if self._over:
            return
        self._in_title = tag == "title" and not self.title
        if tag == "meta":
            given = {name: value or "" for name, value in attrs}
            name = (given.get("property") or given.get("name") or "").strip().lower()
            if name and len(self._said) < 200:
                self._said.setdefault(name, given.get("content", "")[:4000])

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title and not self._over:
            self.title = (self.title + data)[:4000]
