"""Decisions about many posts or accounts at once; numbers of states are in domain/moderation/bulk_kinds.py."""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class BulkDecision(Table, tablename="bulk_decision"):
    """A bulk decision, or the preview of one; ``state`` is a ``BulkState``.

    ``subject_kind`` is a ``SubjectKind``, ``criteria`` JSON of how its subjects were found; ``left_out`` counts those
    that could not be chosen. What is not decided lapses at ``expires_at``. ``kind`` is a ``StatementKind``, ``entry``
    its entry in the public log. Moderators are null once they have left. Times are in Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    author = BigInt(null=True, default=None)
    state = SmallInt()
    subject_kind = SmallInt()
    criteria = Text()
    left_out = Integer()
    expires_at = BigInt()
    kind = SmallInt(null=True, default=None)
    days = SmallInt()
    rule_version = Integer(null=True, default=None)
    rule_number = SmallInt(null=True, default=None)
    facts = Text()
    explanation = Text()
    second = BigInt(null=True, default=None)
    decided_at = BigInt(null=True, default=None)
    entry = BigInt(null=True, default=None)
    undone_by = BigInt(null=True, default=None)
    undone_at = BigInt(null=True, default=None)
    undo_words = Text()
    undo_entry = BigInt(null=True, default=None)


class BulkSubject(Table, tablename="bulk_subject"):
    """A post (in this ``version``) or an account that was found, of which ``account``; ``state`` is a
    ``BulkSubjectState``.
    """

    bulk = BigInt(primary_key=True)
    place = SmallInt()
    subject = BigInt()
    account = BigInt()
    version = Integer()
    state = SmallInt()


class BulkStatement(Table, tablename="bulk_statement"):
    """A statement that was made of the subject at ``place``; ``undo`` is 1 for one that takes another back.

    ``name`` is what the entry in the public log covers of it, SHA-256(own_salt || puid), hexadecimal.
    """

    statement = BigInt(primary_key=True)
    bulk = BigInt()
    undo = SmallInt()
    place = SmallInt()
    own_salt = Text()
    name = Text()


class KnownPicture(Table, tablename="known_picture"):
    """A picture that moderators know, by its hash; ``mod_case`` is the case that showed it, null where nobody knows.

    ``waits`` until a ``second`` moderator has agreed to what its ``author`` added; both are null once they have left.
    """

    id = BigInt(primary_key=True)
    name = Text()
    note = Text()
    pdq = Text()
    author = BigInt(null=True, default=None)
    mod_case = BigInt(null=True, default=None)
    waits = SmallInt()
    second = BigInt(null=True, default=None)
