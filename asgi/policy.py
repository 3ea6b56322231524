"""What handlers and templates need of the settings, made once per application."""

import msgspec

from domain.core.trust import ReportPolicy, TrustLimits, TrustNeeds, TrustPolicy
from domain.moderation.care import HardLimits
from settings import Settings


class Policy(msgspec.Struct, frozen=True, gc=False):
    """Equal policies render equal pages, so that what is rendered can be cached by it.

    ``origin`` is the network's own address without a trailing slash, ``media_origin`` that of the host for public
    files; both "" when the settings name none. The largest file of each class is in MB.
    """

    origin: str = ""
    media_origin: str = ""
    language: str = "en"
    signup_open: bool = True
    image_mb: int = 0
    video_mb: int = 0
    audio_mb: int = 0
    trust: TrustPolicy = TrustPolicy()


def from_settings(settings: Settings) -> Policy:
    return Policy(
        origin=settings.origin.rstrip("/"),
        media_origin=settings.media_origin,
        language=settings.language,
        signup_open=settings.signup_open,
        image_mb=settings.image_mb,
        video_mb=settings.video_mb,
        audio_mb=settings.audio_mb,
        trust=trust_policy(settings),
    )


def hard_limits(settings: Settings) -> HardLimits:
    """How much that is hard to look at the settings let a moderator have in a day."""
    return HardLimits(settings.hard_cases_per_day, settings.hard_minutes_per_day)


def trust_policy(settings: Settings) -> TrustPolicy:
    """What the settings say of levels of trust."""
    return TrustPolicy(
        new=TrustLimits(settings.new_links_per_hour, settings.new_media_per_hour, settings.new_mentions_per_hour),
        basic=TrustLimits(
            settings.basic_links_per_hour, settings.basic_media_per_hour, settings.basic_mentions_per_hour
        ),
        for_basic=TrustNeeds(settings.basic_days, settings.basic_reads, settings.basic_posts),
        for_member=TrustNeeds(settings.member_days, settings.member_reads, settings.member_posts),
        for_regular=TrustNeeds(settings.regular_days, settings.regular_reads, settings.regular_posts),
        points=settings.points_per_level,
        reports=ReportPolicy(
            new=settings.new_report_weight,
            basic=settings.basic_report_weight,
            member=settings.member_report_weight,
            regular=settings.regular_report_weight,
            guest=settings.guest_report_weight,
            warned_after=settings.reports_warned_after,
            ignored_after=settings.reports_ignored_after,
            ignored_days=settings.reports_ignored_days,
        ),
    )
