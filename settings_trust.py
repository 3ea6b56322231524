"""The settings of levels of trust: what new accounts may not do yet, what a level takes, and what reports weigh."""

from typing import Annotated

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
# Below the least, moderators read of a report that it was sent in vain (domain/moderation/weights.py).
Weight = Annotated[int, Meta(ge=5, le=100)]


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
    new_report_weight: Annotated[Weight, Meta(description="What a report weighs by an account at level 0.")] = 10
    basic_report_weight: Annotated[Weight, Meta(description="What a report weighs by an account at level 1.")] = 20
    member_report_weight: Annotated[Weight, Meta(description="What a report weighs by an account at level 2.")] = 30
    regular_report_weight: Annotated[Weight, Meta(description="What a report weighs by an account at level 3.")] = 40
    guest_report_weight: Annotated[Weight, Meta(description="What a report weighs by somebody without an account.")] = 5
    reports_warned_after: Annotated[
        Positive, Meta(description="Reports found without a breach, in a row, after which their sender is warned.")
    ] = 5
    reports_ignored_after: Annotated[
        Positive,
        Meta(
            description="Reports found without a breach, in a row, after which the sender's weigh nothing for a time. "
            "The last three must have been sent after the warning."
        ),
    ] = 8
    reports_ignored_days: Annotated[
        Count, Meta(description="Days for which they weigh nothing; 0: they always weigh something.")
    ] = 30
