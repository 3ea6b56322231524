"""Patterns of filters and word lists, in the syntax of RE2: the time that one takes is linear in the text.

https://github.com/google/re2/wiki/Syntax
"""

import functools
from typing import Any

import re2

# Bytes of memory in which a pattern must compile, and run.
MEMORY = 1 << 20
# Patterns that a process keeps compiled.
KEPT = 1000

Error = re2.error


@functools.lru_cache(KEPT)
def _compiled(pattern: str) -> Any:
    found = options()
    found.max_mem, found.never_capture = MEMORY, True
    return re2.compile(pattern, found)


def options() -> Any:
    """What is wrong with a pattern is told to whoever wrote it, and not to standard error."""
    found = re2.Options()
    found.log_errors = False
    return found


def size(pattern: str) -> int:
    """How many instructions a pattern has. Errors: ``Error``."""
    found: int = _compiled(pattern).programsize
    return found


def is_in(text: str, pattern: str) -> bool:
    """Whether a pattern is anywhere in a text. Errors: ``Error``."""
    return _compiled(pattern).search(text) is not None


def problem(error: re2.error) -> str:
    """What RE2 says of a pattern."""
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
