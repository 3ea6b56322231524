"""Notices in plain words, for mails, feeds and pushes."""

from typing import assert_never

from domain.media.file_types import MediaKind
from domain.notifications.notices import NoticeView
from domain.posts.views import PostView
from web import i18n, measure_words
from web.notification_kinds import TEXTS

EXCERPT = 160


def line(locale: str, view: NoticeView) -> str:
    """What happened: "Ana Ruiz and 12 others voted for your post"."""
    words = i18n.translations(locale).ngettext(*TEXTS[view.kind].line, view.count)
    return words % {"who": people(locale, view)}


def people(locale: str, view: NoticeView) -> str:
    """The names behind a notice: one, two, or one and the number of others; "" when the network caused it."""
    name = view.actor.name if view.actor else ""
    if view.count < 2:
        return name
    if view.count == 2 and view.others:
        return i18n.translate(locale, "%(one)s and %(other)s", one=name, other=view.others[0].name)
    others = view.count - 1
    words = i18n.translations(locale).ngettext("%(name)s and %(num)s other", "%(name)s and %(num)s others", others)
    return words % {"name": name, "num": i18n.full(locale, others)}


def excerpt(locale: str, post: PostView) -> str:
    """The beginning of a post on one line, or its media in words; of a covered post only the text of its cover.

    What moderators say of it comes first.
    """
    text = measure_words.cover(locale, post) or post.text or attached(locale, post)
    if label := measure_words.label(locale, post):
        text = f"[{label}] {text}"
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1].rstrip() + "…"


def attached(locale: str, post: PostView) -> str:
    """A post's media in words: "Picture: A lamp"."""
    if not post.media:
        return ""
    first = post.media[0]
    what = _kind(locale, first.kind, len(post.media))
    return i18n.translate(locale, "%(what)s: %(alt)s", what=what, alt=first.alt) if first.alt else what


def _kind(locale: str, kind: MediaKind, count: int) -> str:
    match kind:
        case MediaKind.IMAGE | MediaKind.ANIMATED:
            words = i18n.translations(locale).ngettext("Picture", "%(num)s pictures", count)
            return words % {"num": i18n.full(locale, count)}
        case MediaKind.VIDEO:
            return i18n.translate(locale, "Video")
        case MediaKind.AUDIO:
            return i18n.translate(locale, "Sound")
        case _:
            assert_never(kind)


def path(view: NoticeView) -> str:
    """The page that a notice leads to."""
    if view.post is not None:
        return f"/@{view.post.handle}/{view.post.id}"
    return TEXTS[view.kind].page or (f"/@{view.actor.handle}" if view.actor else "/notifications")
