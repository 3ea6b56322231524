"""Takes decisions back: what they did is undone, and everybody who was told of them is told of that."""

from db.engine import DB
from db.queries import appeals, cases, posts
from db.queries import statements as queries
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import access, clock, events, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict
from domain.core.retries import retried
from domain.moderation import deciding, effects, evidence, statements, wording
from domain.moderation.bulk_log import Part
from domain.moderation.kinds import Automation, StatementKind
from domain.moderation.statements import MAX_EXPLANATION


@retried
async def reverse(
    viewer: Viewer, statement: int, explanation: str, *, names_nobody: bool = False, version: int | None = None
) -> int:
    """Takes a decision back, unless it is under appeal: then another moderator decides the appeal.

    Whom it concerned, and those who reported it, are told. ``version`` is that of the case which the moderator has
    seen, None is not checked. Returns the new statement's id. Errors: ``NotFound``, ``Forbidden``, ``Invalid`` with the
    fields, ``Conflict`` when it has been taken back, is under appeal, or the case has changed or is another's.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(explanation=(explanation, MAX_EXPLANATION))
    before = await statements.row(statement)
    async with DB.writing():
        row = await deciding.lock_decided(viewer, before.mod_case, version)
        if not await statements.is_reversible(before):
            raise Conflict("There is nothing to take back: this decision is not in force.")
        if (
            await appeals.were_granted(row.id)
            and before.author != viewer.id
            and await deciding.has_decided(viewer, row.id)
        ):
            raise Conflict("It was decided on appeal against a decision of yours: another moderator takes it back.")
        if await appeals.are_open([one.id for one in await statements.of_decision(before)]):
            raise Conflict("It is under appeal: another moderator decides the appeal.")
        words = wording.checked("explanation", explanation, names_nobody, await evidence.of_case(row.id))
        reversal = await write(before, words, viewer.id)
        await events.record(events.CaseDecided(case=row.id, statement=reversal))
    return reversal


async def take_back_automatic(viewer: Viewer, row: CaseRow) -> None:
    """Within a transaction that has locked a case in which a moderator finds no breach: takes back what was decided in
    it without a person, and has its member told.

    Errors: ``Conflict`` while an appeal against it is heard.
    """
    made = [one for one in await queries.of_cases([row.id]) if one.automation == Automation.FULLY]
    standing = [one for one in made if await statements.is_reversible(one)]
    if await appeals.are_open([one.id for one in standing]):
        raise Conflict("What a filter has done here is under appeal: the appeal is decided first.")
    for one in standing:
        reversal = await write(one, statements.FOUND_HARMLESS, viewer.id)
        await events.record(events.StatementMade(row.account, reversal))


async def write(before: StatementRow, words: str, author: int | None, part: Part | None = None) -> int:
    """Within a transaction that has locked the case: undoes what a statement did, and tells nobody yet. Returns the id.

    ``author`` is None for a jury; ``part``: many are taken back at once. A post is what other decisions in force say,
    such as removed, and so are a profile and an account.
    """
    if before.post is not None:
        # Of two removals that are taken back at once, the second sees the first.
        await posts.lock(before.post)
    reversal = ids.new(clock.now())
    made = before._replace(
        id=reversal,
        puid=str(reversal),
        kind=StatementKind.REVERSAL,
        explanation=words,
        author=author,
        reverses=before.id,
        ends_at=None,
        second=None,
        automation=Automation.NOT_AUTOMATED,
    )
    await statements.add(made, by_jury=author is None, part=part)
    await effects.refresh(before, reversal)
    await cases.touch(before.mod_case)
    return reversal
