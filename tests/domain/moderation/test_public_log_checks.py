"""What was done to a log is found: by our verifier, which names it, and by another implementation.

What that one (pymerkle) finds of each bit, entry and fork is in test_public_log_elsewhere.py.
"""

import pytest
from pymerkle import InvalidProof

from domain.core import tlog
from domain.core.notes import WrongNote
from domain.moderation.public_log_checks import SeenLog, WrongLog
from tests.helpers import log_files, their_log
from tests.helpers.log_files import KEY, Files, entries, entry, made_of, verify

LONG = 700


async def found(files: Files, seen: SeenLog | None = None) -> str:
    """What our verifier says is wrong."""
    with pytest.raises(WrongLog) as refusal:
        await verify(files, seen=seen)
    return str(refusal.value)


def bundle(files: Files, *wanted: bytes, path: str = "tile/entries/000.p/5") -> Files:
    return files | {path: tlog.bundle(wanted)}


@pytest.mark.parametrize("size", [0, 1, 5, 255, 256, 257, LONG])
async def test_a_log_that_is_whole(size: int) -> None:
    files = made_of(entries(size))
    seen = await verify(files)
    assert (seen.key, seen.size, bytes.fromhex(seen.root)) == (str(KEY), size, log_files.root_in(files))
    if size:
        their_log.check(files)
    assert await verify(files, seen=seen) == seen


async def test_each_bit_counts() -> None:
    files = made_of(entries(3))
    for path, body in files.items():
        for bit in range(8 * len(body)):
            harmed = bytearray(body)
            harmed[bit // 8] ^= 1 << bit % 8
            with pytest.raises((WrongLog, WrongNote)):
                await verify(files | {path: bytes(harmed)})


async def test_each_bit_of_a_long_logs_tiles_is_found() -> None:
    """One bit of each hash of each tile, and of each entry."""
    files = made_of(entries(LONG))
    for path in [path for path in files if path.startswith("tile/")]:
        body = files[path]
        for at in range(0, len(body), 1000):
            harmed = bytearray(body)
            harmed[at] ^= 1
            with pytest.raises(WrongLog):
                await verify(files | {path: bytes(harmed)})


async def test_an_entry_that_was_changed_is_named() -> None:
    files, good = made_of(entries(5)), entries(5)
    changed = bundle(files, *good[:2], entry(2, "another"), *good[3:])
    assert await found(changed) == "Entry 2 is not the one whose hash is in tile/0/000.p/5."
    assert their_log.is_another(changed)
    # With its hash: it is no longer what was signed.
    hidden = changed | {"tile/0/000.p/5": made_of([*good[:2], entry(2, "another"), *good[3:]])["tile/0/000.p/5"]}
    assert "its root is not theirs" in await found(hidden)
    assert their_log.is_another(hidden)


async def test_an_entry_that_is_missing() -> None:
    files, good = made_of(entries(5)), entries(5)
    removed = bundle(files, *good[:2], *good[3:])
    assert await found(removed) == "tile/entries/000.p/5 has 4 entries instead of 5."
    assert their_log.is_another(removed)
    # Signed again by the network itself: the entries after it say that they were elsewhere.
    again = made_of([*good[:2], *good[3:]])
    assert await found(again) == "Entry 2 says that it is entry 3: entries were removed, added or moved."


async def test_entries_in_another_order() -> None:
    files, good = made_of(entries(5)), entries(5)
    moved = bundle(files, good[1], good[0], *good[2:])
    assert "Entry 0 says that it is entry 1" in await found(moved)
    assert their_log.is_another(moved)
    assert "Entry 0 says that it is entry 1" in await found(made_of([good[1], good[0], *good[2:]]))


async def test_a_file_that_is_missing_or_cut_off() -> None:
    files = made_of(entries(LONG))
    for path in files:
        assert await found({other: body for other, body in files.items() if other != path}) == f"{path} is missing."
    assert "is damaged" in await found(files | {"tile/entries/001": files["tile/entries/001"][:-1]})
    assert "is damaged" in await found(files | {"tile/0/001": files["tile/0/001"][:-1]})
    assert await found(files | {"tile/1/000.p/2": bytes(64)}) == "tile/1/000.p/2 is not made of the tiles below it."


@pytest.mark.parametrize("old", [1, 4, 5, 255, 256, 300])
async def test_a_log_that_grows_continues_what_was_seen(old: int) -> None:
    seen = await verify(made_of(entries(old)))
    for size in (old, old + 1, LONG):
        assert (await verify(made_of(entries(size)), seen=seen)).size == size
        their_log.check_continues(made_of(entries(old))["checkpoint"], made_of(entries(size)))


@pytest.mark.parametrize("old", [1, 4, 256, 300])
async def test_a_log_that_was_rewritten_does_not(old: int) -> None:
    """Signed by the network itself: nobody who has not seen the log before can tell."""
    before = made_of(entries(old))
    seen = await verify(before)
    rewritten = [entry(0, "another"), *entries(LONG)[1:]]
    after = made_of(rewritten)
    assert (await verify(after)).size == LONG
    assert "the log was rewritten" in await found(after, seen)
    their_log.check(after)
    with pytest.raises(InvalidProof):
        their_log.check_continues(before["checkpoint"], after)


async def test_a_fork_is_found() -> None:
    """Two logs with one beginning, each shown to somebody else."""
    common = entries(5)
    one, other = [*common, entry(5), entry(6)], [*common, entry(5, "other"), entry(6), entry(7)]
    seen = await verify(made_of(one))
    assert "The first 7 entries are not those that were there before" in await found(made_of(other), seen)
    with pytest.raises(InvalidProof):
        their_log.check_continues(made_of(one)["checkpoint"], made_of(other))
    assert (await verify(made_of(other), seen=await verify(made_of(common)))).size == 8


async def test_a_log_that_got_shorter() -> None:
    seen = await verify(made_of(entries(7)))
    assert await found(made_of(entries(5)), seen) == "The log has got shorter: 5 entries, and 7 were there before."


async def test_another_key() -> None:
    other = KEY._replace(public=bytes(32))
    with pytest.raises(WrongNote, match="not signed with the key"):
        await verify(made_of(entries(3)), key=other)


async def test_what_is_no_entry() -> None:
    for strange in (b"{}", b"\xff", b"", b'{"commitment":"","day":"","index":0,"kind":"","handle":"ana"}'):
        assert await found(made_of([strange])) == "Entry 0 can't be read."
