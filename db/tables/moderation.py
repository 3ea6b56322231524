"""The network's rules, reports of what breaks them, the cases made of reports, and the decisions on these.

Their numbers are those of the enums in domain/moderation/kinds.py.
"""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


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

    ``account`` is whose the subject is, ``post`` the post that it is or is in, if any; ``state`` is a ``CaseState``;
    ``reports`` counts those that count, ``weight`` sums up what they weigh. A moderator has it until ``claimed_until``.
    ``version`` grows with every change that a moderator must see. Times are in Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    subject_kind = SmallInt()
    subject = BigInt()
    account = BigInt()
    post = BigInt(null=True, default=None)
    severity = SmallInt()
    state = SmallInt()
    reports = Integer()
    due_at = BigInt()
    claimed_by = BigInt(null=True, default=None)
    claimed_until = BigInt()
    version = Integer()
    closed_at = BigInt(null=True, default=None)
    weight = Integer()


class Evidence(Table, tablename="evidence"):
    """What the subject was when it was reported; ``content`` is JSON, ``sha256`` its hash.

    ``revision`` is the version of the post, or when an account was reported, in seconds. It goes at ``purge_at``.
    """

    id = BigInt(primary_key=True)
    mod_case = BigInt()
    revision = Integer()
    content = Text()
    sha256 = Text()
    purge_at = BigInt()


class EvidenceHolder(Table, tablename="evidence_holder"):
    """``holder`` is a report or a complaint for which evidence is kept: the first and the last that it brought."""

    evidence = BigInt(primary_key=True)
    holder = BigInt()


class EvidenceFile(Table, tablename="evidence_file"):
    """A stored file that evidence keeps, as its post had it: ``place`` counts its pictures, ``name`` the renditions."""

    evidence = BigInt(primary_key=True)
    place = SmallInt()
    name = Text()
    key = Text()


class Report(Table, tablename="report"):
    """What somebody says breaks a rule. ``reporter`` is null for a guest, and for a member who has left.

    ``state`` is a ``ReportState``, ``outcome`` an ``Outcome``; ``weight`` is that of domain/moderation/weights.py.
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
    weight = SmallInt()


class GuestReport(Table, tablename="guest_report"):
    """Who a guest's report is from, until ``purge_at``; ``email`` is "" if they gave none.

    ``confirmed``: they have followed the link that was mailed there.
    """

    report = BigInt(primary_key=True)
    name = Text()
    email = Text()
    locale = Text()
    confirmed = SmallInt()
    purge_at = BigInt()


class Statement(Table, tablename="statement"):
    """A decision with its reasons.

    ``account`` is who it concerns, ``post`` the post that it is about, if any; ``author`` is the moderator. ``puid``
    names it to outsiders; ``kind`` is a ``StatementKind``, ``source`` a ``Source``. ``revision`` is that of the
    evidence, ``content_at`` when the subject was made (Unix milliseconds). ``reverses`` is an earlier statement.
    ``ends_at`` is when what it decides ends by itself, if it does, or when an edit ended it; ``second`` is a moderator
    who has agreed, where it takes two. ``label`` is a ``PostLabel``, ``media`` the picture, video or sound that it
    removes, ``automation`` an ``Automation``.
    """

    id = BigInt(primary_key=True)
    puid = Text()
    mod_case = BigInt()
    account = BigInt()
    post = BigInt(null=True, default=None)
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
    ends_at = BigInt(null=True, default=None)
    second = BigInt(null=True, default=None)
    label = SmallInt(null=True, default=None)
    media = BigInt(null=True, default=None)
    automation = SmallInt()


class Proposal(Table, tablename="proposal"):
    """A suspension for good, proposed by one moderator, that another has to agree to; ``mod_case`` stays open.

    ``removes_post``: the post that the case is about is removed with it.
    """

    mod_case = BigInt(primary_key=True)
    author = BigInt()
    rule_version = Integer()
    rule_number = SmallInt()
    facts = Text()
    explanation = Text()
    removes_post = SmallInt()
    proposed_at = BigInt()


class Appeal(Table, tablename="appeal"):
    """What somebody says against a decision, and what became of it.

    ``party`` is a ``Party``, ``state`` an ``AppealState``; ``appellant`` is null once they have left, and for a guest,
    who has sent ``report``. A moderator has it until ``claimed_until``. ``answer`` are the words of ``decided_by``.
    Times are in Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    statement = BigInt()
    party = SmallInt()
    appellant = BigInt(null=True, default=None)
    report = BigInt(null=True, default=None)
    words = Text()
    state = SmallInt()
    due_at = BigInt()
    claimed_by = BigInt(null=True, default=None)
    claimed_until = BigInt()
    answer = Text()
    decided_by = BigInt(null=True, default=None)
    decided_at = BigInt(null=True, default=None)


class CaseNote(Table, tablename="case_note"):
    """A private note of a moderator on a case; ``author`` is null once they have left."""

    id = BigInt(primary_key=True)
    mod_case = BigInt()
    author = BigInt(null=True, default=None)
    words = Text()


class CaseMessage(Table, tablename="case_message"):
    """What a moderator has written to one ``Party`` of a case, or a member's answer to the message ``answers``.

    ``sender`` is null once they have left.
    """

    id = BigInt(primary_key=True)
    mod_case = BigInt()
    party = SmallInt()
    sender = BigInt(null=True, default=None)
    answers = BigInt(null=True, default=None)
    words = Text()


class StandingLink(Table, tablename="standing_link"):
    """The link under which an account shows its standing; ``token_hash`` is SHA-256. Times are in Unix milliseconds."""

    account = BigInt(primary_key=True)
    token_hash = Text()
    made_at = BigInt()
    expires_at = BigInt()


class ModerationMonth(Table, tablename="moderation_month"):
    """What was counted of a month, such as 2026-05, at ``counted_at`` (Unix milliseconds); ``figures`` is JSON."""

    month = Text(primary_key=True)
    counted_at = BigInt()
    figures = Text()
