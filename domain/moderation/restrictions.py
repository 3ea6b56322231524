"""Reported posts and profiles as they are now, for moderators and before something is decided about them."""

import msgspec

from db.queries import posts
from db.queries import restrictions as queries
from db.tables.posts import PostState
from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.media import attachments, profile_images
from domain.media.attachments import Attachment
from domain.moderation.kinds import StatementKind

GONE = N_("It is no longer there: its author has deleted it. You can still give a warning.")
NO_PICTURE = N_("The picture is no longer there. You can still give a warning.")


class PostNow(msgspec.Struct, frozen=True):
    """A reported post as it is now: ``there`` until its author deletes it, ``removed`` by moderators, or ``hidden``
    until its author edits it. ``held``: nobody else sees it before a moderator has decided. ``media`` are those
    that it has.
    """

    version: int
    text: str
    cover: str | None
    there: bool
    removed: bool
    hidden: bool = False
    held: bool = False
    media: tuple[Attachment, ...] = ()


async def now(post: int) -> PostNow:
    """What has become of a reported post; version 0 once it is purged."""
    row = await queries.current(post)
    if row is None:
        return PostNow(0, "", None, there=False, removed=False)
    media = (await attachments.of_posts([post])).get(post, ())
    hidden, held, removed = (row.state == state for state in (PostState.HIDDEN, PostState.HELD, PostState.REMOVED))
    return PostNow(row.version, row.text, row.cover, bool(row.exists), removed, hidden, held, media)


async def in_force(post: int) -> set[int]:
    """The kinds of the decisions about a post that are in force."""
    return await queries.kinds(post)


async def check(post: int | None, kind: StatementKind, media: int | None) -> None:
    """Within a transaction: locks a post about which this is decided, ``media`` being what is removed of it.

    Errors: ``Invalid`` when it is no longer there.
    """
    if post is None:
        raise Invalid(GONE)
    await posts.lock(post)
    found = await now(post)
    if not found.there:
        raise Invalid(GONE)
    if kind is StatementKind.MEDIA_REMOVAL and all(one.id != media for one in found.media):
        raise Invalid(NO_PICTURE)


async def check_profile(account: int, media: int | None) -> None:
    """Within a transaction: checks that the profile of an account still shows what is to be removed of it.

    Errors: ``Invalid``.
    """
    if all(one.id != media for one in (await profile_images.locked(account)).values()):
        raise Invalid(NO_PICTURE)
