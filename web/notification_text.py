"""A notice in plain words, for mails and feeds."""

from domain.core.translatable import N_
from domain.media.file_types import AUDIO, VIDEO
from domain.notifications.kinds import ACCEPTED, BELL, FOLLOW, MENTION, QUOTE, REPLY, REPOST, REQUEST, VOTE
from domain.notifications.notices import NoticeView
from domain.posts.views import PostView
from web import i18n

EXCERPT = 160
# What the kinds of notices are called, in the order of settings and mails.
HEADINGS = {
    MENTION: N_("Mentions"),
    REPLY: N_("Replies"),
    QUOTE: N_("Quotes"),
    REPOST: N_("Reposts"),
    VOTE: N_("Votes"),
    FOLLOW: N_("New followers"),
    REQUEST: N_("Follow requests"),
    ACCEPTED: N_("Accepted requests"),
    BELL: N_("Posts you have a bell for"),
}


def line(locale: str, view: NoticeView) -> str:
    """Who did what: "Ana Ruiz and 12 others voted for your post"."""
    who, count = people(locale, view), view.count
    ngettext = i18n.translations(locale).ngettext
    said = {
        MENTION: ngettext("%(who)s mentioned you", "%(who)s mentioned you", count),
        REPLY: ngettext("%(who)s replied to you", "%(who)s replied to you", count),
        QUOTE: ngettext("%(who)s quoted you", "%(who)s quoted you", count),
        REPOST: ngettext("%(who)s reposted your post", "%(who)s reposted your post", count),
        VOTE: ngettext("%(who)s voted for your post", "%(who)s voted for your post", count),
        FOLLOW: ngettext("%(who)s follows you", "%(who)s follow you", count),
        REQUEST: ngettext("%(who)s asks to follow you", "%(who)s ask to follow you", count),
        ACCEPTED: ngettext("%(who)s lets you follow", "%(who)s let you follow", count),
        BELL: ngettext("%(who)s posted", "%(who)s posted", count),
    }
    return said[view.kind] % {"who": who}


def people(locale: str, view: NoticeView) -> str:
    """The names behind a notice: one, two, or one and how many others."""
    name = view.actor[2]
    if view.count < 2:
        return name
    if view.count == 2 and view.others:
        return i18n.translate(locale, "%(one)s and %(other)s", one=name, other=view.others[0][2])
    others = view.count - 1
    words = i18n.translations(locale).ngettext("%(name)s and %(num)s other", "%(name)s and %(num)s others", others)
    return words % {"name": name, "num": i18n.full(locale, others)}


def excerpt(locale: str, post: PostView) -> str:
    """The beginning of a post on one line, or what hangs on it; of a covered one only what its cover says."""
    text = (
        post.text or attached(locale, post) if post.cover is None else post.cover or i18n.translate(locale, "Sensitive")
    )
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1].rstrip() + "…"


def attached(locale: str, post: PostView) -> str:
    """What hangs on a post, in words: "Picture: A lamp"."""
    if not post.media:
        return ""
    first = post.media[0]
    ngettext = i18n.translations(locale).ngettext
    count = len(post.media)
    pictures = ngettext("Picture", "%(num)s pictures", count) % {"num": i18n.full(locale, count)}
    what = {VIDEO: i18n.translate(locale, "Video"), AUDIO: i18n.translate(locale, "Sound")}.get(first.kind, pictures)
    return i18n.translate(locale, "%(what)s: %(alt)s", what=what, alt=first.alt) if first.alt else what


def path(view: NoticeView) -> str:
    """Where a notice leads to."""
    if view.post is not None:
        return f"/@{view.post.handle}/{view.post.id}"
    return "/requests" if view.kind == REQUEST else f"/@{view.actor[1]}"
