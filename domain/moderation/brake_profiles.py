"""Keeps newcomers from putting links and pictures into their profiles while the brake is on or in a crisis.

A profile has nowhere to wait as a post has: what is new is refused, and what was there before stays.
"""

from typing import BinaryIO

from domain.accounts import profiles
from domain.accounts.profiles import ProfileOwner
from domain.core import text_parsing
from domain.core.access import Viewer
from domain.core.errors import Invalid, Refused, collect
from domain.core.translatable import N_
from domain.media import profile_images
from domain.media.processor import MediaProcessor
from domain.media.profile_images import Box, ProfileImage
from domain.moderation import brake

LINKS = N_(
    "New members can’t add links to their profile while moderators have too much to do. Leave this one out for now."
)
PICTURES = N_("New members can’t change these pictures while moderators have too much to do. Try again later.")


async def edit(viewer: Viewer, person: ProfileOwner) -> None:
    """As ``profiles.edit``. Errors: as there, and ``Invalid`` with the fields ``bio`` and ``links`` for a new link."""
    if await _holds(viewer, has_links=True):
        await _check(viewer, person)
    await profiles.edit(viewer, person)


async def _holds(viewer: Viewer, *, has_links: bool = False, has_media: bool = False) -> bool:
    return (await brake.state()).holds(viewer, has_links=has_links, has_media=has_media, is_reply=False)


async def _check(viewer: Viewer, person: ProfileOwner) -> None:
    text_parsing.check_sizes(bio=(person.bio, profiles.MAX_BIO))
    before = await profiles.by_handle(viewer, viewer.handle)
    known = {one.address for one in before.links}
    has_new = any(one.address and one.address not in known for one in profiles.tidy(person.links))
    collect(bio=_problem(bool(_linked(person.bio) - _linked(before.bio))), links=_problem(has_new))


def _linked(text: str) -> set[str]:
    return {piece.value for piece in text_parsing.pieces(text) if piece.kind == "link"}


def _problem(is_new: bool) -> Refused | None:
    return Invalid(LINKS) if is_new else None


async def put_image(
    processor: MediaProcessor, viewer: Viewer, what: ProfileImage, source: BinaryIO, box: Box | None
) -> None:
    """As ``profile_images.put``. Errors: as there, and ``Invalid`` while newcomers' pictures are held."""
    if await _holds(viewer, has_media=True):
        raise Invalid(PICTURES)
    await profile_images.put(processor, viewer, what, source, box)
