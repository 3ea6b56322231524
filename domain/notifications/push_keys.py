"""The keys that sign the network's pushes.

A push service accepts pushes only from the key that a subscription was made with. One key is current; older ones are
kept as long as a subscription needs them.
"""

import msgspec

from db.engine import DB
from db.queries import push_subscriptions
from db.queries import secrets as queries
from domain.core import clock, p256, secrets

VAPID = "vapid"
# A browser that was given the old key a moment ago may still come with a subscription made for it.
KEPT_MS = 86_400_000


class Key(msgspec.Struct, frozen=True):
    """A push key; both halves are base64url without padding: the public point (65 bytes), the private number (32).

    ``made_at`` in Unix milliseconds.
    """

    public: str
    private: str
    made_at: int
    current: bool


async def vapid() -> Key:
    """The current push key, made at the first call."""
    await secrets.once(VAPID, p256.new)
    return next(key for key in await keys() if key.current)


async def keys() -> list[Key]:
    """Every push key, the current one first; none before the first run."""
    rows = await queries.push_keys()
    found = [Key(p256.public_of(row.value), row.value, row.made_at, row.name == VAPID) for row in rows]
    return sorted(found, key=lambda key: (not key.current, -key.made_at))


async def used_keys() -> list[tuple[Key, int]]:
    """Every push key, and the number of subscriptions that were made with it."""
    counts = {use.public: use.devices for use in await push_subscriptions.key_uses()}
    return [(key, counts.get(key.public, 0)) for key in await keys()]


async def rotate() -> Key:
    """Makes a new current push key; pushes to subscriptions made with the old one are signed with the old one."""
    old = await vapid()
    async with DB.writing():
        await queries.rename(VAPID, f"{VAPID} {old.public}", old.private)
        await queries.keep(VAPID, p256.new(), clock.now())
    return await vapid()


async def forget_unused() -> None:
    """Deletes old push keys that no subscription needs."""
    for key, devices in await used_keys():
        if not key.current and not devices and clock.now() - key.made_at > KEPT_MS:
            await queries.drop_push_key(f"{VAPID} {key.public}", key.public)
