"""Avatars outside of templates."""

from functools import lru_cache

from markupsafe import Markup

from web import filters, media_context

IMAGE = Markup('<img src="{}" alt="" width="128" height="128" loading="lazy" decoding="async">')


@lru_cache(4096)
def avatar(name: str, hue: int, picture: str, media_origin: str, size: str = "sm") -> Markup:
    """The same HTML as the macro of components/avatar.html. ``picture`` is the key of a file, "" without one."""
    image = IMAGE.format(media_context.url(picture, media_origin)) if picture else Markup()
    return Markup('<span class="avatar hue-{} {}" aria-hidden="true">{}{}</span>').format(
        hue, size, filters.initials(name), image
    )
