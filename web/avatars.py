"""Avatars where no template draws them."""

from functools import lru_cache

from markupsafe import Markup

from web import filters, media_context

IMAGE = Markup('<img src="{}" alt="" width="128" height="128" loading="lazy" decoding="async">')


@lru_cache(4096)
def avatar(name: str, hue: int, key: str, size: str = "sm") -> Markup:
    """As the macro of components/avatar.html."""
    image = IMAGE.format(media_context.MEDIA_URLS.of(key)) if key else Markup()
    return Markup('<span class="avatar hue-{} {}" aria-hidden="true">{}{}</span>').format(
        hue, size, filters.initials(name), image
    )
