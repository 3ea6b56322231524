"""What was done to a log is found by another implementation (pymerkle), which uses nothing of ours.

Our own verifier's findings are in test_public_log_checks.py.
"""

import base64
import itertools
from collections.abc import Iterator, Sequence

import pytest
from pymerkle import InvalidProof

from domain.core import tlog
from tests.helpers import their_log
from tests.helpers.log_files import Files, entries, entry, made_of

SIZE = 5
ENTRIES, HASHES = f"tile/entries/000.p/{SIZE}", f"tile/0/000.p/{SIZE}"


def bundle(files: Files, wanted: Sequence[bytes]) -> Files:
    """The files with other entries, and everything else as it was."""
    return files | {ENTRIES: tlog.bundle(wanted)}


def flipped(body: bytes) -> Iterator[bytes]:
    """With each of its bits the other way round, one at a time."""
    for bit in range(8 * len(body)):
        harmed = bytearray(body)
        harmed[bit // 8] ^= 1 << bit % 8
        yield bytes(harmed)


def other_roots(files: Files) -> Iterator[Files]:
    """The checkpoint with each bit of its root the other way round, whether its signature would still fit or not."""
    origin, size, root, *rest = files["checkpoint"].split(b"\n")
    for harmed in flipped(base64.b64decode(root)):
        yield files | {"checkpoint": b"\n".join([origin, size, base64.b64encode(harmed), *rest])}


def swaps(good: Sequence[bytes]) -> Iterator[list[bytes]]:
    """With each two of them in each other's place."""
    for one, other in itertools.combinations(range(len(good)), 2):
        moved = list(good)
        moved[one], moved[other] = good[other], good[one]
        yield moved


def removals(good: Sequence[bytes]) -> Iterator[list[bytes]]:
    """With each of them gone, one at a time."""
    for at in range(len(good)):
        yield [*good[:at], *good[at + 1 :]]


def test_each_bit_of_each_entry() -> None:
    good = entries(SIZE)
    files = made_of(good)
    their_log.check(files)
    for at, one in enumerate(good):
        for harmed in flipped(one):
            assert their_log.is_another(bundle(files, [*good[:at], harmed, *good[at + 1 :]]))


def test_each_bit_of_each_entrys_hash() -> None:
    files = made_of(entries(SIZE))
    their_log.check_leaves(files)
    for harmed in flipped(files[HASHES]):
        with pytest.raises(InvalidProof):
            their_log.check_leaves(files | {HASHES: harmed})


def test_each_bit_of_the_hashes_of_whole_tiles() -> None:
    """Two tiles, and one more entry."""
    files, path = made_of(entries(513)), "tile/1/000.p/2"
    their_log.check(files)
    for harmed in flipped(files[path]):
        with pytest.raises(InvalidProof):
            their_log.check_tiles_above(files | {path: harmed})


@pytest.mark.parametrize("size", [1, SIZE, 257])
def test_each_bit_of_the_root_in_the_checkpoint(size: int) -> None:
    files = made_of(entries(size))
    their_log.check(files)
    for harmed in other_roots(files):
        assert their_log.is_another(harmed)
        with pytest.raises(InvalidProof):
            their_log.check_leaves(harmed)
        with pytest.raises(InvalidProof):
            their_log.check_continues(files["checkpoint"], harmed)
        with pytest.raises(InvalidProof):
            their_log.check_continues(harmed["checkpoint"], files)


def test_each_entry_that_is_removed_or_moved() -> None:
    good = entries(SIZE)
    files = made_of(good)
    for harmed in (*removals(good), *swaps(good)):
        assert their_log.is_another(bundle(files, harmed))
    for path in (ENTRIES, HASHES):
        for harmed in (*removals(good), *swaps(good)):
            with pytest.raises(InvalidProof):
                their_log.check_leaves(files | {path: made_of(harmed)[path.replace(str(SIZE), str(len(harmed)))]})


def test_each_entry_that_is_removed_or_moved_and_signed_again() -> None:
    """By the network itself, with more entries since: only who has an earlier checkpoint can tell."""
    good, since = entries(SIZE), [entry(at) for at in range(SIZE, SIZE + 3)]
    before = made_of(good)["checkpoint"]
    their_log.check_continues(before, made_of([*good, *since]))
    for harmed in (*removals(good), *swaps(good)):
        after = made_of([*harmed, *since])
        their_log.check(after)
        with pytest.raises(InvalidProof):
            their_log.check_continues(before, after)
    with pytest.raises(InvalidProof, match="shorter"):
        their_log.check_continues(before, made_of(good[:-1]))


@pytest.mark.parametrize("size", [1, 4, 7, 8])
def test_each_fork_of_a_log(size: int) -> None:
    """Two logs with one beginning, the first of which was seen: the other is no longer or longer than that."""
    seen = made_of(entries(size))
    for common, more in itertools.product(range(size), (0, 1, 4)):
        fork = made_of([*entries(common), *(entry(at, "other") for at in range(common, size + more))])
        their_log.check(fork)
        with pytest.raises(InvalidProof):
            their_log.check_continues(seen["checkpoint"], fork)
        # The proof that the honest log gives does not fit the root that was signed for the fork.
        honest = made_of(entries(size + more))
        their_log.check_continues(seen["checkpoint"], honest)
        with pytest.raises(InvalidProof):
            their_log.check_continues(seen["checkpoint"], honest | {"checkpoint": fork["checkpoint"]})
        # What they have in common is continued by both.
        if common:
            for one in (seen, fork):
                their_log.check_continues(made_of(entries(common))["checkpoint"], one)
