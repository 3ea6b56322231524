"""Further versions of a network's rules."""

import msgspec

from domain.moderation import rules
from tests.helpers.people import LiveNetwork


async def publish(network: LiveNetwork, points: int = 50) -> int:
    """The next version of the rules, with other points for the first. Returns its number."""
    book = await rules.current()
    wanted = [msgspec.structs.replace(book.rules[0], points=points), *book.rules[1:]]
    return await rules.publish(await (await network.operator()).viewer(), wanted, book.version)
