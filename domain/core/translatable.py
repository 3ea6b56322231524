"""A mark for English sources that are translated somewhere else than where they are written."""


def N_(words: str) -> str:  # noqa: N802 - the name that gettext gives it
    """The same words; `make messages` finds them by this."""
    return words
