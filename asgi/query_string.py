"""Values in the query of an address."""

from urllib.parse import parse_qsl

from asgi.asgi_types import Scope

# Names and values in one address; the outer wall refuses more.
MAX_FIELDS = 40


def value(scope: Scope, name: str) -> str:
    """The first value with this name, "" when there is none."""
    encoded: bytes = scope["query_string"]
    if not encoded:
        return ""
    state = scope["state"]
    # Kept with the request. A framework's parser keeps what strangers send in a cache of the process.
    if "query" not in state:
        state["query"] = _parsed(encoded)
    found: str = state["query"].get(name, "")
    return found


def too_many(scope: Scope) -> bool:
    """Whether there are more names than anything of ours asks for."""
    fields: int = scope["query_string"].count(b"&")
    return fields >= MAX_FIELDS


def _parsed(encoded: bytes) -> dict[str, str]:
    pairs = parse_qsl(encoded.decode("latin-1"), keep_blank_values=True)
    return dict(reversed(pairs))
