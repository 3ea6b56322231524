"""What a member wants to be told, and how."""

import functools
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from db.queries import notification_settings as queries
from domain.core.access import Viewer, member
from domain.core.errors import Invalid, Refused, collect
from domain.notifications.kinds import KINDS, NAMES

PAGE, PUSH, MAIL = 1, 2, 4
EVERY_WAY = PAGE | PUSH | MAIL
ACCEPT, ASIDE, DROP = 0, 1, 2
# How long an account counts as a new one, in days.
NEWCOMER_DAYS = 7
CONTINENTS = "Africa America Antarctica Asia Atlantic Australia Europe Indian Pacific".split()


class Preferences(msgspec.Struct, frozen=True):
    """One member's choices.

    ``kinds`` holds, per kind's name, the sum of PAGE, PUSH and MAIL; a kind without PAGE makes no notice at all, and
    one that is not named there is wanted every way. ``strangers`` (people not followed) and ``newcomers`` (accounts
    younger than NEWCOMER_DAYS) are ACCEPT; ASIDE: kept apart, without a count, a push or a mail, until let through; or
    DROP: no notice. Where both fit, the stricter holds; DROP is stricter than ASIDE. Whom the member has let through
    once (``notice_allowed``), and whoever is followed, passes both; so do requests to follow, which wait for an answer.
    ``discreet``: pushes say nothing of who and what. Quiet hours are minutes of the day in ``zone``, an IANA name ("":
    UTC); both None without any. They hold back pushes and nothing else. ``digest`` is OFF, DAILY or WEEKLY of
    ``domain.notifications.digests``, confirmed or not.
    """

    kinds: dict[str, int] = {}
    strangers: int = ACCEPT
    newcomers: int = ACCEPT
    discreet: bool = False
    quiet_from: int | None = None
    quiet_to: int | None = None
    zone: str = ""
    digest: int = 0

    def wants(self, kind: int, way: int) -> bool:
        """Whether a kind of notice is wanted on a ``way`` (PAGE, PUSH, MAIL)."""
        chosen = self.kinds.get(NAMES[kind], EVERY_WAY)
        return bool(chosen & PAGE and chosen & way)

    def quiet_until(self, now: int) -> int | None:
        """When the quiet hours that hold at ``now`` end, both in Unix milliseconds; None outside of them."""
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


AS_FIRST = Preferences()


async def of(account: int) -> Preferences:
    """One member's preferences; one read by key."""
    row = await queries.preferences(account)
    if row is None:
        return AS_FIRST
    kinds, strangers, newcomers, discreet, quiet_from, quiet_to, zone, digest = row
    chosen = msgspec.json.decode(kinds, type=dict[str, int])
    return Preferences(chosen, strangers, newcomers, bool(discreet), quiet_from, quiet_to, zone, digest)


async def save(viewer: Viewer, wanted: Preferences) -> None:
    """Replaces everything but the digest. Errors: ``Invalid`` with fields, of which the times are minutes of a day."""
    member(viewer)
    wanted = msgspec.structs.replace(wanted, kinds=_tidy(wanted.kinds), zone=_spelt(wanted.zone))
    collect(
        strangers=_policy_problem(wanted.strangers),
        newcomers=_policy_problem(wanted.newcomers),
        **_quiet_problems(wanted.quiet_from, wanted.quiet_to),
        zone=_zone_problem(wanted),
    )
    await queries.save(
        viewer.id,
        msgspec.json.encode(wanted.kinds).decode(),
        wanted.strangers,
        wanted.newcomers,
        wanted.discreet,
        wanted.quiet_from,
        wanted.quiet_to,
        wanted.zone,
    )


async def zone_from_device(account: int, zone: str) -> None:
    """Takes a browser's word for the time zone where the member has named none; what is no zone is ignored."""
    if zone in zones():
        await queries.fill_zone(account, zone)


@functools.cache
def zones() -> frozenset[str]:
    """The IANA names that this machine knows."""
    return frozenset(zoneinfo.available_timezones() - {"Factory", "localtime"})


@functools.cache
def places() -> tuple[str, ...]:
    """The zones that are named after a place, in order: what is offered to people."""
    return tuple(sorted(zone for zone in zones() if zone.partition("/")[0] in CONTINENTS and "/" in zone))


@functools.cache
def _spellings() -> dict[str, str]:
    return {zone.lower(): zone for zone in zones()}


def _spelt(zone: str) -> str:
    """A zone as it is written, however it was typed; what is none stays as it is."""
    typed = zone.strip()
    return _spellings().get(typed.lower().replace(" ", "_"), typed)


@functools.lru_cache(maxsize=1024)
def clock_of(zone: str) -> tzinfo:
    """A zone's clock; UTC for one that this machine does not know (any more)."""
    try:
        return zoneinfo.ZoneInfo(zone) if zone else UTC
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _moment(day: date, minutes: int, zone: tzinfo) -> int:
    """A time of the clock on a day, as Unix milliseconds.

    One that is skipped in spring comes as much later as was skipped, one that comes twice in autumn is the first.
    """
    return int(datetime.combine(day, time(minutes // 60, minutes % 60), zone).timestamp() * 1000)


def _tidy(kinds: dict[str, int]) -> dict[str, int]:
    """Only what differs from the beginning, so that a kind that comes later starts as wanted."""
    return {name: ways & EVERY_WAY for name, ways in kinds.items() if name in KINDS and ways != EVERY_WAY}


def _policy_problem(policy: int) -> Refused | None:
    return None if policy in (ACCEPT, ASIDE, DROP) else Invalid("Choose one of these.")


def _quiet_problems(start: int | None, end: int | None) -> dict[str, Refused | None]:
    """A time that is none comes as -1."""
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
