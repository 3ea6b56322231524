"""Complaints of hosts, registrars, authorities and trusted flaggers about content here.

Their numbers are those of the enums in domain/moderation/upstream_kinds.py.
"""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class Complaint(Table, tablename="complaint"):
    """What a ``Sender`` complains of. ``reference`` is theirs, "" for none; ``locale`` the language of the answer.

    ``channel`` is a ``Channel``, ``verified`` a ``Verified``, ``state`` a ``ComplaintState``. The clock runs from
    ``received_at`` until ``due_at``; ``deadline_at`` is what they have set. A moderator has it until ``claimed_until``.
    All of it goes at ``purge_at``. Times are in Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    sender = SmallInt()
    name = Text()
    email = Text()
    reference = Text()
    words = Text()
    locale = Text()
    channel = SmallInt()
    verified = SmallInt()
    state = SmallInt()
    received_at = BigInt()
    deadline_at = BigInt(null=True, default=None)
    due_at = BigInt()
    claimed_by = BigInt(null=True, default=None)
    claimed_until = BigInt()
    version = Integer()
    closed_at = BigInt(null=True, default=None)
    purge_at = BigInt()


class ComplaintAddress(Table, tablename="complaint_address"):
    """An address that a complaint names, and what was there: a ``SubjectKind``, its id and whose it is, null if nothing
    of ours; ``mod_case`` is the case that was opened for it, under the rule of ``rule_version`` and ``rule_number``.
    """

    complaint = BigInt(primary_key=True)
    place = SmallInt()
    address = Text()
    subject_kind = SmallInt(null=True, default=None)
    subject = BigInt(null=True, default=None)
    account = BigInt(null=True, default=None)
    mod_case = BigInt(null=True, default=None)
    rule_version = Integer(null=True, default=None)
    rule_number = SmallInt(null=True, default=None)


class ComplaintMail(Table, tablename="complaint_mail"):
    """A mail that came in. ``kept`` is what is kept of it, in base64, ``sha256`` and ``size`` are of all of it;
    ``attachments`` is a JSON list of names, sizes and hashes.
    """

    id = BigInt(primary_key=True)
    complaint = BigInt()
    message_id = Text()
    sender = Text()
    subject = Text()
    words = Text()
    kept = Text()
    sha256 = Text()
    size = Integer()
    attachments = Text()


class ComplaintEntry(Table, tablename="complaint_entry"):
    """What happened with a complaint, an ``EntryKind``; its id tells when. ``about`` is a case, statement, mail or
    letter.
    """

    id = BigInt(primary_key=True)
    complaint = BigInt()
    kind = SmallInt()
    about = BigInt(null=True, default=None)


class ComplaintLetter(Table, tablename="complaint_letter"):
    """A letter to the sender as it was written; ``kind`` is a ``LetterKind``, ``state`` a ``LetterState``.

    ``answer`` is what the mail server said at ``attempted_at`` (Unix milliseconds).
    """

    id = BigInt(primary_key=True)
    complaint = BigInt()
    kind = SmallInt()
    recipient = Text()
    subject = Text()
    words = Text()
    state = SmallInt()
    attempted_at = BigInt(null=True, default=None)
    answer = Text()


class ComplaintAlert(Table, tablename="complaint_alert"):
    """An authority's complaint was pushed to a moderator at ``told_at`` (Unix milliseconds)."""

    complaint = BigInt(primary_key=True)
    account = BigInt()
    told_at = BigInt()


class KnownSender(Table, tablename="known_sender"):
    """Whom mail from an address, or from a whole domain, is taken to be from: ``pattern`` is either."""

    pattern = Text(primary_key=True)
    sender = SmallInt()
    name = Text()
