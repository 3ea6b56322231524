"""Receipts: what proves, without the network, that an entry is in the log and says what it said."""

import re
from collections.abc import Sequence

import msgspec

from db.queries import public_log as queries
from db.queries.public_log import LogEntryRow
from domain.core import merkle, notes, tlog
from domain.core.access import Viewer
from domain.core.errors import Conflict, NotFound
from domain.core.notes import VerifierKey
from domain.moderation import bulk_log, public_log, public_log_files, public_log_key, statements
from domain.moderation.public_log import Entry
from domain.moderation.public_log_page import Content

SALT, STATEMENT = (re.compile(form) for form in (r"[0-9a-f]{64}", r"[A-Za-z0-9_-]{1,100}"))
# The longest receipt that is read, in bytes.
MAX_RECEIPT = 200_000


class WrongReceipt(ValueError):
    """A receipt that proves nothing; ``str(error)`` says why."""


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """``entry`` is the leaf as it is in the tree, ``content`` what it is a commitment to; hashes are hexadecimal.

    ``content`` and ``salt`` are "" once they are forgotten. Only whom a decision concerns gets ``statement``, its
    number, and ``own_salt``, by which the content names it. Where the entry covers many decisions, it is at ``part``
    among them, as ``part_proof`` proves.
    """

    key: str
    index: int
    entry: str
    checkpoint: str
    proof: list[str]
    content: str = ""
    salt: str = ""
    statement: str = ""
    own_salt: str = ""
    part: int = 0
    part_proof: list[str] = []


async def of_entry(leaf: int) -> Receipt:
    """For everybody. Errors: ``NotFound``."""
    row = await queries.one(leaf)
    if row is None:
        raise NotFound
    return await _receipt(row)


async def of_statement(viewer: Viewer, statement: int) -> Receipt:
    """For whom a decision concerns, and for moderators.

    Errors: ``NotFound``, ``Conflict`` while its entry is not in the tree yet.
    """
    found = await statements.read(viewer, statement)
    row = await queries.of_statement(statement) or await queries.of_bulk(statement)
    if row is None or row.leaf is None:
        raise Conflict("This decision is not in the public log yet. Entries are signed every hour: try again later.")
    receipt = await _receipt(row)
    if proof := await bulk_log.proof(statement):
        receipt = msgspec.structs.replace(receipt, part=proof.number, part_proof=proof.hashes)
        row = row._replace(own_salt=proof.own_salt)
    return msgspec.structs.replace(receipt, statement=found.puid, own_salt=row.own_salt) if row.own_salt else receipt


async def _receipt(row: LogEntryRow) -> Receipt:
    assert row.leaf is not None
    size, note = await public_log_files.checkpoint()
    return Receipt(
        key=str(await public_log_key.verifier_key()),
        index=row.leaf,
        entry=public_log.entry_bytes(row.leaf, row.kind, row.day, row.commitment).decode(),
        checkpoint=note,
        proof=[one.hex() for one in await public_log_files.inclusion_proof(row.leaf, size)],
        content=row.content,
        salt=row.salt,
    )


def encoded(receipt: Receipt) -> bytes:
    """As a file."""
    return msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n"


def check(file: bytes, key: VerifierKey | None = None) -> tuple[Receipt, int]:
    """A receipt that is right, by the ``key`` or else by the one that it names, and the size of the log that it is of.

    Errors: ``WrongReceipt``, ``WrongNote``.
    """
    receipt = _read(file)
    checkpoint = tlog.read_checkpoint(receipt.checkpoint.encode(), key or notes.read_key(receipt.key))
    leaf, proof = merkle.leaf_hash(receipt.entry.encode()), _unhex(receipt.proof)
    if not merkle.proves_inclusion(proof, receipt.index, leaf, checkpoint.size, checkpoint.root):
        raise WrongReceipt("The entry is not in the log that was signed.")
    entry = _entry(receipt)
    if entry.index != receipt.index:
        raise WrongReceipt("The entry has another place in the log than the receipt says.")
    if receipt.content:
        _check_content(receipt, entry)
    elif receipt.own_salt:
        raise WrongReceipt("The receipt lacks what the entry says.")
    return receipt, checkpoint.size


def _read(file: bytes) -> Receipt:
    try:
        return msgspec.json.decode(file, type=Receipt)
    except ValueError:
        raise WrongReceipt("This is no receipt of a public log.") from None


def _entry(receipt: Receipt) -> Entry:
    try:
        return msgspec.json.decode(receipt.entry, type=Entry)
    except ValueError:
        raise WrongReceipt("The entry can't be read.") from None


def _check_content(receipt: Receipt, entry: Entry) -> None:
    """Errors: ``WrongReceipt``."""
    try:
        said = msgspec.json.decode(receipt.content, type=Content)
        _check_form(receipt)
        committed = public_log.commitment(receipt.salt, receipt.content)
        is_named = not receipt.statement or _is_named(receipt, said)
    except ValueError:
        raise WrongReceipt("The receipt is damaged.") from None
    if committed != entry.commitment:
        raise WrongReceipt("The entry was made of another text.")
    if (said.kind, said.day) != (entry.kind, entry.day):
        raise WrongReceipt("The text is of another kind, or of another day, than the entry says.")
    if not is_named:
        raise WrongReceipt("The entry is about another decision.")


def _is_named(receipt: Receipt, said: Content) -> bool:
    """Whether the entry is about the statement, or covers it. Errors: ``ValueError``."""
    name = public_log.name_of(receipt.own_salt, receipt.statement)
    if not said.statements:
        return name == said.statement
    proof, leaf = [bytes.fromhex(one) for one in receipt.part_proof], merkle.leaf_hash(bytes.fromhex(name))
    return merkle.proves_inclusion(proof, receipt.part, leaf, said.count, bytes.fromhex(said.statements))


def _check_form(receipt: Receipt) -> None:
    """Salts have one length, so that a digit can't move from one part of what is hashed to another.

    Errors: ``ValueError``.
    """
    own = SALT.fullmatch(receipt.own_salt) and STATEMENT.fullmatch(receipt.statement)
    if not SALT.fullmatch(receipt.salt) or (not own and (receipt.own_salt or receipt.statement)):
        raise ValueError


def _unhex(hashes: Sequence[str]) -> list[bytes]:
    """Errors: ``WrongReceipt``."""
    try:
        return [bytes.fromhex(one) for one in hashes]
    except ValueError:
        raise WrongReceipt("The receipt is damaged.") from None
