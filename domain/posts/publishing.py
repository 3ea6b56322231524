"""Publishing a post: a first post, a reply or a quote."""

from collections.abc import Sequence

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import publishing as queries
from domain.core import events, ids, signals, text_parsing
from domain.core.access import Viewer, member
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, collect
from domain.core.retries import retried
from domain.media import attachments
from domain.media.attachments import ChosenMedia
from domain.posts import views
from domain.posts.views import EVERYONE, FOLLOWERS, FOLLOWERS_ONLY, MENTIONED, PUBLIC, PostView

MAX_LENGTH = 1000
MAX_COVER = 100
MAX_KEY = 64
MAX_MENTIONS = 20
MAX_TAGS = 20


class Draft(msgspec.Struct, frozen=True):
    """What a person sends. ``cover`` None: nothing to cover.

    ``key`` makes a repeated request publish once; with anything else in the draft it is refused.
    """

    text: str
    key: str
    visibility: int = PUBLIC
    replies_to: int = EVERYONE
    cover: str | None = None
    parent: int | None = None
    quote: int | None = None
    media: tuple[ChosenMedia, ...] = ()


class MentionedAccount(msgspec.Struct, frozen=True):
    """Whom and what a text names: handles that exist (between spaces), their ids, tags."""

    handles: str
    accounts: Sequence[int]
    tags: Sequence[str]


@retried
async def publish(viewer: Viewer, draft: Draft) -> int:
    """Publishes and returns the post's id; the same form again returns the first one's.

    Errors: ``Invalid`` (text, cover, key), ``NotFound`` (parent or quote), ``Forbidden`` (who may reply, quote),
    ``Conflict`` (the key has published another draft, or a post that is deleted since; a picture is gone).
    """
    member(viewer)
    text_parsing.check_sizes(text=(draft.text, MAX_LENGTH), cover=(draft.cover or "", MAX_COVER))
    draft = msgspec.structs.replace(
        draft,
        text=text_parsing.clean(draft.text),
        cover=clean_cover(draft.cover),
        media=tuple(attachments.cleaned(draft.media)),
    )
    check(draft)
    if (before := await _before(viewer, draft)) is not None:
        return before
    if draft.media:
        await attachments.check_described(viewer, draft.media)
    parent = await _parent(viewer, draft.parent)
    await _quoted(viewer, draft.quote)
    named = await names(viewer, draft.text)
    try:
        return await _write(viewer, draft, parent, named)
    except ConstraintViolation:
        if (before := await _before(viewer, draft)) is not None:
            return before
        raise Conflict("Something came in between. Send it again.") from None


def check(draft: Draft) -> None:
    """Errors: ``Invalid`` with the fields that do not fit."""
    collect(
        text=text_problem(draft.text, bool(draft.media)),
        cover=cover_problem(draft.cover),
        key=None
        if 8 <= len(draft.key) <= MAX_KEY
        else Invalid("The form is too old: reload the page and send it again."),
        visibility=None if draft.visibility in (PUBLIC, FOLLOWERS) else Invalid("Choose who may see it."),
        replies_to=None
        if draft.replies_to in (EVERYONE, FOLLOWERS_ONLY, MENTIONED)
        else Invalid("Choose who may reply."),
    )


def clean_cover(cover: str | None) -> str | None:
    return None if cover is None else text_parsing.line(cover)


def text_problem(text: str, has_media: bool = False) -> Refused | None:
    """What is wrong with a cleaned post text, or None; pictures speak without one."""
    return text_parsing.too_long(text, MAX_LENGTH) if text or has_media else Invalid("Write something first.")


def cover_problem(cover: str | None) -> Refused | None:
    return None if cover is None else text_parsing.too_long(cover, MAX_COVER)


async def names(viewer: Viewer, text: str) -> MentionedAccount:
    """Whom a text mentions, as far as they exist and nobody has blocked the other, and its tags."""
    found = text_parsing.pieces(text)
    keys = {piece.value.lower() for piece in found if piece.kind == "mention"}
    tags = sorted({text_parsing.tag_key(piece.value) for piece in found if piece.kind == "tag"})
    if len(keys) > MAX_MENTIONS or len(tags) > MAX_TAGS:
        raise Invalid("A post may name at most %(limit)s people and as many hashtags.", limit=MAX_MENTIONS)
    rows = await queries.accounts_named(viewer.id, msgspec.json.encode(sorted(keys)).decode()) if keys else []
    return MentionedAccount("".join(f" {row[2]} " for row in rows), [row[0] for row in rows], tags)


async def may_reply(viewer: Viewer, post: PostView) -> Refused | None:
    """Why the viewer may not reply to a post that they see, or None."""
    if post.author == viewer.id or post.replies_to == EVERYONE or not viewer.signed_in:
        return None
    if await queries.is_mentioned(post.id, viewer.id):
        return None
    if post.replies_to == MENTIONED:
        return Forbidden("Only people mentioned in this post may reply.")
    if await queries.is_follower(viewer.id, post.author):
        return None
    return Forbidden("Only followers of @%(handle)s may reply.", handle=post.handle)


async def _parent(viewer: Viewer, parent: int | None) -> PostView | None:
    if parent is None:
        return None
    view = await views.get(viewer, parent)
    if refusal := await may_reply(viewer, view):
        raise refusal
    return view


async def _quoted(viewer: Viewer, quote: int | None) -> None:
    if quote is not None and not (await views.get(viewer, quote)).open:
        raise Forbidden("Only public posts can be quoted.")


async def _write(viewer: Viewer, draft: Draft, parent: PostView | None, named: MentionedAccount) -> int:
    post = ids.new()
    visibility = FOLLOWERS if viewer.private else draft.visibility
    async with DB.writing():
        # Under the locks that this takes: a post that was deleted meanwhile has no more replies.
        if not await queries.count(viewer.id, draft.parent, draft.quote, 1):
            raise NotFound
        await queries.insert(
            post,
            viewer.id,
            draft.parent,
            parent.author if parent else None,
            parent.root if parent else post,
            draft.quote,
            draft.text,
            named.handles,
            draft.cover,
            visibility,
            draft.replies_to,
            draft.key,
            len(draft.media),
        )
        await attachments.attach(viewer, post, draft.media)
        await queries.mark(post, named.accounts, named.tags)
        await queries.into_own_home(viewer.id, post)
        await events.record(events.PostPublished(post=post, author=viewer.id))
        _signal(post, parent, visibility)
    return post


def _signal(post: int, parent: PostView | None, visibility: int) -> None:
    if parent is not None:
        signals.send(signals.THREAD, parent.root, post)
        signals.send(signals.POST, parent.id)
    elif visibility == PUBLIC:
        signals.send(signals.PUBLIC, post)


async def _before(viewer: Viewer, draft: Draft) -> int | None:
    """What this very form has published already. Errors: ``Conflict`` when that was another draft, or is deleted."""
    row = await queries.by_key(viewer.id, draft.key)
    if row is None:
        return None
    post, deleted_at, edited_at, *said, visibility, replies_to = row
    same = said == [draft.text, draft.cover, draft.parent, draft.quote] and replies_to == draft.replies_to
    # A private author's posts are for followers, whatever the form says.
    same = same and (visibility == draft.visibility or (viewer.private and visibility == FOLLOWERS))
    # Which pictures an edited post had at first is not known any more.
    same = same and (edited_at is not None or await attachments.chosen_for(post) == list(draft.media))
    if not same or deleted_at is not None:
        raise Conflict("This form has published something already. Send it again to publish this as well.")
    return int(post)
