"""Has posts, profiles and accounts be what the statements of reasons in force say."""

from db.queries.statements import StatementRow
from domain.media import profile_images
from domain.moderation import sanctions
from domain.moderation.kinds import ON_POSTS, SANCTIONS, StatementKind
from domain.posts import measures


async def refresh(made: StatementRow, mark: int) -> None:
    """Within a transaction that has written a statement, or taken it back: changes what it is about.

    ``mark`` is as in ``measures.refresh``.
    """
    if made.kind in ON_POSTS and made.post is not None:
        await measures.refresh(made.post, mark)
    elif made.kind == StatementKind.MEDIA_REMOVAL:
        await profile_images.refresh(made.account)
    elif made.kind in SANCTIONS:
        await sanctions.refresh(made.account)
