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

from archive import export, heads, records
from archive.heads import WrongArchive
from archive.told import Told, quiet
from db.queries import copies as queries
from db.threads import run_blocking
from domain.accounts import network
from domain.core import clock, secrets, signing
from domain.core.leases import Lease
from domain.keeping import records as noted
from ops.backup import copier, envelope, following, pictures, samples, sealing, vault
from ops.backup import manifest as manifests
from ops.backup.errors import Busy, Full, Problem, WrongSignature
from ops.backup.manifest import Chain, Manifest, Media, Piece
from ops.backup.sealing import Recipients
from ops.backup.stage import Stage, Staged
from ops.backup.vault import Vault

LOG = structlog.get_logger()

LEASE = "backup"
# Free space asked for, by the size of the database: the archive is its rows, the parts are squeezed.
ROOM = 1.5


class Maker(msgspec.Struct, frozen=True):
    """``follows``: this is the place that the continuous copy goes to; ``work``: a folder with room; ``takes_over``:
    whatever another host has written there."""

    vault: Vault
    recipients: Recipients
    work: Path
    origin: str
    follows: bool
    takes_over: bool = False

    async def run(self, told: Told = quiet) -> Manifest:
        """Makes one, or ends one that was stopped. Errors: ``Problem``, and then there is none."""
        lease = Lease(LEASE)
        async with lease.held() as had:
            if not had:
                raise Busy("Another process makes a backup just now.")
            begun = await noted.start(self.vault.name)
            try:
                manifest, sent = await self._make(lease, told)
            except BaseException as error:
                # Where the disk is full this can't be written down either, and the first reason is the one to tell.
                with contextlib.suppress(Exception):
                    await noted.failed(begun, str(error) if isinstance(error, Problem) else type(error).__name__)
                raise
            size = sum(piece.bytes for piece in manifest.parts) + manifest.media.bytes
            await noted.done(begun, manifest.number, size, sent)
            return manifest

    async def newest(self) -> Manifest | None:
        """The last manifest at the place. Errors: ``Problem`` when it is not this network's, or can't be read."""
        if not await noted.good_at(self.vault.name):
            # A disk that had backups and is not there is never made anew: they would go onto another one.
            self.vault.make()
        numbers = await self.vault.manifests()
        try:
            return (await manifests.read(self.vault, numbers[0], await signing.public_key()))[0] if numbers else None
        except WrongSignature as error:
            words = "%(place)s has the backups of another network: choose another place. (%(why)s)"
            raise WrongSignature(words, place=self.vault.name, why=str(error)) from None

    async def _make(self, lease: Lease, told: Told) -> tuple[Manifest, int]:
        newest = await self.newest()
        if self.follows and self.takes_over:
            await following.take_over(self.vault.name)
        elif self.follows:
            await following.check_alone(self.vault)
        number = newest.number + 1 if newest else 1
        stage = Stage(self.work)
        staged = await run_blocking(stage.left, self.vault.name, await self._writer())
        if staged is None:
            try:
                with vault.room():
                    stage.clear()
                    staged = await self._stage(stage, told)
                    stage.keep(staged)
            except Full:
                # The network writes to this disk too.
                stage.forget()
                raise
        manifest, sent = await self._send(stage, staged, number, told)
        # Whoever took the lease over, while this process stood still, may have removed what no manifest names yet.
        if not await lease.renew():
            raise Busy("Another process makes a backup just now.")
        manifest = await publish(self.vault, manifest)
        stage.forget()
        return manifest, sent

    async def _writer(self) -> str:
        end = await following.end(self.vault.name) if self.follows else None
        return end.writer if end else ""

    async def _stage(self, stage: Stage, told: Told) -> Staged:
        await vault.check_room(stage.folder, int(ROOM * await queries.size()))
        # What is made when it is first asked for is to be in the archive.
        secret, _ = await secrets.key("samples"), await signing.public_key()
        at = clock.now()
        counts, chain = await self._export(stage.archive, told)
        told("sealing", 0, 1)
        parts = await run_blocking(sealing.seal_file, stage.archive, stage.folder, self.recipients)
        told("sealing", 1, 1)
        return Staged(
            place=self.vault.name,
            at=at,
            archive=records.FORMAT,
            parts=parts,
            bytes=stage.archive.stat().st_size,
            counts=counts,
            samples=await run_blocking(samples.take, stage.archive, counts, secret),
            pictures=await run_blocking(samples.pictures, stage.archive),
            chain=chain,
        )

    async def _export(self, archive: Path, told: Told) -> tuple[dict[str, int], Chain | None]:
        """Writes the archive; the copier waits until its snapshot is taken, so that segments are before or after it.

        Returns how many rows of each table it has, and where the chain was.
        """
        if not self.follows:
            return await _write(archive, told), None
        taken = asyncio.Event()
        loop = asyncio.get_running_loop()

        def heard(what: str, done: int, total: int) -> None:
            # The first word is said once the snapshot is there, in whatever thread.
            loop.call_soon_threadsafe(taken.set)
            told(what, done, total)

        async with copier.still():
            # The first backup begins a chain.
            chain = await following.begin(self.vault.name)
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

    async def _send(self, stage: Stage, staged: Staged, number: int, told: Told) -> tuple[Manifest, int]:
        sent = 0
        for at, piece in enumerate(staged.parts):
            told("sending", at, len(staged.parts))
            sent += await self.vault.put_file(vault.part(piece.sha256), stage.folder / piece.sha256, piece.bytes)
        told("sending", len(staged.parts), len(staged.parts))
        media, brought = await bring_media(self.vault, self.recipients, staged.pictures, told)
        manifest = Manifest(
            number=number,
            at=staged.at,
            name=(await network.about()).name,
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


async def _write(archive: Path, told: Told) -> dict[str, int]:
    try:
        done = await export.write(archive, told)
    except WrongArchive as error:
        if error.code != heads.FULL:
            raise
        raise Full(vault.NO_ROOM) from None
    if done.left_out:
        LOG.error("backup.rows_left_out", count=done.left_out, first=done.bad[:5])
    return done.rows


async def bring_media(at: Vault, to: Recipients, files: Mapping[str, int], told: Told) -> tuple[Media, int]:
    """Copies what is new of the pictures (keys, with their bytes) and the list of them all.

    Returns what a manifest says, and bytes sent.
    """
    carrier = pictures.Carrier(at, to)
    await carrier.learn()
    done = 0

    def on() -> None:
        nonlocal done
        done += 1
        told("pictures", done, len(files))

    there = await carrier.bring(files, on)
    body = pictures.listed(there)
    piece = Piece(vault.digest(body), len(body))
    await at.put(vault.part(piece.sha256), body)
    return Media(piece, len(there), carrier.total(there)), carrier.sent + len(body)


async def publish(at: Vault, manifest: Manifest) -> Manifest:
    """Writes the manifest, under the next number where its own is taken meanwhile. Returns it as it is."""
    raw = await envelope.signed(manifest)
    while not await at.put(vault.manifest(manifest.number), raw):
        if await at.find(vault.manifest(manifest.number)) == raw:
            break  # written by a first try, whose answer was lost
        manifest = msgspec.structs.replace(manifest, number=manifest.number + 1)
        raw = await envelope.signed(manifest)
    return manifest
