"""Editing one's own post; its earlier texts stay readable."""

from collections.abc import Sequence

import msgspec

from db.engine import DB
from db.queries import editing as queries
from db.queries.editing import Rewrite
from db.tables.posts import PostState
from domain.accounts import network_profile
from domain.core import access, clock, cursors, events, permissions, signals, text_parsing, trust
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page
from domain.core.errors import Conflict, Frozen, collect
from domain.core.retries import retried
from domain.core.trust import TrustPolicy
from domain.media import attachments, storage
from domain.media.attachments import ChosenMedia
from domain.posts import holds, measures, posting_limits, publishing, screening, views
from domain.posts.posting_limits import Posted
from domain.posts.publishing import MentionedAccount
from domain.posts.views import PostView


class PostRevision(msgspec.Struct, frozen=True):
    """What a post said from ``written_at`` (Unix milliseconds) on; ``number`` is its version, from 1."""

    number: int
    text: str
    mentions: str
    cover: str | None
    written_at: int
    current: bool


async def own(viewer: Viewer, post: int) -> PostView:
    """The viewer's own post. Errors: ``NotFound``, which others get too."""
    view = await views.get(member(viewer), post)
    access.require(permissions.may_edit(viewer, view.author))
    return view


@retried
async def edit(
    viewer: Viewer,
    post: int,
    text: str,
    cover: str | None,
    version: int | None = None,
    media: Sequence[ChosenMedia] | None = None,
    policy: TrustPolicy = trust.DEFAULTS,
    sent_anyway: str = "",
) -> None:
    """Gives a post another text. ``version`` is the one the editor saw; ``media`` None leaves the pictures as they are.

    A picture that is no longer in ``media`` is deleted; one that moderators have removed keeps its place. What they had
    hidden until it is edited is shown again. Whatever looks at new posts (``screening``) looks at what this one says
    now, which may end a hold or begin one. ``policy`` says what new accounts may add. Whoever is frozen can edit what
    is hidden, without adding pictures. Errors: ``NotFound``, ``Frozen``, ``RulesChanged``, ``Invalid``, ``Nudged``,
    ``Conflict`` when the post was edited elsewhere in between, or a picture is gone.
    """
    before = await own(viewer, post)
    mends = before.moderation.hidden_by != 0
    access.require(permissions.may_post(viewer, (await network_profile.about()).rules_version, mends=mends))
    had = [ChosenMedia(one.id, one.alt) for one in before.media]
    text_parsing.check_sizes(text=(text, publishing.MAX_LENGTH), cover=(cover or "", publishing.MAX_COVER))
    chosen = had if media is None else attachments.cleaned(media)
    text, cover = text_parsing.clean(text), publishing.clean_cover(cover)
    collect(text=publishing.text_problem(text, bool(chosen)), cover=publishing.cover_problem(cover))
    if (text, cover, chosen) == (before.text, before.cover, had):
        return
    if chosen != had:
        await attachments.check_described(viewer, chosen)
    if viewer.frozen_until and {one.id for one in chosen} - {one.id for one in had}:
        # What is hidden is to be mended, and not to become another post.
        raise Frozen
    named = await publishing.names(viewer, text)
    screened = publishing.screened_post(post, text, cover, chosen, parent=before.parent, token=sent_anyway)
    verdict = await screening.look(viewer, screened)
    async with DB.writing():
        verdict = await screening.confirm(viewer, screened, verdict)
        new = Rewrite(
            post=post,
            version=before.version if version is None else version,
            text=text,
            mentions=named.handles,
            cover=cover,
            attachments=len(chosen),
            written_at=before.edited_at or before.created_at,
            now=clock.now(),
        )
        state = await queries.rewrite(new)
        if state is None:
            raise Conflict("This post was edited somewhere else meanwhile: what it says now stands below your text.")
        if viewer.frozen_until and state != PostState.HIDDEN:
            # It was shown again since it was loaded.
            raise Frozen
        going = await attachments.replace(viewer, post, chosen)
        await queries.replace_mentions_and_tags(post, named.accounts, named.tags)
        if state == PostState.HELD:
            # Nobody was to read it before a moderator: it is with the case, and not in the history of edits.
            await queries.forget_revision(post, new.version)
        held = await holds.edited(post, verdict)
        if state == PostState.HIDDEN:
            await measures.edited(post, new.now)
        # After what counts in the account, as the lock order has it.
        await posting_limits.take(viewer, policy, _added(before, named, chosen))
        if not held:
            await events.record(events.PostEdited(post=post, author=viewer.id))
        await screening.settle(viewer, screened, verdict)
        signals.send(signals.Kind.POST, post)
    await storage.remove_all(going)


def _added(before: PostView, named: MentionedAccount, chosen: Sequence[ChosenMedia]) -> Posted:
    """What an edit brings that was not there before it."""
    return Posted(
        links=posting_limits.added(named.links, publishing.links_in(text_parsing.pieces(before.text))),
        media=posting_limits.added([one.id for one in chosen], [one.id for one in before.media]),
        mentions=posting_limits.added(named.handles.split(), [*before.mentions.split(), before.handle.lower()]),
    )


async def history(viewer: Viewer, post: int, cursor: str = "") -> tuple[PostView, Page[PostRevision]]:
    """The post and a page of its versions, newest first; the first page begins with the current one.

    Errors: ``NotFound``. After ``view, page = await history(GUEST, post)`` comes ``history(GUEST, post, page.next)``.
    """
    view = await views.get(viewer, post)
    below = cursors.below(cursor)
    revisions = await queries.revisions(post, min(below, view.version), SIZE + 1)
    found = [PostRevision(*revision, current=False) for revision in revisions]
    if below > view.version:
        since = view.edited_at or view.created_at
        found.insert(0, PostRevision(view.version, view.text, view.mentions, view.cover, since, current=True))
    return view, Page(found[:SIZE], cursors.after(found[SIZE - 1].number) if len(found) > SIZE else "")
