"""The terms that a network starts with, until its operator writes its own."""

from domain.core.translatable import N_
from web import i18n

FIRST = N_(
    """These are the terms of this network. Its operator can change them; a change gets a new version.

What you post stays yours. You allow this network to store it and to show it to those you chose, and nothing else.

You answer for what you post. Do not post what the law forbids: threats, incitement to violence, sexual content \
involving minors, other people's private data, fraud.

Do not attack the network, collect its members' data in bulk, or pretend to be somebody else.

The operator may remove posts and close accounts that break these terms, and gives the reason.

You can leave at any time. Your account and all you wrote are then deleted, not only hidden. Backups, if there \
are any, keep them for a while longer: the page for leaving says how long.

Your e-mail address, if you gave one, is used to let you back in, and to send you a digest if you ask for one. There \
is no advertising and nothing is sold."""
)


def first_terms(locale: str) -> str:
    """The first edition, in the language of whoever founds the network."""
    return i18n.translate(locale, FIRST)
