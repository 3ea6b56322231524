"""Complaints by the forms: what counts when, until when, and until when it is kept."""

import pytest

from domain.core import clock
from domain.core.access import GUEST
from domain.core.errors import Forbidden, Invalid, NotFound, SignedOut, TooMany
from domain.moderation import clocks, upstream, upstream_desk, upstream_forms, upstream_work, work
from domain.moderation.upstream_kinds import Channel, ComplaintState, Sender, Verified
from domain.moderation.upstream_work import Closing
from tests.conftest import Watch
from tests.helpers.complaints import FORM, about_a_post, filed, mail, opened, read
from tests.helpers.people import LiveNetwork

DAY = 86_400
TABLES = ("complaint", "complaint_address", "complaint_mail", "complaint_entry", "complaint_letter")


def minute(at: int) -> str:
    """A time as a form has it."""
    return f"{clock.day(at)}T{at // clock.HOUR_MS % 24:02}:{at // clock.MINUTE_MS % 60:02}"


def test_clocks_to_the_minute() -> None:
    hour = clock.HOUR_MS
    for sender in Sender:
        own = hour if sender is Sender.AUTHORITY else 24 * hour
        assert clocks.complaint_due_at(sender, 1000, None) == 1000 + own
        assert clocks.complaint_due_at(sender, 1000, 1000 + own + clock.MINUTE_MS) == 1000 + own
        assert clocks.complaint_due_at(sender, 1000, 1000 + own - clock.MINUTE_MS) == 1000 + own - clock.MINUTE_MS


async def test_a_complaint_counts_once_it_is_confirmed(network: LiveNetwork, watch: Watch) -> None:
    moderator = await network.moderator()
    complaint = await filed(addresses="https://parvis.test/@nobody\nhttps://elsewhere.example/x")
    viewer = await moderator.viewer()
    assert (await upstream_desk.desk(viewer)).open.items == []
    with pytest.raises(NotFound):
        await upstream_desk.read(viewer, complaint)
    watch.forward(2 * DAY)
    for _ in range(2):
        await upstream.confirm(await upstream.token(complaint))
    (listed,) = (await upstream_desk.desk(viewer)).open.items
    assert (listed.verified, listed.state) == (Verified.BY_LINK, ComplaintState.OPEN)
    assert clock.now() - listed.received_at > 2 * clock.DAY_MS - clock.MINUTE_MS
    left = listed.due_at - clock.now()
    assert 24 * clock.HOUR_MS - clock.MINUTE_MS < left <= 24 * clock.HOUR_MS, "the clock runs from the confirmation"
    view = await read(moderator, complaint)
    assert [one.kind.name for one in view.trail] == ["RECEIVED", "CONFIRMED"]
    assert [one.subject for one in view.addresses] == [None, None]


async def test_an_order_is_listed_at_once_and_has_its_clock_once_it_is_confirmed(
    network: LiveNetwork, watch: Watch
) -> None:
    moderator = await network.moderator()
    viewer = await moderator.viewer()
    soon = minute(clock.now() + 20 * clock.MINUTE_MS)
    orders = [await filed(sender=Sender.AUTHORITY, deadline=soon) for _ in range(2)]
    for listed in (await upstream_desk.desk(viewer)).open.items:
        assert listed.verified is Verified.NOT
        assert listed.due_at - listed.received_at == 24 * clock.HOUR_MS, "anybody can say that they are an authority"
    watch.forward(3600)
    assert (await upstream_desk.figures(viewer)).overdue == 0
    await upstream.confirm(await upstream.token(orders[0]))
    assert (await upstream_desk.figures(viewer)).overdue == 1, "what they have set counts now"
    late = await filed(sender=Sender.AUTHORITY)
    await upstream_work.verify(viewer, late)
    view = await read(moderator, late)
    assert view.listed.due_at - clock.now() <= clock.HOUR_MS
    with pytest.raises(Invalid) as problem:
        await filed(sender=Sender.AUTHORITY, deadline="2020-01-02T00:00")
    assert set(problem.value.fields) == {"deadline"}


async def test_what_nobody_has_made_sure_of_comes_last(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    moderator = await network.moderator()
    viewer = await moderator.viewer()
    monkeypatch.setattr(upstream_desk, "QUEUED", 2)
    # Of two in one millisecond either may be the first.
    strangers = sorted([await filed(sender=Sender.AUTHORITY) for _ in range(3)])
    host = await opened(mail())
    order = await filed(sender=Sender.AUTHORITY)
    await upstream.confirm(await upstream.token(order))
    found, cursor = list[int](), ""
    while True:
        page = (await upstream_desk.desk(viewer, cursor)).open
        found += [one.id for one in page.items]
        if not (cursor := page.next):
            break
    assert found == [order, host, *strangers] == [one.id for one in await upstream_desk.open_ones()]
    claimed = [await work.claim_next(viewer)]
    for one in (order, host):
        await upstream_work.close(
            viewer, one, Closing((await read(moderator, one)).version, answers=False), can_mail=True
        )
        claimed.append(await work.claim_next(viewer))
    assert [one and one.id for one in claimed] == [order, host, strangers[0]]


async def test_forms_that_nobody_has_confirmed_shut_nobody_out(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "MAX_A_DAY", 2)
    forms = [await filed() for _ in range(4)]
    await opened(mail())
    for one in forms[:2]:
        await upstream.confirm(await upstream.token(one))
    await opened(mail(Message_ID="<2@nordhost.example>"))
    with pytest.raises(TooMany):
        await filed()
    with pytest.raises(TooMany):
        await opened(mail(Message_ID="<3@nordhost.example>"))


async def test_overdue_complaints_are_counted_and_come_first(network: LiveNetwork, watch: Watch) -> None:
    moderator = await network.moderator()
    host = await filed()
    await upstream.confirm(await upstream.token(host))
    order = await filed(sender=Sender.AUTHORITY)
    await upstream.confirm(await upstream.token(order))
    watch.forward(3600 + 60)
    viewer = await moderator.viewer()
    assert [(one.id, one.overdue) for one in (await upstream_desk.desk(viewer)).open.items] == [
        (order, True),
        (host, False),
    ]
    assert (await upstream_desk.figures(viewer)).overdue == 1


async def test_a_letter_that_a_moderator_enters(network: LiveNetwork) -> None:
    moderator = await network.moderator()
    came = clock.now() - 3 * clock.HOUR_MS
    received = minute(came)
    form = upstream_forms.ComplaintForm(
        Sender.REGISTRAR, "Registrar", "", "They wrote.", "", received=received, deadline=received, locale="fr"
    )
    viewer = await moderator.viewer()
    view = await read(moderator, await upstream_forms.enter(viewer, form, can_mail=True))
    assert (view.channel, view.locale, view.listed.overdue) == (Channel.ENTERED, "fr", True)
    assert view.listed.received_at == came - came % clock.MINUTE_MS == view.listed.due_at
    assert await network.count("outbox") == 0, "there is no address to answer"
    for when in ("2019-01-01T00:00", "2098-01-01T00:00", "soon"):
        with pytest.raises(Invalid) as problem:
            await upstream_forms.enter(
                viewer, upstream_forms.ComplaintForm(Sender.HOST, "H", "", "W", "", received=when), can_mail=True
            )
        assert set(problem.value.fields) == {"received"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender", None),
        ("sender", Sender.OTHER),
        ("name", " \u200b "),
        ("name", "x" * 201),
        ("email", ""),
        ("email", "nobody"),
        ("words", ""),
        ("words", "x" * 10_001),
        ("reference", "x" * 201),
        ("addresses", "x" * 501),
        ("addresses", "https://a.example " * 51),
        ("deadline", "tomorrow"),
        ("deadline", "0001-01-01T00:00"),
        ("locale", "de"),
    ],
)
async def test_what_does_not_fit_is_named(network: LiveNetwork, field: str, value: object) -> None:
    with pytest.raises(Invalid) as problem:
        await filed(**{field: value})
    assert set(problem.value.fields) == {field}
    assert await network.count("complaint") == 0


async def test_without_mail_only_orders_are_taken(network: LiveNetwork) -> None:
    with pytest.raises(Invalid) as problem:
        await upstream_forms.file(FORM, can_mail=False)
    assert set(problem.value.fields) == {"email"}
    await upstream_forms.file(
        upstream_forms.ComplaintForm(Sender.AUTHORITY, "Police", "a@police.example", "W", ""), can_mail=False
    )
    assert await network.count("complaint", "state = 1") == 1


async def test_links_are_not_guessed(network: LiveNetwork) -> None:
    one, other = await filed(), await filed(email="b@b.example")
    token = await upstream.token(one)
    for wrong in (token[:-1], f"{other}.{token.partition('.')[2]}", f" {token}", "", "1.", f"{token}0"):
        with pytest.raises(Forbidden):
            await upstream.confirm(wrong)
    assert await network.count("complaint", "state = 0") == 2


async def test_what_nobody_confirms_is_deleted(network: LiveNetwork, watch: Watch) -> None:
    complaint = await filed(addresses="https://parvis.test/@nobody")
    watch.forward(7 * DAY - 60)
    assert await upstream.forget_old() == 0
    watch.forward(120)
    assert await upstream.forget_old() == 1
    assert [await network.count(table) for table in TABLES] == [0] * 5
    with pytest.raises(Forbidden):
        await upstream.confirm(await upstream.token(complaint))


async def test_a_closed_one_is_deleted_after_six_months(network: LiveNetwork, watch: Watch) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    watch.forward(400 * DAY)
    assert await upstream.forget_old() == 0, "never before it is closed"
    moderator = await network.device(moderator.id, moderator.handle)
    view = await read(moderator, complaint)
    closing = Closing(view.version, answers=True, subject="Answer", words="It is gone.")
    await upstream_work.close(await moderator.viewer(), complaint, closing, can_mail=False)
    watch.forward(180 * DAY)
    assert await upstream.forget_old() == 0
    watch.forward(5 * DAY)
    assert await upstream.forget_old() == 1
    assert [await network.count(table) for table in TABLES] == [0] * 5


async def test_strangers_and_members_see_nothing(network: LiveNetwork) -> None:
    eve, _, _, complaint = await about_a_post(network)
    for viewer, refusal in ((GUEST, SignedOut), (await eve.viewer(), NotFound)):
        for act in (
            upstream_desk.desk(viewer),
            upstream_desk.figures(viewer),
            upstream_desk.read(viewer, complaint),
            upstream_desk.claim(viewer, complaint),
            upstream_desk.kept_mail(viewer, complaint, 1),
            upstream_work.verify(viewer, complaint),
            upstream_work.close(viewer, complaint, Closing(1, answers=False), can_mail=True),
            upstream_forms.enter(viewer, FORM, can_mail=True),
        ):
            with pytest.raises(refusal):
                await act
