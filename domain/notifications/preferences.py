"""A member's choices: which kinds of notifications, on which channels, from whom, and at what hours."""

import functools
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from db.queries import notification_settings as queries
from db.queries.notification_settings import SavedPreferences
from domain.core.access import Viewer, member
from domain.core.errors import Invalid, Refused, collect
from domain.notifications.kinds import EVERY_CHANNEL, OPTIONAL, Channel, NotificationKind

ACCEPT, ASIDE, DROP = 0, 1, 2
# How long an account counts as a new one, in days.
NEWCOMER_DAYS = 7
CONTINENTS = "Africa America Antarctica Asia Atlantic Australia Europe Indian Pacific".split()


class Preferences(msgspec.Struct, frozen=True):
    """One member's choices.

    ``kinds`` has the channels of the kinds that differ from their defaults, by ``NotificationKind.key``, as the sum of
    ``Channel`` values; a kind without ``Channel.PAGE`` makes no notice at all.

    ``strangers`` (accounts not followed) and ``newcomers`` (accounts younger than NEWCOMER_DAYS) are ACCEPT; ASIDE: set
    aside, without a count, a push or a mail, until let through; or DROP: no notice. An account that is both gets the
    stricter; DROP is stricter than ASIDE. Neither applies to accounts that are followed or were let through once
    (``notice_allowed``), nor to kinds that can't be set aside.

    ``discreet``: pushes name no person and no content. Quiet hours are minutes of the day in ``zone``, an IANA name
    ("": UTC), both None without any; they delay pushes and nothing else. ``digest`` is OFF, DAILY or WEEKLY of
    ``domain.notifications.digests``, whether the address is confirmed or not.
    """

    kinds: dict[str, int] = {}
    strangers: int = ACCEPT
    newcomers: int = ACCEPT
    discreet: bool = False
    quiet_from: int | None = None
    quiet_to: int | None = None
    zone: str = ""
    digest: int = 0

    def channels(self, kind: NotificationKind) -> Channel:
        """The channels of a kind, as chosen or by default."""
        chosen = self.kinds.get(kind.key) if kind.rules.optional else None
        return kind.rules.defaults if chosen is None else Channel(chosen)

    def wants(self, kind: NotificationKind, channel: Channel) -> bool:
        """Whether a kind is wanted on a channel. A kind that is not shown is not pushed or mailed either.

        >>> Preferences(kinds={"vote": Channel.PUSH}).wants(NotificationKind.VOTE, Channel.PUSH)
        False
        """
        channels = self.channels(kind)
        return bool(channels & Channel.PAGE and channels & channel)

    def quiet_until(self, now: int) -> int | None:
        """The end of the quiet hours around ``now``, both in Unix milliseconds; None outside of them."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        zone = clock_of(self.zone)
        today = datetime.fromtimestamp(now / 1000, zone).date()
        for day in (today - timedelta(days=1), today):
            later = day + timedelta(days=self.quiet_to <= self.quiet_from)
            start, end = _moment(day, self.quiet_from, zone), _moment(later, self.quiet_to, zone)
            if start <= now < end:
                return end
        return None


DEFAULTS = Preferences()


async def of(account: int) -> Preferences:
    """One member's preferences."""
    row = await queries.preferences(account)
    if row is None:
        return DEFAULTS
    chosen = msgspec.json.decode(row.kinds, type=dict[str, int])
    return Preferences(
        chosen, row.strangers, row.newcomers, bool(row.discreet), row.quiet_from, row.quiet_to, row.zone, row.digest
    )


async def save(viewer: Viewer, wanted: Preferences) -> None:
    """Replaces everything but the digest. Errors: ``Invalid`` with fields; a time that could not be read is -1."""
    member(viewer)
    wanted = msgspec.structs.replace(wanted, kinds=_tidy(wanted.kinds), zone=_spelt(wanted.zone))
    collect(
        strangers=_policy_problem(wanted.strangers),
        newcomers=_policy_problem(wanted.newcomers),
        **_quiet_problems(wanted.quiet_from, wanted.quiet_to),
        zone=_zone_problem(wanted),
    )
    saved = SavedPreferences(
        viewer.id,
        msgspec.json.encode(wanted.kinds).decode(),
        wanted.strangers,
        wanted.newcomers,
        int(wanted.discreet),
        wanted.quiet_from,
        wanted.quiet_to,
        wanted.zone,
    )
    await queries.save(saved)


async def forget(account: int) -> None:
    """Removes all that a member has chosen; call it while writing, when the account is closed."""
    await queries.forget(account)


async def zone_from_device(account: int, zone: str) -> None:
    """Sets the time zone that a browser reports, unless the member has one already; an unknown zone is ignored."""
    if zone in zones():
        await queries.fill_zone(account, zone)


@functools.cache
def zones() -> frozenset[str]:
    """The IANA names that this machine knows."""
    return frozenset(zoneinfo.available_timezones() - {"Factory", "localtime"})


@functools.cache
def places() -> tuple[str, ...]:
    """The zones that are named after a place, in order; forms offer these."""
    return tuple(sorted(zone for zone in zones() if zone.partition("/")[0] in CONTINENTS and "/" in zone))


@functools.cache
def _spellings() -> dict[str, str]:
    return {zone.lower(): zone for zone in zones()}


def _spelt(zone: str) -> str:
    """A zone in its official spelling: ``_spelt("europe/paris") == "Europe/Paris"``. Other text stays as it is."""
    typed = zone.strip()
    return _spellings().get(typed.lower().replace(" ", "_"), typed)


@functools.lru_cache(maxsize=1024)
def clock_of(zone: str) -> tzinfo:
    """A zone's clock; UTC for a zone that this machine does not know (any more)."""
    try:
        return zoneinfo.ZoneInfo(zone) if zone else UTC
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _moment(day: date, minutes: int, zone: tzinfo) -> int:
    """A wall-clock time on a day, as Unix milliseconds.

    A time that is skipped in spring is moved by what was skipped; of one that comes twice in autumn it is the first.
    """
    return int(datetime.combine(day, time(minutes // 60, minutes % 60), zone).timestamp() * 1000)


def _tidy(kinds: dict[str, int]) -> dict[str, int]:
    """Only the choices that differ from the defaults."""
    chosen = {kind: int(kinds.get(kind.key, kind.rules.defaults) & EVERY_CHANNEL) for kind in OPTIONAL}
    return {kind.key: channels for kind, channels in chosen.items() if channels != kind.rules.defaults}


def _policy_problem(policy: int) -> Refused | None:
    return None if policy in (ACCEPT, ASIDE, DROP) else Invalid("Choose one of these.")


def _quiet_problems(start: int | None, end: int | None) -> dict[str, Refused | None]:
    problems: dict[str, Refused | None] = {"quiet_from": _time_problem(start), "quiet_to": _time_problem(end)}
    if start is not None and end is None:
        problems["quiet_to"] = Invalid("Say when quiet hours end.")
    elif end is not None and start is None:
        problems["quiet_from"] = Invalid("Say when quiet hours begin.")
    elif start is not None and start == end and not problems["quiet_to"]:
        problems["quiet_to"] = Invalid("Quiet hours end at another time than they begin.")
    return problems


def _time_problem(minutes: int | None) -> Refused | None:
    return None if minutes is None or 0 <= minutes < 1440 else Invalid("Give a time such as 22:30.")


def _zone_problem(wanted: Preferences) -> Refused | None:
    if wanted.zone and wanted.zone not in zones():
        return Invalid("This time zone is not known. It is named like Europe/Paris.")
    if wanted.quiet_from is not None and not wanted.zone:
        return Invalid("Say in which time zone: it is named like Europe/Paris.")
    return None
