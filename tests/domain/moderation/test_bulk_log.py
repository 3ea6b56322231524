"""Bulk decisions in the public log: one entry each, and a receipt for each member that it covers."""

import json

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.errors import NotFound
from domain.moderation import (
    bulk_decisions,
    public_log,
    public_log_checks,
    public_log_key,
    public_log_page,
    public_log_receipts,
    reversals,
    statements,
)
from domain.moderation.public_log_checks import WrongLog
from domain.moderation.public_log_receipts import WrongReceipt
from tests.helpers import bulk
from tests.helpers.people import LiveNetwork, Member

EDIT_NAME = SQL("UPDATE bulk_statement SET name = ?1 WHERE place = 1 AND undo = 0")


async def verified() -> int:
    found = await public_log_checks.verify(public_log_checks.own, await public_log_key.verifier_key())
    await public_log_checks.check_own()
    return found.size


async def last(member: Member) -> int:
    return (await statements.mine(await member.viewer())).items[0].id


async def receipt(member: Member) -> bytes:
    found = await public_log_receipts.of_statement(await member.viewer(), await last(member))
    return public_log_receipts.encoded(found)


async def test_one_entry_for_the_decision_and_one_for_its_undoing(network: LiveNetwork) -> None:
    mona, (people, _) = await network.moderator(), await bulk.wave(network, 5)
    number = await bulk.preview(mona)
    await bulk.decide(mona, number)
    await network.settle()
    await reversals.reverse(await mona.viewer(), await last(people[4]), "It was a question.")
    await network.settle()
    await bulk_decisions.undo(await mona.viewer(), number, "It was a campaign of the town.")
    await network.settle()
    undone, alone, made, _ = (await public_log_page.read()).items
    assert (made.kind, undone.kind, alone.kind) == (public_log.BULK, public_log.BULK_REVERSAL, "reversal")
    assert made.content is not None
    assert made.rule is not None
    assert (made.content.action, made.content.count, made.rule.name) == ("post_removal", 5, "spam")
    assert (made.reversed_by, undone.reverses, alone.reverses) == (undone.index, made.index, made.index)
    assert undone.content is not None
    assert (undone.content.count, undone.content.explanation) == (4, "It was a campaign of the town.")
    assert undone.content.reverses == made.commitment
    assert alone.content is not None
    assert (alone.content.one_of, alone.content.reverses, alone.content.facts) == (made.commitment, "", "")
    assert [one.index for one in (await public_log_page.read(kind=public_log.BULK, rule="spam")).items] == [made.index]
    await public_log.add_missing()
    await network.settle()
    assert await verified() == 4


async def test_each_member_proves_that_theirs_is_covered(network: LiveNetwork) -> None:
    mona, (people, _) = await network.moderator(), await bulk.wave(network, 5)
    number = await bulk.preview(mona)
    await bulk.decide(mona, number)
    await network.settle()
    files = [await receipt(person) for person in people]
    for file in files:
        found, size = public_log_receipts.check(file)
        assert (found.index, size) == (1, 2)
    own, other = (json.loads(file) for file in files[:2])
    changes: list[dict[str, object]] = [
        {"statement": other["statement"]},
        {"part": other["part"]},
        {"part_proof": other["part_proof"]},
        {"part_proof": []},
        {"part": -1},
        {"part_proof": ["x"]},
    ]
    for changed in changes:
        with pytest.raises(WrongReceipt):
            public_log_receipts.check(json.dumps({**own, **changed}).encode())
    with pytest.raises(NotFound):
        await public_log_receipts.of_statement(await people[1].viewer(), await last(people[0]))
    await bulk_decisions.undo(await mona.viewer(), number, "A mistake.")
    await network.settle()
    assert public_log_receipts.check(await receipt(people[0]))[0].index == 2


async def test_what_was_changed_is_found_and_what_is_forgotten_is_gone(network: LiveNetwork) -> None:
    mona, (people, _) = await network.moderator(), await bulk.wave(network)
    await bulk.decide(mona, await bulk.preview(mona))
    await network.settle()
    (row,) = await DB.fetch(SQL("SELECT name FROM bulk_statement WHERE place = 1"))
    await DB.fetch(EDIT_NAME, "00" * 32)
    with pytest.raises(WrongLog, match="entry 1 covers"):
        await verified()
    await DB.fetch(EDIT_NAME, row[0])
    assert await verified() == 2
    assert await public_log.forget(1)
    assert await network.count("bulk_statement", "own_salt <> ''") == 0
    assert await verified() == 2
    assert not json.loads(await receipt(people[0])).get("own_salt")
