"""Filters before publication, what they found, and the posts that wait for a moderator because of them.

Their numbers are those of the enums in domain/moderation/filter_kinds.py and domain/posts/screening.py.
"""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class FilterRule(Table, tablename="filter_rule"):
    """A filter: what is done to posts for which ``condition`` holds.

    ``state`` is a ``FilterState``, ``outcome`` a ``FilterOutcome``. ``rule_name`` is the rule of the network that it
    enforces, "" for none; ``facts`` is what an author reads of it. ``version`` grows with every change. ``author`` has
    written its present words, ``second`` has put them live. ``failed`` is why it did not work at ``failed_at``, ""
    while it does. Times are in Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    name = Text()
    condition = Text()
    outcome = SmallInt()
    rule_name = Text()
    facts = Text()
    state = SmallInt()
    shadow_since = BigInt(null=True, default=None)
    version = Integer()
    author = BigInt(null=True, default=None)
    second = BigInt(null=True, default=None)
    failed = Text()
    failed_at = BigInt(null=True, default=None)


class FilterChange(Table, tablename="filter_change"):
    """What was done to a filter, a ``FilterAction``, by whom (null: by nobody, or they have left), and its condition
    from then on."""

    id = BigInt(primary_key=True)
    filter = BigInt()
    action = SmallInt()
    version = Integer()
    account = BigInt(null=True, default=None)
    condition = Text()


class FilterHit(Table, tablename="filter_hit"):
    """A filter's condition held for a post, or for one that its author has not sent (``post`` is null then).

    ``mode`` is a ``HitMode``. ``language``, ``trust`` and ``age`` (an ``AgeGroup``) are those of its author then.
    """

    id = BigInt(primary_key=True)
    filter = BigInt()
    mode = SmallInt()
    post = BigInt(null=True, default=None)
    language = Text()
    trust = SmallInt()
    age = SmallInt()


class FilterFinding(Table, tablename="filter_finding"):
    """A case was opened by a filter, or found by it as well, at ``found_at`` (Unix milliseconds)."""

    mod_case = BigInt(primary_key=True)
    filter = BigInt()
    found_at = BigInt()


class WordList(Table, tablename="word_list"):
    """Words that conditions ask for by the list's name, one on a line; ``updated_at`` in Unix milliseconds.

    ``author`` has written them, and ``second`` has agreed to them (null: nobody, or they have left).
    """

    id = BigInt(primary_key=True)
    name = Text()
    words = Text()
    version = Integer()
    updated_at = BigInt()
    author = BigInt(null=True, default=None)
    second = BigInt(null=True, default=None)


class WordProposal(Table, tablename="word_proposal"):
    """Words that ``author`` wants a list to have that a live filter asks for: they wait for another moderator.

    ``proposed_at`` in Unix milliseconds.
    """

    word_list = BigInt(primary_key=True)
    words = Text()
    author = BigInt()
    proposed_at = BigInt()


class PostHold(Table, tablename="post_hold"):
    """A post that nobody has been told of yet. It is held for a ``HoldReason``, by ``filter`` if that is the reason.

    It is held until ``decided_at``; from then on it only waits for being visible. Times are in Unix milliseconds.
    """

    post = BigInt(primary_key=True)
    reason = SmallInt()
    filter = BigInt(null=True, default=None)
    since = BigInt()
    decided_at = BigInt(null=True, default=None)


class Simulation(Table, tablename="simulation"):
    """What a filter's condition would have found among posts with ids from ``since`` up to ``until``.

    ``state`` is a ``SimulationState``, ``run`` another id each time it begins anew. Posts before ``next_post`` have
    been looked at; ``tally`` is what came of it, as JSON (domain/moderation/filter_tally.py). ``touched_at`` is when it
    last went on, in Unix milliseconds. ``lists`` says which word lists it asks for, and when they were written
    (``word_lists.stamp``).
    """

    filter = BigInt(primary_key=True)
    run = BigInt()
    condition = Text()
    state = SmallInt()
    since = BigInt()
    until = BigInt()
    next_post = BigInt()
    tally = Text()
    touched_at = BigInt()
    lists = Text()


class SimulationHit(Table, tablename="simulation_hit"):
    """One of the posts that a simulation shows; ``wrong`` is 1 if a moderator says that it should not be hit."""

    filter = BigInt(primary_key=True)
    post = BigInt()
    wrong = SmallInt()
