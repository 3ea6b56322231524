"""A backup that can't be trusted: each kind has an error of its own, and nothing is touched by the attempt."""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.progress import ignore_progress
from db.engine import DB
from domain.core import secrets, signing
from ops.backup import envelope, errors, listing, repository, retention, sealing, verifying
from ops.backup.manifest import Manifest, Segment
from ops.backup.restoring import Wanted
from ops.backup.retention import Keep
from tests.helpers.backups import IDENTITY, Host, bring_back, elsewhere
from tests.helpers.databases import Store
from tests.helpers.people import LiveNetwork

Break = Callable[[Host, Path], Awaitable[None]]


@pytest.fixture
def engine() -> str:
    """What is looked at is the backup: one engine is enough."""
    return "sqlite"


@pytest.fixture
async def host(network: LiveNetwork, tmp_path: Path) -> Host:
    """A backup with a picture and three segments after it."""
    made = Host(network.settings, (tmp_path / "repository").as_uri())
    ana = await network.member("ana")
    await ana.show("The square")
    await network.settle()
    await made.back_up()
    for _ in range(3):
        await ana.post("Good evening")
        await made.catch_up()
    return made


def only(folder: Path, name: str) -> Path:
    """The largest file in a folder of the repository."""
    return max(
        (file for file in (folder / "repository" / name).rglob("*") if file.is_file()),
        key=lambda one: one.stat().st_size,
    )


async def cut_part(host: Host, folder: Path) -> None:
    file = only(folder, "parts")
    file.write_bytes(file.read_bytes()[:-100])


async def lose_part(host: Host, folder: Path) -> None:
    only(folder, "parts").unlink()


async def change_part(host: Host, folder: Path) -> None:
    file = only(folder, "parts")
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(body)


async def change_manifest(host: Host, folder: Path) -> None:
    file = only(folder, "manifests")
    file.write_bytes(file.read_bytes().replace(b"tilly.example", b"milly.example"))


async def cut_manifest(host: Host, folder: Path) -> None:
    file = only(folder, "manifests")
    file.write_bytes(file.read_bytes().partition(b"\n")[0])


async def sign_as_another(host: Host, folder: Path) -> None:
    """Whoever can write to the store, and has a key of their own."""
    file, key = only(folder, "manifests"), Ed25519PrivateKey.generate()
    line = file.read_bytes().partition(b"\n")[0]
    by = envelope.SignedEnvelope(secrets.padless(key.public_key().public_bytes_raw()), secrets.padless(key.sign(line)))
    file.write_bytes(line + b"\n" + msgspec.json.encode(by) + b"\n")


async def say_older_format(host: Host, folder: Path) -> None:
    file = only(folder, "manifests")
    newest = await host.maker().newest()
    assert newest
    file.write_bytes(await envelope.signed(msgspec.structs.replace(newest, format=0)))


async def say_older_archive(host: Host, folder: Path) -> None:
    file = only(folder, "manifests")
    newest = await host.maker().newest()
    assert newest
    file.write_bytes(await envelope.signed(msgspec.structs.replace(newest, archive=0)))


def segments(folder: Path) -> list[Path]:
    return sorted((folder / "repository" / "segments").rglob("0*"))


async def lose_segment(host: Host, folder: Path) -> None:
    segments(folder)[1].unlink()


async def change_order(host: Host, folder: Path) -> None:
    first, second, _ = segments(folder)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


async def cut_segment(host: Host, folder: Path) -> None:
    file = segments(folder)[2]
    file.write_bytes(file.read_bytes()[:-10])


async def forge_segment(host: Host, folder: Path) -> None:
    """Signed by another, though all else fits."""
    file, key = segments(folder)[2], Ed25519PrivateKey.generate()
    line, _, _ = file.read_bytes().partition(b"\n")
    sealed = sealing.seal(b"\x90", sealing.recipients(sealing.new_pair()[1]))
    words = msgspec.json.decode(line, type=Segment)
    line = msgspec.json.encode(msgspec.structs.replace(words, sha256=hashlib.sha256(sealed).hexdigest()))
    by = envelope.SignedEnvelope(secrets.padless(key.public_key().public_bytes_raw()), secrets.padless(key.sign(line)))
    file.write_bytes(line + b"\n" + msgspec.json.encode(by) + b"\n" + sealed)


async def bring_an_old_one_back(host: Host, folder: Path) -> None:
    """Whoever can write to the store has an older backup pass for the newest."""
    manifests = folder / "repository" / "manifests"
    (manifests / f"{9:08}").write_bytes((manifests / f"{1:08}").read_bytes())


async def lose_everything(host: Host, folder: Path) -> None:
    for file in (folder / "repository" / "manifests").iterdir():
        file.unlink()


BREAKS: list[tuple[Break, type[errors.Problem], str]] = [
    (cut_part, errors.Truncated, "bytes, not"),
    (lose_part, errors.Truncated, "is missing at"),
    (change_part, errors.Tampered, "its hash is another"),
    (change_manifest, errors.Tampered, "changed after it was signed"),
    (cut_manifest, errors.Truncated, "ends too early"),
    (sign_as_another, errors.WrongSignature, "is signed by .* and should be by"),
    (say_older_format, errors.OtherFormat, "is of format 0"),
    (say_older_archive, errors.OtherFormat, "is of archive format 0"),
    (lose_segment, errors.Truncated, "Segment 2 of 3 is missing.*--last 1"),
    (change_order, errors.Tampered, "does not follow"),
    (cut_segment, errors.Tampered, "was cut or changed"),
    (forge_segment, errors.WrongSignature, "Segment 3 is signed by"),
    (bring_an_old_one_back, errors.Tampered, "it is number 1"),
    (lose_everything, errors.NoBackup, "There is no backup"),
]


@pytest.mark.parametrize(("harm", "kind", "words"), BREAKS, ids=[one[0].__name__ for one in BREAKS])
async def test_each_has_its_own_error_and_touches_nothing(
    host: Host, tmp_path: Path, harm: Break, kind: type[errors.Problem], words: str
) -> None:
    key = await signing.public_key()
    await harm(host, tmp_path)
    other = elsewhere(host.settings, tmp_path / "b")
    with pytest.raises(errors.Problem, match=words) as refusal:
        await bring_back(host, other, Wanted(key=key))
    assert type(refusal.value) is kind
    untouched(tmp_path / "b")
    with pytest.raises(kind, match=words):
        await verifying.verify(host.repository, 0, key, IDENTITY, ignore_progress)


def untouched(folder: Path) -> None:
    """No database, no picture, nothing that can be read."""
    left = [file.name for file in folder.rglob("*") if file.is_file()]
    assert [name for name in left if len(name) != 64 and not name.startswith("segment-")] == []


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "", "a" * 63, f"{'a' * 64}\n", "A" * 64])
async def test_a_manifest_names_no_file_outside(host: Host, tmp_path: Path, name: str) -> None:
    """Whoever signed it: without the network's key any manifest is taken that is well signed."""
    line = (tmp_path / "repository" / "manifests" / "00000001").read_bytes().partition(b"\n")[0]
    words = msgspec.json.decode(line)
    for place in (words["parts"][0], words["media"]["list"]):
        right, place["sha256"] = place["sha256"], name
        raw = signed_by(Ed25519PrivateKey.generate(), words)
        with pytest.raises(errors.Tampered, match="can't be read"):
            envelope.opened(raw, Manifest, "Backup 1", None)
        place["sha256"] = right
    envelope.opened(signed_by(Ed25519PrivateKey.generate(), words), Manifest, "Backup 1", None)


def signed_by(key: Ed25519PrivateKey, words: object) -> bytes:
    line = msgspec.json.encode(words)
    by = {
        "key": secrets.padless(key.public_key().public_bytes_raw()),
        "signature": secrets.padless(key.sign(line)),
    }
    return line + b"\n" + msgspec.json.encode(by) + b"\n"


async def test_encrypted_to_somebody_else(host: Host, tmp_path: Path) -> None:
    stranger = sealing.identities(sealing.new_pair()[0])
    with pytest.raises(errors.WrongIdentity, match="encrypted to other keys"):
        await bring_back(host, elsewhere(host.settings, tmp_path / "b"), identity=stranger)
    untouched(tmp_path / "b")
    for text in ("", "AGE-SECRET-KEY-1NONSENSE", "# only words"):
        with pytest.raises(errors.WrongIdentity, match="AGE-SECRET-KEY"):
            sealing.identities(text)


async def test_what_strangers_put_between_segments_stops_nothing(host: Host, tmp_path: Path) -> None:
    for name in ("README", "0000000x"):
        (segments(tmp_path)[0].parent / name).write_text("?")
    assert [number async for number, _ in listing.everything(host.repository)] == [1]
    await retention.prune(host.repository, Keep(1, 0, 0))
    assert (await bring_back(host, elsewhere(host.settings, tmp_path / "b"))).segments == 3


async def test_verifying_decrypts_the_archive_too(network: LiveNetwork, tmp_path: Path) -> None:
    bare = Host(network.settings, (tmp_path / "bare").as_uri())
    await bare.back_up()
    await verifying.verify(bare.repository, 0, None, IDENTITY, ignore_progress)
    stranger = sealing.identities(sealing.new_pair()[0])
    with pytest.raises(errors.WrongIdentity):
        await verifying.verify(bare.repository, 0, None, stranger, ignore_progress)
    await verifying.verify(bare.repository, 0, None, None, ignore_progress)


async def test_what_comes_before_a_gap_can_be_had(host: Host, tmp_path: Path) -> None:
    await lose_segment(host, tmp_path)
    done = await bring_back(host, elsewhere(host.settings, tmp_path / "b"), Wanted(last=1))
    assert done.segments == 1


async def test_a_picture_that_is_another_is_told_and_left_out(host: Host, tmp_path: Path) -> None:
    """The rest stands: a network without one picture is better than none."""
    file = only(tmp_path, "media")
    file.write_bytes(sealing.encrypt(b"another picture", sealing.recipients(sealing.new_pair()[1])))
    done = await bring_back(host, elsewhere(host.settings, tmp_path / "b"))
    assert done.lost == [file.name]
    with pytest.raises(errors.WrongIdentity):
        await verifying.verify(host.repository, 0, None, IDENTITY, ignore_progress)
    file.unlink()
    with pytest.raises(errors.Truncated, match=r"1 of .* pictures are missing"):
        await verifying.verify(host.repository, 0, None, None, ignore_progress)


async def test_a_place_is_one_networks(host: Host, store: Store, tmp_path: Path) -> None:
    await DB.close()
    await DB.open(await store.copy("founded"))
    other = Host(elsewhere(host.settings, tmp_path / "c"), host.url)
    with pytest.raises(errors.WrongSignature):
        await other.back_up()


async def test_a_restore_that_was_stopped_brings_only_the_rest(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = elsewhere(host.settings, tmp_path / "b")
    with pytest.raises(errors.WrongIdentity):
        await bring_back(host, other, identity=sealing.identities(sealing.new_pair()[0]))
    left = {file.name for file in (tmp_path / "b").rglob("*") if file.is_file()}
    newest = only(tmp_path, "manifests").read_bytes().partition(b"\n")[0]
    assert {piece.sha256 for piece in msgspec.json.decode(newest, type=Manifest).parts} <= left
    asked: list[str] = []
    get = host.repository.get

    async def noted(path: str) -> bytes:
        asked.append(path)
        return await get(path)

    monkeypatch.setattr(host.repository, "get", noted)
    await bring_back(host, other)
    assert not [path for path in asked if path.removeprefix(f"{repository.PARTS}/") in left]
