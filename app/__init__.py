"""The processes of a network: its server, its worker and its commands."""

import sys


def _import_structlog() -> None:
    """Imports structlog without rich, which it otherwise imports for tracebacks that our logs do not have."""
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]


# Here, since child processes of a server begin with a function of this package.
_import_structlog()
