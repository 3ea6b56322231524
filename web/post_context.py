"""A post as templates know it."""

from collections.abc import Mapping

import msgspec

from domain.core.visibility import Visibility, WhoMayReply
from domain.posts.link_previews import Preview
from domain.posts.views import PostView
from web import measure_words, media_context
from web.media_context import MediaContext

# The words of forms and templates, by the stored number.
VISIBILITY_WORDS: Mapping[int, str] = {Visibility.PUBLIC: "public", Visibility.FOLLOWERS: "followers"}
REPLY_WORDS: Mapping[int, str] = {
    WhoMayReply.EVERYONE: "everyone",
    WhoMayReply.FOLLOWERS: "followers",
    WhoMayReply.MENTIONED: "mentioned",
}
VISIBILITIES = {VISIBILITY_WORDS[one]: one for one in Visibility}
REPLIES = {REPLY_WORDS[one]: one for one in WhoMayReply}


class HeldContext(msgspec.Struct):
    """What the author of a held post reads beside it: what the filter says, and the rule, "" for none."""

    facts: str
    rule: str
    rule_url: str


class PostContext(msgspec.Struct):
    """A post as templates know it. Ids are strings, times Unix milliseconds.

    ``cover`` is the line that covers it, ``label`` what moderators say of it, with the address of the rule, ``removed``
    that they have taken something out of it; ``hidden_url`` is the decision that hides it from all but its author, ""
    if none does. ``held`` is there while it waits for a moderator.
    """

    id: str
    account_id: str
    handle: str
    name: str
    hue: int
    private: bool
    text: str
    mentions: str
    visibility: str
    replies_to: str
    cover: str
    covered: bool
    edited: bool
    is_reply: bool
    created_ms: int
    url: str
    avatar_small: str
    shots: list[MediaContext]
    preview: Preview | None
    preview_shot: MediaContext | None
    label: str
    label_url: str
    removed: str
    hidden_url: str
    held: HeldContext | None


def of(view: PostView, media_origin: str, locale: str) -> PostContext:
    """``media_origin``: that of the host for public files, "" for the network's own."""
    image = view.preview.image if view.preview else None
    return PostContext(
        id=str(view.id),
        account_id=str(view.author),
        handle=view.handle,
        name=view.name,
        hue=view.hue,
        private=bool(view.private),
        text=view.text,
        mentions=view.mentions,
        visibility=VISIBILITY_WORDS[view.visibility],
        replies_to=REPLY_WORDS[view.replies_to],
        cover=measure_words.cover(locale, view),
        covered=view.covered,
        edited=view.edited_at is not None,
        is_reply=view.parent is not None,
        created_ms=view.created_at,
        url=address(view),
        avatar_small=view.avatar_small,
        shots=media_context.of(view.media, media_origin if view.open else ""),
        preview=view.preview,
        preview_shot=media_context.of([image], media_origin)[0] if image else None,
        label=measure_words.label(locale, view),
        label_url=measure_words.label_url(view),
        removed=measure_words.removed(locale, view),
        hidden_url=f"/statements/{view.moderation.hidden_by}" if view.moderation.hidden_by else "",
        held=_held(view, locale),
    )


def _held(view: PostView, locale: str) -> HeldContext | None:
    found = view.moderation.held
    if found is None:
        return None
    rule = found.rule
    url = f"/rules/{rule.version}#rule-{rule.number}" if rule else ""
    return HeldContext(found.facts, rule.title(locale) if rule else "", url)


def address(view: PostView) -> str:
    return f"/@{view.handle}/{view.id}"
