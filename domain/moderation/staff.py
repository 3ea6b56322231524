"""Who moderates and who operates the network. No page or export but the operators' own tells who that is."""

import msgspec

from db.engine import DB
from db.queries import appeals, brake, care, cases, proposals, sanctions, upstream
from db.queries import staff as queries
from db.queries.staff import StaffRow
from domain.accounts.profiles import HANDLE
from domain.core import access, permissions
from domain.core.access import Role, Viewer
from domain.core.errors import Conflict, Forbidden, Invalid
from domain.core.retries import retried
from domain.moderation import public_log

# What goes with a role.
FORGETTING = (
    upstream.release_all,
    cases.release_all,
    appeals.release_all,
    proposals.drop_by,
    brake.drop_proposal_by,
    care.forget,
)


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


async def appoint(viewer: Viewer, handle: str, role: Role) -> int:
    """Gives a member a role, or takes it with ``Role.MEMBER``. Returns their id.

    Errors: ``SignedOut``, ``Forbidden``, ``Invalid`` for a handle that nobody has, ``Conflict`` for the last operator.
    """
    access.require(permissions.may_appoint(viewer))
    return await set_role(handle, role, by=viewer.id)


@retried
async def set_role(handle: str, role: Role, *, by: int | None = None) -> int:
    """The same for whoever works on the server itself, or for an operator ``by`` their id, if they still are one.

    Errors: ``Invalid``, ``Conflict``, ``Forbidden``.
    """
    handle = handle.strip().removeprefix("@")
    async with DB.writing():
        operators = await queries.lock_operators()
        if by is not None and by not in operators:
            raise Forbidden("Only an operator of this network may do this.")
        known = HANDLE.fullmatch(handle) is not None
        before = await queries.role(handle.lower()) if known else None
        account = await queries.set_role(handle.lower(), role) if known else None
        if account is None:
            problem = Invalid("Nobody here has this handle.")
            raise Invalid(problem.words, fields={"handle": problem})
        if operators == [account] and role is not Role.OPERATOR:
            raise Conflict("This is the last operator: make somebody else one first.")
        if role is Role.MEMBER:
            for forget in FORGETTING:
                await forget(account)
        elif (found := await sanctions.lock(account)) and (found.frozen_until or found.suspended_until):
            raise Conflict("This account is frozen or suspended: moderators take that back first.")
        if before is not None and role is not Role(before):
            await public_log.add_role(Role(before), role)
    return account
