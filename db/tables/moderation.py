"""The network's rules, reports of what breaks them, the cases made of reports, and the decisions on these."""

from enum import IntEnum

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class Severity(IntEnum):
    """How bad a breach of a rule is, which decides how soon its cases are due; a higher number is worse."""

    SPAM = 0
    ORDINARY = 1
    SERIOUS = 2
    ILLEGAL = 3
    URGENT = 4


class SubjectKind(IntEnum):
    """What a case is about: the subject is the id of a post, an account, or one picture, video or sound of a post."""

    POST = 0
    ACCOUNT = 1
    MEDIA = 2


class CaseState(IntEnum):
    """``WAITING``: only guests have reported it, and none has confirmed their address. ``VOID``: none ever did."""

    WAITING = 0
    OPEN = 1
    DECIDED = 2
    VOID = 3


class ReportState(IntEnum):
    """``UNCONFIRMED``: by a guest whose address is not known to be theirs; it does not count yet."""

    UNCONFIRMED = 0
    OPEN = 1
    ANSWERED = 2


class Outcome(IntEnum):
    """What became of a report, as its reporter is told. ``ACTION``: the content or the account was acted on."""

    NO_BREACH = 0
    ACTION = 1


class StatementKind(IntEnum):
    """What was decided: the kinds of statements of reasons."""

    NO_BREACH = 0
    WARNING = 1
    POST_REMOVAL = 2
    POST_RESTORATION = 3


class Source(IntEnum):
    """What brought a case up, in the terms of the Digital Services Act: a notice under its article 16, which is what a
    guest's form gives; another notice, such as a member's report; or the network itself."""

    ARTICLE_16 = 0
    OTHER_NOTICE = 1
    VOLUNTARY = 2


class Rulebook(Table, tablename="rulebook"):
    """One published version of the rules."""

    version = Integer(primary_key=True)
    published_at = BigInt()


class Rule(Table, tablename="rule"):
    """A rule in one version of the rules. ``name`` is the same in all of them: "threats".

    ``severity`` is a ``Severity``, ``category`` one of the Digital Services Act's, ``jury`` whether a jury may hear
    appeals; ``texts`` is a JSON object: a title and a text for each language.
    """

    version = Integer(primary_key=True)
    number = SmallInt()
    name = Text()
    severity = SmallInt()
    category = Text()
    points = SmallInt()
    jury = SmallInt()
    texts = Text()


class ModCase(Table, tablename="mod_case"):
    """What is reported and awaits a decision, or has one. Each subject has at most one case that is not closed.

    ``account`` is whose the subject is; ``state`` is a ``CaseState``; ``reports`` counts those that count. A moderator
    has it until ``claimed_until``. ``version`` grows with every change. Times are in Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    subject_kind = SmallInt()
    subject = BigInt()
    account = BigInt()
    severity = SmallInt()
    state = SmallInt()
    reports = Integer()
    due_at = BigInt()
    claimed_by = BigInt(null=True, default=None)
    claimed_until = BigInt()
    version = Integer()
    closed_at = BigInt(null=True, default=None)


class Evidence(Table, tablename="evidence"):
    """What the subject was when it was reported; ``content`` is JSON, ``sha256`` its hash.

    ``revision`` is the version of the post or of the account. It is deleted at ``purge_at``.
    """

    id = BigInt(primary_key=True)
    mod_case = BigInt()
    revision = Integer()
    content = Text()
    sha256 = Text()
    purge_at = BigInt()


class EvidenceFile(Table, tablename="evidence_file"):
    """A stored file that evidence keeps, as its post had it: ``place`` counts its pictures, ``name`` the renditions."""

    evidence = BigInt(primary_key=True)
    place = SmallInt()
    name = Text()
    key = Text()


class Report(Table, tablename="report"):
    """What somebody says breaks a rule. ``reporter`` is null for a guest, and for a member who has left.

    ``state`` is a ``ReportState``, ``outcome`` an ``Outcome``.
    """

    id = BigInt(primary_key=True)
    mod_case = BigInt()
    reporter = BigInt(null=True, default=None)
    rule_version = Integer()
    rule_number = SmallInt()
    words = Text()
    state = SmallInt()
    outcome = SmallInt(null=True, default=None)
    told_at = BigInt(null=True, default=None)


class GuestReport(Table, tablename="guest_report"):
    """Who a guest's report is from. ``token`` is the SHA-256 of what the mail's link carries, "" once it is used."""

    report = BigInt(primary_key=True)
    name = Text()
    email = Text()
    locale = Text()
    token = Text()
    purge_at = BigInt()


class Statement(Table, tablename="statement"):
    """A decision with its reasons. ``account`` is who it concerns, ``author`` the moderator.

    ``puid`` names it to outsiders; ``kind`` is a ``StatementKind``, ``source`` a ``Source``. ``revision`` is that of
    the evidence, ``content_at`` when the subject was made (Unix milliseconds). ``reverses`` is an earlier statement.
    """

    id = BigInt(primary_key=True)
    puid = Text()
    mod_case = BigInt()
    account = BigInt()
    kind = SmallInt()
    rule_version = Integer(null=True, default=None)
    rule_number = SmallInt(null=True, default=None)
    facts = Text()
    explanation = Text()
    source = SmallInt()
    revision = Integer()
    content_at = BigInt()
    author = BigInt(null=True, default=None)
    reverses = BigInt(null=True, default=None)
