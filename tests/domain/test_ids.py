"""Ids sort by time, fit a bigint, and can't be counted through."""

import pytest

from domain.core import clock, ids


def test_they_carry_their_time() -> None:
    moment = 1_790_000_000_123
    made = [ids.new(moment) for _ in range(1000)]
    assert {ids.time_of(one) for one in made} == {moment}
    assert len(set(made)) == 1000
    assert max(made) < ids.first(moment + 1) <= ids.new(moment + 1)


def test_chance_makes_no_id_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "RANDOM_BITS", 3)
    assert len({ids.new(1_790_000_000_123) for _ in range(8)}) == 8


def test_they_last() -> None:
    year_2089 = 3_755_000_000_000
    assert ids.new(year_2089) < ids.LAST == 2**63 - 1


@pytest.mark.parametrize(
    "words", ["", "0", "-1", "+1", " 1", "1.0", "abc", "1" * 20, str(2**63 - 1), str(2**63), "١", "²", "0x1", "1\n"]
)
def test_what_is_no_id(words: str) -> None:
    assert ids.parse(words) is None


def test_what_is_one() -> None:
    assert ids.parse("910064996751117337") == 910064996751117337


def test_one_sorts_behind_another_of_the_same_moment() -> None:
    with clock.fixed_at(clock.now()):
        last = ids.after(0)
        for _ in range(100):
            before, last = last, ids.after(last)
            assert before < last
