"""Which reactions follow from which event. Each reaction is safe to repeat."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from adapters.http import Outgoing
from app import media_processing
from asgi import policy
from domain.accounts import credentials, revocation
from domain.accounts.revocation import Grant
from domain.core import clock
from domain.core.event import Event
from domain.core.events import (
    AccountLeft,
    AccountMadePublic,
    AnswerDue,
    AnswersContinued,
    BellsContinued,
    CaseDecided,
    CauseContinued,
    CopiesContinued,
    DigestDue,
    EmailConfirmationDue,
    FollowAccepted,
    Followed,
    FollowRequestClosed,
    FollowRequested,
    GuestAnswerDue,
    GuestConfirmationDue,
    HiddenPostEdited,
    HomeOpened,
    LinkPreviewRequested,
    LogEntryAdded,
    MoveAnnounced,
    Noticed,
    PasswordResetDue,
    PasswordResetRequested,
    PostDeleted,
    PostEdited,
    PostNoticesContinued,
    PostPublished,
    Reposted,
    SanctionEnds,
    StatementMade,
    Unfollowed,
    Unreposted,
    Voted,
)
from domain.core.moderation_events import (
    AppealDecided,
    AuthorityWaits,
    BrakeEnds,
    BulkDue,
    CaseMessageDue,
    ComplaintLetterDue,
    ComplaintReceiptDue,
    CrisisEnds,
    GuestAppealAnswerDue,
    GuestMessageDue,
    HoldEnded,
    JuryClosed,
    RoleLeft,
    SimulationDue,
    StaffNoticeDue,
    SummonsEnds,
    SummonsMade,
    UrgentCaseWaits,
    VerdictDue,
    WorkWaits,
)
from domain.domain_migration import push_fanout
from domain.graph import follows
from domain.media.processor import MediaProcessor
from domain.moderation import (
    brake_holds,
    brake_switch,
    bulk_work,
    case_alerts,
    case_messages,
    complaint_alerts,
    crisis,
    filter_releases,
    filter_screening,
    filter_simulations,
    juries,
    jury_notices,
    outcomes,
    public_log_sequencer,
    reopening,
    sanctions,
    staff,
    staff_notices,
    standing_links,
    trust_levels,
    upstream_work,
)
from domain.notifications import deliveries, digests, feeds, preferences, reactions, subscriptions
from domain.posts import account_purge, deletion, link_previews, screening
from domain.posts.screening import Screen
from domain.timelines import fanout, filling, home
from settings import Settings
from web import mails, moderation_mails, upstream_mails

Reaction = Callable[[Any], Awaitable[None]]

# What ends in the same transaction as a revocation, which may not wait for a worker.
revocation.register(
    {
        Grant.FEED: feeds.end_of,
        Grant.PUSH_ADDRESSES: subscriptions.end_entered,
        Grant.DIGEST_ADDRESS: digests.forget_confirmed,
        Grant.NOTIFICATION_SETTINGS: preferences.forget,
        Grant.STANDING_LINK: standing_links.end_of,
    }
)


# Filters look at posts, and the brake.
screening.register(brake_holds.beside(Screen(filter_screening.look, filter_screening.confirm, filter_screening.settle)))


def reactions_by_event(
    settings: Settings, processor: MediaProcessor | None = None
) -> dict[type[Event], Sequence[Reaction]]:
    """The reactions to each event, in order; ``processor`` is the process's, if it has one already."""
    shared = processor or media_processing.create(settings)

    async def fill_home(event: Followed) -> None:
        await home.followed(event.follower, event.followee, settings.home_length)

    async def fill_timeline(event: HomeOpened) -> None:
        await filling.fill(event, settings.home_length)

    async def let_in(event: AccountMadePublic) -> None:
        await follows.grant_all(event, settings.fanout_limit)

    async def fetch_link_preview(event: LinkPreviewRequested) -> None:
        async with Outgoing() as out:
            await link_previews.fetch(shared, out, event)

    async def mail_reset(event: PasswordResetDue) -> None:
        await mails.send_reset(settings, event)

    async def mail_confirm(event: EmailConfirmationDue) -> None:
        await mails.send_confirm(settings, event)

    async def mail_digest(event: DigestDue) -> None:
        await mails.send_digest(settings, event)

    return {
        PostPublished: [reactions.published, fanout.published, link_previews.request],
        PostEdited: [reactions.edited, link_previews.request],
        LinkPreviewRequested: [fetch_link_preview],
        Reposted: [reactions.reposted, fanout.reposted],
        Unreposted: [reactions.reposted],
        CopiesContinued: [fanout.copies_continued],
        BellsContinued: [reactions.bells_continued],
        PostNoticesContinued: [reactions.post_notices_continued],
        CauseContinued: [reactions.cause_continued],
        PostDeleted: [deletion.purge, juries.post_purged],
        Voted: [reactions.voted],
        Followed: [fill_home, reactions.followed],
        HomeOpened: [fill_timeline],
        Unfollowed: [reactions.followed],
        FollowRequested: [reactions.asked],
        FollowRequestClosed: [reactions.asked],
        FollowAccepted: [reactions.accepted],
        AccountMadePublic: [let_in],
        Noticed: [deliveries.plan],
        MoveAnnounced: [push_fanout.announced],
        AccountLeft: [staff.left, account_purge.purge],
        PasswordResetRequested: [credentials.answer_reset],
        PasswordResetDue: [mail_reset],
        EmailConfirmationDue: [mail_confirm],
        DigestDue: [mail_digest],
        CaseDecided: [
            partial(trust_levels.decided, policy=policy.trust_policy(settings)),
            outcomes.decided,
            upstream_work.case_decided,
        ],
        StatementMade: [outcomes.statement_made],
        AnswersContinued: [outcomes.answers_continued],
        AnswerDue: [outcomes.answer_due],
        SanctionEnds: [sanctions.ended],
        HiddenPostEdited: [reopening.hidden_post_edited],
        AppealDecided: [outcomes.appeal_decided],
        HoldEnded: [filter_releases.told],
        SummonsMade: [jury_notices.summons_made],
        SummonsEnds: [juries.summons_ended],
        JuryClosed: [jury_notices.jury_closed],
        VerdictDue: [jury_notices.verdict_due],
        CaseMessageDue: [case_messages.due],
        BrakeEnds: [brake_switch.ended],
        CrisisEnds: [crisis.ended],
        UrgentCaseWaits: [partial(case_alerts.tell_next, limits=policy.hard_limits(settings))],
        AuthorityWaits: [complaint_alerts.tell_next],
        WorkWaits: [staff_notices.work_waits],
        RoleLeft: [staff.log_role_left],
        StaffNoticeDue: [partial(staff_notices.due, limits=policy.hard_limits(settings))],
        BulkDue: [bulk_work.due],
        SimulationDue: [filter_simulations.run],
        GuestConfirmationDue: [partial(moderation_mails.send_confirmation, settings)],
        GuestAnswerDue: [partial(moderation_mails.send_answer, settings)],
        GuestMessageDue: [partial(moderation_mails.send_message, settings)],
        GuestAppealAnswerDue: [partial(moderation_mails.send_appeal_answer, settings)],
        ComplaintReceiptDue: [partial(upstream_mails.send_receipt, settings)],
        ComplaintLetterDue: [partial(upstream_mails.send_letter, settings)],
        LogEntryAdded: [partial(public_log_sequencer.sequence, every_ms=settings.log_minutes * clock.MINUTE_MS)],
    }
