"""Marks English source texts for gettext where they are defined."""


def N_(words: str) -> str:  # noqa: N802 - the name that gettext gives it
    """The same words; `make messages` finds them by this."""
    return words
