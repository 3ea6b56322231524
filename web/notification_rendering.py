"""Notices as HTML: what was said is drawn as a post, everything else is a line with faces."""

from collections.abc import Sequence
from typing import Any

import msgspec
from markupsafe import Markup, escape

from domain.core.access import Viewer
from domain.notifications.grouping import SAID, TOPICS
from domain.notifications.kinds import NAMES
from domain.notifications.notices import Face, NoticeView
from web import notification_text, post_rendering
from web.templating import Templates

# Stand for the names until the words around them are escaped; nobody's name can have them.
_FIRST, _SECOND = "\ue000", "\ue001"


class NotificationLine(msgspec.Struct):
    """A notice as templates know it; ``html`` is the post that was said, ``excerpt`` the beginning of one's own."""

    id: str
    kind: str
    entry: str
    ms: int
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
    posts = [view.post for view in views if view.post is not None and TOPICS[view.kind] == SAID]
    drawn = await post_rendering.render(viewer, [post.glimpse for post in posts], templates, above=False)
    html = {post.id: Markup(part.decode()) for post, part in zip(posts, drawn, strict=True)}  # noqa: S704 - drawn
    return [_line(view, templates.locale, html) for view in views]


def _line(view: NoticeView, locale: str, html: dict[int, Markup]) -> NotificationLine:
    own = view.post if view.post is not None and view.post.id not in html else None
    return NotificationLine(
        id=str(view.id),
        kind=NAMES[view.kind],
        entry=str(view.entry),
        ms=view.at,
        unread=view.unread,
        count=view.count,
        words=words(view, locale),
        url=notification_text.path(view),
        faces=[view.actor, *view.others],
        relation=view.relation,
        html=html.get(view.post.id, Markup()) if view.post is not None else Markup(),
        excerpt=notification_text.excerpt(locale, own) if own is not None else "",
        covered=own is not None and own.cover is not None,
    )


def words(view: NoticeView, locale: str) -> Markup:
    """Who did what, with the names in bold."""
    one, others = view.actor._replace(name=_FIRST), view.others
    if others:
        others = (others[0]._replace(name=_SECOND), *others[1:])
    said = escape(notification_text.line(locale, msgspec.structs.replace(view, actor=one, others=others)))
    said = said.replace(_FIRST, _bold(view.actor))
    return said.replace(_SECOND, _bold(view.others[0])) if view.others else said


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
