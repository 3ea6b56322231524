"""Merkle trees as in RFC 6962, section 2.1, over SHA-256: roots, proofs, and checks of proofs.

As in the RFC, ``D`` is the list of entries that a tree has as leaves, and ``MTH`` a tree's root. What makes a proof
does not hold the tree: it asks a :data:`Subtree` for the few hashes that it needs.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

# The length of a hash, in bytes.
SIZE = 32
# The root of a tree without leaves.
EMPTY = sha256(b"").digest()
# Gives the root of a perfect subtree: ``(height, number)`` is MTH(D[number * 2**height : (number + 1) * 2**height]).
Subtree = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root above these hashes, which are those of leaves or of perfect subtrees of one size; the last subtree may
    be smaller. Pairs are hashed level by level, and one without a pair goes up as it is."""
    if not hashes:
        return EMPTY
    while len(hashes) > 1:
        pairs = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes) - 1, 2)]
        hashes = [*pairs, *hashes[2 * len(pairs) :]]
    return hashes[0]


def range_hash(begin: int, end: int, subtree: Subtree) -> bytes:
    """MTH(D[begin:end]) of a range that section 2.1 names: ``begin`` is 0 or a multiple of a power of two that is at
    least as long as the range."""
    width = end - begin
    if width & (width - 1) == 0:
        height = width.bit_length() - 1
        return subtree(height, begin >> height)
    split = begin + _split(width)
    return node_hash(range_hash(begin, split, subtree), range_hash(split, end, subtree))


def _split(width: int) -> int:
    """The largest power of two below ``width``, which is at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[size]) of section 2.1.1: what leads from a leaf to the root of the first ``size`` leaves."""
    begin, end, path = 0, size, list[bytes]()
    while end - begin > 1:
        split = begin + _split(end - begin)
        if index < split:
            path.append(range_hash(split, end, subtree))
            end = split
        else:
            path.append(range_hash(begin, split, subtree))
            begin = split
    return path[::-1]


def consistency_proof(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """PROOF(old, D[size]) of section 2.1.2: that the first ``old`` leaves (at least 1) are what they were."""
    begin, end, path = 0, size, list[bytes]()
    while old < end:
        split = begin + _split(end - begin)
        if old <= split:
            path.append(range_hash(split, end, subtree))
            end = split
        else:
            path.append(range_hash(begin, split, subtree))
            begin = split
    if begin:
        path.append(range_hash(begin, end, subtree))
    return path[::-1]


def proves_inclusion(proof: Sequence[bytes], index: int, leaf: bytes, size: int, root_hash: bytes) -> bool:
    """Whether ``leaf`` (a hash) is at ``index`` in the tree of that size and root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(other, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, other)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root_hash


def proves_consistency(proof: Sequence[bytes], old: int, old_root: bytes, size: int, root_hash: bytes) -> bool:
    """Whether the tree of ``size`` continues the one of ``old`` leaves (RFC 9162, section 2.1.4.2)."""
    if old == size:
        return not proof and old_root == root_hash
    if old == 0:
        return not proof and old_root == EMPTY
    if old > size or not proof:
        return False
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = now = steps[0]
    for other in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, now = node_hash(other, before), node_hash(other, now)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            now = node_hash(now, other)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and now == root_hash
