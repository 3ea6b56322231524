"""The words of moderation. Their numbers are stored: never change one."""

from enum import IntEnum


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
    """``WAITING``: guests have reported it, and none has confirmed their address; or a complaint from upstream names
    it, and no moderator has opened a case for that. ``VOID``: neither ever happened.
    """

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
    """What became of a report, as its reporter is told.

    ``ACTION``: moderators have acted on the content or the account; ``REVERSED``: they did, and have taken it back.
    """

    NO_BREACH = 0
    ACTION = 1
    REVERSED = 2


class StatementKind(IntEnum):
    """What was decided: the kinds of statements of reasons.

    ``FREEZE``: the account may post nothing until the statement ends. ``SUSPENSION``: nobody sees it or what it wrote,
    and it may do nothing, until the statement ends. ``PERMANENT_SUSPENSION``: the same without an end, which takes two
    moderators. ``REVERSAL`` takes an earlier statement back.

    ``LABEL``: words of a fixed list stand above the post. ``COVER``: it is covered until one taps. ``LIMIT``: nothing
    takes it to those who don't follow its author. ``HIDE_UNTIL_EDITED``: its author alone sees it, until they edit it.
    ``MEDIA_REMOVAL``: one picture, video or sound of it is taken out, or the picture or header of a profile.
    """

    NO_BREACH = 0
    WARNING = 1
    POST_REMOVAL = 2
    REVERSAL = 3
    FREEZE = 4
    SUSPENSION = 5
    PERMANENT_SUSPENSION = 6
    LABEL = 7
    COVER = 8
    LIMIT = 9
    HIDE_UNTIL_EDITED = 10
    MEDIA_REMOVAL = 11


# What is decided about the account, whatever becomes of the post.
SANCTIONS = frozenset({StatementKind.FREEZE, StatementKind.SUSPENSION, StatementKind.PERMANENT_SUSPENSION})
# Sanctions that end by themselves.
TIMED = frozenset({StatementKind.FREEZE, StatementKind.SUSPENSION})
# What is done to a post that stays, or to a profile; several may be decided at once.
MEASURES = frozenset({StatementKind.LABEL, StatementKind.COVER, StatementKind.LIMIT, StatementKind.MEDIA_REMOVAL})
# What is decided about a post. Of these, a profile has MEDIA_REMOVAL alone.
ON_POSTS = MEASURES | {StatementKind.HIDE_UNTIL_EDITED, StatementKind.POST_REMOVAL}
# What says that a rule was broken. Each of these can be taken back, and appealed.
BREACHES = SANCTIONS | ON_POSTS | {StatementKind.WARNING}


class Party(IntEnum):
    """On whose side an appeal is: of the account that a decision is about, or of somebody who has reported it."""

    SANCTIONED = 0
    REPORTER = 1


class AppealState(IntEnum):
    """``UPHELD``: the decision stands. ``GRANTED``: it was taken back, or a breach was found after all. ``LAPSED``:
    whoever lodged the appeal has left.
    """

    OPEN = 0
    UPHELD = 1
    GRANTED = 2
    LAPSED = 3


class Source(IntEnum):
    """What brought a case up, in the terms of the Digital Services Act: a notice under its article 16, which is what a
    guest's form gives; another notice, such as a member's report; the network itself; or a trusted flagger (article
    22)."""

    ARTICLE_16 = 0
    OTHER_NOTICE = 1
    VOLUNTARY = 2
    TRUSTED_FLAGGER = 3


class Automation(IntEnum):
    """How far a decision was made without a person, in the terms of the Digital Services Act."""

    NOT_AUTOMATED = 0
    PARTIALLY = 1
    FULLY = 2
