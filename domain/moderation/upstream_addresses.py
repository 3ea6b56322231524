"""Addresses that complaints from upstream name, and what is there."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import unquote, urlsplit

import msgspec
import regex

from db.queries import media, restrictions
from db.queries.upstream import AddressRow
from domain.accounts import credentials
from domain.core import ids
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.media import attachments
from domain.moderation import statements, subjects
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.statements import Statement
from domain.moderation.subjects import ReportedSubject, Subject

MAX_ADDRESSES, MAX_LENGTH = 50, 500
# Also as those write it who don't want it to be followed: hxxps://tilly[.]example/@ana/1.
_ADDRESS = regex.compile(r"(?i)\bh(?:tt|xx)ps?://[^\s<>\"'|]{1,600}")
_TAIL = ".,;:!?)]}»”’"


class FoundAddress(msgspec.Struct, frozen=True):
    """An address; ``subject`` is what is there and ``account`` whose it is, None for nothing of this network."""

    address: str
    subject: Subject | None = None
    account: int | None = None


def in_text(text: str, hosts: Collection[str]) -> list[str]:
    """The addresses of this network, reached as one of ``hosts``, that a text names; each once, in its order."""
    for shown, meant in (("[.]", "."), ("(.)", "."), ("[:]", ":")):
        text = text.replace(shown, meant)
    found = (_plain(match[0].rstrip(_TAIL)) for match in _ADDRESS.finditer(text))
    return list(dict.fromkeys(one for one in found if len(one) <= MAX_LENGTH and _is_here(one, hosts)))[:MAX_ADDRESSES]


def _plain(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme.lower().replace('xx', 'tt')}://{rest}"


def _is_here(address: str, hosts: Collection[str]) -> bool:
    try:
        return urlsplit(address).netloc.lower() in hosts
    except ValueError:
        return False


async def found_at(addresses: Iterable[str], hosts: Collection[str]) -> list[FoundAddress]:
    """What is at each of these addresses, whoever may see it."""
    return [await _found(address, hosts) for address in addresses]


async def _found(address: str, hosts: Collection[str]) -> FoundAddress:
    try:
        subject, account = await _subject(address, hosts)
    except NotFound:
        return FoundAddress(address)
    return FoundAddress(address, subject, account)


async def _subject(address: str, hosts: Collection[str]) -> tuple[Subject, int]:
    """Errors: ``NotFound``."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise NotFound from None
    if parts.netloc and parts.netloc.lower() not in hosts:
        raise NotFound
    path = unquote(parts.path)
    if not path.isprintable():
        # Nothing of ours is called so, and PostgreSQL takes no text with such characters.
        raise NotFound
    first, *rest = path.strip("/").split("/", 2)
    if first == "media" and rest:
        return await _media("/".join(rest))
    post = ids.parse(rest[0]) if rest else None
    if post is not None and (first == "posts" or first.startswith("@")):
        return Subject(SubjectKind.POST, post), await _author(post)
    if first.startswith("@") and not rest:
        account = await credentials.account_named(first)
        return Subject(SubjectKind.ACCOUNT, account), account
    raise NotFound


async def _media(key: str) -> tuple[Subject, int]:
    for one, post in await media.with_files([key]):
        if post is not None:
            return Subject(SubjectKind.MEDIA, one), await _author(post)
    raise NotFound


async def _author(post: int) -> int:
    found = await restrictions.author(post)
    if found is None:
        raise NotFound
    return found


async def load(subject: Subject) -> ReportedSubject:
    """What is there now, as its owner sees it. Errors: ``NotFound``."""
    if subject.kind is SubjectKind.ACCOUNT:
        account = subject.id
    else:
        post = subject.id if subject.kind is SubjectKind.POST else await attachments.post_of(subject.id)
        if post is None:
            raise NotFound
        account = await _author(post)
    return await subjects.load(Viewer(id=account, restricted=True), subject)


def named(rows_: Iterable[AddressRow]) -> list[Subject]:
    """What is of this network among the addresses of a complaint."""
    return [
        Subject(SubjectKind(row.subject_kind), row.subject)
        for row in rows_
        if row.subject_kind is not None and row.subject is not None
    ]


async def in_force(subjects_: Iterable[Subject]) -> dict[Subject, tuple[Statement, ...]]:
    """What was decided about each of these posts and pictures and is in force, whatever case it was decided in; the
    newest first.
    """
    posts = {one: post for one in subjects_ if (post := await _post(one)) is not None}
    found = await restrictions.of_posts(sorted(set(posts.values())))
    made = await statements.by_ids([row.statement for row in reversed(found)])
    return {one: tuple(each for each in made if _is_about(each, one, post)) for one, post in posts.items()}


async def _post(subject: Subject) -> int | None:
    if subject.kind is SubjectKind.MEDIA:
        return await attachments.post_of(subject.id)
    return subject.id if subject.kind is SubjectKind.POST else None


def _is_about(made: Statement, subject: Subject, post: int) -> bool:
    if made.kind is StatementKind.MEDIA_REMOVAL and subject.kind is SubjectKind.MEDIA:
        return made.media == subject.id
    return made.post == post


def is_removed(subject: Subject, made: Sequence[Statement]) -> bool:
    """Whether one of these decisions in force about a subject takes all of it away."""
    whole = StatementKind.POST_REMOVAL, StatementKind.MEDIA_REMOVAL
    return any(one.kind in whole and (one.media is None or one.media == subject.id) for one in made)


def rows(complaint: int, found: Iterable[FoundAddress], first: int = 0) -> Iterator[AddressRow]:
    """As they are stored, from the place ``first`` on."""
    for place, one in enumerate(found, first):
        kind, subject = (one.subject.kind, one.subject.id) if one.subject else (None, None)
        yield AddressRow(complaint, place, one.address, kind, subject, one.account, None)
