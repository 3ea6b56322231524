"""The public log of a network: what gets into it, what it says, what is forgotten, and receipts."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import clock, notes
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, NotFound, SignedOut
from domain.core.notes import WrongNote
from domain.moderation import (
    public_log,
    public_log_checks,
    public_log_key,
    public_log_page,
    public_log_receipts,
    reversals,
    staff,
)
from domain.moderation.kinds import StatementKind
from domain.moderation.public_log_checks import WrongLog
from domain.moderation.public_log_page import LoggedEntry
from domain.moderation.public_log_receipts import WrongReceipt
from tests.helpers import log_files, their_log
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork
from tests.helpers.rule_versions import publish
from web import public_log_words


async def listed(**wanted: str) -> list[LoggedEntry]:
    """The whole log, the newest first."""
    return (await public_log_page.read(**wanted)).items


async def verified() -> int:
    """How many entries the log has, which must be whole. Errors: ``WrongLog``."""
    found = await public_log_checks.verify(public_log_checks.own, await public_log_key.verifier_key())
    await public_log_checks.check_own()
    their_log.check(await log_files.own())
    return found.size


async def before_the_log() -> None:
    """Has the network never had one."""
    for table in ("log_entry", "log_tile", "log_checkpoint"):
        await DB.fetch(SQL(f"DELETE FROM {table}"))


async def test_decisions_and_what_takes_them_back(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    removal = await moderator.decide(case, StatementKind.POST_REMOVAL, facts="It insults.", explanation="Insults hurt.")
    assert await listed() == []
    await network.settle()
    await reversals.reverse(await moderator.viewer(), removal, "It was a quotation.")
    await network.settle()
    restored, removed, published = await listed()
    assert (removed.kind, removed.reversed_by, removed.index) == ("post_removal", 2, 1)
    assert removed.content is not None
    assert removed.rule is not None
    assert (removed.content.facts, removed.content.explanation) == ("It insults.", "Insults hurt.")
    assert (removed.rule.name, removed.rule.number, removed.content.rule.version) == ("harassment", 6, 1)  # type: ignore[union-attr]
    assert removed.day == datetime.fromtimestamp(clock.now() / 1000, UTC).date().isoformat()
    assert (restored.kind, restored.reverses) == ("reversal", 1)
    assert restored.content is not None
    assert restored.content.reverses == removed.commitment
    assert restored.content.explanation == "It was a quotation."
    assert published.kind == public_log.RULES
    assert await verified() == 3


async def test_a_sanction_says_until_which_day(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    removal = StatementKind.POST_REMOVAL
    statement = await moderator.decide(case, removal, sanction=StatementKind.SUSPENSION, days=7)
    await network.settle()
    assert len(await listed(kind="post_removal")) == 1
    (entry,) = await listed(kind="suspension")
    assert entry.content is not None
    assert date.fromisoformat(entry.content.until) - date.fromisoformat(entry.day) in {timedelta(7), timedelta(8)}
    # Whoever is suspended gets their receipt all the same.
    assert (await public_log_receipts.of_statement(await eve.viewer(), statement)).statement == str(statement)


async def test_of_what_breaks_no_rule_only_the_day_is_said(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.NO_BREACH, facts="A secret.", explanation="Another.")
    await network.settle()
    entry = (await listed())[0]
    assert entry.content is not None
    assert (entry.kind, entry.rule, entry.content.facts, entry.content.explanation) == ("no_breach", None, "", "")


async def test_rules_and_roles(network: LiveNetwork) -> None:
    await network.member("ana")
    await publish(network)
    await network.settle()
    for role in (Role.MODERATOR, Role.OPERATOR, Role.OPERATOR, Role.MEMBER):
        await staff.set_role("ana", role)
        await network.settle()
    *roles, second, first = await listed()
    changes = [one.content.role for one in roles if one.content and one.content.role]
    assert [(one.before, one.after) for one in changes] == [
        ("operator", "member"), ("moderator", "operator"), ("member", "moderator")
    ]  # fmt: skip
    assert [one.content.rules.version for one in (second, first) if one.content and one.content.rules] == [2, 1]
    assert await verified() == 5


async def test_nothing_of_the_log_names_anybody(network: LiveNetwork) -> None:
    """Neither whom a decision is about, nor who reported, nor who decided, nor any id: only a statement, by a hash."""
    ana, eve, moderator, post, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.WARNING)
    await staff.set_role("ana", Role.MODERATOR)
    await network.settle()
    files = await log_files.own()
    receipts = [public_log_receipts.encoded(await public_log_receipts.of_entry(index)) for index in range(3)]
    said = b"\n".join([*files.values(), *receipts]).decode("latin-1")
    said += "".join(msgspec.json.encode(one).decode() for one in await listed())
    for secret in (*(one.handle for one in (ana, eve, moderator)), *(one.handle.title() for one in (ana, eve))):
        assert f'"{secret}"' not in said
        assert f"@{secret}" not in said
    for number in (ana.id, eve.id, moderator.id, post, case, statement):
        assert str(number) not in said


async def test_by_kind_by_rule_and_in_pages(network: LiveNetwork) -> None:
    moderator, eve, ana = await network.moderator(), await network.member("eve"), await network.member("ana")
    for rule in (6, 10, 6):
        await ana.report(await eve.post("Look."), rule)
        await moderator.decide(await network.open_case(), StatementKind.WARNING, rule)
    await network.settle()
    assert [one.index for one in await listed(kind="warning")] == [3, 2, 1]
    assert [one.index for one in await listed(rule="harassment")] == [3, 1]
    assert [one.index for one in await listed(kind="warning", rule="spam")] == [2]
    assert await listed(kind="post_removal") == []
    for wanted in ({"kind": "nonsense"}, {"rule": "no rule'"}):
        with pytest.raises(NotFound):
            await listed(**wanted)
    for _ in range(25):
        async with DB.writing():
            await public_log.add_role(Role.MEMBER, Role.MODERATOR)
    await network.settle()
    page = await public_log_page.read()
    assert [one.index for one in page.items] == list(range(28, 8, -1))
    assert [one.index for one in (await public_log_page.read(page.next)).items] == list(range(8, -1, -1))


async def test_an_entry_that_is_forgotten_leaves_the_tree_whole(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.WARNING, facts="Something private.")
    await network.settle()
    before = await log_files.own()
    assert await public_log.forget(1)
    assert await verified() == 2
    assert await log_files.own() == before
    entry = (await listed())[0]
    assert (entry.content, entry.rule, entry.kind) == (None, None, "warning")
    assert await listed(rule="harassment") == []
    row = await DB.one(SQL("SELECT * FROM log_entry WHERE leaf = 1"))
    assert "private" not in str(row)
    # The receipt still proves its place, to those whom it concerns too.
    receipt = await public_log_receipts.of_statement(await eve.viewer(), statement)
    assert (receipt.content, receipt.salt, receipt.own_salt) == ("", "", "")
    assert public_log_receipts.check(public_log_receipts.encoded(receipt))[1] == 2
    assert not await public_log.forget(2)
    # What went before the log could not be forgotten otherwise: the statement stays.
    assert await network.count("statement", "facts = 'Something private.'") == 1


async def test_a_network_from_before_the_log_gets_it_once(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    removal = await moderator.decide(case, StatementKind.POST_REMOVAL)
    await before_the_log()
    # What is taken back before the servers have looked comes after what it takes back.
    await reversals.reverse(await moderator.viewer(), removal, "It was a quotation.")
    for _ in range(2):
        await public_log.add_missing()
    await network.settle()
    found = await listed()
    assert sorted(one.kind for one in found) == ["post_removal", "reversal", "rules_published"]
    assert [one.reversed_by is None for one in found if one.kind == "post_removal"] == [False]
    assert await verified() == 3


async def test_many_from_before_the_log(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_log, "BATCH", 2)
    moderator, eve, ana = await network.moderator(), await network.member("eve"), await network.member("ana")
    for _ in range(5):
        await ana.report(await eve.post("Look."))
        await moderator.decide(await network.open_case(), StatementKind.WARNING)
    await before_the_log()
    with pytest.raises(WrongLog, match="5 decisions have no entry"):
        await public_log_checks.check_own()
    await public_log.add_missing()
    await network.settle()
    assert await verified() == 6


async def test_a_receipt_of_ones_own(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.WARNING, facts="It insults.")
    with pytest.raises(Conflict):
        await public_log_receipts.of_statement(await eve.viewer(), statement)
    await network.settle()
    for _ in range(3):
        async with DB.writing():
            await public_log.add_role(Role.MEMBER, Role.MODERATOR)
        await network.settle()
    for stranger in (await ana.viewer(), GUEST):
        with pytest.raises((NotFound, SignedOut)):
            await public_log_receipts.of_statement(stranger, statement)
    receipt = await public_log_receipts.of_statement(await eve.viewer(), statement)
    file = public_log_receipts.encoded(receipt)
    checked, size = public_log_receipts.check(file, await public_log_key.verifier_key())
    assert (checked.index, size, checked.statement) == (1, 5, str(statement))
    assert json.loads(checked.content)["facts"] == "It insults."
    # Everybody gets the same without what tells whose it is.
    public = await public_log_receipts.of_entry(1)
    assert (public.statement, public.own_salt, public.content) == ("", "", receipt.content)
    assert public_log_receipts.check(public_log_receipts.encoded(public))[1] == 5


async def test_what_was_done_to_a_receipt_is_found(network: LiveNetwork) -> None:
    _, eve, moderator, _, case = await reported(network)
    await network.settle()
    statement = await moderator.decide(case, StatementKind.WARNING)
    await network.settle()
    receipt = await public_log_receipts.of_statement(await eve.viewer(), statement)
    other = await public_log_receipts.of_entry(0)
    key = notes.read_key(receipt.key)
    changes: list[dict[str, Any]] = [
        {"content": receipt.content.replace("It says so", "It says no")}, {"salt": other.salt}, {"salt": "zz"},
        {"index": 0}, {"index": 2}, {"entry": other.entry}, {"proof": []}, {"proof": ["zz"]}, {"proof": other.proof},
        {"statement": str(statement + 1)}, {"own_salt": other.salt}, {"content": other.content, "salt": other.salt},
        {"content": ""}, {"content": "[", "salt": receipt.salt}, {"entry": "{}"},
        {"checkpoint": receipt.checkpoint.replace("\n2\n", "\n3\n")}, {"checkpoint": ""},
    ]  # fmt: skip
    for change in changes:
        wrong = public_log_receipts.encoded(msgspec.structs.replace(receipt, **change))
        with pytest.raises((WrongReceipt, WrongNote)):
            public_log_receipts.check(wrong, key)
    for strange in (b"", b"{}", b"[]", b"\xff"):
        with pytest.raises(WrongReceipt):
            public_log_receipts.check(strange)
    with pytest.raises(WrongNote):
        public_log_receipts.check(public_log_receipts.encoded(receipt), log_files.KEY)


async def test_pages_that_say_something_else_are_found(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    await moderator.decide(case, StatementKind.WARNING)
    await network.settle()
    assert await verified() == 2
    for harm, words in (
        ("UPDATE log_entry SET content = replace(content, 'It says', 'It said') WHERE leaf = 1", "What entry 1 says"),
        ("UPDATE rule SET points = 99 WHERE number = 1", "Version 1 of the rules is not what entry 0 says"),
    ):
        await DB.fetch(SQL(harm))
        with pytest.raises(WrongLog, match=words):
            await public_log_checks.check_own()
        await DB.fetch(SQL("UPDATE log_entry SET content = replace(content, 'It said', 'It says')"))


def test_every_kind_has_words() -> None:
    assert set(public_log_words.KINDS) == set(public_log.KINDS)
    changes = {(before, after) for before in Role for after in Role if before is not after}
    assert set(public_log_words.ROLES) == changes
