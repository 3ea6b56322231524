"""Who is asking: every action and every view takes a ``Viewer``, never a row.

What a viewer may do is in domain/core/permissions.py.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

import msgspec

from domain.core.errors import Forbidden, Refused, SignedOut, Suspended
from domain.core.trust import TrustLevel


class Role(StrEnum):
    """What the network lets an account do. The words are those of the column ``account.role``; a guest has no role."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OPERATOR = "operator"


# All roles that the stored one comes with: an operator may do what a moderator may.
GRANTED: Mapping[str, frozenset[Role]] = {
    Role.MEMBER: frozenset({Role.MEMBER}),
    Role.MODERATOR: frozenset({Role.MEMBER, Role.MODERATOR}),
    Role.OPERATOR: frozenset({Role.MEMBER, Role.MODERATOR, Role.OPERATOR}),
}


class Theme(StrEnum):
    """The colours of the pages. AUTO follows the device."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


# A theme by its word, cheaper than a call of the class: one is looked up per request.
THEMES: Mapping[str, Theme] = {theme.value: theme for theme in Theme}


class ReadingPreferences(msgspec.Struct, frozen=True, gc=False):
    """How a member likes to read. ``locale`` is "" for the browser's; with ``data_saver`` pictures wait for a tap."""

    locale: str = ""
    theme: Theme = Theme.AUTO
    hide_reposts: bool = False
    hide_replies: bool = False
    data_saver: bool = False


class HomeState(msgspec.Struct, frozen=True, gc=False):
    """How a home timeline is stored.

    It has a row per entry above the entry ``floor``; what is older is put together when it is read (0: nothing is).
    ``follows_wide``: posts of authors with very many followers are merged in when it is read.
    """

    floor: int = 0
    follows_wide: bool = False


class BadgeCounts(msgspec.Struct, frozen=True, gc=False):
    """Follow requests that wait and unread notifications, both at most 100."""

    requests: int = 0
    unread: int = 0


class Viewer(msgspec.Struct, frozen=True, gc=False):
    """The account behind a request; ``id`` 0 is a guest.

    ``avatar_small`` is the key of the small profile picture, "" without one; ``session`` the id of the session;
    ``restricted``: the account blocks, is blocked or mutes, so that lists must be filtered; ``rules_version`` is the
    newest version of the rules that they have accepted. ``frozen_until`` and ``suspended_until`` are until when they
    are so (Unix milliseconds), 0 while they are not. Whoever is suspended has no roles. ``trust`` is for nobody else to
    know.
    """

    id: int = 0
    handle: str = ""
    name: str = ""
    hue: int = 0
    avatar_small: str = ""
    roles: frozenset[Role] = frozenset()
    private: bool = False
    session: str = ""
    restricted: bool = False
    rules_version: int = 0
    frozen_until: int = 0
    suspended_until: int = 0
    trust: TrustLevel = TrustLevel.NEW
    reading: ReadingPreferences = ReadingPreferences()
    home: HomeState = HomeState()
    counts: BadgeCounts = BadgeCounts()

    @property
    def signed_in(self) -> bool:
        return self.id != 0

    @property
    def is_operator(self) -> bool:
        return Role.OPERATOR in self.roles

    @property
    def is_moderator(self) -> bool:
        return Role.MODERATOR in self.roles


GUEST = Viewer()


def require(refusal: Refused | None) -> None:
    """Raises a refusal, such as a function of domain/core/permissions.py returns; does nothing without one.

    >>> access.require(permissions.may_repost(viewer, is_open=view.open))
    """
    if refusal is not None:
        raise refusal


def member(viewer: Viewer) -> Viewer:
    """The viewer, who must be signed in and not suspended. Errors: ``SignedOut``, ``Suspended``."""
    require(without(Role.MEMBER, viewer))
    return viewer


def account_holder(viewer: Viewer) -> Viewer:
    """The viewer, who must be signed in, suspended or not: for what nobody can be kept from. Errors: ``SignedOut``."""
    if not viewer.signed_in:
        raise SignedOut
    return viewer


def moderator(viewer: Viewer) -> Viewer:
    """The viewer, who must be a moderator. Errors: ``SignedOut``, ``Forbidden``."""
    require(without(Role.MODERATOR, viewer))
    return viewer


def operator(viewer: Viewer) -> Viewer:
    """The viewer, who must run this network. Errors: ``SignedOut``, ``Forbidden``."""
    require(without(Role.OPERATOR, viewer))
    return viewer


def without(role: Role, viewer: Viewer) -> Refused | None:
    """What a viewer without a role is refused with; None when they have it."""
    if not viewer.signed_in:
        return SignedOut()
    match role:
        case Role.MEMBER:
            return Suspended() if viewer.suspended_until else None
        case Role.MODERATOR:
            return None if role in viewer.roles else Forbidden("Only a moderator of this network may do this.")
        case Role.OPERATOR:
            return None if role in viewer.roles else Forbidden("Only an operator of this network may do this.")
        case _:
            assert_never(role)
