"""What the network refuses, and why.

    Refused                 a rule of the network says no; str(error) is safe to show, ``code`` is for machines
    ├── NotFound            there is no such thing, or the viewer may not know of it: both look the same
    ├── Forbidden           the viewer is known and may not do this
    │   ├── SignedOut       nobody is signed in
    │   ├── RulesChanged    the viewer has not accepted the rules in force
    │   ├── Frozen          moderators let the viewer post nothing for some time
    │   └── Suspended       moderators let the viewer do nothing here, for some time or for good
    ├── Invalid             what was sent does not fit; ``fields`` says where
    ├── Conflict            it was right once, and something else came first
    ├── TooMany             a limit; ``retry_after`` in seconds
    └── ServiceUnavailable  something that the network needs does not answer, or is full
        └── Busy            others kept changing the same things; nothing was done

Words are English sources for gettext with ``%(name)s`` places; ``params`` fills them after translation.
"""

from collections.abc import Mapping
from typing import Any

from domain.core.translatable import N_

NOTHING = N_("There is nothing here, or it is not for you to see.")
SIGN_IN = N_("Sign in to do this.")
NEW_RULES = N_("This network has new rules. Read and accept them on the page of rules, then send this again.")
FROZEN = N_(
    "You can't post at the moment: moderators have frozen posting for your account. Your standing says why, and until"
    " when."
)
SUSPENDED = N_("Your account is suspended. Your standing says why, until when, and what you may do.")
TOO_MUCH = N_("Too much at once. Wait a moment, then try again.")
BUSY = N_("Too many people are changing this right now, so nothing was saved. Try again in a moment.")


class Refused(Exception):
    code = "refused"

    def __init__(self, words: str, /, *, code: str = "", **params: Any) -> None:
        super().__init__(words % params if params else words)
        self.words = words
        self.params = params
        self.code = code or self.code


class NotFound(Refused):
    code = "not-found"

    def __init__(self, words: str = NOTHING, /, **params: Any) -> None:
        super().__init__(words, **params)


class Forbidden(Refused):
    code = "forbidden"


class SignedOut(Forbidden):
    code = "signed-out"

    def __init__(self, words: str = SIGN_IN) -> None:
        super().__init__(words)


class RulesChanged(Forbidden):
    code = "rules-changed"

    def __init__(self, words: str = NEW_RULES) -> None:
        super().__init__(words)


class Frozen(Forbidden):
    code = "frozen"

    def __init__(self) -> None:
        super().__init__(FROZEN)


class Suspended(Forbidden):
    code = "suspended"

    def __init__(self) -> None:
        super().__init__(SUSPENDED)


class Invalid(Refused):
    """``fields`` maps a field's name to a Refused of its own."""

    code = "invalid"

    def __init__(self, words: str, /, fields: Mapping[str, "Refused"] | None = None, **params: Any) -> None:
        super().__init__(words, **params)
        self.fields = dict(fields or {})


class Conflict(Refused):
    code = "conflict"


class TooMany(Refused):
    code = "too-many"

    def __init__(self, words: str, /, retry_after: int, **params: Any) -> None:
        super().__init__(words, **params)
        self.retry_after = max(1, retry_after)


class ServiceUnavailable(Refused):
    code = "away"
    retry_after = 5


class Busy(ServiceUnavailable):
    code = "busy"

    def __init__(self) -> None:
        super().__init__(BUSY)


def collect(**problems: Refused | None) -> None:
    """Raises one ``Invalid`` with every field that has a problem, or nothing."""
    found = {name: problem for name, problem in problems.items() if problem is not None}
    if found:
        raise Invalid(next(iter(found.values())).words, fields=found, **next(iter(found.values())).params)
