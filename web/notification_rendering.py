"""Notices as HTML: a written post is drawn whole, everything else is a line with avatars."""

from collections.abc import Sequence
from typing import Any

import msgspec
from markupsafe import Markup, escape

from domain.core.access import Viewer
from domain.notifications.kinds import Topic
from domain.notifications.notices import Face, NoticeView
from web import notification_text, post_rendering
from web.notification_kinds import TEXTS
from web.templating import Templates

# Placeholders for the names until the words around them are escaped; no name can contain them.
_FIRST, _SECOND = "\ue000", "\ue001"


class NotificationLine(msgspec.Struct):
    """A notice as templates see it.

    ``html`` is the post that somebody wrote, ``excerpt`` the beginning of the member's own post; ``faces`` is empty
    when the network caused the notice; ``buttons`` is that of ``web.notification_kinds.KindTexts``. ``by_day``: only
    the day of ``ms`` is told.
    """

    id: str
    kind: str
    icon: str
    buttons: str
    entry: str
    ms: int
    by_day: bool
    unread: bool
    count: int
    words: Markup
    url: str
    faces: list[Face]
    relation: str
    html: Markup
    excerpt: str
    covered: bool


async def lines(viewer: Viewer, views: Sequence[NoticeView], templates: Templates) -> list[NotificationLine]:
    """The lines of a list."""
    posts = [view.post for view in views if view.post is not None and view.kind.rules.topic is Topic.POST]
    drawn = await post_rendering.render(viewer, [post.summary for post in posts], templates, above=False)
    html = {post.id: Markup(part.decode()) for post, part in zip(posts, drawn, strict=True)}  # noqa: S704 - drawn
    return [_line(view, templates.locale, html) for view in views]


def _line(view: NoticeView, locale: str, html: dict[int, Markup]) -> NotificationLine:
    own = view.post if view.post is not None and view.post.id not in html else None
    return NotificationLine(
        id=str(view.id),
        kind=view.kind.key,
        icon=TEXTS[view.kind].icon,
        buttons=TEXTS[view.kind].buttons,
        entry=str(view.entry),
        ms=view.at,
        by_day=view.kind.rules.dated_by_day,
        unread=view.unread,
        count=view.count,
        words=words(view, locale),
        url=notification_text.path(view),
        faces=[view.actor, *view.others] if view.actor else [],
        relation=view.relation,
        html=html.get(view.post.id, Markup()) if view.post is not None else Markup(),
        excerpt=notification_text.excerpt(locale, own) if own is not None else "",
        covered=own is not None and own.covered,
    )


def words(view: NoticeView, locale: str) -> Markup:
    """What happened, with the names in bold."""
    if view.actor is None:
        return escape(notification_text.line(locale, view))
    one, others = view.actor._replace(name=_FIRST), view.others
    if others:
        others = (others[0]._replace(name=_SECOND), *others[1:])
    text = escape(notification_text.line(locale, msgspec.structs.replace(view, actor=one, others=others)))
    text = text.replace(_FIRST, _bold(view.actor))
    return text.replace(_SECOND, _bold(view.others[0])) if view.others else text


def _bold(face: Face) -> Markup:
    return Markup("<b><bdi>{}</bdi></b>").format(face.name)


def row(face: Face) -> dict[str, Any]:
    return {
        "id": str(face.id),
        "handle": face.handle,
        "name": face.name,
        "hue": face.hue,
        "avatar_small": face.avatar_small,
    }
