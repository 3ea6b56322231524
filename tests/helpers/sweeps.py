"""Asks for everything that the application serves, so that what two people are answered can be compared."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import httpx
from litestar.handlers import HTTPRouteHandler

import pwa.routes
import web.routes

# A stream has no end.
ENDLESS = {"/live"}
PLACE = re.compile(r"\{(\w+):\w+\}")
# New in every form, so that it is sent once.
KEY = re.compile(r'(name="key" value=")[^"]+')


class Answer(NamedTuple):
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def places() -> set[str]:
    """The names of all that stands in addresses, such as ``handle``."""
    return {place for handler in _handlers() for path in handler.paths for place in PLACE.findall(path)}


def _handlers() -> Iterator[HTTPRouteHandler]:
    for handler in (*web.routes.HANDLERS, *pwa.routes.HANDLERS):
        if isinstance(handler, HTTPRouteHandler):
            yield handler


def addresses(method: str, values: Mapping[str, Sequence[object]]) -> Iterator[str]:
    """Every address of a method, with each of the values for each place in it, such as ``handle``.

    Errors: ``KeyError`` for a place without values.
    """
    for handler in _handlers():
        if method not in handler.http_methods:
            continue
        for path in sorted(handler.paths - ENDLESS):
            places = PLACE.findall(path)
            for chosen in itertools.product(*(values[place] for place in places)):
                filled = path.replace("/@/", "/@")
                for value in chosen:
                    filled = PLACE.sub(str(value), filled, count=1)
                yield filled


def answered(answer: httpx.Response) -> Answer:
    return Answer(answer.status_code, tuple(sorted(answer.headers.items())), KEY.sub(r"\1", _text(answer)))


def _text(answer: httpx.Response) -> str:
    return answer.text if "charset" in answer.headers.get("content-type", "") else answer.content.hex()


async def read(browser: httpx.AsyncClient, asked: Sequence[str]) -> dict[str, Answer]:
    return {address: answered(await browser.get(address)) for address in asked}


def renamed(answer: Answer, names: Mapping[str, str]) -> Answer:
    """The answer with the names and ids of one person as another's."""

    def changed(text: str) -> str:
        for old, new in names.items():
            text = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, text)
        return text

    # Their lengths and tags are those of other texts.
    kept = [(name, changed(value)) for name, value in answer.headers if name not in {"content-length", "etag"}]
    return Answer(answer.status, tuple(kept), changed(answer.body))


def differences(one: Mapping[str, Answer], other: Mapping[str, Answer]) -> dict[str, Any]:
    """What two readers were answered differently, in short."""
    return {
        address: (answer.status, other[address].status, _first(repr(answer), repr(other[address])))
        for address, answer in one.items()
        if answer != other[address]
    }


def _first(one: str, other: str) -> tuple[str, str]:
    """Where two texts part."""
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return one[max(0, at - 60) : at + 80], other[max(0, at - 60) : at + 80]
