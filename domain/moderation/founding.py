"""Founding a network: its name, its first account, its terms and its rules, all at once."""

from db.engine import DB
from db.queries import rules as queries
from domain.accounts import network_profile, signup
from domain.accounts.network_profile import NetworkInfo
from domain.moderation import rules


async def found(about: NetworkInfo, person: signup.NewMember, terms: str) -> int:
    """Names the network, makes its operator's account and publishes the shipped rules. Returns the account's id.

    Errors: ``Conflict`` once it is founded, ``Invalid``.
    """
    async with DB.writing():
        account = await network_profile.found(about, person, terms)
        await rules.publish_default()
        await queries.accept(account, 1)
    network_profile.forget()
    return account
