"""Finds what a bulk decision may be about: posts that link to the same place or show the same picture, and accounts
that were made at the same time.

Only what everybody may see is found. Whoever has a role, and the moderator, are left out.
"""

from collections.abc import Iterable
from urllib.parse import SplitResult

import msgspec

from db.queries import bulk_candidates as queries
from db.queries.bulk_candidates import FoundPostRow
from domain.core import clock, ids, link_hosts, text_parsing
from domain.core.access import Role, Viewer
from domain.core.errors import Invalid, Refused, collect
from domain.moderation import known_pictures
from domain.moderation.bulk_kinds import MOST, SINCE_DAYS, Criteria
from domain.moderation.kinds import SubjectKind

MAX_LINK = 2048
# Posts that are read: a search may find a word that turns out to be no such link.
READ = 5 * MOST
# The last moment that an id can be of, in Unix milliseconds.
LATEST = ids.time_of(ids.LAST)


class Subject(msgspec.Struct, frozen=True):
    """A post or an account, and whose it is; ``version`` is that of the post, 0 for an account."""

    id: int
    account: int
    version: int


class Found(msgspec.Struct, frozen=True):
    """``left_out`` counts those of the staff, and of the moderator."""

    subjects: list[Subject]
    left_out: int


async def find(viewer: Viewer, kind: SubjectKind, criteria: Criteria) -> Found:
    """The newest first. Errors: ``Invalid`` with the fields, also where nothing is found, or too much."""
    collect(
        link=_link_problem(criteria.link),
        days=None if criteria.days in SINCE_DAYS else Invalid("Choose how far back to look."),
        signed_up_from=_cohort_problem(criteria),
        picture=await _picture_problem(criteria.picture),
    )
    if not (criteria.link or criteria.picture or criteria.signed_up_to):
        raise Invalid("Say what to look for: a link, a picture, or when the accounts were made.")
    read = await _accounts(criteria) if _is_cohort(kind, criteria) else await _posts(criteria)
    rows = _linking(read, criteria.link)
    found = {(one.account if kind is SubjectKind.ACCOUNT else one.id): one for one in rows}
    kept = [one for one in found.values() if one.role == Role.MEMBER and one.account != viewer.id]
    _check_size(len(kept), kind, full=len(read) >= READ)
    return Found([_subject(kind, one) for one in kept], len(found) - len(kept))


async def still_finds(criteria: Criteria, post: int, text: str) -> bool:
    """Whether a post that was found has the link and the picture still that were searched for; False where neither was.

    ``text`` is what it says now.
    """
    parts = link_hosts.parts(criteria.link) if criteria.link else None
    if parts is not None and not _links_to(text, parts):
        return False
    if not criteria.picture:
        return parts is not None
    return post in await queries.with_file(criteria.picture) or await known_pictures.is_alike(criteria.picture, post)


def _is_cohort(kind: SubjectKind, criteria: Criteria) -> bool:
    return kind is SubjectKind.ACCOUNT and not criteria.link and not criteria.picture


def _subject(kind: SubjectKind, one: FoundPostRow) -> Subject:
    if kind is SubjectKind.ACCOUNT:
        return Subject(one.account, one.account, 0)
    return Subject(one.id, one.account, one.version)


def _check_size(count: int, kind: SubjectKind, *, full: bool) -> None:
    """Errors: ``Invalid``."""
    if full:
        raise Invalid("Too much was found to look through. Choose a shorter time, or an exact address.")
    if not count:
        raise Invalid("Nothing like this was found that everybody can see.")
    if count > MOST and kind is SubjectKind.ACCOUNT:
        raise Invalid(
            "%(count)s accounts were found, and one decision takes %(most)s. Choose a shorter time.",
            count=count,
            most=MOST,
        )
    if count > MOST:
        raise Invalid(
            "%(count)s posts were found, and one decision takes %(most)s. Choose a shorter time, or an exact address.",
            count=count,
            most=MOST,
        )


def _link_problem(link: str) -> Refused | None:
    if not link:
        return None
    parts = link_hosts.parts(link) if len(link) <= MAX_LINK else None
    labels = _host(parts).split(".") if parts else []
    is_host = len(labels) > 1 and all(label.strip() == label != "" for label in labels)
    return None if is_host else Invalid("This is no address, such as example.com/offer, and no host.")


def _cohort_problem(criteria: Criteria) -> Refused | None:
    first, last = criteria.signed_up_from, criteria.signed_up_to
    if 0 <= first < last <= LATEST or first == last == 0:
        return None
    return Invalid("Give both times, the earlier one first.")


async def _picture_problem(picture: str) -> Refused | None:
    known = not picture or await queries.is_evidence(picture)
    return None if known else Invalid("No case keeps this picture any more.")


async def _accounts(criteria: Criteria) -> list[FoundPostRow]:
    rows = await queries.accounts(*_cohort(criteria), READ)
    return [FoundPostRow(row.id, row.id, 0, "", row.role) for row in rows]


async def _posts(criteria: Criteria) -> list[FoundPostRow]:
    since = ids.first(clock.now() - criteria.days * clock.DAY_MS)
    parts = link_hosts.parts(criteria.link) if criteria.link else None
    words = link_hosts.written(parts) if parts else ()
    among = await _showing(criteria.picture, since) if criteria.picture else None
    return await queries.posts(since, *_cohort(criteria), READ, words, among)


def _linking(rows: list[FoundPostRow], link: str) -> list[FoundPostRow]:
    parts = link_hosts.parts(link) if link else None
    return rows if parts is None else [row for row in rows if _links_to(row.text, parts)]


async def _showing(picture: str, since: int) -> list[int]:
    """The posts with the same file, and those with a picture that is like it."""
    return [*await queries.with_file(picture), *await known_pictures.alike(picture, since)]


def _cohort(criteria: Criteria) -> tuple[int, int]:
    """Ids of accounts: from the first one to before the last one."""
    if not criteria.signed_up_to:
        return 0, ids.LAST
    begin, end = (max(0, ids.first(at)) for at in (criteria.signed_up_from, criteria.signed_up_to))
    return begin, end


def _links_to(text: str, wanted: SplitResult) -> bool:
    """Whether a text links to this address, or to this host if that is all that is wanted, with those below it."""
    return any(_is_at(parts, wanted) for parts in _linked(text))


def _linked(text: str) -> Iterable[SplitResult]:
    found = (link_hosts.parts(piece.value) for piece in text_parsing.pieces(text) if piece.kind == "link")
    return (parts for parts in found if parts is not None)


def _is_at(parts: SplitResult, wanted: SplitResult) -> bool:
    host, place = _host(wanted), _place(wanted)
    if not place:
        return f".{_host(parts)}".endswith(f".{host}")
    return _host(parts) == host and _place(parts) == place


def links_of(text: str) -> list[tuple[str, str]]:
    """Host and whole address of each link in a text, as a search takes them, each once."""
    found = {(_host(parts), f"{_host(parts)}{_place(parts)}"): None for parts in _linked(text)}
    return list(found)


def _host(parts: SplitResult) -> str:
    return link_hosts.written(parts).plain


def _place(parts: SplitResult) -> str:
    """Path and query, "" for a host's first page."""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path.rstrip('/')}{query}"
