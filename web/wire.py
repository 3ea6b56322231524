"""ASGI's types as its specification has them: dictionaries.

Litestar's own are unions of typed dictionaries, which code for HTTP alone would have to narrow at every step.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

Scope: TypeAlias = Any
Message: TypeAlias = Any
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


def header(scope: Scope, name: bytes) -> bytes:
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found


def has_header(scope: Scope, name: bytes) -> bool:
    # A look at the raw headers: Litestar would build a map of them all.
    return any(key == name for key, _ in scope["headers"])
