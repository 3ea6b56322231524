"""Publishing a post: a first post, a reply or a quote."""

from collections.abc import Sequence

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import publishing as queries
from db.queries.publishing import NewPost, PublishedPost
from domain.accounts import network_profile
from domain.core import access, events, ids, permissions, signals, text_parsing, trust
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, Refused, collect
from domain.core.permissions import ReplyRule
from domain.core.retries import retried
from domain.core.text_parsing import Piece
from domain.core.trust import TrustPolicy
from domain.core.visibility import Visibility, WhoMayReply
from domain.media import attachments
from domain.media.attachments import ChosenMedia
from domain.posts import holds, posting_limits, screening, views
from domain.posts.posting_limits import Posted
from domain.posts.screening import ScreenedPost, Verdict
from domain.posts.views import PostView

MAX_LENGTH = 1000
MAX_COVER = 100
MAX_KEY = 64
MAX_MENTIONS = 20
MAX_TAGS = 20


class Draft(msgspec.Struct, frozen=True):
    """What a person submits. ``cover`` None: the text is not covered.

    ``key`` makes a repeated request publish once; the same key with another draft is refused. ``sent_anyway`` is the
    token of a nudge (``screening.Nudged``) after which they send it all the same.
    """

    text: str
    key: str
    visibility: Visibility = Visibility.PUBLIC
    replies_to: WhoMayReply = WhoMayReply.EVERYONE
    cover: str | None = None
    parent: int | None = None
    quote: int | None = None
    media: tuple[ChosenMedia, ...] = ()
    sent_anyway: str = ""


class MentionedAccount(msgspec.Struct, frozen=True):
    """Who and what a text names: handles that exist (each between spaces), the ids of their accounts, tags, and
    addresses that it links to."""

    handles: str
    accounts: Sequence[int]
    tags: Sequence[str]
    links: frozenset[str] = frozenset()


@retried
async def publish(viewer: Viewer, draft: Draft, policy: TrustPolicy = trust.DEFAULTS) -> int:
    """Publishes a post and returns its id; the same form again returns the id of the first one.

    ``policy`` says what new accounts may post. Whether others see it at once, or a moderator looks at it first, is said
    by what looks at posts (``screening``).

    Errors: ``Invalid`` (text, cover, key, media), ``Nudged``, ``NotFound`` (parent or quote), ``Forbidden`` (who may
    reply, quote), ``RulesChanged``, ``Conflict`` (the key has published another draft, or a post that is deleted since;
    a picture is gone).
    """
    access.require(permissions.may_post(viewer, (await network_profile.about()).rules_version))
    draft = _cleaned(draft)
    check(draft)
    if (before := await _before(viewer, draft)) is not None:
        return before
    await attachments.check_described(viewer, draft.media)
    parent = await _parent(viewer, draft.parent)
    await _quoted(viewer, draft.quote)
    named = await names(viewer, draft.text)
    screened = screened_post(
        ids.new(), draft.text, draft.cover, draft.media, parent=draft.parent, token=draft.sent_anyway
    )
    verdict = await screening.look(viewer, screened)
    try:
        return await _write(viewer, draft, parent, named, policy, screened, verdict)
    except ConstraintViolation:
        if (before := await _before(viewer, draft)) is not None:
            return before
        raise Conflict("Something came in between. Send it again.") from None


def _cleaned(draft: Draft) -> Draft:
    """The draft as it is stored. Errors: ``Invalid`` for a text that is far too long, or for its media."""
    text_parsing.check_sizes(text=(draft.text, MAX_LENGTH), cover=(draft.cover or "", MAX_COVER))
    return msgspec.structs.replace(
        draft,
        text=text_parsing.clean(draft.text),
        cover=clean_cover(draft.cover),
        media=tuple(attachments.cleaned(draft.media)),
    )


def check(draft: Draft) -> None:
    """Errors: ``Invalid`` with the fields that do not fit."""
    collect(
        text=text_problem(draft.text, bool(draft.media)),
        cover=cover_problem(draft.cover),
        key=None
        if 8 <= len(draft.key) <= MAX_KEY
        else Invalid("The form is too old: reload the page and send it again."),
    )


def clean_cover(cover: str | None) -> str | None:
    return None if cover is None else text_parsing.line(cover)


def text_problem(text: str, has_media: bool = False) -> Refused | None:
    """What is wrong with a cleaned post text, or None; a post with pictures needs no text."""
    return text_parsing.too_long(text, MAX_LENGTH) if text or has_media else Invalid("Write something first.")


def cover_problem(cover: str | None) -> Refused | None:
    return None if cover is None else text_parsing.too_long(cover, MAX_COVER)


async def names(viewer: Viewer, text: str) -> MentionedAccount:
    """The people whom a text mentions, if the viewer may see them, and its tags.

    Errors: ``Invalid`` for too many.
    """
    found = text_parsing.pieces(text)
    keys = {piece.value.lower() for piece in found if piece.kind == "mention"}
    tags = sorted({text_parsing.tag_key(piece.value) for piece in found if piece.kind == "tag"})
    if len(keys) > MAX_MENTIONS or len(tags) > MAX_TAGS:
        raise Invalid("A post may name at most %(limit)s people and as many hashtags.", limit=MAX_MENTIONS)
    rows = await queries.accounts_named(viewer.id, sorted(keys)) if keys else []
    handles = "".join(f" {row.handle_key} " for row in rows)
    return MentionedAccount(handles, [row.id for row in rows], tags, links_in(found))


def links_in(pieces: Sequence[Piece]) -> frozenset[str]:
    """The addresses that a text links to."""
    return frozenset(piece.value for piece in pieces if piece.kind == "link")


async def may_reply(viewer: Viewer, post: PostView) -> Refused | None:
    """Why the viewer may not reply to a post that they may see, or None."""
    return views.may_build_on(post) or await permissions.may_reply(
        viewer,
        ReplyRule(post.author, post.handle, WhoMayReply(post.replies_to)),
        mentioned=lambda: queries.is_mentioned(post.id, viewer.id),
        follows=lambda: queries.is_follower(viewer.id, post.author),
    )


async def _parent(viewer: Viewer, parent: int | None) -> PostView | None:
    if parent is None:
        return None
    view = await views.get(viewer, parent)
    access.require(await may_reply(viewer, view))
    return view


async def _quoted(viewer: Viewer, quote: int | None) -> None:
    if quote is not None:
        view = await views.get(viewer, quote)
        access.require(views.may_build_on(view) or permissions.may_quote(viewer, is_open=view.open))


def screened_post(
    post: int, text: str, cover: str | None, media: Sequence[ChosenMedia], *, parent: int | None, token: str
) -> ScreenedPost:
    """A post as it is looked at before others see it; ``token`` is that of a nudge, "" without one."""
    alts, pictures = tuple(one.alt for one in media), tuple(one.id for one in media)
    return ScreenedPost(post, text, cover or "", alts, parent is not None, token, pictures)


async def _write(
    viewer: Viewer,
    draft: Draft,
    parent: PostView | None,
    named: MentionedAccount,
    policy: TrustPolicy,
    screened: ScreenedPost,
    verdict: Verdict,
) -> int:
    post = screened.post
    visibility = Visibility.FOLLOWERS if viewer.private else draft.visibility
    async with DB.writing():
        verdict = await screening.confirm(viewer, screened, verdict)
        # This locks the parent and the quoted post: one that was deleted since it was loaded gets no more replies.
        if not await queries.count(viewer.id, draft.parent, draft.quote, 1):
            raise NotFound
        brings = Posted(len(named.links), len(draft.media), posting_limits.added(named.accounts, (viewer.id,)))
        await posting_limits.take(viewer, policy, brings)
        await queries.insert(
            NewPost(
                id=post,
                author=viewer.id,
                parent=draft.parent,
                parent_author=parent.author if parent else None,
                root=parent.root if parent else post,
                quote=draft.quote,
                text=draft.text,
                mentions=named.handles,
                cover=draft.cover,
                visibility=visibility,
                replies_to=draft.replies_to,
                key=draft.key,
                attachments=len(draft.media),
            )
        )
        await attachments.attach(viewer, post, draft.media)
        await queries.add_mentions_and_tags(post, named.accounts, named.tags)
        await queries.into_own_home(viewer.id, post)
        if verdict.hold is None:
            await events.record(events.PostPublished(post=post, author=viewer.id))
            _signal(post, parent, visibility)
        await holds.put(post, verdict)
        await screening.settle(viewer, screened, verdict)
    return post


def _signal(post: int, parent: PostView | None, visibility: Visibility) -> None:
    if parent is not None:
        signals.send(signals.Kind.THREAD, parent.root, post)
        signals.send(signals.Kind.POST, parent.id)
    elif visibility is Visibility.PUBLIC:
        signals.send(signals.Kind.PUBLIC, post)


async def _before(viewer: Viewer, draft: Draft) -> int | None:
    """The post that this form has published already. Errors: ``Conflict`` when the draft differs, or it is deleted."""
    before = await queries.by_key(viewer.id, draft.key)
    if before is None:
        return None
    if before.deleted_at is not None or not await _is_same(viewer, draft, before):
        raise Conflict("This form has published something already. Send it again to publish this as well.")
    return before.id


async def _is_same(viewer: Viewer, draft: Draft, before: PublishedPost) -> bool:
    said = before.text, before.cover, before.parent, before.quote, before.replies_to
    if said != (draft.text, draft.cover, draft.parent, draft.quote, draft.replies_to):
        return False
    # A private author's posts are for followers, whatever the form says.
    if before.visibility != draft.visibility and not (viewer.private and before.visibility == Visibility.FOLLOWERS):
        return False
    # Which pictures an edited post had at first is not stored.
    return before.edited_at is not None or await attachments.chosen_for(before.id) == list(draft.media)
