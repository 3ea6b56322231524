"""Events under the names of the version before: they are the same events."""

import pytest

from db.engine import DB
from db.queries import outbox
from db.queries.outbox import NewEvent
from db.tables.outbox import Lane
from domain.core import dead_letters, events
from domain.core.dead_letters import NEVER
from domain.core.errors import Conflict
from domain.core.event_names import OLD_NAMES
from domain.core.events import KINDS, CauseContinued, LinkPreviewRequested
from tests.helpers.people import LiveNetwork


def test_each_old_name_is_of_an_event_of_today() -> None:
    assert not set(OLD_NAMES) & set(KINDS)
    for old in OLD_NAMES.values():
        assert set(old.fields.values()) <= set(KINDS[old.name].__struct_fields__)


def test_payloads_are_read_with_their_old_fields() -> None:
    wanted = LinkPreviewRequested(link_preview=7, post=9)
    assert events.decode("CardDue", '{"card":7,"post":9}') == wanted
    assert events.decode("LinkPreviewRequested", '{"link_preview":7,"post":9}') == wanted
    assert isinstance(
        events.decode("CauseLeft", '{"account":1,"kind":1,"post":2,"actor":3,"quietly":false}'), CauseContinued
    )
    with pytest.raises(ValueError, match="link_preview"):
        events.decode("LinkPreviewRequested", '{"card":7,"post":9}')
    with pytest.raises(ValueError, match="post"):
        events.decode("CardDue", '{"card":7}')


async def test_one_that_was_recorded_before_is_withdrawn(network: LiveNetwork) -> None:
    async with DB.writing():
        for number, (kind, payload) in enumerate([
            ("CardDue", '{"card":7,"post":9}'),
            ("LinkPreviewRequested", '{"link_preview":7,"post":9}'),
            ("CardDue", '{"card":7,"post":8}'),
        ], 1):  # fmt: skip
            await outbox.add(NewEvent(number, kind, payload, 1, Lane.LEASED))
        await events.withdraw(LinkPreviewRequested(link_preview=7, post=9))
    assert await network.count("outbox") == 1
    assert await network.count("outbox", "id = 3") == 1


async def give_up() -> None:
    async with DB.writing():
        for number, kind in enumerate(("CauseLeft", "Voted", "CauseContinued", "CauseLeft"), 1):
            await outbox.add(NewEvent(number << 22, kind, "{}", NEVER, Lane.SHORT))


async def test_operators_find_both_under_one_name(network: LiveNetwork) -> None:
    await give_up()
    found = {group.name: group for group in await dead_letters.kinds()}
    assert {name: group.count for name, group in found.items()} == {"CauseContinued": 3, "Voted": 1}
    assert [letter.id >> 22 for letter in found["CauseContinued"].letters] == [1, 3, 4]
    assert await dead_letters.retry_all("CauseContinued", 4 << 22) == 1
    assert await dead_letters.drop_all("CauseContinued", "It is too old.") == 2
    assert {one.kind for one in await dead_letters.dropped()} == {"CauseContinued"}
    assert await network.count("outbox", f"due_at = {NEVER}") == 1
    with pytest.raises(Conflict):
        await dead_letters.retry_all("CauseContinued")
