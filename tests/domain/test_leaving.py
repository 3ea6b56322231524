"""Whoever leaves is gone: from every table and column, whatever it is called, and from every memory."""

import json

import pytest

from db.engine import DB
from db.sql import SQL
from db.tables.brake import Crisis
from db.tables.care import CaseAlert, CaseLook, ModeratorCare
from db.tables.domain_migration import DeviceKey
from db.tables.notifications import PushDelivery, PushSubscription, SigninCode
from db.tables.outbox import DroppedEvent
from db.tables.upstream import Complaint, ComplaintAlert
from domain.accounts import closing, credentials, profiles
from domain.core import events
from domain.core.access import GUEST
from domain.core.errors import Forbidden, Invalid, NotFound
from domain.moderation import jury_service, standing_links
from domain.notifications import bells, notices, preferences
from tests.conftest import OpenSite
from tests.helpers import media_files
from tests.helpers.brake import opened
from tests.helpers.people import PASSWORD, LiveNetwork, Member, hidden, remembered

TABLES = SQL(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
)


async def dump() -> dict[str, str]:
    """Every table's rows as text, but for what posts answer and quote: an answer keeps its place in the thread."""
    found = {}
    for (table,) in await DB.fetch(TABLES):
        rows = [tuple(row) for row in await DB.fetch(SQL(f'SELECT * FROM "{table}"'))]
        if table == "post":
            rows = [row[:2] + row[3:4] + row[6:] for row in rows]
        found[str(table)] = json.dumps(rows, default=str, ensure_ascii=False)
    return found


async def traces(*marks: object) -> list[str]:
    return [f"{table}: {mark}" for table, rows in (await dump()).items() for mark in marks if str(mark) in rows]


async def tangle(network: LiveNetwork) -> tuple[Member, list[Member], list[int], list[int]]:
    """Somebody tied to others in every way there is; their posts, and those of the others."""
    gone = await network.member("gone_person", name="Gone Name", email="gone@tilly.example")
    ana, ben, yuki = others = await network.members("ana", "ben", "yuki")
    await gone.follow(ana)
    await ana.follow(gone)
    await ben.follow(ana, gone)
    await profiles.edit(await gone.viewer(), profiles.ProfileOwner("Gone Name", "Gone words @ana", 1, []))
    theirs = await ana.post("Hello", key="ana-says-hello")
    mine = [await gone.post("Gone words #gonetag @ben", key="gone-key-1")]
    mine.append(await gone.post("Gone words as a reply", parent=theirs))
    mine.append(await gone.post("Gone words as a quote", quote=theirs, followers=True))
    mine.append(await gone.post("Gone words behind a cover", cover="Gone words on it"))
    mine.append(await gone.show("Gone words with a picture"))
    deleted = await gone.show("Gone words soon deleted", media_files.encoded(media_files.photo(90, 60)))
    await gone.delete(deleted)
    await gone.send(media_files.encoded(media_files.photo(60, 60)))
    await gone.edit(mine[0], "Gone words, other ones #gonetag @ben")
    answer = await ben.post("Under it", parent=mine[0])
    quote = await ben.post("Over it", quote=mine[0])
    await ana.repost(mine[0])
    await gone.repost(theirs)
    await gone.vote(theirs, 1)
    await gone.vote(answer, -1)
    await ana.vote(mine[1], 1)
    await profiles.set_private(await yuki.viewer(), private=True)
    await gone.follow(yuki)
    await profiles.set_private(await gone.viewer(), private=True)
    await yuki.follow(gone)
    await profiles.set_private(await gone.viewer(), private=False)
    await gone.mute(yuki)
    await yuki.mute(gone)
    carol = await network.member("carol")
    await carol.block(gone)
    await credentials.make_reset(gone.id)
    await bells.add(await gone.viewer(), ana.id)
    await bells.add(await ana.viewer(), gone.id)
    await notices.let_through(await ana.viewer(), gone.id)
    await preferences.save(await gone.viewer(), preferences.Preferences(discreet=True))
    await jury_service.opt_in(await gone.viewer())
    await standing_links.make(await gone.viewer(), 7)
    await devices(gone)
    await moderated(gone, ana.id)
    await gone.home()
    dropped = DroppedEvent(
        id=1, kind="LinkPreviewRequested", attempts=20, dropped_at=0, dropped_by=gone.id, reason="It is too old"
    )
    await DroppedEvent.insert(dropped)
    await network.settle()
    async with DB.writing():
        await credentials.answer_reset(events.PasswordResetRequested("gone_person"))
    return gone, others, mine, [theirs, answer, quote]


async def moderated(one: Member, account: int) -> None:
    """What a moderator leaves: their choices, a case that they have taken, and what was pushed to them."""
    await opened(account)
    case = await DB.value(SQL("SELECT max(id) FROM mod_case"))
    await ModeratorCare.insert(ModeratorCare(account=one.id, on_duty=1, working_since=0, worked_at=0, break_until=0))
    await CaseLook.insert(CaseLook(account=one.id, mod_case=case, hard=0, looked_at=0, began_at=0, ends_at=0))
    await CaseAlert.insert(CaseAlert(account=one.id, mod_case=case, told_at=0))
    await Complaint.insert(
        Complaint(
            id=1, sender=2, name="", email="", reference="", words="", locale="en", channel=1, verified=0, state=1,
            received_at=0, due_at=0, claimed_until=0, version=1, purge_at=0,
        )
    )  # fmt: skip
    await ComplaintAlert.insert(ComplaintAlert(account=one.id, complaint=1, told_at=0))
    await Crisis.insert(Crisis(id=1, number=1, proposer=one.id, words="", hours=6))


async def devices(one: Member) -> None:
    """A phone that takes pushes, with one on its way, and a code to sign in on another."""
    await PushSubscription.insert(PushSubscription(id=one.id, account=one.id, endpoint="", endpoint_key="phone"))
    await PushDelivery.insert(PushDelivery(id=1, subscription=one.id, notice=1, due_at=0))
    await SigninCode.insert(SigninCode(id="code", account=one.id, expires_at=0))
    session = await DB.value(SQL("SELECT id FROM session WHERE account = ?1"), one.id)
    await DeviceKey.insert(DeviceKey(id=one.id, session=session, public="", made_at=0))


async def test_nothing_is_left(network: LiveNetwork) -> None:
    gone, (ana, ben, _), mine, (theirs, answer, quote) = await tangle(network)
    viewer = await gone.viewer()
    tied = {trace.partition(":")[0] for trace in await traces(gone.id, *mine)}
    # Tied by what stands there instead of an account: a picture's id.
    media = [row[0] for row in await DB.fetch(SQL("SELECT id FROM media"))]
    tied |= {trace.partition(":")[0] for trace in await traces(*media)}
    files = [row[0] for row in await DB.fetch(SQL("SELECT key FROM stored_object"))]
    assert len(files) == 3
    untied = {
        "migration",
        "network",
        "network_icon",
        "secret",
        "terms",
        "object_store",
        "stored_object",
        "pending_removal",
        "link_preview",
    }
    # What one host does and has done, and where the network goes.
    untied |= {"change", "replication_state", "backup", "rehearsal", "lease", "handover", "move_notice", "arrival"}
    # What was reported is kept until its date: tests/domain/moderation/test_reports.py.
    untied |= {"rulebook", "rule", "mod_case", "evidence", "evidence_holder", "evidence_file"}
    untied |= {"report", "guest_report", "statement"}
    # It names nobody.
    untied |= {"brake"}
    # What they appealed goes with the evidence, what they proposed with their role.
    untied |= {"appeal", "proposal"}
    # How they voted stays, without their name: tests/domain/moderation/test_juries.py.
    untied |= {"jury", "juror", "jury_audit", "jury_reversal"}
    # It goes with the evidence: tests/domain/moderation/test_case_messages.py and test_case_notes.py.
    untied |= {"case_message", "case_note"}
    # What a host complains of is kept until its date: tests/domain/moderation/test_upstream.py.
    untied |= {
        "complaint",
        "complaint_address",
        "complaint_mail",
        "complaint_entry",
        "complaint_letter",
        "known_sender",
    }
    # They go with their posts, and lose the moderator's name: tests/domain/moderation/test_filters.py.
    untied |= {"filter_rule", "filter_change", "filter_hit", "filter_finding", "word_list", "post_hold"}
    # It goes with its author: tests/domain/moderation/test_word_changes.py.
    untied |= {"word_proposal"}
    untied |= {"simulation", "simulation_hit"}
    # What was found goes on a date: tests/domain/moderation/test_bulk_previews.py.
    untied |= {"bulk_decision", "bulk_subject", "bulk_statement", "known_picture"}
    # Figures name nobody: tests/domain/moderation/test_figures.py.
    untied |= {"moderation_month"}
    # It names nobody: tests/domain/moderation/test_public_log.py.
    untied |= {"log_entry", "log_tile", "log_checkpoint"}
    # Which handle it is, it does not say.
    untied |= {"held_handle"}
    assert tied == set(await dump()) - untied, "the test does not tie them well enough"
    await closing.leave(viewer, "@Gone_Person", PASSWORD)
    assert await gone.viewer() == GUEST
    assert await hidden(mine[0], ana)
    for who in (GUEST, await ana.viewer()):
        with pytest.raises(NotFound):
            await profiles.by_handle(who, "gone_person")
    assert not {*mine} & {*await ana.home(), *await ana.public()}
    await network.settle()
    assert await traces(*media, *files) == []
    assert await traces(gone.id, *mine, "Gone", "gone-key", "gonetag", "gone_person", "gone@tilly") == []
    view = await ana.view(theirs)
    assert (view.replies, view.reposts, view.ups, view.quotes) == (0, 0, 0, 0)
    assert (await ana.view(answer)).downs == 0
    assert await ana.sees(quote)
    for one, expected in ((ana, (1, 0)), (ben, (0, 1))):
        shown = await profiles.by_handle(GUEST, one.handle)
        assert (shown.followers, shown.followings) == expected
    assert (await ana.thread(answer)).ancestors == [None]


async def test_nothing_is_left_in_memory(open_site: OpenSite) -> None:
    site = await open_site(guest_cache_ms=60_000)
    gone, _, mine, (theirs, _, quote) = await tangle(site.network)
    guest = site.browser()
    pages = ["/", "/public", "/@gone_person", f"/@gone_person/{mine[0]}", f"/@ana/{theirs}", f"/@ben/{quote}"]
    for page in pages:
        assert "Gone" in (await guest.get(page)).text
    assert remembered("Gone words")
    await closing.leave(await gone.viewer(), "gone_person", PASSWORD)
    await site.settle()
    assert not remembered("Gone")
    for page in pages:
        text = (await guest.get(page)).text
        assert "Gone" not in text, page
        assert "gone_person" not in text.replace(f'value="{page}"', ""), page


async def test_leaving_is_done_twice_without_harm(network: LiveNetwork) -> None:
    from domain.core.events import AccountLeft
    from domain.posts import account_purge

    gone, *_ = await tangle(network)
    await closing.leave(await gone.viewer(), "gone_person", PASSWORD)
    await account_purge.purge(AccountLeft(gone.id))
    before = await dump()
    await account_purge.purge(AccountLeft(gone.id))
    assert await dump() == before


async def test_it_takes_the_password_and_the_handle(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    for handle, password, field in (("ana", "wrong", "current"), ("anna", PASSWORD, "handle")):
        with pytest.raises(Invalid) as refusal:
            await closing.leave(await ana.viewer(), handle, password)
        assert list(refusal.value.fields) == [field]
    assert (await ana.viewer()).signed_in


async def test_the_last_operator_stays(network: LiveNetwork) -> None:
    operator = await network.operator()
    from ops.demo import cast

    with pytest.raises(Forbidden):
        await closing.leave(await operator.viewer(), "ottilie", cast.PASSWORD)
    assert (await operator.viewer()).is_operator
