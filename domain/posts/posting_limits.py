"""What new accounts may post within an hour: so many links, pictures and mentions, as their level of trust says.

What was posted is counted in the database, so that it holds in all processes, and is not taken back with a post: an
account that deletes and posts again has posted twice.
"""

from collections.abc import Collection
from typing import NamedTuple

from db.queries import trust as queries
from db.queries.trust import PostedRow
from domain.core import clock
from domain.core.access import Viewer
from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.core.trust import TrustLimits, TrustPolicy

# The code of these refusals, for which forms lead to the page that explains them.
CODE = "trust"


class _Words(NamedTuple):
    """Why something is refused: for the moment, or because one post has more than an hour allows."""

    wait: str
    fewer: str


LINKS = _Words(
    N_(
        "While your account is new, links are limited to keep spam out: %(limit)s within an hour. You can post this in"
        " %(minutes)s min, or now without links."
    ),
    N_(
        "While your account is new, links are limited to keep spam out: %(limit)s within an hour. Take some out to post"
        " this."
    ),
)
MEDIA = _Words(
    N_(
        "While your account is new, pictures are limited to keep spam out: %(limit)s within an hour. You can post this"
        " in %(minutes)s min, or now without pictures."
    ),
    N_(
        "While your account is new, pictures are limited to keep spam out: %(limit)s within an hour. Take some out to"
        " post this."
    ),
)
MENTIONS = _Words(
    N_(
        "While your account is new, mentions are limited to keep spam out: %(limit)s within an hour. You can post this"
        " in %(minutes)s min, or now without mentions."
    ),
    N_(
        "While your account is new, mentions are limited to keep spam out: %(limit)s within an hour. Take some out to"
        " post this."
    ),
)


class Posted(NamedTuple):
    """What a post brings, or an edit adds: how many links, pictures (videos and sounds too) and people mentioned."""

    links: int
    media: int
    mentions: int


def added(new: Collection[object], old: Collection[object] = ()) -> int:
    """How many of ``new`` are not among ``old``, each counted once."""
    return len(set(new) - set(old))


def of(viewer: Viewer, policy: TrustPolicy) -> TrustLimits | None:
    """What the viewer may post within an hour; None where nothing is limited.

    Moderators are no exception: what a new account posts would tell that it is one.
    """
    return policy.limits(viewer.trust)


async def take(viewer: Viewer, policy: TrustPolicy, posted: Posted) -> None:
    """Within a transaction that ends with the post: counts what it brings. Errors: ``Invalid`` with the field."""
    limits = of(viewer, policy)
    if limits is None or not any(posted):
        return
    now = clock.now()
    within = await queries.post(viewer.id, now, now - clock.HOUR_MS, *posted)
    _check("text", LINKS, posted.links, within.links, limits.links, within)
    _check("media", MEDIA, posted.media, within.media, limits.media, within)
    _check("text", MENTIONS, posted.mentions, within.mentions, limits.mentions, within)


def _check(field: str, words: _Words, posted: int, in_all: int, limit: int, within: PostedRow) -> None:
    """Errors: ``Invalid``."""
    if not posted or in_all <= limit:
        return
    wait = within.hour_at + clock.HOUR_MS - clock.now()
    minutes = max(1, -(-wait // clock.MINUTE_MS))
    said = words.fewer if posted > limit else words.wait
    problem = Invalid(said, code=CODE, limit=limit, minutes=minutes)
    raise Invalid(said, fields={field: problem}, code=CODE, limit=limit, minutes=minutes)
