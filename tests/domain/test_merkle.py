"""Merkle trees: RFC 6962's own vectors, and roots and proofs as an independent implementation makes them."""

from collections.abc import Sequence

import pymerkle
import pytest

from domain.core import merkle, tlog
from domain.core.tlog import Edge

# The vectors of the reference implementation of RFC 6962: entries, and the root above the first 1, 2, 3...
ENTRIES = [
    bytes.fromhex(one)
    for one in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 127, 128, 129, 255, 256, 257, 300, 511, 512, 513, 700)
MOST = max(SIZES)


class Both:
    """A tree of ours and one of pymerkle's over the same entries: "0", "1"..."""

    def __init__(self) -> None:
        self.theirs = pymerkle.InmemoryTree(algorithm="sha256")
        self.leaves: list[bytes] = []
        self.roots = [merkle.EMPTY]
        self.tiles: dict[tuple[int, int], Sequence[bytes]] = {}
        edge = Edge()
        for number in range(MOST):
            entry = str(number).encode()
            self.theirs.append_entry(entry)
            self.leaves.append(merkle.leaf_hash(entry))
            edge.add(self.leaves[-1])
            self.roots.append(edge.root)
        self.tiles.update(edge.changed)


@pytest.fixture(scope="module")
def both() -> Both:
    return Both()


def test_known_roots() -> None:
    leaves = [merkle.leaf_hash(entry) for entry in ENTRIES]
    assert [merkle.root(leaves[:size]).hex() for size in range(1, 9)] == ROOTS
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_roots_are_those_of_another_implementation(both: Both) -> None:
    for size in range(MOST + 1):
        assert both.roots[size] == merkle.root(both.leaves[:size])
    for size in SIZES:
        assert both.roots[size] == both.theirs.get_root(size), size


def test_a_tree_goes_on_from_its_edge(both: Both) -> None:
    for size in SIZES:
        levels = {tile.level: list(both.tiles[tile.level, tile.number][: tile.width]) for tile in tlog.edge_tiles(size)}
        edge = Edge(size, levels)
        assert edge.root == both.roots[size]
        for leaf in both.leaves[size : size + 300]:
            edge.add(leaf)
        assert edge.root == both.roots[edge.size]


def test_inclusion_proofs(both: Both) -> None:
    for size in SIZES:
        for index in sorted({0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size))):
            few = {place: both.tiles[place] for place in tlog.proof_tiles(index, size)}
            proof = merkle.inclusion_proof(index, size, tlog.subtree_from(few))
            assert proof == both.theirs.prove_inclusion(index + 1, size).path[1:], (index, size)
            proven = both.leaves[index], size, both.roots[size]
            assert merkle.proves_inclusion(proof, index, *proven)
            for wrong in ([*proof, both.roots[1]], proof[:-1], [both.roots[1], *proof[1:]]):
                assert wrong == proof or not merkle.proves_inclusion(wrong, index, *proven), (index, size)
            assert not merkle.proves_inclusion(proof, index + 1, *proven)
            assert not merkle.proves_inclusion(proof, -1, *proven)


def test_examples_of_the_rfc(both: Both) -> None:
    """RFC 6962, section 2.1.3: PATH and PROOF in a tree of seven leaves, whose hashes it calls a, b... l."""
    spans = {"c": (2, 3), "d": (3, 4), "e": (4, 5), "f": (5, 6), "g": (0, 2), "h": (2, 4), "i": (4, 6), "j": (6, 7)}
    spans |= {"a": (0, 1), "b": (1, 2), "k": (0, 4), "l": (4, 7)}
    named = {name: merkle.root(both.leaves[begin:end]) for name, (begin, end) in spans.items()}
    subtree = tlog.subtree_from(both.tiles)
    for index, names in ((0, "bhl"), (3, "cgl"), (4, "fjk"), (6, "ik")):
        assert merkle.inclusion_proof(index, 7, subtree) == [named[name] for name in names]
    for old, names in ((3, "cdgl"), (4, "l"), (6, "ijk")):
        assert merkle.consistency_proof(old, 7, subtree) == [named[name] for name in names]


def test_consistency_proofs(both: Both) -> None:
    for size in SIZES:
        for old in sorted({1, 2, size // 3, size // 2, size - 1, size} & set(range(1, size + 1))):
            few = {place: both.tiles[place] for place in tlog.proof_tiles(old - 1, size)}
            proof = merkle.consistency_proof(old, size, tlog.subtree_from(few))
            # They write proofs in another way, about the same roots.
            theirs = both.theirs.prove_consistency(old, size)
            pymerkle.verify_consistency(both.roots[old], both.roots[size], theirs)
            assert merkle.proves_consistency(proof, old, both.roots[old], size, both.roots[size])
            assert not merkle.proves_consistency([*proof, merkle.EMPTY], old, both.roots[old], size, both.roots[size])
            assert not merkle.proves_consistency(proof, old, merkle.EMPTY, size, both.roots[size])
            assert not merkle.proves_consistency(proof, old, both.roots[old], size, merkle.EMPTY)
            if proof:
                assert not merkle.proves_consistency(proof[:-1], old, both.roots[old], size, both.roots[size])
    assert merkle.proves_consistency([], 0, merkle.EMPTY, 5, both.roots[5])
    assert not merkle.proves_consistency([], 6, both.roots[6], 5, both.roots[5])
