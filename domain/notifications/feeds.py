"""Feeds for feed readers: a member's notices at a secret address, and the posts of a public profile."""

import re
import secrets

import msgspec

from db.engine import DB
from db.queries import notification_settings as queries
from domain.accounts import profiles, revocation
from domain.accounts.profiles import Profile
from domain.core.access import GUEST, Viewer, account_holder, member
from domain.core.errors import NotFound
from domain.notifications import notices
from domain.notifications.notices import NoticeView
from domain.posts import views
from domain.posts.views import PostView
from domain.timelines import profile_lists
from domain.timelines.profile_lists import Tab

LENGTH = 40
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class FeedOwner(msgspec.Struct, frozen=True):
    """Whose notices a secret address shows."""

    id: int
    handle: str
    name: str
    locale: str


async def address_of(viewer: Viewer) -> str:
    """The secret part of the viewer's address, "" when there is none."""
    return await queries.feed_of(account_holder(viewer).id) or ""


async def renew(viewer: Viewer) -> None:
    """Makes an address; an earlier one ends. It is stored in plain text, because the settings page shows it again."""
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        await queries.set_feed(viewer.id, secrets.token_urlsafe(24))


async def end(viewer: Viewer) -> None:
    await end_of(member(viewer).id)


async def end_of(account: int) -> None:
    """Ends the address of an account's feed; a revocation does so in its own transaction."""
    await queries.end_feed(account)


async def owner(token: str) -> FeedOwner:
    """Errors: ``NotFound``."""
    row = await queries.by_feed(token) if TOKEN.fullmatch(token) else None
    if row is None:
        raise NotFound
    return FeedOwner(*row)


async def mine(owner: FeedOwner) -> list[NoticeView]:
    """The newest notices, without those set aside."""
    return await notices.since(owner.id, 0, LENGTH)


async def public(handle: str) -> tuple[Profile, list[PostView]]:
    """Somebody and what they posted themselves, as a guest may see it.

    Errors: ``NotFound``, for private accounts too.
    """
    person = await profiles.by_handle(GUEST, handle)
    if not person.readable:
        raise NotFound
    found = (await profile_lists.read(GUEST, person.id, Tab.POSTS)).items
    whole = await views.load(GUEST, [summary.id for summary in found if not summary.actor])
    return person, sorted(whole.values(), key=lambda post: post.id, reverse=True)
