"""Videos and sounds are packed anew: they play as before, and say nothing of where they were made."""

import json
import struct
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from domain.core.errors import Invalid
from domain.media import audio_video, file_types
from domain.media.audio_video import Recording
from domain.media.processor import DiskFull, MediaProcessor, UploadRules
from tests.helpers import media_files


@pytest.fixture
async def processor(tmp_path: Path) -> AsyncIterator[MediaProcessor]:
    yield MediaProcessor(tmp_path / "work", UploadRules(), 2)
    assert not list((tmp_path / "work").glob("*")), "nothing that was sent is left on the disk"


def opened(processor: MediaProcessor, body: bytes) -> BinaryIO:
    file = processor.open_file()
    file.write(body)
    file.flush()
    return file


async def packed(processor: MediaProcessor, body: bytes) -> tuple[Recording, bytes]:
    with opened(processor, body) as file:
        video, made = await processor.pack(file, processor.kind(file))
        with made:
            made.seek(0)
            return video, made.read()


def streams(body: bytes) -> list[tuple[str, str]]:
    """What there is to play in a file, and whether all of it can be decoded."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", file.name, "-f", "null", "-"], check=True)
        told = subprocess.run(
            ["ffprobe", "-v", "error", "-print_format", "json", "-show_streams", file.name],
            capture_output=True, check=True,
        ).stdout  # fmt: skip
    return [(one["codec_type"], one["codec_name"]) for one in json.loads(told)["streams"]]


VP9 = {"c:v": "libvpx-vp9", "c:a": "libopus", "cpu-used": "8"}
VP8 = {"c:v": "libvpx", "c:a": "libvorbis", "cpu-used": "8"}
FILMS: dict[str, tuple[dict[str, Any], str]] = {
    "mp4": ({}, "video/mp4"),
    "mov": ({"name": "video.mov"}, "video/mp4"),
    "silent": ({"sound": False}, "video/mp4"),
    "webm": ({"name": "video.webm", "options": VP9}, "video/webm"),
    "vp8": ({"name": "video.webm", "options": VP8}, "video/webm"),
    "mkv": ({"name": "video.mkv"}, "video/mp4"),
}


@pytest.mark.parametrize("kind", FILMS)
async def test_a_film_says_nothing_of_its_past(processor: MediaProcessor, kind: str) -> None:
    options, type_ = FILMS[kind]
    sent = media_files.video(**{"seconds": 1, **options})
    assert b"secret" in sent
    video, made = await packed(processor, sent)
    assert (video.type, video.width, video.height) == (type_, 320, 180)
    assert 900 < video.duration < 1300
    assert [found for found, _ in streams(made)] == ["video"] if kind == "silent" else ["video", "audio"]
    _clean(made, ".mp4" if type_ == "video/mp4" else ".webm")
    with opened(processor, made) as file:
        poster, bodies = await processor.poster(video, file)
        assert (poster.width, poster.height) == (320, 180)
        assert not any(word.encode() in body for body in bodies for word in media_files.SECRETS)


def _clean(made: bytes, suffix: str) -> None:
    told = json.dumps(media_files.said(made, suffix))
    # An encoder may stand within the sound itself, and the packer leaves its name: no version, nothing of a person.
    for word in (*media_files.SECRETS, "GPS", "x264 ", "Lavf59"):
        assert word not in told, word
        assert word.encode() not in made, word
    # No time either: a file without one says the year nought, or nothing.
    assert "20" not in {str(value)[:2] for name, value in media_files.said(made, suffix).items() if "Date" in name}


SOUNDS: dict[str, tuple[dict[str, Any], str]] = {
    "mp3": ({"name": "tone.mp3"}, "audio/mpeg"),
    "m4a": ({"name": "tone.m4a"}, "audio/mp4"),
    "ogg": ({"name": "tone.ogg", "options": {"c:a": "libvorbis"}}, "audio/ogg"),
    "opus": ({"name": "tone.opus", "options": {"c:a": "libopus"}}, "audio/ogg"),
    "flac": ({"name": "tone.flac"}, "audio/flac"),
    "wav": ({"name": "tone.wav"}, "audio/wav"),
}


@pytest.mark.parametrize("kind", SOUNDS)
async def test_a_sound_says_nothing_either(processor: MediaProcessor, kind: str) -> None:
    options, type_ = SOUNDS[kind]
    sent = media_files.tone(**options)
    assert b"secret" in sent
    video, made = await packed(processor, sent)
    assert (video.type, video.seen) == (type_, False)
    assert [found for found, _ in streams(made)] == ["audio"]
    _clean(made, f".{kind}")


def _run(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", *arguments], check=True)


async def test_a_picture_on_the_sleeve_is_no_film(processor: MediaProcessor, tmp_path: Path) -> None:
    (tmp_path / "tone.mp3").write_bytes(media_files.tone("tone.mp3"))
    (tmp_path / "sleeve.jpg").write_bytes(media_files.with_secrets(media_files.encoded(media_files.photo(100, 100))))
    _run(
        "-i", tmp_path / "tone.mp3", "-i", tmp_path / "sleeve.jpg", "-map", "0", "-map", "1", "-c", "copy",
        "-id3v2_version", "3", tmp_path / "album.mp3",
    )  # fmt: skip
    video, made = await packed(processor, (tmp_path / "album.mp3").read_bytes())
    assert not video.seen
    assert streams(made) == [("audio", "mp3")]
    assert b"JFIF" not in made


async def test_it_stands_upright(processor: MediaProcessor, tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(media_files.video(1))
    _run("-i", tmp_path / "video.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90", tmp_path / "upright.mp4")
    video, made = await packed(processor, (tmp_path / "upright.mp4").read_bytes())
    assert (video.width, video.height) == (180, 320)
    with opened(processor, made) as file:
        poster, _ = await processor.poster(video, file)
    assert (poster.width, poster.height) == (180, 320)


async def test_what_browsers_do_not_play_is_named(processor: MediaProcessor) -> None:
    with pytest.raises(Invalid, match=r"Many browsers.*hevc"):
        await packed(processor, media_files.video(1, options={"c:v": "libx265", "x265-params": "log-level=none"}))
    with pytest.raises(Invalid, match=r"Many browsers.*mpeg4"):
        await packed(processor, media_files.video(1, options={"c:v": "mpeg4"}))


async def test_too_long_and_too_large(processor: MediaProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_video, "LONGEST", 1)
    with pytest.raises(Invalid, match="at most"):
        await packed(processor, media_files.video(3))
    small = MediaProcessor(processor.folder, UploadRules(video=1024 * 1024), 1)
    with pytest.raises(Invalid, match="at most 1 MB"):
        await packed(small, media_files.video(1) + b"\0" * 1024 * 1024)


# One frame a second: eleven minutes are made in a moment.
SLOW: dict[str, Any] = {"name": "video.mkv", "sound": False, "options": {"r": "1"}}


def lying(video: bytes, seconds: float) -> bytes:
    """A Matroska whose header says that it lasts so long (the element 0x4489, a double in milliseconds)."""
    at = video.index(b"\x44\x89\x88") + 3
    return video[:at] + struct.pack(">d", seconds * 1000) + video[at + 8 :]


async def test_a_header_does_not_decide_how_long_it_is(processor: MediaProcessor) -> None:
    long = media_files.video(audio_video.LONGEST + 120, "64x36", **SLOW)
    for body in (media_files.without_duration(long), lying(long, 1)):
        with pytest.raises(Invalid, match="at most 10 minutes"):
            await packed(processor, body)
    short = media_files.video(3, "64x36", **SLOW)
    for body in (media_files.without_duration(short), lying(short, 1)):
        video, _ = await packed(processor, body)
        assert 1500 < video.duration < 3500


async def test_nor_does_that_of_a_sound(processor: MediaProcessor) -> None:
    long = media_files.tone("long.flac", audio_video.LONGEST + 120, {"ar": "8000"})
    # The number of samples, the last 36 of these bits: 0 stands for "unknown".
    liar = long[:21] + bytes([long[21] & 0xF0]) + struct.pack(">I", 8000) + long[26:]
    for body in (long, liar, media_files.without_duration(long, "flac"), media_files.without_duration(long, "ogg")):
        with pytest.raises(Invalid, match="at most 10 minutes"):
            await packed(processor, body)


@pytest.mark.parametrize("kind", ["mp4", "webm", "mp3"])
async def test_half_a_film_is_refused_or_short(processor: MediaProcessor, kind: str) -> None:
    whole = media_files.tone("tone.mp3") if kind == "mp3" else media_files.video(2, **FILMS[kind][0])
    for size in (40, len(whole) // 2):
        try:
            _, made = await packed(processor, whole[:size])
        except Invalid as refusal:
            assert refusal.words in (audio_video.BROKEN, file_types.UNKNOWN)  # noqa: PT017 - either is right
        else:
            assert streams(made)


async def test_it_reaches_for_nothing_else(processor: MediaProcessor, tmp_path: Path) -> None:
    """A list of videos, or one that names another file, is no video: it would be read by whoever packs it."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode()
    concat = f"ffconcat version 1.0\nfile {secret}\n".encode()
    for body in (playlist, concat, b"\0\0\0\x18ftypmp42" + playlist, b"\x1a\x45\xdf\xa3" + concat):
        with pytest.raises(Invalid):
            await packed(processor, body)


async def test_without_ffmpeg_it_is_said(processor: MediaProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    video = media_files.video(1)  # before the path is gone: it is made with ffmpeg
    monkeypatch.setenv("PATH", "")
    assert not audio_video.available()
    with pytest.raises(Invalid, match="ffmpeg is not installed"):
        await packed(processor, video)


async def test_what_stands_between_two_songs_goes(processor: MediaProcessor) -> None:
    """Recorders join files: the second one's names stand in the middle of the first."""
    one = media_files.tone()
    joined = one + b"TAG of a secret place" * 20 + one
    video, body = await packed(processor, joined)
    assert video.type == "audio/mpeg"
    assert streams(body) == [("audio", "mp3")]
    assert not any(word.encode() in body for word in (*media_files.SECRETS, "place"))


async def test_no_room_is_no_fault_of_the_film(processor: MediaProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(processor, b"OggS" + b"\0" * 2000) as file:
        monkeypatch.setattr("domain.media.processor.MIN_FREE_BYTES", 1 << 60)
        with pytest.raises(DiskFull):
            await processor.pack(file, processor.kind(file))
