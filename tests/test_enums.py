"""A mapping from an enum has an entry for each member: nothing unknown passes for something known."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

import pytest

from db.tables.backups import SiteState
from db.tables.media import LinkPreviewState, StoreState
from db.tables.outbox import Lane
from db.tables.posts import PostState
from db.tables.timelines import HomeState
from domain.core.access import GRANTED, THEMES, Role, Theme
from domain.core.signals import Kind
from domain.core.visibility import Visibility, WhoMayReply
from domain.media import profile_images
from domain.media.file_types import FileClass, MediaKind
from domain.media.processor import UploadRules
from domain.media.profile_images import ProfileImage
from domain.media.uploads import Purpose
from domain.moderation.filter_kinds import AgeGroup, FilterAction, FilterOutcome, FilterState, HitMode, SimulationState
from domain.moderation.jury_kinds import DisputeState, JuryState, JuryVote, SeatState
from domain.moderation.kinds import AppealState, CaseState, Outcome, Party, ReportState, Source, StatementKind
from domain.moderation.upstream_kinds import (
    Channel,
    ComplaintState,
    EntryKind,
    LetterKind,
    LetterState,
    Sender,
    Verified,
)
from domain.posts import link_previews
from domain.posts.measures import PostLabel
from domain.posts.screening import HoldReason
from domain.posts.votes import Vote
from domain.timelines.profile_lists import Tab
from web import media_context, post_context, upstream_words
from web.live_updates import PageKind
from web.routes import accounts, live, posts

MAPPINGS: list[tuple[Iterable[Any], type[Enum]]] = [
    (GRANTED, Role),
    (THEMES, Theme),
    (post_context.VISIBILITY_WORDS, Visibility),
    (post_context.VISIBILITIES.values(), Visibility),
    (post_context.REPLY_WORDS, WhoMayReply),
    (post_context.REPLIES.values(), WhoMayReply),
    ((*posts.VOTES.values(), Vote.NONE), Vote),
    (accounts.TABS, Tab),
    (live.PAGE_KINDS.values(), PageKind),
    (link_previews.FRESH_MS, LinkPreviewState),
    (media_context.KINDS, MediaKind),
    (profile_images.SIZES, ProfileImage),
    (profile_images.PURPOSES, ProfileImage),
    (UploadRules.__struct_fields__, FileClass),
    (upstream_words.SENDERS, Sender),
    (upstream_words.NAMES.values(), Sender),
    (upstream_words.CHANNELS, Channel),
    (upstream_words.VERIFIED, Verified),
    (upstream_words.ENTRIES, EntryKind),
    (upstream_words.LETTERS, LetterState),
    (upstream_words.DECISIONS, StatementKind),
]


@pytest.mark.parametrize(("mapping", "kind"), MAPPINGS)
def test_each_member_has_its_entry(mapping: Iterable[Any], kind: type[Enum]) -> None:
    assert sorted(mapping) == sorted(kind)  # type: ignore[type-var]


# What is stored, in rows and in archives that older versions have written, stays what it was.
STORED: list[tuple[type[Enum], dict[str, int | str]]] = [
    (Role, {"MEMBER": "member", "MODERATOR": "moderator", "OPERATOR": "operator"}),
    (Theme, {"AUTO": "auto", "LIGHT": "light", "DARK": "dark"}),
    (Visibility, {"PUBLIC": 0, "FOLLOWERS": 1}),
    (WhoMayReply, {"EVERYONE": 0, "FOLLOWERS": 1, "MENTIONED": 2}),
    (MediaKind, {"IMAGE": 0, "ANIMATED": 1, "VIDEO": 2, "AUDIO": 3}),
    (Purpose, {"ATTACHMENT": 0, "PICTURE": 1, "HEADER": 2, "LINK_PREVIEW": 3}),
    (StoreState, {"CURRENT": 0, "LEAVING": 1, "LEFT": 2}),
    (LinkPreviewState, {"REQUESTED": 0, "FOUND": 1, "NOTHING": 2}),
    (HomeState, {"READY": 0, "IDLE": 1, "FILLING": 2}),
    (SiteState, {"NORMAL": 0, "READ_ONLY": 1, "MOVED": 2, "RESTORING": 9}),
    (Lane, {"SHORT": 0, "LEASED": 1}),
    (
        Kind,
        {name.upper(): name for name in "home public thread post notices viewer purged left filters missed".split()},
    ),
    (CaseState, {"WAITING": 0, "OPEN": 1, "DECIDED": 2, "VOID": 3}),
    (ReportState, {"UNCONFIRMED": 0, "OPEN": 1, "ANSWERED": 2}),
    (Outcome, {"NO_BREACH": 0, "ACTION": 1, "REVERSED": 2}),
    (
        StatementKind,
        {
            "NO_BREACH": 0,
            "WARNING": 1,
            "POST_REMOVAL": 2,
            "REVERSAL": 3,
            "FREEZE": 4,
            "SUSPENSION": 5,
            "PERMANENT_SUSPENSION": 6,
            "LABEL": 7,
            "COVER": 8,
            "LIMIT": 9,
            "HIDE_UNTIL_EDITED": 10,
            "MEDIA_REMOVAL": 11,
        },
    ),
    (PostLabel, {"MISLEADING": 1, "MANIPULATED_MEDIA": 2, "UNVERIFIED": 3, "SENSITIVE": 4}),
    (PostState, {"LIMITED": -1, "VISIBLE": 0, "REMOVED": 1, "HIDDEN": 2, "HELD": 3}),
    (HoldReason, {"FILTER": 1, "BRAKE": 2}),
    (FilterState, {"DRAFT": 0, "SHADOW": 1, "LIVE": 2, "OFF": 3}),
    (FilterOutcome, {"ALLOW": 0, "NUDGE": 1, "CASE": 2, "COVER": 3, "HOLD": 4}),
    (
        FilterAction,
        {
            "WRITTEN": 0,
            "SHADOWED": 1,
            "WENT_LIVE": 2,
            "SWITCHED_OFF": 3,
            "FAILED": 4,
            "WORDS_CHANGED": 5,
            "WORDS_AGREED": 6,
            "PICTURES_CHANGED": 7,
            "PICTURES_AGREED": 8,
        },
    ),
    (HitMode, {"SHADOW": 0, "LIVE": 1, "SENT_ANYWAY": 2, "FAILED": 3}),
    (AgeGroup, {"DAY": 0, "WEEK": 1, "MONTH": 2, "OLDER": 3}),
    (Party, {"SANCTIONED": 0, "REPORTER": 1}),
    (AppealState, {"OPEN": 0, "UPHELD": 1, "GRANTED": 2, "LAPSED": 3}),
    (Source, {"ARTICLE_16": 0, "OTHER_NOTICE": 1, "VOLUNTARY": 2, "TRUSTED_FLAGGER": 3}),
    (Sender, {"HOST": 0, "REGISTRAR": 1, "AUTHORITY": 2, "TRUSTED_FLAGGER": 3, "OTHER": 4}),
    (Channel, {"MAIL": 0, "FORM": 1, "ENTERED": 2}),
    (ComplaintState, {"UNCONFIRMED": 0, "OPEN": 1, "CLOSED": 2}),
    (Verified, {"NOT": 0, "BY_LINK": 1, "BY_MODERATOR": 2}),
    (
        EntryKind,
        {
            "RECEIVED": 0,
            "CONFIRMED": 1,
            "VERIFIED": 2,
            "CORRECTED": 3,
            "CLAIMED": 4,
            "CASE_OPENED": 5,
            "DECIDED": 6,
            "REMINDER": 7,
            "AUTOMATIC": 8,
            "LETTER_SENT": 9,
            "LETTER_FAILED": 10,
            "LETTER_BY_HAND": 11,
            "CLOSED": 12,
            "REOPENED": 13,
        },
    ),
    (LetterKind, {"RECEIPT": 0, "ANSWER": 1}),
    (LetterState, {"WAITING": 0, "ACCEPTED": 1, "FAILED": 2, "UNSENT": 3, "BY_HAND": 4}),
    (JuryState, {"SITTING": 0, "UPHELD": 1, "REVERSED": 2, "REFERRED": 3, "VOID": 4}),
    (
        SeatState,
        {"SUMMONED": 0, "VOTED": 1, "ABSTAINED": 2, "PASSED": 3, "LAPSED": 4, "CLOSED": 5, "SET_ASIDE": 6},
    ),
    (DisputeState, {"OPEN": 0, "UPHELD": 1}),
    (JuryVote, {"STANDS": 0, "REVERSE": 1}),
    (SimulationState, {"RUNNING": 0, "DONE": 1, "FAILED": 2}),
    (Vote, {"DOWN": -1, "NONE": 0, "UP": 1}),
]


@pytest.mark.parametrize(("kind", "values"), STORED)
def test_stored_values_stay(kind: type[Enum], values: dict[str, int | str]) -> None:
    assert {one.name: one.value for one in kind} == values
