"""What a member wants to be told: what is kept of it, what is refused, and when it is night."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.core.access import GUEST
from domain.core.errors import Invalid, SignedOut
from domain.notifications import preferences
from domain.notifications.kinds import Channel, NotificationKind
from domain.notifications.preferences import ACCEPT, ASIDE, DROP, Preferences
from tests.helpers.people import LiveNetwork

PARIS = "Europe/Paris"
MINUTE = 60_000


def at(clock: str, zone: str = PARIS, fold: int = 0) -> int:
    """A wall clock's "2026-03-29 01:59" as Unix milliseconds."""
    return int(datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def night(start: str, end: str, zone: str = PARIS) -> Preferences:
    hours = [int(text[:2]) * 60 + int(text[3:]) for text in (start, end)]
    return Preferences(quiet_from=hours[0], quiet_to=hours[1], zone=zone)


# --- what is kept ----------------------------------------------------------------------------------------------------


async def test_everybody_begins_with_everything(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    chosen = await preferences.of(ana.id)
    assert chosen == Preferences()
    assert all(chosen.wants(kind, way) for kind in NotificationKind for way in Channel)
    assert chosen.quiet_until(at("2026-01-10 03:00")) is None


async def test_what_is_saved_is_read_again(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    wanted = Preferences(
        kinds={
            "vote": Channel.PAGE,
            "reply": Channel.PAGE | Channel.MAIL,
            "follow": 0,
            "bell": Channel.PUSH | Channel.MAIL,
            "mention": 7,
        },
        strangers=ASIDE,
        newcomers=DROP,
        discreet=True,
        quiet_from=22 * 60,
        quiet_to=7 * 60 + 30,
        zone=PARIS,
    )
    await preferences.save(await ana.viewer(), wanted)
    chosen = await preferences.of(ana.id)
    assert chosen.kinds == {
        "vote": Channel.PAGE,
        "reply": Channel.PAGE | Channel.MAIL,
        "follow": 0,
        "bell": Channel.PUSH | Channel.MAIL,
    }
    assert (chosen.strangers, chosen.newcomers, chosen.discreet) == (ASIDE, DROP, True)
    assert (chosen.quiet_from, chosen.quiet_to, chosen.zone) == (1320, 450, PARIS)
    assert (
        chosen.wants(NotificationKind.VOTE, Channel.PAGE),
        chosen.wants(NotificationKind.VOTE, Channel.PUSH),
        chosen.wants(NotificationKind.REPLY, Channel.MAIL),
    ) == (True, False, True)
    assert not chosen.wants(NotificationKind.BELL, Channel.PUSH), "what is not shown is not pushed"
    assert await preferences.of(ben.id) == Preferences()
    await preferences.save(await ana.viewer(), Preferences())
    assert await preferences.of(ana.id) == Preferences()


async def test_unknown_kinds_and_bits_are_dropped(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await preferences.save(await ana.viewer(), Preferences(kinds={"poke": 1, "vote": 1 | 64}))
    assert (await preferences.of(ana.id)).kinds == {"vote": 1}


async def test_a_guest_has_none_to_save(network: LiveNetwork) -> None:
    with pytest.raises(SignedOut):
        await preferences.save(GUEST, Preferences())


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (Preferences(strangers=3), {"strangers"}),
        (Preferences(newcomers=-1), {"newcomers"}),
        (Preferences(quiet_from=1440, quiet_to=60, zone=PARIS), {"quiet_from"}),
        (Preferences(quiet_from=60, quiet_to=-1, zone=PARIS), {"quiet_to"}),
        (Preferences(quiet_from=60, zone=PARIS), {"quiet_to"}),
        (Preferences(quiet_to=60, zone=PARIS), {"quiet_from"}),
        (Preferences(quiet_from=60, quiet_to=60, zone=PARIS), {"quiet_to"}),
        (Preferences(quiet_from=-1, quiet_to=-1, zone=PARIS), {"quiet_from", "quiet_to"}),
        (Preferences(quiet_from=60, quiet_to=90), {"zone"}),
        (Preferences(zone="Europe/Tilly"), {"zone"}),
        (Preferences(zone="../../etc/passwd"), {"zone"}),
        (Preferences(zone="localtime"), {"zone"}),
    ],
)
async def test_what_does_not_fit_is_refused_by_field(
    network: LiveNetwork, wanted: Preferences, fields: set[str]
) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid) as refused:
        await preferences.save(await ana.viewer(), wanted)
    assert set(refused.value.fields) == fields
    assert await preferences.of(ana.id) == Preferences()


async def test_a_zone_may_be_typed_carelessly(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await preferences.save(await ana.viewer(), Preferences(zone=" america/new york "))
    assert (await preferences.of(ana.id)).zone == "America/New_York"


async def test_a_device_tells_its_zone_once(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    for zone in ("no/where", "", "Factory"):
        await preferences.zone_from_device(ana.id, zone)
    assert (await preferences.of(ana.id)).zone == ""
    await preferences.zone_from_device(ana.id, "Asia/Tokyo")
    await preferences.zone_from_device(ana.id, PARIS)
    assert (await preferences.of(ana.id)).zone == "Asia/Tokyo"
    assert (await preferences.of(ana.id)).strangers == ACCEPT


# --- quiet hours -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-01-10 12:59", None),
        ("2026-01-10 13:00", "2026-01-10 14:00"),
        ("2026-01-10 13:59", "2026-01-10 14:00"),
        ("2026-01-10 14:00", None),
        ("2026-01-11 00:30", None),
    ],
)
def test_a_nap(now: str, end: str | None) -> None:
    assert night("13:00", "14:00").quiet_until(at(now)) == (end and at(end))


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-01-10 21:59", None),
        ("2026-01-10 22:00", "2026-01-11 07:30"),
        ("2026-01-10 23:59", "2026-01-11 07:30"),
        ("2026-01-11 00:00", "2026-01-11 07:30"),
        ("2026-01-11 07:29", "2026-01-11 07:30"),
        ("2026-01-11 07:30", None),
        ("2026-12-31 23:30", "2027-01-01 07:30"),
        ("2028-02-28 23:30", "2028-02-29 07:30"),
    ],
)
def test_a_night(now: str, end: str | None) -> None:
    assert night("22:00", "07:30").quiet_until(at(now)) == (end and at(end))


def test_a_night_is_the_members_own() -> None:
    noon = at("2026-06-10 12:00")
    assert night("22:00", "07:00").quiet_until(noon) is None
    assert night("22:00", "07:00", "Pacific/Auckland").quiet_until(noon) == at("2026-06-11 07:00", "Pacific/Auckland")
    assert night("06:00", "07:00", "Asia/Kolkata").quiet_until(at("2026-06-10 06:10", "Asia/Kolkata"))
    assert night("06:00", "07:00", "").quiet_until(at("2026-06-10 06:10", "UTC"))
    assert night("06:00", "07:00", "Gone/Away").quiet_until(at("2026-06-10 06:10", "UTC")), "a zone may be abolished"


def test_the_night_in_spring_is_an_hour_shorter() -> None:
    eve = at("2026-03-28 22:00")
    end = night("22:00", "07:00").quiet_until(eve)
    assert end == at("2026-03-29 07:00")
    assert end - eve == 8 * 60 * MINUTE


def test_the_night_in_autumn_is_an_hour_longer() -> None:
    eve = at("2026-10-24 22:00")
    end = night("22:00", "07:00").quiet_until(eve)
    assert end == at("2026-10-25 07:00")
    assert end - eve == 10 * 60 * MINUTE


def test_an_end_that_is_skipped_comes_as_much_later() -> None:
    quiet = night("22:00", "02:30")
    end = at("2026-03-29 03:30")
    assert quiet.quiet_until(at("2026-03-29 01:59")) == end
    assert quiet.quiet_until(at("2026-03-29 03:10")) == end
    assert quiet.quiet_until(end) is None


def test_an_end_that_comes_twice_is_the_first() -> None:
    quiet = night("22:00", "02:30")
    end = at("2026-10-25 02:30", fold=0)
    assert quiet.quiet_until(at("2026-10-25 02:29", fold=0)) == end
    assert quiet.quiet_until(at("2026-10-25 02:10", fold=1)) is None


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-07-01", "2026-10-25"])
@pytest.mark.parametrize("hours", [("22:00", "07:00"), ("02:15", "02:45"), ("00:00", "23:59"), ("23:59", "00:00")])
def test_it_is_quiet_until_the_end_and_not_at_the_end(day: str, hours: tuple[str, str]) -> None:
    quiet, start = night(*hours), at(f"{day} 00:00")
    for minute in range(0, 26 * 60, 7):
        now = start + minute * MINUTE
        end = quiet.quiet_until(now)
        if end is not None:
            assert now < end <= now + 26 * 60 * MINUTE
            assert quiet.quiet_until(end - 1) == end
            assert quiet.quiet_until(end) is None
