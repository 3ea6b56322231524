"""Who people are, how they prove it, and what they agreed to."""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class Network(Table, tablename="network"):
    """The one row that says which network this is."""

    id = Integer(primary_key=True)
    name = Text()
    description = Text()
    contact = Text()
    hue = SmallInt()
    created_at = BigInt()
    link_previews = SmallInt()


class Terms(Table, tablename="terms"):
    version = Integer(primary_key=True)
    text = Text()
    published_at = BigInt()


class Account(Table, tablename="account"):
    """``avatar_small``, ``avatar_large`` and ``header`` are keys of stored objects, "" for none.

    ``frozen_until`` is until when moderators let it post nothing, ``suspended_until`` until when they let it do nothing
    at all (Unix milliseconds, 0: they don't). ``trust`` is a ``TrustLevel`` of domain/core/trust.py.
    """

    id = BigInt(primary_key=True)
    handle = Text()
    handle_key = Text()
    name = Text()
    name_key = Text()
    bio = Text()
    bio_mentions = Text()
    links = Text()
    hue = SmallInt()
    private = SmallInt()
    role = Text()
    locale = Text()
    theme = Text()
    hide_reposts = SmallInt()
    hide_replies = SmallInt()
    terms_version = Integer()
    terms_at = BigInt()
    rules_version = Integer()
    version = Integer()
    posts = Integer()
    followers = Integer()
    following = Integer()
    home_floor = BigInt()
    pull_since = BigInt(null=True, default=None)
    left_at = BigInt(null=True, default=None)
    avatar_small = Text()
    avatar_large = Text()
    header = Text()
    alt_required = SmallInt()
    data_saver = SmallInt()
    frozen_until = BigInt()
    suspended_until = BigInt()
    trust = SmallInt()


class Trust(Table, tablename="trust"):
    """How far an account is with its level of trust; whoever has done nothing yet has no row.

    ``earned`` is the level that it has ever reached, ``lost`` how many levels points cost it now; ``account.trust`` is
    what is left. ``days`` counts days on which it read, the last of which was ``day`` (days since 1970, UTC), ``reads``
    the posts that it was shown. ``links``, ``media`` and ``mentions`` are what it has posted in the hour that began at
    ``hour_at`` (Unix milliseconds).
    """

    account = BigInt(primary_key=True)
    earned = SmallInt()
    lost = SmallInt()
    days = Integer()
    reads = Integer()
    day = Integer()
    hour_at = BigInt()
    links = Integer()
    media = Integer()
    mentions = Integer()


class Credential(Table, tablename="credential"):
    """``changed_at``, in Unix milliseconds, is later with each change, whatever the clock says: reset links, device
    cookies and proofs that were made with another one are void, see domain/accounts/revocation.py.
    """

    account = BigInt(primary_key=True)
    password_hash = Text()
    email = Text()
    changed_at = BigInt()


class HeldHandle(Table, tablename="held_handle"):
    """The handle of an account that left, as a keyed hash; nobody may take it before ``until`` (Unix milliseconds)."""

    handle_hash = Text(primary_key=True)
    until = BigInt()


class Session(Table, tablename="session"):
    """``id`` is the SHA-256 of the cookie's token: a stolen table signs nobody in."""

    id = Text(primary_key=True)
    account = BigInt()
    agent = Text()
    created_at = BigInt()
    seen_at = BigInt()


class Reset(Table, tablename="reset"):
    """A link that sets a new password; ``id`` is the SHA-256 of its token."""

    id = Text(primary_key=True)
    account = BigInt()
    expires_at = BigInt()
