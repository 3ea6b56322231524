"""Founding a network: its name, its first account, its terms and its rules, all at once."""

from db.engine import DB, ConstraintViolation
from db.queries import rules as queries
from domain.accounts import network_profile, signup
from domain.accounts.network_profile import NetworkInfo
from domain.backups.handover import SITE_MODE
from domain.moderation import rule_files, rules


async def found(about: NetworkInfo, person: signup.NewMember, terms: str) -> int:
    """Names the network, makes its operator's account and publishes the shipped rules. Returns the account's id.

    Errors: ``Conflict`` once it is founded, ``Invalid``.
    """
    async with DB.writing():
        account = await network_profile.found(about, person, terms)
        await publish_default()
        book = await queries.latest()
        # Rules may have been published from the command line before.
        await queries.accept(account, book.version if book else 0)
    network_profile.forget()
    return account


async def publish_missing() -> None:
    """Publishes the shipped rules in a network from before there were any, unless it is being left."""
    if (await network_profile.about()).founded and not SITE_MODE.writes_stopped:
        await publish_default()


async def publish_default() -> None:
    """Publishes the shipped rules in a network that has none: one that is new, or from before there were any.

    Safe to repeat, by several processes at once.
    """
    if await queries.latest() is None:
        try:
            async with DB.unique():
                await rules.add(rule_files.default_rules(), 1)
        except ConstraintViolation:
            return
        network_profile.forget()
