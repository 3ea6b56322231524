"""Who asks. Every action and every view takes a Viewer, never a row."""

import msgspec

from domain.core.errors import Forbidden, SignedOut

ROLES = ("member", "operator")


class Viewer(msgspec.Struct, frozen=True, gc=False):
    """A person as far as one request needs to know them; ``id`` 0 is a guest.

    ``home_floor``: below it the home timeline is put together when read; ``follows_wide``: it is merged with that of
    authors with very many followers; ``restricted``: they block, are blocked or mute; ``requests``: people who ask to
    follow, ``unread``: notices not yet read, both at most 100; ``seen_at``: Unix milliseconds; ``avatar_small``: a
    stored object's key, "" without one; ``data_saver``: pictures wait for a tap.
    """

    id: int = 0
    handle: str = ""
    name: str = ""
    hue: int = 0
    locale: str = ""
    theme: str = "auto"
    role: str = "guest"
    private: bool = False
    hide_reposts: bool = False
    hide_replies: bool = False
    home_floor: int = 0
    requests: int = 0
    session: str = ""
    seen_at: int = 0
    follows_wide: bool = False
    restricted: bool = False
    unread: int = 0
    avatar_small: str = ""
    data_saver: bool = False

    @property
    def signed_in(self) -> bool:
        return self.id != 0

    @property
    def operator(self) -> bool:
        return self.role == "operator"


GUEST = Viewer()


def member(viewer: Viewer) -> Viewer:
    """The viewer, who must be signed in. Errors: ``SignedOut``."""
    if not viewer.signed_in:
        raise SignedOut
    return viewer


def operator(viewer: Viewer) -> Viewer:
    """The viewer, who must run this network. Errors: ``SignedOut``, ``Forbidden``."""
    if not member(viewer).operator:
        raise Forbidden("Only an operator of this network may do this.")
    return viewer
