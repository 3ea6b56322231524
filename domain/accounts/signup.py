"""Signing up."""

from datetime import UTC, date, datetime

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import signups
from db.tables.accounts import Account, Credential
from domain.accounts import credentials, emails, handles, profiles
from domain.core import access, clock, ids, permissions, text_parsing
from domain.core.access import Role, Theme
from domain.core.errors import Invalid, Refused, TooMany, collect
from domain.core.translatable import N_

# Names that would pass for the network itself.
RESERVED = frozenset(
    "admin administrator root system support help staff moderator moderation operator security abuse postmaster"
    " webmaster official parvis everyone all here".split()
)

SLOW = N_(
    "Moderators are behind at the moment, so few new accounts are made each hour. Try again later: what you typed is"
    " below."
)


class NewMember(msgspec.Struct, frozen=True):
    """A sign-up form. ``birth_date`` is checked against the age floor and then forgotten.

    ``accepted_rules`` is the version that was linked on the form; an older one is to be accepted again before a post.
    """

    handle: str
    name: str
    password: str
    email: str = ""
    birth_date: str = ""
    accepted_terms: bool = False
    accepted_rules: int = 0
    locale: str = ""


class AcceptedVersions(msgspec.Struct, frozen=True):
    """The versions of the terms and of the rules that a member has accepted, 0 for none."""

    terms: int
    rules: int = 0


class SignupPolicy(msgspec.Struct, frozen=True):
    """Who may come in, and the ``rules_version`` in force (0: no rules were published).

    ``most_per_hour`` is how many may come within an hour in all, 0 for any number.
    """

    open: bool
    email_required: bool
    minimum_age: int
    terms_version: int
    rules_version: int = 0
    most_per_hour: int = 0


async def sign_up(person: NewMember, policy: SignupPolicy) -> int:
    """Makes an account and returns its id.

    Errors: ``Forbidden`` when closed, ``Invalid`` with the fields, ``TooMany`` when enough have come within an hour.
    """
    access.require(permissions.may_sign_up(is_open=policy.open))
    wrong = problems(person)
    if policy.email_required and not person.email.strip():
        wrong["email"] = Invalid("Give an email address.")
    collect(
        **wrong,
        birth_date=_age_problem(person.birth_date, policy.minimum_age),
        terms=None if person.accepted_terms else Invalid("Accept the terms to join."),
    )
    password_hash = await hashed(person)
    accepted = AcceptedVersions(policy.terms_version, min(person.accepted_rules, policy.rules_version))
    async with DB.writing():
        if policy.most_per_hour:
            await _check_rate(policy.most_per_hour)
        return await write(ids.new(), person, password_hash, accepted, Role.MEMBER)


async def _check_rate(most: int) -> None:
    """Within a transaction: has others wait for its end, so that no more than ``most`` come. Errors: ``TooMany``."""
    await signups.lock()
    hour_ago = clock.now() - clock.HOUR_MS
    newest = await signups.since(ids.first(hour_ago), most)
    if len(newest) == most:
        raise TooMany(SLOW, (ids.time_of(newest[-1]) - hour_ago) // 1000 + 1)


def problems(person: NewMember) -> dict[str, Refused | None]:
    """What is wrong with the fields that every new account has."""
    return {
        "handle": _handle_problem(person.handle),
        "name": profiles.name_problem(person.name),
        "password": credentials.password_problem(person.password, person.handle),
        "email": emails.problem(person.email),
    }


async def hashed(person: NewMember) -> str:
    return await credentials.hash_password(person.password)


async def write(account: int, person: NewMember, password_hash: str, accepted: AcceptedVersions, role: Role) -> int:
    """The account and its credential, in one transaction. Errors: ``Invalid`` when the handle is taken."""
    now = clock.now()
    try:
        async with DB.unique():
            if await handles.is_reserved(person.handle.strip()):
                raise ConstraintViolation
            await Account.insert(_row(account, person, accepted, now, role))
            await Credential.insert(
                Credential(
                    account=account, password_hash=password_hash, email=emails.normalized(person.email), changed_at=now
                )
            )
    except ConstraintViolation:
        taken = Invalid("This handle is taken.")
        raise Invalid(taken.words, fields={"handle": taken}) from None
    return account


def _row(account: int, person: NewMember, accepted: AcceptedVersions, now: int, role: Role) -> Account:
    return Account(
        id=account,
        handle=person.handle.strip(),
        handle_key=person.handle.strip().lower(),
        name=text_parsing.line(person.name),
        name_key=text_parsing.fold(text_parsing.line(person.name)),
        hue=account % profiles.HUES,
        locale=person.locale,
        links="[]",
        theme=Theme.AUTO,
        role=role,
        terms_version=accepted.terms,
        terms_at=now,
        rules_version=accepted.rules,
        version=1,
    )


def _handle_problem(handle: str) -> Refused | None:
    handle = handle.strip()
    if not profiles.HANDLE.fullmatch(handle):
        return Invalid("A handle has 1 to 30 letters a-z, digits or underscores.")
    if handle.lower() in RESERVED:
        return Invalid("This handle is kept for the network itself.")
    return None


def _age_problem(birth_date: str, minimum: int) -> Refused | None:
    if not minimum:
        return None
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return Invalid("Give your date of birth.")
    today = datetime.fromtimestamp(clock.now() / 1000, UTC).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age > 130 or born > today:
        return Invalid("Give your date of birth.")
    return Invalid("You must be at least %(age)s years old to join.", age=minimum) if age < minimum else None
