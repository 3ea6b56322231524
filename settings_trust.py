"""The settings of levels of trust: what new accounts may not do yet, and what the next level takes."""

from typing import Annotated

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]


class TrustSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Inherited by ``settings.Settings``."""

    new_links_per_hour: Annotated[Count, Meta(description="Links per hour in posts of an account at level 0.")] = 3
    new_media_per_hour: Annotated[
        Count, Meta(description="Pictures, videos and sounds per hour in posts of an account at level 0.")
    ] = 4
    new_mentions_per_hour: Annotated[
        Count, Meta(description="Mentions per hour in posts of an account at level 0.")
    ] = 5
    basic_links_per_hour: Annotated[Count, Meta(description="Links per hour in posts of an account at level 1.")] = 20
    basic_media_per_hour: Annotated[
        Count, Meta(description="Pictures, videos and sounds per hour in posts of an account at level 1.")
    ] = 30
    basic_mentions_per_hour: Annotated[
        Count, Meta(description="Mentions per hour in posts of an account at level 1.")
    ] = 30
    basic_days: Annotated[Count, Meta(description="Days on which somebody has read here, for level 1.")] = 2
    basic_reads: Annotated[Count, Meta(description="Posts read, for level 1.")] = 30
    basic_posts: Annotated[Count, Meta(description="Own posts that stood for a day, for level 1.")] = 0
    member_days: Annotated[Count, Meta(description="Days on which somebody has read here, for level 2.")] = 10
    member_reads: Annotated[Count, Meta(description="Posts read, for level 2.")] = 100
    member_posts: Annotated[Count, Meta(description="Own posts that stood for a day, for level 2.")] = 3
    regular_days: Annotated[Count, Meta(description="Days on which somebody has read here, for level 3.")] = 50
    regular_reads: Annotated[Count, Meta(description="Posts read, for level 3.")] = 500
    regular_posts: Annotated[Count, Meta(description="Own posts that stood for a day, for level 3.")] = 20
    points_per_level: Annotated[
        Positive, Meta(description="Points in force that cost a level of trust; each part of them costs one too.")
    ] = 5
