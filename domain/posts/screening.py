"""Looks at posts before others see them. What is looked for, other areas say, which :func:`register` it.

A verdict is asked for before the transaction that publishes or edits (:func:`look`), confirmed at its beginning and
settled at its end, so that what it leads to is there at the same moment as the post.
"""

from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import NamedTuple

import msgspec

from domain.core.access import Viewer
from domain.core.errors import Invalid
from domain.core.translatable import N_

NUDGE = N_("%(facts)s People have been sanctioned here for posts like this. Change it, or send it anyway.")


class HoldReason(IntEnum):
    """Why others don't see a post yet. The numbers are stored: never change one.

    ``FILTER``: until a moderator has looked at it; ``BRAKE``: until nothing slows newcomers down any more.
    """

    FILTER = 1
    BRAKE = 2


class ScreenedPost(msgspec.Struct, frozen=True):
    """What somebody is about to publish, or to make of the post ``post``.

    ``media`` are its pictures, videos and sounds, and ``descriptions`` what is written of them. ``sent_anyway`` is the
    token of a nudge after which they send it all the same, "" without one.
    """

    post: int
    text: str
    cover: str
    descriptions: tuple[str, ...]
    is_reply: bool
    sent_anyway: str = ""
    media: tuple[int, ...] = ()


class Finding(msgspec.Struct, frozen=True):
    """What has looked, as whoever looks at posts names it: a filter at one of its versions."""

    filter: int
    version: int


class Verdict(msgspec.Struct, frozen=True):
    """What comes of a post. ``hold`` is why it waits for a moderator, None if it does not, ``filter`` which filter has
    it wait; ``found`` is all that was found, and ``failed`` what could not say whether it has found something.
    ``case`` is what a confirmed one has opened, None if a moderator need not look at the post.
    """

    hold: HoldReason | None = None
    filter: int | None = None
    found: tuple[Finding, ...] = ()
    case: int | None = None
    failed: tuple[Finding, ...] = ()


PASSED = Verdict()


class Nudged(Invalid):
    """The author is asked whether to send it all the same: the same form again with ``token`` is not refused."""

    code = "nudged"

    def __init__(self, facts: str, token: str) -> None:
        super().__init__(NUDGE, facts=facts)
        self.token = token


class Screen(NamedTuple):
    """How posts are looked at: the functions behind those of this module with the same names."""

    look: Callable[[Viewer, ScreenedPost], Awaitable[Verdict]]
    confirm: Callable[[Viewer, ScreenedPost, Verdict], Awaitable[Verdict]]
    settle: Callable[[Viewer, ScreenedPost, Verdict], Awaitable[None]]


_registered: list[Screen] = []


def register(screen: Screen) -> None:
    """Says how posts are looked at: app/wiring.py calls this once."""
    _registered[:] = [screen]


async def look(viewer: Viewer, post: ScreenedPost) -> Verdict:
    """What comes of a post. Errors: ``Nudged``; ``LookupError`` when nobody has said how to look, so that no post goes
    through unseen.
    """
    if not _registered:
        raise LookupError("Nothing looks at posts: see app/wiring.py")
    return await _registered[0].look(viewer, post)


async def confirm(viewer: Viewer, post: ScreenedPost, verdict: Verdict) -> Verdict:
    """Within a transaction that has locked nothing yet: the verdict without what is no longer looked for.

    What :func:`settle` will need is locked.
    """
    return verdict if verdict is PASSED else await _registered[0].confirm(viewer, post, verdict)


async def settle(viewer: Viewer, post: ScreenedPost, verdict: Verdict) -> None:
    """Within the same transaction, once the post is written: does what follows from a confirmed verdict."""
    if verdict is not PASSED:
        await _registered[0].settle(viewer, post, verdict)
