"""Writes lists of words.

What a live filter looks for takes two people: what one moderator writes waits, and another one puts it live by one
press. Where nobody else moderates, they may themselves after three days. Other lists change at once; whoever puts a
filter live agrees to the words of others that it asks for (:func:`live_refusal`).
"""

from db.engine import DB, ConstraintViolation
from db.queries import filters
from db.queries import word_lists as queries
from db.queries.word_lists import ProposalRow, WordListRow
from domain.core import access, clock, events, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, collect
from domain.core.moderation_events import WorkWaits
from domain.core.retries import retried
from domain.moderation import filter_budget, filter_expressions, filter_history, filter_words, staff, word_lists
from domain.moderation.filter_kinds import FilterAction, FilterState
from domain.moderation.word_lists import MAX_LISTS, MAX_TEXT, NAME

CHANGED = Conflict("Somebody has changed this list meanwhile. Look at it again.")
SINCE_THEN = Conflict("Somebody has changed this list meanwhile. What it says now stands below what you wrote.")


@retried
async def add(viewer: Viewer, name: str, words: str) -> int:
    """Adds a list. Returns its id. Errors: ``NotFound``, ``Invalid`` with the fields ``name`` and ``words``."""
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(name=(name, 40), words=(words, MAX_TEXT))
    name, words = text_parsing.line(name), text_parsing.clean(words)
    collect(name=_name_problem(name), words=await _problem(words))
    made = ids.new()
    try:
        async with DB.writing():
            await staff.check_role(viewer)
            if len(await queries.everything()) >= MAX_LISTS:
                collect(name=Invalid("A network has at most %(limit)s lists.", limit=MAX_LISTS))
            await queries.add(made, name, words, clock.now(), viewer.id)
            filter_history.changed()
    except ConstraintViolation:
        collect(name=Invalid("There is a list with this name already."))
    return made


@retried
async def rewrite(viewer: Viewer, words_id: int, words: str, version: int) -> None:
    """Gives a list other words: at once where no live filter asks for it, else they wait for another moderator.

    The words that it has already take back what waits. Errors: ``NotFound``, ``Invalid`` with the field ``words``,
    ``Conflict`` when somebody has changed it meanwhile, or filters could take too long with it.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(words=(words, MAX_TEXT))
    words = text_parsing.clean(words)
    collect(words=await _problem(words))
    access.require(await _costs_problem(words_id, words))
    async with DB.writing():
        row, waiting = await _lock(viewer, words_id, version, SINCE_THEN)
        if words == (waiting.words if waiting else row.words):
            return
        if words == row.words:
            await queries.drop_proposal(row.id)
        elif any(one.is_live for one in await word_lists.asking_for(row.name)):
            await queries.propose(row.id, words, viewer.id, clock.now())
            await events.record(WorkWaits())
        else:
            await _put(row, words, viewer.id, None)


@retried
async def agree(viewer: Viewer, words: int, version: int) -> None:
    """Puts live what another moderator has written; where nothing waits, agrees to the words of the list as they are.

    Errors: ``NotFound``, ``Forbidden`` for what the viewer has written, ``Conflict`` when there is nothing to agree to,
    somebody has changed it meanwhile, filters could take too long, or it is too early for whoever moderates alone.
    """
    access.require(permissions.may_moderate(viewer))
    if (proposed := await _waiting(words)) is not None:
        # Other filters may run by now than when they were written.
        access.require(await _costs_problem(words, proposed.words))
    async with DB.writing():
        row, waiting = await _lock(viewer, words, version, CHANGED)
        if waiting is None:
            if row.author is None or row.second is not None:
                raise CHANGED
            access.require(await _refusal(viewer, row.author, row.updated_at))
            await queries.agree(row.id, viewer.id)
        else:
            access.require(await _refusal(viewer, waiting.author, waiting.proposed_at))
            if not await staff.still_moderates(waiting.author):
                raise CHANGED
            await queries.drop_proposal(row.id)
            await _put(row, waiting.words, waiting.author, viewer.id)


async def agree_refusal(viewer: Viewer, words: int) -> Refused | None:
    """Why the viewer may not agree to what :func:`agree` would now, None if they may. Errors: ``NotFound``."""
    row = await queries.one(words)
    if row is None:
        raise NotFound
    waiting = await _waiting(words)
    if waiting is not None:
        return await _refusal(viewer, waiting.author, waiting.proposed_at)
    return None if row.author is None else await _refusal(viewer, row.author, row.updated_at)


@retried
async def turn_down(viewer: Viewer, words: int, version: int) -> None:
    """Forgets words that wait. Errors: ``NotFound``, ``Conflict``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        _, waiting = await _lock(viewer, words, version, CHANGED)
        if waiting is None:
            raise CHANGED
        await queries.drop_proposal(words)


@retried
async def remove(viewer: Viewer, words: int, version: int) -> None:
    """Removes a list. Errors: ``NotFound``, ``Conflict`` while filters ask for it, or when it has changed meanwhile."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row, _ = await _lock(viewer, words, version, CHANGED)
        if any(one.row.state != FilterState.OFF for one in await word_lists.asking_for(row.name)):
            raise Conflict("Filters ask for this list: change or switch them off first.")
        await queries.drop(words)
        filter_history.changed()


async def hold() -> None:
    """Within a transaction: keeps all lists as they are until its end."""
    await queries.share_all()


async def live_refusal(viewer: Viewer, condition: str) -> Refused | None:
    """Why a filter with this condition may not be put live by the viewer because of the words that it asks for.

    Whoever puts it live agrees to what others have written, and to what two people have: not alone to their own.
    """
    named = filter_expressions.needs(condition).lists
    for row in await queries.everything():
        own = row.name in named and row.author == viewer.id and row.second is None
        if own and (refusal := await _refusal(viewer, viewer.id, row.updated_at)) is not None:
            if isinstance(refusal, Conflict):
                return refusal
            return Forbidden("You wrote the word list “%(name)s”: another moderator has to agree to it.", name=row.name)
    return None


async def _refusal(viewer: Viewer, author: int, since: int) -> Refused | None:
    """``since`` when ``author`` has written the words, in Unix milliseconds."""
    return staff.own_refusal(
        viewer,
        author,
        since,
        alone=await staff.is_alone(),
        another=Forbidden("You wrote these words: another moderator has to put them live."),
        early=Conflict("Words that nobody else has seen go live after %(hours)s hours.", hours=staff.ALONE_HOURS),
    )


async def _put(row: WordListRow, words: str, author: int, second: int | None) -> None:
    """Within a transaction that has locked the list: has filters look for other words, and notes so where they run."""
    await queries.rewrite(row.id, words, clock.now(), author, second)
    for one in await word_lists.asking_for(row.name):
        if one.row.state in (FilterState.SHADOW, FilterState.LIVE):
            await filter_history.add(one.row, FilterAction.WORDS_CHANGED, author)
            if second is not None:
                await filter_history.add(one.row, FilterAction.WORDS_AGREED, second)
    filter_history.changed()


async def _lock(viewer: Viewer, words: int, version: int, changed: Conflict) -> tuple[WordListRow, ProposalRow | None]:
    """Within a transaction: a list as somebody has seen it, and what waits. Errors: ``NotFound``, ``changed``."""
    row = await queries.lock(words)
    if row is None:
        raise NotFound
    await staff.check_role(viewer)
    if row.version != version:
        raise changed
    return row, await _waiting(words)


async def _waiting(words: int) -> ProposalRow | None:
    return next((one for one in await queries.proposals() if one.word_list == words), None)


async def _costs_problem(words_id: int, words: str) -> Refused | None:
    """Why filters that run can't ask for the list with these words."""
    rows = [row._replace(words=words) if row.id == words_id else row for row in await queries.everything()]
    return await filter_budget.problem(await filters.running(), await word_lists.compile_all(rows))


def _name_problem(name: str) -> Refused | None:
    return None if NAME.fullmatch(name) else Invalid("Use small letters a-z, digits and hyphens, at most 40.")


async def _problem(words: str) -> Refused | None:
    try:
        await run_blocking(filter_words.parse, words)
    except Invalid as problem:
        return problem
    return None
