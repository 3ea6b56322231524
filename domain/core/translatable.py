"""Marks English source texts for gettext where they are defined."""


def N_(words: str) -> str:  # noqa: N802 - the name that gettext gives it
    """The same words; `make messages` finds them by this."""
    return words


def NN_(one: str, several: str) -> tuple[str, str]:  # noqa: N802 - after N_
    """The same words for one and for several, for a later ``ngettext``; `make messages` finds them by this."""
    return one, several
