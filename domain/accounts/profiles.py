"""How people present themselves, and what lies between them and whoever looks."""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import chain
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from db.engine import DB
from db.queries import accounts as queries
from db.queries import publishing
from db.tables.accounts import Account
from domain.core import events, text_parsing
from domain.core.access import ReadingPreferences, Viewer, account_holder, member
from domain.core.errors import Invalid, NotFound, Refused, collect
from domain.core.retries import retried


class Relation(StrEnum):
    """What a viewer is to an account, as far as it decides which button they see."""

    GUEST = "guest"
    SELF = "self"
    NONE = "none"
    FOLLOWING = "following"
    REQUESTED = "requested"
    BLOCKED = "blocked"


HUES = 24
HANDLE = re.compile(r"[A-Za-z0-9_]{1,30}")
MAX_NAME, MAX_BIO, MAX_LINKS, MAX_LABEL, MAX_ADDRESS = 50, 500, 4, 40, 300


class ProfileLink(msgspec.Struct, frozen=True, array_like=True):
    label: str
    address: str


class ProfileCard(NamedTuple):
    handle: str
    name: str


class Profile(msgspec.Struct, frozen=True):
    """Somebody's page as one viewer may see it.

    ``readable`` tells whether their posts are for the viewer, ``bell`` whether the viewer is told of each; ``version``
    grows with each change.
    """

    id: int
    handle: str
    name: str
    hue: int
    avatar_small: str
    avatar_large: str
    header: str
    bio: str
    bio_mentions: str
    links: tuple[ProfileLink, ...]
    private: bool
    posts: int
    followers: int
    followings: int
    relation: Relation
    follows_you: bool
    muted: bool
    bell: bool
    version: int

    @property
    def following(self) -> bool:
        return self.relation is Relation.FOLLOWING

    @property
    def blocked(self) -> bool:
        return self.relation is Relation.BLOCKED

    @property
    def readable(self) -> bool:
        return not self.private or self.relation in (Relation.FOLLOWING, Relation.SELF)


class ProfileOwner(msgspec.Struct, frozen=True):
    """What a member may say of themselves."""

    name: str
    bio: str
    hue: int
    links: list[ProfileLink]


def relation(viewer: Viewer, account: int, following: int, requested: int, blocked: int) -> Relation:
    """``following``, ``requested`` and ``blocked``: whether the viewer follows the account, asked to, or blocked it."""
    if not viewer.signed_in:
        return Relation.GUEST
    if account == viewer.id:
        return Relation.SELF
    if blocked:
        return Relation.BLOCKED
    if following:
        return Relation.FOLLOWING
    return Relation.REQUESTED if requested else Relation.NONE


async def by_handle(viewer: Viewer, handle: str) -> Profile:
    """Errors: ``NotFound``, also for somebody who has blocked the viewer."""
    row = await queries.profile(viewer.id, handle.lower()) if HANDLE.fullmatch(handle) else None
    if row is None:
        raise NotFound
    return Profile(
        id=row.id,
        handle=row.handle,
        name=row.name,
        hue=row.hue,
        avatar_small=row.avatar_small,
        avatar_large=row.avatar_large,
        header=row.header,
        bio=row.bio,
        bio_mentions=row.bio_mentions,
        links=msgspec.json.decode(row.links, type=tuple[ProfileLink, ...]),
        private=bool(row.private),
        posts=row.posts,
        followers=row.followers,
        followings=row.followings,
        relation=relation(viewer, row.id, row.following, row.requested, row.blocked),
        follows_you=bool(row.follows_you),
        muted=bool(row.muted),
        bell=bool(row.bell),
        version=row.version,
    )


async def cards(accounts: Iterable[int]) -> dict[int, ProfileCard]:
    """Handles and names of people whom the caller has been shown already."""
    return {row.id: ProfileCard(row.handle, row.name) for row in await queries.names(accounts)}


async def by_id(viewer: Viewer, account: int) -> Profile:
    """Errors: ``NotFound``, also for somebody who has blocked the viewer."""
    handle = await queries.handle_of(viewer.id, account)
    if handle is None:
        raise NotFound
    return await by_handle(viewer, handle)


async def edit(viewer: Viewer, person: ProfileOwner) -> None:
    """Errors: ``Invalid`` with the fields name, bio, hue, links."""
    member(viewer)
    text_parsing.check_sizes(name=(person.name, MAX_NAME), bio=(person.bio, MAX_BIO))
    collect(links=_links_oversized(person.links))
    person = msgspec.structs.replace(
        person, name=text_parsing.line(person.name), bio=text_parsing.clean(person.bio), links=tidy(person.links)
    )
    collect(
        name=name_problem(person.name),
        bio=text_parsing.too_long(person.bio, MAX_BIO),
        hue=None if 0 <= person.hue < HUES else Invalid("Choose one of the colours."),
        links=links_problem(person.links),
    )
    await Account.update(
        {
            Account.name: person.name,
            Account.name_key: text_parsing.fold(person.name),
            Account.bio: person.bio,
            Account.bio_mentions: await named_in(viewer, person.bio),
            Account.hue: person.hue,
            Account.links: msgspec.json.encode(person.links).decode(),
            Account.version: Account.version + 1,
        }
    ).where(Account.id == viewer.id)


@retried
async def set_private(viewer: Viewer, private: bool) -> None:
    """Makes an account private or open again; what it has published follows at once.

    When it opens, everybody who had asked to follow it does so soon (``AccountMadePublic``).
    """
    member(viewer)
    async with DB.writing():
        await Account.update({Account.private: int(private), Account.version: Account.version + 1}).where(
            Account.id == viewer.id
        )
        if not private:
            await events.record(events.AccountMadePublic(account=viewer.id))


async def set_reading_preferences(viewer: Viewer, wanted: ReadingPreferences) -> None:
    await Account.update(
        {
            Account.locale: wanted.locale,
            Account.theme: wanted.theme.value,
            Account.hide_reposts: int(wanted.hide_reposts),
            Account.hide_replies: int(wanted.hide_replies),
            Account.data_saver: int(wanted.data_saver),
        }
    ).where(Account.id == account_holder(viewer).id)


def name_problem(name: str) -> Refused | None:
    """What is wrong with a name as it was sent, or None."""
    if problem := text_parsing.oversized(name, MAX_NAME):
        return problem
    name = text_parsing.line(name)
    return text_parsing.too_long(name, MAX_NAME) if name else Invalid("Give a name.")


async def named_in(viewer: Viewer, text: str) -> str:
    """The handles in a text that exist, each between spaces."""
    keys = sorted({piece.value.lower() for piece in text_parsing.pieces(text) if piece.kind == "mention"})[:50]
    rows = await publishing.accounts_named(viewer.id, keys) if keys else []
    return "".join(f" {row.handle_key} " for row in rows)


def tidy(links: list[ProfileLink]) -> list[ProfileLink]:
    """Without empty ones; an address without a scheme is taken as https."""
    kept = []
    for link in links:
        address = text_parsing.line(link.address)
        if address and "://" not in address:
            address = f"https://{address}"
        if address or link.label.strip():
            kept.append(ProfileLink(text_parsing.line(link.label), address))
    return kept


def _links_oversized(links: list[ProfileLink]) -> Refused | None:
    if len(links) > MAX_LINKS:
        return Invalid("At most %(limit)s links.", limit=MAX_LINKS)
    sizes = ((link.label, MAX_LABEL) for link in links), ((link.address, MAX_ADDRESS) for link in links)
    return next(filter(None, (text_parsing.oversized(*one) for one in chain(*sizes))), None)


def links_problem(links: list[ProfileLink]) -> Refused | None:
    """What is wrong with the links of a profile, or None."""
    if problem := _links_oversized(links):
        return problem
    for link in links:
        if not is_web(link.address):
            return Invalid("%(address)s is not a web address.", address=link.address or link.label)
        if problem := text_parsing.too_long(link.label, MAX_LABEL) or text_parsing.too_long(link.address, MAX_ADDRESS):
            return problem
    return None


def is_web(address: str) -> bool:
    """Whether this is an address of a page: http or https, with a host, and no blanks."""
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.port != 0  # a port that is no number raises
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and named and not any(c.isspace() for c in address)
