"""Mails that open complaints, join them, come twice, or are nobody's."""

from email.message import EmailMessage

import pytest

from domain.core import clock
from domain.core.errors import TooMany
from domain.moderation import upstream, upstream_desk, upstream_senders, upstream_trail, upstream_work
from domain.moderation.kinds import SubjectKind
from domain.moderation.subjects import Subject
from domain.moderation.upstream_desk import ComplaintView
from domain.moderation.upstream_intake import Fate
from domain.moderation.upstream_kinds import Channel, ComplaintState, EntryKind, Sender, Verified
from domain.moderation.upstream_work import Closing
from tests.conftest import Watch
from tests.helpers.complaints import about_a_post, mail, opened, read, take
from tests.helpers.people import LiveNetwork


def kinds(view: ComplaintView) -> list[EntryKind]:
    return [one.kind for one in view.trail]


async def test_a_hosts_mail_opens_a_complaint(network: LiveNetwork) -> None:
    _, moderator, post, complaint = await about_a_post(network)
    view = await read(moderator, complaint)
    assert (view.listed.sender, view.listed.name, view.email) == (Sender.OTHER, "Nordhost", "abuse@nordhost.example")
    assert (view.channel, view.listed.verified, view.listed.state) == (Channel.MAIL, Verified.NOT, ComplaintState.OPEN)
    assert view.listed.due_at - view.listed.received_at == 24 * clock.HOUR_MS
    assert [one.subject for one in view.addresses] == [Subject(SubjectKind.POST, post)]
    assert kinds(view) == [EntryKind.RECEIVED]
    assert [one.message_id for one in view.mails] == ["1@nordhost.example"]
    assert await network.count("outbox", "kind = 'ComplaintReceiptDue'") == 1


async def test_addresses_of_this_network_alone_are_taken_from_a_text(network: LiveNetwork) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    post = await eve.show("Look.")
    (picture,) = (await eve.view(post)).media
    key = picture.stills[0].key
    text = (
        f"See https://parvis.test/@eve/{post}, <https://parvis.test/posts/{post}>; hxxps://parvis[.]test/@eve.\n"
        f"Also https://parvis.test/media/{key} and HTTPS://PARVIS.TEST/@nobody (https://other.test/@eve/{post}),\n"
        f"https://parvis.test.evil.example/@eve/{post} https://x@parvis.test:1/@eve http://[::1/@eve"
    )
    view = await read(moderator, await opened(mail(text)))
    assert [(one.address, one.subject) for one in view.addresses] == [
        (f"https://parvis.test/@eve/{post}", Subject(SubjectKind.POST, post)),
        (f"https://parvis.test/posts/{post}", Subject(SubjectKind.POST, post)),
        ("https://parvis.test/@eve", Subject(SubjectKind.ACCOUNT, eve.id)),
        (f"https://parvis.test/media/{key}", Subject(SubjectKind.MEDIA, picture.id)),
        ("https://PARVIS.TEST/@nobody", None),
    ]


async def test_addresses_with_characters_that_no_name_has(network: LiveNetwork) -> None:
    eve, moderator = await network.member("eve"), await network.moderator()
    paths = ("@e%00ve", "media/%00", f"@eve/{await eve.post('Hi')}%00")
    text = "\n".join(f"https://parvis.test/{path}" for path in paths)
    view = await read(moderator, await opened(mail(text)))
    assert [one.subject for one in view.addresses] == [None] * 3


async def test_known_senders_have_their_clock(network: LiveNetwork) -> None:
    operator, moderator = await network.operator(), await network.moderator()
    viewer = await operator.viewer()
    await upstream_senders.put(viewer, "Police.Example", Sender.AUTHORITY, "Police")
    await upstream_senders.put(viewer, "hotline@police.example", Sender.TRUSTED_FLAGGER, "Hotline")
    order = await read(moderator, await opened(mail(From="x@police.example", Message_ID="<2@police.example>")))
    assert (order.listed.sender, order.listed.name) == (Sender.AUTHORITY, "Police")
    assert order.listed.due_at - order.listed.received_at == clock.HOUR_MS
    assert order.listed.verified is Verified.NOT, "anybody can write an address above a mail"
    flagged = await read(moderator, await opened(mail(From="hotline@police.example", Message_ID="<3@police.example>")))
    assert flagged.listed.sender is Sender.TRUSTED_FLAGGER
    other = await opened(mail(From="x@sub.police.example", Message_ID="<4@police.example>"))
    assert (await read(moderator, other)).listed.sender is Sender.OTHER
    await upstream_senders.drop(viewer, "police.example")
    assert [one.pattern for one in await upstream_senders.everyone(viewer)] == ["hotline@police.example"]


async def test_the_same_mail_twice_is_one_complaint(network: LiveNetwork) -> None:
    await opened(mail())
    assert (await take(mail("Other words."))).fate is Fate.REPEATED
    without = mail(Message_ID="")
    await opened(without)
    assert (await take(without)).fate is Fate.REPEATED
    assert await network.count("complaint") == 2


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Return_Path": "<>"}])
async def test_answers_of_machines_open_nothing(network: LiveNetwork, headers: dict[str, str]) -> None:
    assert (await take(mail(**headers))).fate is Fate.IGNORED
    assert await network.count("complaint") == 0


async def test_what_a_machine_writes_by_itself_is_taken_and_not_answered(network: LiveNetwork) -> None:
    """Abuse desks have their notices written by machines."""
    await opened(mail(Auto_Submitted="auto-generated"))
    assert await network.count("outbox", "kind = 'ComplaintReceiptDue'") == 0


async def answered(token: str, how: str) -> EmailMessage:
    headers = {
        "subject": {"Subject": f"Re: Answer [{token}]"},
        "address": {"To": f"upstream+{token}@parvis.test"},
        "reference": {"In_Reply_To": f"<complaint-{token}-5@parvis.test>"},
        "own": {"References": "<0@nordhost.example> <1@nordhost.example>"},
    }[how]
    return mail("It is still there.", Message_ID=f"<{how}@nordhost.example>", **headers)


@pytest.mark.parametrize("how", ["subject", "address", "reference", "own"])
async def test_an_answer_joins_its_complaint(network: LiveNetwork, how: str) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    before = await read(moderator, complaint)
    found = await take(await answered(await upstream.token(complaint), how))
    assert (found.fate, found.complaint) == (Fate.JOINED, complaint)
    view = await read(moderator, complaint)
    assert view.version > before.version
    assert view.listed.due_at == before.listed.due_at
    assert view.mails[-1].words == "It is still there."
    # Whoever has our letter has the mailbox; whoever names an own mail may be anybody.
    is_confirmed = how != "own"
    assert view.listed.verified == (Verified.BY_LINK if is_confirmed else Verified.NOT)
    confirmed = [EntryKind.CONFIRMED] if is_confirmed else []
    assert kinds(view) == [EntryKind.RECEIVED, EntryKind.REMINDER, *confirmed]
    assert await network.count("complaint") == 1


async def test_an_answer_to_a_closed_complaint_opens_it_again(network: LiveNetwork, watch: Watch) -> None:
    eve, moderator, post, complaint = await about_a_post(network)
    view = await read(moderator, complaint)
    await upstream_work.close(await moderator.viewer(), complaint, Closing(view.version, answers=False), can_mail=True)
    watch.forward(5 * 86_400)
    other = await eve.post("And this.")
    token = await upstream.token(complaint)
    await take(mail(f"And https://parvis.test/@eve/{other}", Message_ID="<2@x.example>", Subject=f"Re: [{token}]"))
    view = await read(moderator, complaint)
    assert view.listed.state is ComplaintState.OPEN
    left = view.listed.due_at - clock.now()
    assert 24 * clock.HOUR_MS - clock.MINUTE_MS < left <= 24 * clock.HOUR_MS
    assert [one.address.rpartition("/")[2] for one in view.addresses] == [str(post), str(other)]
    assert kinds(view)[-1] is EntryKind.REOPENED
    assert (await upstream_desk.figures(await moderator.viewer())).open == 1


async def test_a_bounce_of_a_letter_is_noted_and_opens_nothing(network: LiveNetwork) -> None:
    _, moderator, _, complaint = await about_a_post(network)
    view = await read(moderator, complaint)
    await upstream_work.close(await moderator.viewer(), complaint, Closing(view.version, answers=False), can_mail=True)
    token = await upstream.token(complaint)
    await take(mail("No such user.", Subject=f"Undelivered: [{token}]", Return_Path="<>", Message_ID="<9@mx.example>"))
    view = await read(moderator, complaint)
    assert (kinds(view)[-1], view.listed.state) == (EntryKind.AUTOMATIC, ComplaintState.CLOSED)
    assert view.listed.verified is Verified.NOT


async def test_a_guessed_token_or_anothers_mail_joins_nothing(network: LiveNetwork) -> None:
    _, _, _, complaint = await about_a_post(network)
    real = await upstream.token(complaint)
    guessed = f"{complaint}.{'0' * 16}"
    for number, headers in enumerate(
        (
            {"Subject": f"Re: [{guessed}]"},
            {"Subject": f"Re: [{real[:-1]}]"},
            {"References": "<1@nordhost.example>", "From": "a@stranger.example"},
        )
    ):
        found = await take(mail(Message_ID=f"<x{number}@stranger.example>", **headers))
        assert found.fate is Fate.OPENED
    assert await network.count("complaint_mail", f"complaint = {complaint}") == 1


async def test_a_flood_is_sent_back_later(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "MAX_A_DAY", 2)
    monkeypatch.setattr(upstream, "RECEIPTS_AN_HOUR", 1)
    monkeypatch.setattr(upstream_trail, "MAX_MAILS", 2)
    first = await opened(mail())
    await opened(mail(Message_ID="<2@nordhost.example>"))
    assert await network.count("outbox", "kind = 'ComplaintReceiptDue'") == 1
    with pytest.raises(TooMany):
        await take(mail(Message_ID="<3@nordhost.example>"))
    await opened(mail(Message_ID="<4@a.example>", From="a@a.example"))
    token = await upstream.token(first)
    for number in range(3):
        await take(mail(Message_ID=f"<r{number}@nordhost.example>", Subject=f"[{token}]"))
    assert await network.count("complaint_mail", f"complaint = {first}") == 2


async def test_of_what_strangers_send_in_a_day_not_all_is_kept(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator = await network.moderator()
    monkeypatch.setattr(upstream_trail, "MAX_KEPT_A_DAY", 5000)
    viewer = await moderator.viewer()
    kept, complaint = [], 0
    for number in range(40):
        sent = mail("words " * 300, Message_ID=f"<{number}@a.example>", From=f"a{number}@a.example")
        complaint = await opened(sent)
        view = await read(moderator, complaint)
        assert view.mails[0].words
        kept.append(await upstream_desk.kept_mail(viewer, complaint, view.mails[0].id))
    sizes = [len(one) for one in kept]
    assert (sizes[0] > 1800, 0 < sizes[5] < 500, sizes[-1]) == (True, True, 0)
    assert sum(len(one) * 4 // 3 for one in kept) <= 10_000
    await upstream_work.verify(viewer, complaint)
    token = await upstream.token(complaint)
    await take(mail("words " * 300, Message_ID="<again@a.example>", Subject=f"[{token}]"))
    last = (await read(moderator, complaint)).mails[-1]
    assert len(await upstream_desk.kept_mail(viewer, complaint, last.id)) > 1800, "its sender is known"


async def test_what_only_the_subject_says_and_the_language_of_the_answer(network: LiveNetwork) -> None:
    moderator = await network.moderator()
    empty = await read(moderator, await opened(mail("", Subject="Take down https://parvis.test/@eve/1\x00")))
    assert (empty.listed.words, empty.locale) == ("Take down https://parvis.test/@eve/1", "en")
    french = mail("Merci de retirer les contenus que vous publiez.", Message_ID="<2@a.example>")
    assert (await read(moderator, await opened(french))).locale == "fr"
    said = mail("Pfad", Message_ID="<3@a.example>", Content_Language="fr-CA")
    assert (await read(moderator, await opened(said))).locale == "fr"
