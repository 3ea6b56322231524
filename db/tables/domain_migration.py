"""What leads members to another address."""

from piccolo.columns import BigInt, Text
from piccolo.table import Table


class MoveNotice(Table, tablename="move_notice"):
    """What the network has said of its address: ``text`` is JSON, kept as it was signed with its two keys."""

    number = BigInt(primary_key=True)
    text = Text()
    ed25519 = Text()
    p256 = Text()


class DeviceKey(Table, tablename="device_key"):
    """The public half (a point of P-256, base64url) of a key that never leaves a signed-in device."""

    id = BigInt(primary_key=True)
    session = Text()
    public = Text()
    made_at = BigInt()


class Arrival(Table, tablename="arrival"):
    """A code that has been used, until it would be too old anyway."""

    nonce = Text(primary_key=True)
    expires_at = BigInt()
