"""ASGI's types as its specification has them: dictionaries.

Litestar's own are unions of typed dictionaries, which code for HTTP alone would have to narrow at every step.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import litestar

Scope: TypeAlias = Any
Message: TypeAlias = Any
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
if TYPE_CHECKING:
    Request: TypeAlias = litestar.Request[Any, Any, Any]
else:
    # With its parameters it is an alias, which notes them on each object that it makes.
    Request = litestar.Request


def header(scope: Scope, name: bytes) -> bytes:
    """The first value of a header, b"" when there is none; ``name`` in lower case."""
    # Loops over the raw headers: every request looks for several, and Litestar would build a map of them all.
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for key, value in headers:
        if key == name:
            return value
    return b""


def has_header(scope: Scope, name: bytes) -> bool:
    """Whether a header was sent; ``name`` in lower case."""
    for key, _ in scope["headers"]:  # noqa: SIM110 - any() takes twice as long
        if key == name:
            return True
    return False
