"""Patterns of filters and word lists, in the syntax of RE2: the time that one takes is linear in the text.

https://github.com/google/re2/wiki/Syntax. The library is loaded with the first pattern: it takes memory.
"""

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re2

# Bytes of memory in which a pattern must compile, and run.
MEMORY = 1 << 20
# Patterns that a process keeps compiled.
KEPT = 1000


class Error(Exception):
    """What RE2 says of a pattern that is wrong."""


def size(pattern: str) -> int:
    """How many instructions a pattern has. Errors: ``Error``."""
    found: int = _compiled(pattern).programsize
    return found


def is_in(text: str, pattern: str) -> bool:
    """Whether a pattern is anywhere in a text. Errors: ``Error``."""
    return _compiled(pattern).search(text) is not None


@functools.lru_cache(KEPT)
def _compiled(pattern: str) -> Any:
    import re2

    options = _options()
    options.max_mem, options.never_capture = MEMORY, True
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        raise Error(said.decode(errors="replace") if isinstance(said, bytes) else str(said)) from None


def search_set() -> "re2.Set":
    """An empty set of patterns, each of which may be anywhere in a text."""
    import re2

    return re2.Set.SearchSet(_options())


def _options() -> Any:
    """What is wrong with a pattern is told to whoever wrote it, and not to standard error."""
    import re2

    found = re2.Options()
    found.log_errors = False
    return found
