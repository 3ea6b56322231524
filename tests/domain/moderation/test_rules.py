"""The rules in the network: versions are published, kept and accepted."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from domain.accounts import network_profile
from domain.core.access import GUEST, Role
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, RulesChanged, SignedOut
from domain.moderation import founding, rule_acceptance, rule_files, rules
from domain.moderation.rules import Rule, RuleText
from tests.helpers.people import LiveNetwork


def harder(wanted: Sequence[Rule], points: int = 50) -> list[Rule]:
    """The same rules with other points for the first."""
    return [msgspec.structs.replace(wanted[0], points=points), *wanted[1:]]


async def publish(network: LiveNetwork, wanted: Sequence[Rule], since: int) -> int:
    return await rules.publish(await (await network.operator()).viewer(), wanted, since)


async def test_a_founded_network_has_the_shipped_rules(network: LiveNetwork) -> None:
    book = await rules.current()
    assert book.version == 1
    assert list(book.rules) == rule_files.default_rules()
    assert (await (await network.operator()).viewer()).rules_version == 1
    await founding.publish_default()
    assert (await rules.current()).version == 1


async def test_versions_follow_each_other_and_stay(network: LiveNetwork) -> None:
    first = await rules.current()
    assert await publish(network, harder(first.rules), 1) == 2
    assert (await network_profile.about()).rules_version == 2
    second = await rules.current()
    assert (second.version, second.rules[0].points) == (2, 50)
    assert await rules.of_version(1) == first
    assert await rules.version_before(2) == first
    assert (await rules.version_before(1)).version == 0
    assert [book.version for book in (await rules.history()).items] == [2, 1]
    with pytest.raises(NotFound):
        await rules.of_version(3)
    with pytest.raises(NotFound):
        first.rule(11)
    assert first.rule(10).name == "spam"


async def test_history_comes_in_pages(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "HISTORY_SIZE", 2)
    for version in range(1, 4):
        await publish(network, harder((await rules.current()).rules, 50 + version), version)
    first = await rules.history()
    assert [book.version for book in first.items] == [4, 3]
    second = await rules.history(first.next)
    assert [book.version for book in second.items] == [2, 1]
    assert second.next == ""


async def test_only_operators_publish(network: LiveNetwork) -> None:
    wanted = harder(rule_files.default_rules())
    for role in (Role.MEMBER, Role.MODERATOR):
        viewer = await (await network.member(f"{role.value}x", role=role)).viewer()
        for action in (rules.publish, rules.preview):
            with pytest.raises(Forbidden):
                await action(viewer, wanted, 1)
    with pytest.raises(SignedOut):
        await rules.publish(GUEST, wanted, 1)
    assert (await rules.current()).version == 1


async def test_of_two_operators_one_is_told(network: LiveNetwork) -> None:
    shipped = rule_files.default_rules()
    answers = await asyncio.gather(
        publish(network, harder(shipped, 40), 1), publish(network, harder(shipped, 41), 1), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "int"]
    assert (await rules.current()).version == 2
    with pytest.raises(Conflict):
        await publish(network, harder(shipped, 42), 1)


async def test_what_is_the_same_is_no_new_version(network: LiveNetwork) -> None:
    shipped = rule_files.default_rules()
    padded = msgspec.structs.replace(shipped[0], number=9, texts={
        language: RuleText(f" {text.title}\n", f"{text.text}\n ") for language, text in shipped[0].texts.items()
    })  # fmt: skip
    with pytest.raises(Conflict):
        await publish(network, [padded, *shipped[1:]], 1)
    assert (await rules.current()).version == 1


async def test_what_is_wrong_is_refused_at_its_field(network: LiveNetwork) -> None:
    shipped = rule_files.default_rules()
    wrong = msgspec.structs.replace(shipped[1], points=-1, texts={"en": RuleText("", "x"), "fr": RuleText("x", " ")})
    with pytest.raises(Invalid) as refusal:
        await publish(network, [shipped[0], wrong], 1)
    assert set(refusal.value.fields) == {"points-2", "title-2-en", "text-2-fr"}


async def test_a_command_publishes_in_nobodys_name(network: LiveNetwork) -> None:
    assert await rules.publish_by_command(harder(rule_files.default_rules()), 1) == 2
    operator = await network.operator()
    assert (await operator.viewer()).rules_version == 1
    with pytest.raises(RulesChanged):
        await operator.post("Not yet")


async def test_a_member_accepts_before_the_next_post(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    post = await ana.post("Before")
    await publish(network, harder(rule_files.default_rules()), 1)
    with pytest.raises(RulesChanged):
        await ana.post("After")
    with pytest.raises(RulesChanged):
        await ana.edit(post, "Changed")
    with pytest.raises(Conflict):
        await rule_acceptance.accept(await ana.viewer(), 1)
    with pytest.raises(SignedOut):
        await rule_acceptance.accept(GUEST, 2)
    for _ in range(2):
        await rule_acceptance.accept(await ana.viewer(), 2)
    assert (await ana.viewer()).rules_version == 2
    await ana.post("After")
    await ana.edit(post, "Changed")


async def test_whoever_publishes_has_read_them(network: LiveNetwork) -> None:
    operator = await network.operator()
    await publish(network, harder(rule_files.default_rules()), 1)
    await operator.post("These are the new rules")


async def test_a_preview_changes_nothing(network: LiveNetwork) -> None:
    viewer = await (await network.operator()).viewer()
    before, ready = await rules.preview(viewer, harder(rule_files.default_rules()), 1)
    assert (before.version, ready[0].points) == (1, 50)
    assert (await rules.current()).version == 1
    with pytest.raises(Conflict):
        await rules.preview(viewer, ready, 0)
