"""Making a backup: export, seal, send, and last of all the manifest, without which there is none.

The network goes on meanwhile. What was sent before a fault is not sent again.
"""

import asyncio
import contextlib
import importlib.metadata
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from archive import export, file_header, records
from archive.file_header import WrongArchive
from archive.progress import OnProgress, ignore_progress
from db.blocking import run_blocking
from db.queries import backups as queries
from domain.accounts import network_profile
from domain.backups import history
from domain.core import clock, secrets, signing
from domain.core.leases import Lease
from ops.backup import envelope, pictures, replication_state, replicator, repository, samples, sealing
from ops.backup.errors import Problem, StoreBusy, StoreFull, WrongSignature
from ops.backup.manifest import ArchivePart, Chain, Manifest, MediaList, read_manifest
from ops.backup.repository import Repository
from ops.backup.sealing import Recipients
from ops.backup.staging import Staged, Staging

LOG = structlog.get_logger()

LEASE = "backup"
# Free space asked for, by the size of the database: the archive is its rows, the parts are squeezed.
ROOM = 1.5


class Maker(msgspec.Struct, frozen=True):
    """``follows``: this is the repository that replication goes to; ``work``: a folder with room; ``takes_over``:
    whatever another host has written there."""

    repository: Repository
    recipients: Recipients
    work: Path
    origin: str
    follows: bool
    takes_over: bool = False

    async def run(self, on_progress: OnProgress = ignore_progress) -> Manifest:
        """Makes one, or ends one that was stopped. Errors: ``Problem``, and then there is none."""
        lease = Lease(LEASE)
        async with lease.held() as had:
            if not had:
                raise StoreBusy("Another process makes a backup just now.")
            begun = await history.start(self.repository.name)
            try:
                manifest, sent = await self._make(lease, on_progress)
            except BaseException as error:
                # Where the disk is full this can't be written down either, and the first reason is the one to tell.
                with contextlib.suppress(Exception):
                    await history.failed(begun, str(error) if isinstance(error, Problem) else type(error).__name__)
                raise
            size = sum(piece.bytes for piece in manifest.parts) + manifest.media.bytes
            await history.done(begun, manifest.number, size, sent)
            return manifest

    async def newest(self) -> Manifest | None:
        """The last manifest at the place. Errors: ``Problem`` when it is not this network's, or can't be read."""
        if not await history.last_success_at(self.repository.name):
            # A disk that had backups and is not there is never made anew: they would go onto another one.
            self.repository.make()
        numbers = await self.repository.manifests()
        try:
            return (
                (await read_manifest(self.repository, numbers[0], await signing.public_key()))[0] if numbers else None
            )
        except WrongSignature as error:
            words = "%(place)s has the backups of another network: choose another place. (%(why)s)"
            raise WrongSignature(words, place=self.repository.name, why=str(error)) from None

    async def _make(self, lease: Lease, on_progress: OnProgress) -> tuple[Manifest, int]:
        newest = await self.newest()
        if self.follows and self.takes_over:
            await replication_state.take_over(self.repository.name)
        elif self.follows:
            await replication_state.check_alone(self.repository)
        number = newest.number + 1 if newest else 1
        stage = Staging(self.work)
        staged = await run_blocking(stage.left, self.repository.name, await self._writer())
        if staged is None:
            try:
                with repository.room():
                    stage.clear()
                    staged = await self._stage(stage, on_progress)
                    stage.keep(staged)
            except StoreFull:
                # The network writes to this disk too.
                stage.forget()
                raise
        manifest, sent = await self._send(stage, staged, number, on_progress)
        # Whoever took the lease over, while this process stood still, may have removed what no manifest names yet.
        if not await lease.renew():
            raise StoreBusy("Another process makes a backup just now.")
        manifest = await publish(self.repository, manifest)
        stage.forget()
        return manifest, sent

    async def _writer(self) -> str:
        end = await replication_state.end(self.repository.name) if self.follows else None
        return end.writer if end else ""

    async def _stage(self, stage: Staging, on_progress: OnProgress) -> Staged:
        await repository.check_room(stage.folder, int(ROOM * await queries.size()))
        # What is made when it is first asked for is to be in the archive.
        secret, _ = await secrets.key("samples"), await signing.public_key()
        at = clock.now()
        counts, chain = await self._export(stage.archive, on_progress)
        on_progress("sealing", 0, 1)
        parts = await run_blocking(sealing.seal_file, stage.archive, stage.folder, self.recipients)
        on_progress("sealing", 1, 1)
        return Staged(
            place=self.repository.name,
            at=at,
            archive=records.FORMAT,
            parts=parts,
            bytes=stage.archive.stat().st_size,
            counts=counts,
            samples=await run_blocking(samples.take, stage.archive, counts, secret),
            pictures=await run_blocking(samples.pictures, stage.archive),
            chain=chain,
        )

    async def _export(self, archive: Path, on_progress: OnProgress) -> tuple[dict[str, int], Chain | None]:
        """Writes the archive. Replication waits until its snapshot is taken: a segment is from before it or after it.

        Returns how many rows of each table it has, and where the chain was.
        """
        if not self.follows:
            return await _write(archive, on_progress), None
        taken = asyncio.Event()
        loop = asyncio.get_running_loop()

        def heard(what: str, done: int, total: int) -> None:
            # The first word is said once the snapshot is there, in whatever thread.
            loop.call_soon_threadsafe(taken.set)
            on_progress(what, done, total)

        async with replicator.still():
            # The first backup begins a chain.
            chain = await replication_state.begin(self.repository.name)
            writing = asyncio.create_task(_write(archive, heard))
            waiting = asyncio.create_task(taken.wait())
            try:
                await asyncio.wait([writing, waiting], return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                writing.cancel()
                raise
            finally:
                waiting.cancel()
        return await writing, chain

    async def _send(self, stage: Staging, staged: Staged, number: int, on_progress: OnProgress) -> tuple[Manifest, int]:
        sent = 0
        for at, piece in enumerate(staged.parts):
            on_progress("sending", at, len(staged.parts))
            sent += await self.repository.put_file(
                repository.part(piece.sha256), stage.folder / piece.sha256, piece.bytes
            )
        on_progress("sending", len(staged.parts), len(staged.parts))
        media, brought = await bring_media(self.repository, self.recipients, staged.pictures, on_progress)
        manifest = Manifest(
            number=number,
            at=staged.at,
            name=(await network_profile.about()).name,
            origin=self.origin,
            app=importlib.metadata.version("parvis"),
            archive=staged.archive,
            parts=staged.parts,
            bytes=staged.bytes,
            counts=staged.counts,
            samples=staged.samples,
            media=media,
            chain=staged.chain,
        )
        return manifest, sent + brought


async def _write(archive: Path, on_progress: OnProgress) -> dict[str, int]:
    try:
        done = await export.write(archive, on_progress)
    except WrongArchive as error:
        if error.code != file_header.FULL:
            raise
        raise StoreFull(repository.NO_ROOM) from None
    if done.left_out:
        LOG.error("backup.rows_left_out", count=done.left_out, first=done.bad[:5])
    return done.rows


async def bring_media(
    at: Repository, to: Recipients, files: Mapping[str, int], on_progress: OnProgress
) -> tuple[MediaList, int]:
    """Copies what is new of the pictures (keys, with their bytes) and the list of them all.

    Returns what a manifest says, and bytes sent.
    """
    carrier = pictures.PictureUploader(at, to)
    await carrier.learn()
    done = 0

    def on() -> None:
        nonlocal done
        done += 1
        on_progress("pictures", done, len(files))

    there = await carrier.bring(files, on)
    body = pictures.listed(there)
    piece = ArchivePart(repository.digest(body), len(body))
    await at.put(repository.part(piece.sha256), body)
    return MediaList(piece, len(there), carrier.total(there)), carrier.sent + len(body)


async def publish(at: Repository, manifest: Manifest) -> Manifest:
    """Writes the manifest, under the next number where its own is taken meanwhile. Returns it as it is."""
    raw = await envelope.signed(manifest)
    while not await at.put(repository.manifest(manifest.number), raw):
        if await at.find(repository.manifest(manifest.number)) == raw:
            break  # written by a first try, whose answer was lost
        manifest = msgspec.structs.replace(manifest, number=manifest.number + 1)
        raw = await envelope.signed(manifest)
    return manifest
