"""The words of complaints from upstream. Their numbers are stored: never change one."""

from enum import IntEnum


class Sender(IntEnum):
    """Who complains. ``OTHER``: somebody by mail whom nobody has placed yet."""

    HOST = 0
    REGISTRAR = 1
    AUTHORITY = 2
    TRUSTED_FLAGGER = 3
    OTHER = 4


class Channel(IntEnum):
    """How a complaint came: by mail, by the public form, or entered by a moderator who had a letter or a call."""

    MAIL = 0
    FORM = 1
    ENTERED = 2


class ComplaintState(IntEnum):
    """``UNCONFIRMED``: it does not count until its sender has confirmed their address."""

    UNCONFIRMED = 0
    OPEN = 1
    CLOSED = 2


class Verified(IntEnum):
    """Whether the sender is who they say: their mailbox has confirmed it, or a moderator has looked into it.

    That mail seems to be from an address proves nothing.
    """

    NOT = 0
    BY_LINK = 1
    BY_MODERATOR = 2


class EntryKind(IntEnum):
    """What happened with a complaint.

    ``REMINDER``: the sender has written again; ``AUTOMATIC``: a machine has, such as a bounce of a letter.
    """

    RECEIVED = 0
    CONFIRMED = 1
    VERIFIED = 2
    CORRECTED = 3
    CLAIMED = 4
    CASE_OPENED = 5
    DECIDED = 6
    REMINDER = 7
    AUTOMATIC = 8
    LETTER_SENT = 9
    LETTER_FAILED = 10
    LETTER_BY_HAND = 11
    CLOSED = 12
    REOPENED = 13


class LetterKind(IntEnum):
    """``RECEIPT``: that it came; ``ANSWER``: what was decided."""

    RECEIPT = 0
    ANSWER = 1


class LetterState(IntEnum):
    """``WAITING``: to be mailed. ``ACCEPTED``: the mail server has taken it. ``FAILED``: it has not, so far.
    ``UNSENT``: nothing can mail it; ``BY_HAND``: a moderator has sent it another way.
    """

    WAITING = 0
    ACCEPTED = 1
    FAILED = 2
    UNSENT = 3
    BY_HAND = 4
