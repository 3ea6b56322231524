"""Atom feeds: a member's notices at a secret address, and a public profile's posts."""

from collections.abc import Iterator

from litestar import get
from litestar.types import ASGIApp
from markupsafe import Markup

from asgi import text_html
from asgi.asgi_types import Request
from domain.accounts import network_profile
from domain.core import ids
from domain.core.errors import NotFound
from domain.notifications import feeds
from domain.notifications.notices import NoticeView
from domain.posts.views import PostView
from web import i18n, mails, measure_words, media_context, notification_text, page, state, templating
from web.atom import Entry, Feed, Head
from web.templating import Templates


@get("/feeds/{name:str}")
async def mine(request: Request, name: str) -> ASGIApp:
    """Whoever has the address may read, on whatever device: a session is not looked at."""
    token, dot, suffix = name.rpartition(".")
    if (dot, suffix) != (".", "xml"):
        raise NotFound
    owner = await feeds.owner(token)
    settings = state.of(request).settings
    origin, locale = mails.base(settings), i18n.choose(owner.locale, "", settings.language)
    head = Head(
        id=f"{origin}/notifications#{owner.id}",
        here=f"{origin}/feeds/{name}",
        home=f"{origin}/notifications",
        title=i18n.translate(locale, "Notifications of @%(handle)s", handle=owner.handle),
        locale=locale,
        at=ids.time_of(owner.id),
    )
    templates = templating.templates(locale, page.visit(request).policy)
    network = (await network_profile.about()).name
    return Feed(head, [_notice(view, templates, origin, network) for view in await feeds.mine(owner)])


def _notice(view: NoticeView, templates: Templates, origin: str, network: str) -> Entry:
    by = (view.actor.name, f"{origin}/@{view.actor.handle}") if view.actor else (network, f"{origin}/about")
    return Entry(
        id=f"{origin}/notifications#{view.id}",
        link=origin + notification_text.path(view),
        title=notification_text.line(templates.locale, view),
        author=by,
        html=_html(view.post, templates, origin) if view.post else "",
        # Of what is dated by the day alone, the id would tell the hour.
        published=view.at if view.kind.rules.dated_by_day else ids.time_of(view.id),
        updated=view.at,
    )


@get("/@/{handle:str}/feed")
async def public(request: Request, handle: str) -> ASGIApp:
    person, posts = await feeds.public(handle)
    origin, templates = mails.base(state.of(request).settings), page.templates(request)
    home = f"{origin}/@{person.handle}"
    head = Head(
        id=home,
        here=f"{home}/feed",
        home=home,
        title=f"{person.name} (@{person.handle})",
        locale=templates.locale,
        at=ids.time_of(person.id),
    )
    return Feed(head, [_post(view, templates, origin) for view in posts], shared=True)


def _post(view: PostView, templates: Templates, origin: str) -> Entry:
    return Entry(
        id=f"{origin}/posts/{view.id}",
        link=f"{origin}/@{view.handle}/{view.id}",
        title=notification_text.excerpt(templates.locale, view),
        author=(view.name, f"{origin}/@{view.handle}"),
        html=_html(view, templates, origin),
        published=view.created_at,
        updated=view.edited_at or view.created_at,
    )


def _html(post: PostView, templates: Templates, origin: str) -> str:
    """A post's words as HTML with whole addresses; of a covered one its cover alone."""
    if post.covered:
        return str(text_html.rich(notification_text.excerpt(templates.locale, post)))
    label = measure_words.label(templates.locale, post)
    said = str(Markup("<p><b>{}</b></p>").format(label)) if label else ""
    # In what people write, quotation marks are escaped: only our own links look like this.
    words = said + str(text_html.rich(post.text, post.mentions)).replace('href="/', f'href="{origin}/')
    # What is not for everybody a reader of feeds could not fetch.
    return words + (str(Markup("").join(_pictures(post, origin, templates.media_origin))) if post.open else "")


def _pictures(post: PostView, origin: str, media_origin: str) -> Iterator[Markup]:
    for shot in media_context.of(post.media, media_origin):
        if shot.src:
            # An address at another name is whole already.
            source = shot.src if "://" in shot.src else origin + shot.src
            yield Markup('<p><img src="{}" width="{}" height="{}" alt="{}"></p>').format(
                source, shot.width, shot.height, shot.alt
            )


HANDLERS = [mine, public]
