"""What people are told, how, and where to."""

from enum import IntEnum

from piccolo.columns import BigInt, Bytea, Integer, SmallInt, Text
from piccolo.table import Table


class Secret(Table, tablename="secret"):
    """What the network alone knows, by name: the keys that sign links and pushes."""

    name = Text(primary_key=True)
    value = Text()
    made_at = BigInt()


class NoticeState(IntEnum):
    """``SET_ASIDE``: not listed or counted until the member lets its author through, or dismisses it."""

    SHOWN = 0
    SET_ASIDE = 1
    DISMISSED = 2


class Notice(Table, tablename="notice"):
    """One line of somebody's notifications: ``people`` are behind it, ``actor`` the last; ``entry`` is its place.

    ``kind`` is one of ``domain.notifications.kinds``, ``state`` a ``NoticeState``.
    """

    id = BigInt(primary_key=True)
    account = BigInt()
    kind = SmallInt()
    post = BigInt(null=True, default=None)
    actor = BigInt()
    people = Integer()
    entry = BigInt()
    unread = SmallInt()
    state = SmallInt()


class NoticePart(Table, tablename="notice_part"):
    """Who is in a notice, and since which ``entry`` of it; ``topic``: see ``domain.notifications.grouping``.

    The key makes each cause count once; ``active`` is 0 when it was taken back.
    """

    account = BigInt(primary_key=True)
    topic = SmallInt()
    post = BigInt()
    actor = BigInt()
    notice = BigInt()
    entry = BigInt()
    active = SmallInt()


class NoticeSetting(Table, tablename="notice_setting"):
    """``kinds`` is JSON; ``quiet_from`` and ``quiet_to`` are minutes of the day in ``zone``, an IANA name.

    ``digest`` is 0 off, 1 daily, 2 weekly; ``digest_email`` the address that was confirmed for it; ``digest_at`` when
    the next one is due, ``digest_sent`` when the last sent one was; ``digest_entry`` the last notice in one.
    """

    account = BigInt(primary_key=True)
    kinds = Text()
    strangers = SmallInt()
    newcomers = SmallInt()
    discreet = SmallInt()
    quiet_from = SmallInt(null=True, default=None)
    quiet_to = SmallInt(null=True, default=None)
    zone = Text()
    digest = SmallInt()
    digest_email = Text()
    digest_entry = BigInt()
    digest_at = BigInt()
    digest_sent = BigInt()
    feed_token = Text(null=True, default=None)


class NoticeAllowed(Table, tablename="notice_allowed"):
    account = BigInt(primary_key=True)
    actor = BigInt()


class Bell(Table, tablename="bell"):
    """``account`` wants to hear of every new post of ``target``."""

    account = BigInt(primary_key=True)
    target = BigInt()


class PushSubscription(Table, tablename="push_subscription"):
    """A device that takes pushes, tied to its session; without one the endpoint was entered by hand. Without an
    endpoint it is only a mark: the member has ended the pushes of that session.

    ``endpoint_key`` is the endpoint's SHA-256; ``vapid`` the public key it was made with; ``failed`` counts refusals in
    a row, ``problem`` names the last; times are Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    account = BigInt()
    session = Text(null=True, default=None)
    endpoint = Text()
    endpoint_key = Text()
    p256dh = Text()
    auth = Text()
    vapid = Text()
    locale = Text()
    zone = Text()
    permission = Text()
    made_at = BigInt()
    sent_at = BigInt(null=True, default=None)
    confirmed_at = BigInt(null=True, default=None)
    failed = SmallInt()
    problem = Text()


class PushDelivery(Table, tablename="push_delivery"):
    """A push that is still to be sent; ``due_at`` is put off by a lease while somebody sends it.

    ``notice`` 0 sums up what came from ``entry`` on, -1 is a test, -2 tells of a move. ``revision`` counts what
    happened since it was planned: a push that was sent meanwhile said less.
    """

    id = BigInt(primary_key=True)
    subscription = BigInt()
    notice = BigInt()
    entry = BigInt()
    silent = SmallInt()
    due_at = BigInt()
    attempts = Integer()
    revision = Integer()


class SigninCode(Table, tablename="signin_code"):
    """A code that carries a login into the installed app; ``id`` is its slow hash."""

    id = Text(primary_key=True)
    account = BigInt()
    expires_at = BigInt()


class NetworkIcon(Table, tablename="network_icon"):
    """The network's icons as PNG, made from the operator's logo."""

    name = Text(primary_key=True)
    digest = Text()
    body = Bytea()
