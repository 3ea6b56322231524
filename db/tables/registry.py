"""All tables, parents before children."""

from db.tables.accounts import Account, Credential, HeldHandle, Network, Reset, Session, Terms, Trust
from db.tables.backups import Backup, Change, Handover, Lease, Rehearsal, ReplicationState
from db.tables.brake import Brake, Crisis
from db.tables.bulk import BulkDecision, BulkStatement, BulkSubject, KnownPicture
from db.tables.care import CaseAlert, CaseLook, ModeratorCare
from db.tables.domain_migration import Arrival, DeviceKey, MoveNotice
from db.tables.filters import (
    FilterChange,
    FilterFinding,
    FilterHit,
    FilterRule,
    PostHold,
    Simulation,
    SimulationHit,
    WordList,
    WordProposal,
)
from db.tables.graph import Block, Follow, FollowRequest, Mute
from db.tables.juries import Juror, JurorStanding, Jury, JuryAudit, JuryReversal
from db.tables.media import LinkPreview, Media, ObjectStore, PendingRemoval, Receipt, Rendition, StoredObject
from db.tables.moderation import (
    Appeal,
    CaseMessage,
    CaseNote,
    Evidence,
    EvidenceFile,
    EvidenceHolder,
    GuestReport,
    ModCase,
    ModerationMonth,
    Proposal,
    Report,
    Rule,
    Rulebook,
    StandingLink,
    Statement,
)
from db.tables.notifications import (
    Bell,
    NetworkIcon,
    Notice,
    NoticeAllowed,
    NoticePart,
    NoticeSetting,
    PushDelivery,
    PushSubscription,
    Secret,
    SigninCode,
)
from db.tables.outbox import DroppedEvent, Outbox
from db.tables.posts import Mention, Post, PostTag, Repost, Revision, Vote
from db.tables.public_log import LogCheckpoint, LogEntry, LogTile
from db.tables.timelines import HomeActivity, Timeline
from db.tables.upstream import (
    Complaint,
    ComplaintAddress,
    ComplaintAlert,
    ComplaintEntry,
    ComplaintLetter,
    ComplaintMail,
    KnownSender,
)

# The name of this app in Piccolo's history of migrations.
APP = "parvis"

TABLES = [
    Network, Terms, Account, Trust, Credential, HeldHandle, Session, Reset,
    Follow, FollowRequest, Block, Mute,
    Post, Revision, Mention, PostTag, Repost, Vote,
    Timeline, HomeActivity, Outbox, DroppedEvent,
    Secret, Notice, NoticePart, NoticeSetting, NoticeAllowed, Bell,
    PushSubscription, PushDelivery, SigninCode, NetworkIcon,
    ObjectStore, StoredObject, PendingRemoval, Media, Rendition, LinkPreview, Receipt,
    Rulebook, Rule, ModCase, Evidence, EvidenceHolder, EvidenceFile, Report, GuestReport, Statement,
    Proposal, Appeal, CaseMessage, CaseNote, ModerationMonth, StandingLink,
    Jury, Juror, JurorStanding, JuryAudit, JuryReversal,
    FilterRule, FilterChange, FilterHit, FilterFinding, WordList, WordProposal, PostHold, Simulation, SimulationHit,
    BulkDecision, BulkSubject, BulkStatement, KnownPicture,
    Complaint, ComplaintAddress, ComplaintMail, ComplaintEntry, ComplaintLetter, ComplaintAlert,
    KnownSender,
    LogEntry, LogTile, LogCheckpoint,
    Brake, Crisis, ModeratorCare, CaseLook, CaseAlert,
    Change, ReplicationState, Backup, Rehearsal, Lease, Handover,
    MoveNotice, DeviceKey, Arrival,
]  # fmt: skip
