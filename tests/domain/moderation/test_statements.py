"""Statements of reasons: what they must say, whom they must not name, and who reads them."""

import pytest

from domain.core.access import GUEST
from domain.core.errors import Invalid, NotFound, SignedOut
from domain.moderation import cases, decisions, reversals, rule_files, rules, statements
from domain.moderation.decisions import Decision
from domain.moderation.kinds import StatementKind
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork


async def test_a_statement_is_for_whom_it_concerns(network: LiveNetwork) -> None:
    ana, eve, moderator, _, case = await reported(network)
    statement = await moderator.decide(case, StatementKind.WARNING, facts="It insults.", explanation="Insults hurt.")
    own = await statements.read(await eve.viewer(), statement)
    assert (own.facts, own.explanation) == ("It insults.", "Insults hurt.")
    assert own.rule is not None
    assert own.rule.name == "harassment"
    assert own.content is not None
    assert own.content.text == "You will be sorry."
    assert (await statements.read(await moderator.viewer(), statement)).id == statement
    with pytest.raises(NotFound):
        await statements.read(await ana.viewer(), statement)
    with pytest.raises(SignedOut):
        await statements.read(GUEST, statement)


@pytest.mark.parametrize(
    "text",
    ["Eve Rude insults people.", "The account eve did it.", "ÈVE!", "It is eve's.", "C'est l'eve.", "Tom is insulted."],
)
async def test_a_text_that_names_somebody_is_looked_at_again(network: LiveNetwork, text: str) -> None:
    ana, tom = await network.member("ana_r", name="Ana Ruiz"), await network.member("tom")
    eve = await network.member("eve", name="Eve Rude")
    moderator = await network.moderator()
    await ana.report(await eve.post("You will be sorry.", parent=await tom.post("Hello.")))
    case = await network.open_case()
    for facts, explanation in ((text, ""), ("It insults.", text)):
        with pytest.raises(Invalid) as refusal:
            await moderator.decide(case, StatementKind.WARNING, facts=facts, explanation=explanation)
        assert set(refusal.value.fields) == {"names_nobody"}
    # What is refused does not tell who has reported it.
    await moderator.decide(case, StatementKind.WARNING, facts="Not at ana_r, Ana Ruiz or the eves of tomorrow.")


async def test_a_mention_is_refused_whatever_the_moderator_says(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    with pytest.raises(Invalid) as refusal:
        await moderator.decide(case, StatementKind.WARNING, facts="Somebody insults @ana.", names_nobody=True)
    assert set(refusal.value.fields) == {"facts"}


@pytest.mark.parametrize("name", ["The", "It", "De"])
async def test_nobody_escapes_by_a_common_word_for_a_name(network: LiveNetwork, name: str) -> None:
    ana, eve = await network.member("ana"), await network.member(name.lower(), name=name)
    moderator = await network.moderator()
    await ana.report(await eve.post("You will be sorry."))
    case, facts = await network.open_case(), f"{name} post insults people."
    with pytest.raises(Invalid):
        await moderator.decide(case, StatementKind.POST_REMOVAL, facts=facts)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL, facts=facts, names_nobody=True)
    with pytest.raises(Invalid):
        await reversals.reverse(await moderator.viewer(), statement, facts)
    await reversals.reverse(await moderator.viewer(), statement, facts, names_nobody=True)


async def test_a_breach_needs_a_rule_and_reasons(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    viewer = await moderator.viewer()
    await cases.claim(viewer, case)
    version = (await cases.read(viewer, case)).version
    with pytest.raises(Invalid) as refusal:
        await decisions.decide(viewer, case, Decision(StatementKind.POST_REMOVAL, version))
    assert set(refusal.value.fields) == {"rule", "facts"}
    for kind in (StatementKind.REVERSAL, None):
        with pytest.raises(Invalid):
            await decisions.decide(viewer, case, Decision(kind, version))
    assert await network.count("statement") == 0


async def test_a_rule_that_is_no_longer_in_force_is_not_broken(network: LiveNetwork) -> None:
    _, _, moderator, _, case = await reported(network)
    operator = await network.operator()
    *some, _ = rule_files.default_rules()
    await rules.publish(await operator.viewer(), some, since=1)
    with pytest.raises(Invalid) as refusal:
        await moderator.decide(case, StatementKind.WARNING)
    assert set(refusal.value.fields) == {"rule"}
