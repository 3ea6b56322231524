"""Members who have been there for long, in the data of a server: ``python -m e2e.old_members HANDLE...``.

In a process of its own, with the server's environment: nobody gets older by signing up in a browser.
"""

import asyncio
import subprocess
import sys

import settings
from db.engine import DB
from db.sql import SQL
from domain.accounts import credentials, signup
from domain.core import clock, ids
from domain.core.access import Role
from domain.core.trust import TrustLevel
from e2e.user import PASSWORD
from tests.helpers.services import ROOT, ServerProcess

DAYS = 40
TRUST = SQL("UPDATE account SET trust = ?2 WHERE id = ?1")


def add(server: ServerProcess, *handles: str) -> None:
    """Members who joined DAYS ago; their password is PASSWORD."""
    subprocess.run(
        [sys.executable, "-m", "e2e.old_members", *handles], cwd=ROOT, env=server.environment, check=True, timeout=60
    )


async def _add(handles: list[str]) -> None:
    await DB.open(settings.read().url)
    hashed = await credentials.hash_password(PASSWORD)
    accepted = signup.AcceptedVersions(terms=1, rules=1)
    with clock.fixed_at(clock.now() - DAYS * clock.DAY_MS):
        for handle in handles:
            person = signup.NewMember(handle=handle, name=handle.title(), password=PASSWORD)
            account = await signup.write(ids.new(), person, hashed, accepted, Role.MEMBER)
            await DB.fetch(TRUST, account, TrustLevel.BASIC)
    await DB.close()


if __name__ == "__main__":
    asyncio.run(_add(sys.argv[1:]))
