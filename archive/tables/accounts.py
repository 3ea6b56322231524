"""Who people are, how they prove it, and what they agreed to."""

from typing import Annotated

from pydantic import StringConstraints, TypeAdapter
from sqlmodel import Field

from archive.fields import (
    PAIR,
    Count,
    Email,
    Flag,
    Handles,
    Id,
    Locale,
    Place,
    Record,
    Sha256,
    Time,
    among,
    free,
    heading,
    json,
    line,
    span,
    spelt,
)
from domain.accounts import network_profile, profiles, sessions
from domain.core import clock
from domain.core.access import Role, Theme
from domain.core.trust import LEVELS
from domain.media import storage

HANDLE = profiles.HANDLE.pattern
NAMED_IN_BIO = StringConstraints(max_length=50 * 32)
# Argon2 as credentials.py makes it, and nothing that would take gigabytes or minutes to verify.
ARGON2 = r"\$argon2id\$v=19\$m=[0-9]{1,5},t=[0-9],p=[0-9]\$[A-Za-z0-9+/]{1,100}\$[A-Za-z0-9+/]{1,150}"
Level = Annotated[int, span(0, LEVELS[-1])]
Hue = Annotated[int, span(0, profiles.HUES - 1)]
# The key of a stored file, or none.
File = Annotated[str, spelt(f"([A-Za-z0-9_-]{{{storage.KEY_LENGTH}}})?")]


# Earlier versions took labels that are refused or changed today: what counts is that they do no harm.
_LABEL = TypeAdapter(Annotated[str, heading(profiles.MAX_LABEL)])
_ADDRESS = TypeAdapter(Annotated[str, heading(profiles.MAX_ADDRESS)])


def _lead_to_the_web(links: list[profiles.ProfileLink]) -> bool:
    """Errors: ``ValidationError`` for a label or an address that is too long or has control characters."""
    for link in links:
        _LABEL.validate_python(link.label)
        _ADDRESS.validate_python(link.address)
    return len(links) <= profiles.MAX_LINKS and all(profiles.is_web(link.address) for link in links)


LINKS = json(list[profiles.ProfileLink], _lead_to_the_web)


class Network(Record, table=True):
    id: Annotated[int, span(1, 1)] = Field(primary_key=True)
    name: Annotated[str, heading(network_profile.MAX_NAME, 1)]
    description: Annotated[str, free(network_profile.MAX_DESCRIPTION)]
    contact: Annotated[str, heading(network_profile.MAX_CONTACT)]
    hue: Hue
    created_at: Time
    link_previews: Flag


class Terms(Record, table=True):
    version: Count = Field(primary_key=True)
    text: Annotated[str, free(network_profile.MAX_TERMS)]
    published_at: Time


class Account(Record, table=True):
    id: Id = Field(primary_key=True)
    handle: Annotated[str, spelt(HANDLE)]
    handle_key: Annotated[str, spelt("[a-z0-9_]{1,30}")]
    name: Annotated[str, heading(profiles.MAX_NAME)]
    # Folding takes a letter apart into several.
    name_key: Annotated[str, heading(profiles.MAX_NAME * 4)]
    bio: Annotated[str, free(profiles.MAX_BIO)]
    bio_mentions: Annotated[str, NAMED_IN_BIO, Handles]
    links: Annotated[str, heading(profiles.MAX_LINKS * (profiles.MAX_LABEL + profiles.MAX_ADDRESS + 10)), LINKS]
    hue: Hue
    private: Flag
    role: Annotated[str, among(*Role)]
    locale: Locale
    theme: Annotated[str, among(*Theme)]
    hide_reposts: Flag
    hide_replies: Flag
    terms_version: Count
    terms_at: Time
    rules_version: Count
    version: Count
    posts: Count
    followers: Count
    following: Count
    home_floor: Place
    pull_since: Place | None
    left_at: Time | None
    avatar_small: File
    avatar_large: File
    header: File
    alt_required: Flag
    data_saver: Flag
    frozen_until: Annotated[int, span(0, clock.LAST - 1)]
    suspended_until: Time
    trust: Level


class Trust(Record, table=True):
    account: Id = Field(primary_key=True)
    earned: Level
    lost: Level
    days: Count
    reads: Count
    day: Count
    hour_at: Time
    links: Count
    media: Count
    mentions: Count


class Credential(Record, table=True):
    account: Id = Field(primary_key=True)
    password_hash: Annotated[str, spelt(ARGON2)]
    email: Email
    changed_at: Time


class HeldHandle(Record, table=True):
    __table_args__ = PAIR

    handle_hash: Sha256 = Field(primary_key=True)
    until: Time


class Session(Record, table=True):
    __table_args__ = PAIR

    id: Sha256 = Field(primary_key=True)
    account: Id
    agent: Annotated[str, line(sessions.MAX_AGENT)]
    created_at: Time
    seen_at: Time


class Reset(Record, table=True):
    id: Sha256 = Field(primary_key=True)
    account: Id
    expires_at: Time


class SigninCode(Record, table=True):
    """``id`` is what scrypt makes of a code."""

    id: Annotated[str, spelt("[0-9a-f]{128}")] = Field(primary_key=True)
    account: Id
    expires_at: Time
