"""The public log of moderation, and its Merkle tree."""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class LogEntry(Table, tablename="log_entry"):
    """What everybody may know of a decision, of published rules or of a role; ``leaf`` is its place in the tree.

    It has no ``leaf`` until the sequencer gives it one. ``day`` is a date in UTC, ``rule`` the name of a rule or "",
    ``reverses`` another entry. ``content`` is JSON that everybody may read, ``commitment`` SHA-256(salt || content).
    With ``own_salt``, which is told only to whom a decision concerns, the content names the statement. Hashes and salts
    are hexadecimal. Of a forgotten entry only kind, day and commitment are left.
    """

    id = BigInt(primary_key=True)
    leaf = BigInt(null=True, default=None)
    kind = Text()
    day = Text()
    statement = BigInt(null=True, default=None)
    rules_version = Integer(null=True, default=None)
    rule = Text()
    reverses = BigInt(null=True, default=None)
    content = Text()
    salt = Text()
    own_salt = Text()
    commitment = Text()


class LogTile(Table, tablename="log_tile"):
    """Up to 256 hashes of one level of the tree, hexadecimal and in a row: a whole tile, or a level's last one."""

    level = SmallInt(primary_key=True)
    number = BigInt()
    hashes = Text()


class LogCheckpoint(Table, tablename="log_checkpoint"):
    """The log at one size, as it was signed; ``made_at`` is Unix milliseconds."""

    size = BigInt(primary_key=True)
    note = Text()
    made_at = BigInt()
