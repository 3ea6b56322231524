"""`parvis staff`: lists, makes and dismisses moderators and operators."""

from typing import Annotated

import typer

from app import console
from domain.core.access import Role
from domain.moderation import staff

cli = typer.Typer(no_args_is_help=True, help="List, make or dismiss moderators and operators.")
NOW = {
    Role.MEMBER: "has no role now",
    Role.MODERATOR: "is a moderator now",
    Role.OPERATOR: "is an operator now",
}
HANDLE = Annotated[str, typer.Argument(help="The member's handle.")]


@cli.command("list")
def list_() -> None:
    """List operators and moderators."""
    found = console.existing()
    for one in console.run(console.opened(found, staff.listed())):
        console.say(f"@{one.handle}  {one.role}")


@cli.command("set")
def set_(
    handle: HANDLE,
    role: Annotated[Role, typer.Argument(help="moderator, operator, or member to take a role.")],
    words: Annotated[str, typer.Argument(help="Why. Everybody can read it in the public log.")],
) -> None:
    """Make a member a moderator or an operator, or take their role."""
    found = console.existing()
    console.run(console.opened(found, staff.appoint_by_command(handle, role, words)))
    console.say(f"@{handle.removeprefix('@')} {NOW[role]}.")
