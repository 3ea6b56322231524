"""Who moderates and who operates the network. No page or export but the operators' own tells who that is."""

import secrets
from collections.abc import Iterable

import msgspec

from db.engine import DB
from db.queries import brake, care, known_pictures, proposals, sanctions, staff_notices, word_lists
from db.queries import staff as queries
from db.queries.staff import StaffRow
from domain.accounts.profiles import HANDLE
from domain.core import access, clock, events, permissions
from domain.core.access import Role, Viewer
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, collect
from domain.core.events import AccountLeft
from domain.core.moderation_events import RoleLeft
from domain.core.retries import retried
from domain.core.translatable import N_
from domain.moderation import public_log, public_words, statements
from domain.moderation.care import RELEASING

# What goes with a role.
FORGETTING = (
    *RELEASING,
    proposals.drop_by,
    word_lists.drop_proposals_by,
    known_pictures.drop_waiting_by,
    brake.drop_proposal_by,
    care.forget,
    staff_notices.forget,
)
# After which whoever moderates alone may put live what nobody else has seen.
ALONE_HOURS = 72
# Why a role is gone that nobody has taken.
LEFT = "left"
# How long after an hour the public log may say that somebody with a role has left.
LOGGED_WITHIN_MS = 6 * clock.DAY_MS
NOBODY = N_("Nobody here has this handle.")


class StaffMember(msgspec.Struct, frozen=True):
    """Somebody with a role."""

    id: int
    handle: str
    name: str
    hue: int
    avatar_small: str
    role: Role


async def everyone(viewer: Viewer) -> list[StaffMember]:
    """Operators and moderators. Errors: ``SignedOut``, ``Forbidden``."""
    access.require(permissions.may_appoint(viewer))
    return await listed()


async def listed() -> list[StaffMember]:
    """The same for whoever works on the server itself."""
    return [_member(row) for row in await queries.staff()]


def _member(row: StaffRow) -> StaffMember:
    return StaffMember(row.id, row.handle, row.name, row.hue, row.avatar_small, Role(row.role))


async def is_alone() -> bool:
    """Whether only one person moderates."""
    return len(await queries.staff()) < 2


async def still_moderates(account: int) -> bool:
    """Within a transaction: whether an account has a role, and keeps it until the end of the transaction."""
    found = await sanctions.lock(account)
    return found is not None and found.role != Role.MEMBER


def own_refusal(
    viewer: Viewer, author: int | None, since: int, *, alone: bool, another: Refused, early: Refused
) -> Refused | None:
    """Why the viewer may not agree to what ``author`` made at ``since`` (Unix milliseconds): to their own only while
    they moderate ``alone``, and not for ALONE_HOURS. ``another`` and ``early`` say so.
    """
    if author != viewer.id:
        return None
    if not alone:
        return another
    return early if clock.now() - since < ALONE_HOURS * clock.HOUR_MS else None


async def check_role(viewer: Viewer) -> None:
    """Within a transaction. Errors: ``NotFound`` when the viewer has lost their role since the request came in."""
    if not await still_moderates(viewer.id):
        raise NotFound


async def appoint(viewer: Viewer, handle: str, role: Role, words: str) -> int:
    """Gives a member a role, or takes it with ``Role.MEMBER``; ``words`` say why in the public log. Returns their id.

    Errors: ``SignedOut``, ``Forbidden``, ``Invalid`` with the fields ``handle`` (nobody has it) and ``words``,
    ``Conflict`` for the last operator.
    """
    access.require(permissions.may_appoint(viewer))
    return await appoint_by_command(handle, role, words, by=viewer.id)


async def appoint_by_command(handle: str, role: Role, words: str, *, by: int | None = None) -> int:
    """The same for whoever works on the server itself, or for an operator ``by`` their id, if they still are one.

    Errors: ``Invalid``, ``Conflict``, ``Forbidden``.
    """
    words, problem = public_words.checked(words)
    names = await queries.named(_key(handle))
    collect(handle=None if names else Invalid(NOBODY), words=problem or _names_problem(words, names or ()))
    return await set_role(handle, role, words, by=by)


def _key(handle: str) -> str:
    """A handle as it is looked for; "" for what can be none."""
    handle = handle.strip().removeprefix("@")
    return handle.lower() if HANDLE.fullmatch(handle) else ""


def _names_problem(words: str, names: Iterable[str]) -> Refused | None:
    """Everybody reads why a role was given, and nobody whose."""
    name = statements.named_in(words, names)
    return Invalid("“%(name)s” is also the name of whom this is about.", name=name) if name else None


@retried
async def set_role(handle: str, role: Role, words: str = "", *, by: int | None = None) -> int:
    """The same without a look at the words. Errors: ``Invalid``, ``Conflict``, ``Forbidden``."""
    async with DB.writing():
        operators = await queries.lock_operators()
        if by is not None and by not in operators:
            raise Forbidden("Only an operator of this network may do this.")
        before = await queries.role(_key(handle))
        account = await queries.set_role(_key(handle), role)
        if account is None:
            collect(handle=Invalid(NOBODY))
        assert account is not None
        if operators == [account] and role is not Role.OPERATOR:
            raise Conflict("This is the last operator: make somebody else one first.")
        if role is Role.MEMBER:
            await _take_all(account)
        elif (found := await sanctions.lock(account)) and (found.frozen_until or found.suspended_until):
            raise Conflict("This account is frozen or suspended: moderators take that back first.")
        if before is not None and role is not Role(before):
            await public_log.add_role(Role(before), role, words=words)
    return account


async def _take_all(account: int) -> None:
    for forget in FORGETTING:
        await forget(account)


@retried
async def left(event: AccountLeft) -> None:
    """Reaction: takes what somebody had who has left the network. Safe to repeat.

    That their role is gone is logged within a week, at no time that anybody could guess: next to a profile that
    disappears, the entry would say whose role it was.
    """
    async with DB.writing():
        role = await queries.lock_role_of_left(event.account)
        if role in (None, Role.MEMBER):
            return
        await queries.resign(event.account)
        await _take_all(event.account)
        await events.record(RoleLeft(Role(role)), clock.HOUR_MS + secrets.randbelow(LOGGED_WITHIN_MS))


async def log_role_left(event: RoleLeft) -> None:
    """Reaction: logs that a role is gone with whoever had it."""
    await public_log.add_role(event.role, Role.MEMBER, reason=LEFT)
