"""Lists of people: followers, suggestions, search results, requests, and whom the viewer mutes or blocks."""

from collections.abc import Sequence

import msgspec

from db.queries import accounts as queries
from db.queries.accounts import PersonRow
from domain.accounts import profiles
from domain.accounts.profiles import Relation
from domain.core import cursors, text_parsing
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page, Rank
from domain.core.errors import NotFound

# How much of a search text is used, in code points.
LONGEST = 60


class PersonSummary(msgspec.Struct, frozen=True):
    """A person in a list, and how the viewer relates to them."""

    id: int
    handle: str
    name: str
    hue: int
    avatar_small: str
    bio: str
    private: bool
    followers: int
    relation: Relation


def _person(viewer: Viewer, row: PersonRow) -> PersonSummary:
    return PersonSummary(
        id=row.id,
        handle=row.handle,
        name=row.name,
        hue=row.hue,
        avatar_small=row.avatar_small,
        bio=row.bio,
        private=bool(row.private),
        followers=row.followers,
        relation=profiles.relation(viewer, row.id, row.following, row.requested, row.blocked),
    )


def _page(viewer: Viewer, rows: Sequence[PersonRow]) -> Page[PersonSummary]:
    people = [_person(viewer, row) for row in rows[:SIZE]]
    return Page(people, cursors.after(people[-1].id) if len(rows) > SIZE else "")


async def followers(viewer: Viewer, handle: str, cursor: str = "") -> tuple[profiles.Profile, Page[PersonSummary]]:
    """A profile and a page of its followers, the newest accounts first.

    Errors: ``NotFound``, also for a private account that the viewer does not follow.
    After ``profile, page = await followers(viewer, "ana")`` comes ``followers(viewer, "ana", page.next)``.
    """
    profile = await _open(viewer, handle)
    return profile, _page(viewer, await queries.followers(viewer.id, profile.id, cursors.below(cursor), SIZE + 1))


async def following(viewer: Viewer, handle: str, cursor: str = "") -> tuple[profiles.Profile, Page[PersonSummary]]:
    """A profile and a page of the people whom it follows. Errors: as :func:`followers`."""
    profile = await _open(viewer, handle)
    return profile, _page(viewer, await queries.following(viewer.id, profile.id, cursors.below(cursor), SIZE + 1))


async def _open(viewer: Viewer, handle: str) -> profiles.Profile:
    profile = await profiles.by_handle(viewer, handle)
    if not profile.readable or profile.blocked:
        raise NotFound
    return profile


async def suggested(viewer: Viewer, cursor: str = "", size: int = SIZE) -> Page[PersonSummary]:
    """People to follow, most followed first."""
    rows = await queries.suggested(viewer.id, *(cursors.rank(cursor) or cursors.HIGHEST), size + 1)
    people = [_person(viewer, row) for row in rows[:size]]
    return Page(people, cursors.after(Rank(people[-1].followers, people[-1].id)) if len(rows) > size else "")


async def matching(viewer: Viewer, words: str, size: int = SIZE) -> list[PersonSummary]:
    """People whose handle or name begins with the words: ``matching(viewer, "@an")`` finds @ana."""
    start = text_parsing.line(words[:LONGEST])
    handle = start.removeprefix("@").lower()
    return (
        [_person(viewer, row) for row in await queries.matching(viewer.id, handle, text_parsing.fold(start), size)]
        if handle
        else []
    )


async def requesting(viewer: Viewer) -> list[PersonSummary]:
    return [_person(viewer, row) for row in await queries.requesting(member(viewer).id)]


async def muted(viewer: Viewer) -> list[PersonSummary]:
    return [_person(viewer, row) for row in await queries.muted(member(viewer).id)]


async def blocked(viewer: Viewer) -> list[PersonSummary]:
    return [_person(viewer, row) for row in await queries.blocked(member(viewer).id)]


async def tags(viewer: Viewer, start: str, size: int) -> list[str]:
    """Hashtags of public posts that begin with ``start``."""
    return await queries.tags_like(viewer.id, text_parsing.tag_key(start[:LONGEST]), size)
