"""A log as somebody else's program judges it, from its files: by pymerkle, with nothing of ours, neither hashes nor
readers of files.

For logs of up to 256 whole tiles.
"""

import base64
import functools
from collections.abc import Iterable, Mapping

import pymerkle
from pymerkle import InvalidProof

ALGORITHM = "sha256"
WIDTH, SIZE = 256, 32


def tree_of(entries: Iterable[bytes]) -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm=ALGORITHM)
    for one in entries:
        tree.append_entry(one)
    return tree


def check(files: Mapping[str, bytes]) -> None:
    """That the entries, the hashes in the tiles and the root in the checkpoint belong together.

    Errors: ``InvalidProof``.
    """
    check_root(files)
    check_leaves(files)
    check_tiles_above(files)


def check_root(files: Mapping[str, bytes]) -> None:
    """That the entries are those whose root is in the checkpoint. Errors: ``InvalidProof``."""
    size, root = _signed(files["checkpoint"])
    tree = _tree(_entries(files))
    if tree.get_size() != size or tree.get_root() != root:
        raise InvalidProof("The entries are not those of the checkpoint.")


def is_another(files: Mapping[str, bytes]) -> bool:
    """Whether the entries are not those whose root is in the checkpoint."""
    try:
        check_root(files)
    except InvalidProof:
        return True
    return False


def check_leaves(files: Mapping[str, bytes]) -> None:
    """That the lowest tiles have a hash for each entry, which is in the tree of the checkpoint, in its place.

    Errors: ``InvalidProof``.
    """
    size, root = _signed(files["checkpoint"])
    hashes, proofs = _hashes(files, 0), _inclusion(_entries(files))
    if not len(hashes) == len(proofs) == size:
        raise InvalidProof("Hashes or entries are missing.")
    for at, (leaf, proof) in enumerate(zip(hashes, proofs, strict=True), 1):
        pymerkle.verify_inclusion(leaf, root, proof, index=at, size=size, algorithm=ALGORITHM)


def check_tiles_above(files: Mapping[str, bytes]) -> None:
    """That the tiles above have the root of each whole tile below. Errors: ``InvalidProof``."""
    entries = _entries(files)
    whole = [entries[at : at + WIDTH] for at in range(0, len(entries) - WIDTH + 1, WIDTH)]
    if _hashes(files, 1) != [_tree(below).get_root() for below in whole]:
        raise InvalidProof("A tile is not made of those below it.")


def check_continues(before: bytes, after: Mapping[str, bytes]) -> None:
    """That a log continues the one that an earlier checkpoint was of. Errors: ``InvalidProof``."""
    (prior_size, prior), (size, root) = _signed(before), _signed(after["checkpoint"])
    if prior_size > size:
        raise InvalidProof("The log has got shorter.")
    proof = _tree(_entries(after)).prove_consistency(prior_size, size)
    pymerkle.verify_consistency(prior, root, proof, prior_size=prior_size, later_size=size, algorithm=ALGORITHM)


def _signed(checkpoint: bytes) -> tuple[int, bytes]:
    """The size and the root."""
    _, size, root, *_ = checkpoint.split(b"\n")
    return int(size), base64.b64decode(root)


def _entries(files: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """Those in all bundles, each after its length in two bytes."""
    found = []
    for path in sorted(path for path in files if path.startswith("tile/entries/")):
        rest = files[path]
        while rest:
            length = int.from_bytes(rest[:2], "big")
            found.append(rest[2 : 2 + length])
            rest = rest[2 + length :]
    return tuple(found)


def _hashes(files: Mapping[str, bytes], level: int) -> list[bytes]:
    bodies = b"".join(files[path] for path in sorted(files) if path.startswith(f"tile/{level}/"))
    return [bodies[at : at + SIZE] for at in range(0, len(bodies), SIZE)]


@functools.lru_cache(maxsize=8)
def _tree(entries: tuple[bytes, ...]) -> pymerkle.InmemoryTree:
    return tree_of(entries)


@functools.lru_cache(maxsize=8)
def _inclusion(entries: tuple[bytes, ...]) -> list[pymerkle.InclusionProof]:
    return [_tree(entries).prove_inclusion(at) for at in range(1, len(entries) + 1)]
