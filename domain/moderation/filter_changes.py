"""Writes filters, and takes them from state to state: draft, shadow, live, off.

Whatever is changed about a filter makes it a draft again. It goes live after a day in the shadow and once it was
simulated as it is, and somebody else than whoever wrote it must say so; where only one person moderates, they may after
three days. Any moderator may switch it off at once.
"""

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import filters as queries
from db.queries import simulations
from db.queries.filters import FilterRow, NewFilter
from domain.core import access, clock, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, collect
from domain.core.retries import retried
from domain.core.translatable import N_
from domain.moderation import (
    filter_budget,
    filter_engine,
    filter_expressions,
    filter_history,
    rules,
    staff,
    statements,
    word_changes,
    word_lists,
)
from domain.moderation.filter_kinds import ENFORCING, FilterAction, FilterOutcome, FilterState, SimulationState
from domain.moderation.filters import SHADOW_HOURS, FilterView

MAX_NAME, MAX_FACTS = 60, 500
# Those that are not off.
MAX_FILTERS = 50
TOO_MANY = N_("A network has at most %(limit)s filters that are not switched off.")
CHANGED = Conflict("Somebody has changed this filter meanwhile. Look at it again.")
SINCE_THEN = Conflict("Somebody has changed this filter meanwhile. What it says now stands above what you wrote.")
# What an author reads.
TOLD = ENFORCING - {FilterOutcome.CASE}


class FilterDraft(msgspec.Struct, frozen=True):
    """A filter as a moderator writes it; ``outcome`` is None while they have chosen none, ``rule_name`` "" for none."""

    name: str
    condition: str
    outcome: FilterOutcome | None
    rule_name: str = ""
    facts: str = ""


@retried
async def add(viewer: Viewer, draft: FilterDraft) -> int:
    """Writes a filter, as a draft. Returns its id.

    Errors: ``NotFound``, ``Invalid`` with the fields ``name``, ``condition``, ``outcome``, ``rule`` and ``facts``.
    """
    new = await _checked(viewer, draft, ids.new())
    try:
        async with DB.writing():
            await staff.check_role(viewer)
            if await queries.count() >= MAX_FILTERS:
                collect(name=Invalid(TOO_MANY, limit=MAX_FILTERS))
            await queries.add(new)
            await _note(new.id, FilterAction.WRITTEN, viewer.id)
    except ConstraintViolation:
        _refuse_name()
    return new.id


@retried
async def rewrite(viewer: Viewer, filter_: int, draft: FilterDraft, version: int) -> None:
    """Gives a filter other words: it is a draft again, whatever it was. Errors: as ``add``; ``Conflict``."""
    new = await _checked(viewer, draft, filter_)
    try:
        async with DB.writing():
            before = await _lock(viewer, filter_, version, SINCE_THEN)
            await _require_room(before)
            await queries.rewrite(new)
            await _note(filter_, FilterAction.WRITTEN, viewer.id)
            await _tell_of_end(before)
    except ConstraintViolation:
        _refuse_name()


def _refuse_name() -> None:
    collect(name=Invalid("There is a filter with this name already."))


@retried
async def try_out(viewer: Viewer, filter_: int, version: int) -> None:
    """Has a filter count what it would find. One that has failed begins anew.

    Errors: ``NotFound``, ``Conflict``, also when it and those that run could take too long together.
    """
    access.require(permissions.may_moderate(viewer))
    access.require(await _costs_problem(filter_))
    async with DB.writing():
        before = await _lock(viewer, filter_, version)
        if before.state in (FilterState.SHADOW, FilterState.LIVE) and not before.failed:
            raise CHANGED
        await _require_room(before)
        await queries.set_state(filter_, FilterState.SHADOW, clock.now(), None)
        await _note(filter_, FilterAction.SHADOWED, viewer.id)
        await _tell_of_end(before)


async def _costs_problem(filter_: int) -> Refused | None:
    row = await queries.one(filter_)
    running = [one for one in await queries.running() if one.id != filter_]
    return None if row is None else await filter_budget.problem([*running, row], await word_lists.compiled())


@retried
async def go_live(viewer: Viewer, filter_: int, version: int) -> None:
    """Has a filter do what it says. Errors: ``NotFound``, ``Forbidden``, ``Conflict``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row = await _lock(viewer, filter_, version)
        # What it asks for does not change before it is live: from then on a change takes two.
        await word_changes.hold()
        access.require(await _refusal(viewer, row))
        await queries.set_state(filter_, FilterState.LIVE, row.shadow_since, viewer.id)
        await filter_history.tell(await _note(filter_, FilterAction.WENT_LIVE, viewer.id), FilterAction.WENT_LIVE)


async def live_refusal(viewer: Viewer, one: FilterView) -> Refused | None:
    """Why the viewer may not have a filter go live now, None if they may."""
    row = await queries.one(one.id)
    return NotFound() if row is None else await _refusal(viewer, row)


async def _refusal(viewer: Viewer, row: FilterRow) -> Refused | None:
    if row.state != FilterState.SHADOW or row.shadow_since is None:
        return Conflict("A filter goes live after it was tried in shadow mode.")
    if row.failed:
        return Conflict("It does not work. Change it, then try it again.")
    hours = (clock.now() - row.shadow_since) // clock.HOUR_MS
    if row.author == viewer.id and not await staff.is_alone():
        return Forbidden("You wrote it: another moderator has to put it live.")
    wanted = staff.ALONE_HOURS if row.author == viewer.id else SHADOW_HOURS
    if hours < wanted:
        return Conflict("It has to be tried for %(hours)s hours before it may go live.", hours=wanted)
    if not await _is_simulated(row):
        return Conflict("It has to be simulated as it is now before it may go live.")
    return await word_changes.live_refusal(viewer, row.condition)


async def _is_simulated(row: FilterRow) -> bool:
    """Whether a simulation with its condition and its words as they are has come to an end."""
    found = await simulations.of_filter(row.id)
    if found is None or found.state != SimulationState.DONE:
        return False
    return await word_lists.is_simulated(found, row.condition)


@retried
async def switch_off(viewer: Viewer, filter_: int, version: int) -> None:
    """Has a filter do nothing from now on. What it holds stays held until a moderator decides.

    Errors: ``NotFound``, ``Conflict``.
    """
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        before = await _lock(viewer, filter_, version)
        if before.state == FilterState.OFF:
            raise CHANGED
        await queries.set_state(filter_, FilterState.OFF, None, before.second)
        await _note(filter_, FilterAction.SWITCHED_OFF, viewer.id)
        await _tell_of_end(before)


@retried
async def fail(filter_: int, version: int, reason: str) -> None:
    """Keeps that a filter that runs can't be compiled any more, and why: it does nothing from now on.

    Safe to repeat.
    """
    async with DB.writing():
        if await queries.fail(filter_, version, reason, clock.now()):
            await _note(filter_, FilterAction.FAILED, None)


async def _lock(viewer: Viewer, filter_: int, version: int, changed: Conflict = CHANGED) -> FilterRow:
    """Within a transaction: a filter as somebody has seen it. Errors: ``NotFound``, ``changed``."""
    row = await queries.lock(filter_)
    if row is None:
        raise NotFound
    await staff.check_role(viewer)
    if row.version != version:
        raise changed
    return row


async def _require_room(before: FilterRow) -> None:
    """Errors: ``Conflict`` for one that is off, while there are as many others as there may be."""
    if before.state == FilterState.OFF and await queries.count() >= MAX_FILTERS:
        raise Conflict(TOO_MANY, limit=MAX_FILTERS)


async def _note(filter_: int, action: FilterAction, account: int | None) -> FilterRow:
    """Within a transaction that has changed the filter: notes it, and tells every process. Returns what it is now."""
    row = await queries.one(filter_)
    assert row is not None
    await filter_history.add(row, action, account)
    filter_history.changed()
    return row


async def _tell_of_end(before: FilterRow) -> None:
    if before.state == FilterState.LIVE:
        await filter_history.tell(before, FilterAction.SWITCHED_OFF)


async def _checked(viewer: Viewer, draft: FilterDraft, filter_: int) -> NewFilter:
    """A filter as it is stored. Errors: ``NotFound``, ``Invalid`` with the fields."""
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(
        name=(draft.name, MAX_NAME),
        condition=(draft.condition, filter_expressions.MAX_SOURCE),
        facts=(draft.facts, MAX_FACTS),
    )
    name, facts = text_parsing.line(draft.name), text_parsing.clean(draft.facts)
    condition = text_parsing.clean(draft.condition)
    collect(
        name=text_parsing.too_long(name, MAX_NAME) if name else Invalid("Give it a name."),
        condition=await condition_problem(condition),
        outcome=Invalid("Choose what it does.") if draft.outcome is None else None,
        rule=await _rule_problem(draft),
        facts=_facts_problem(draft.outcome, facts),
    )
    assert draft.outcome is not None
    rule_name = draft.rule_name if draft.outcome in ENFORCING else ""
    return NewFilter(filter_, name, condition, draft.outcome, rule_name, facts, viewer.id)


async def condition_problem(condition: str) -> Refused | None:
    """What is wrong with a condition, None if it can be used."""
    try:
        await run_blocking(filter_engine.compile_one, condition, await word_lists.compiled())
    except Invalid as problem:
        return problem
    return None


async def _rule_problem(draft: FilterDraft) -> Refused | None:
    """Only a rule in force can be enforced."""
    if draft.outcome not in ENFORCING:
        return None
    known = any(rule.name == draft.rule_name for rule in (await rules.current()).rules)
    return None if known else Invalid("Choose the rule that it enforces.")


def _facts_problem(outcome: FilterOutcome | None, facts: str) -> Refused | None:
    if problem := statements.text_problem(facts, MAX_FACTS):
        return problem
    return Invalid("Say what its authors read of it.") if not facts and outcome in TOLD else None
