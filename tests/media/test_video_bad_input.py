"""Files that are no video, or a broken one: a sentence each, and what is there is read."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facialis.errors import InputError
from facialis.media.video import open_video

KEY, KEY_ID = "76a6c65c5ea762046bd749a2e632ccbb", "a7e61c373e219033c21091fa607bf3b8"


def moving(count: int, size: tuple[int, int] = (96, 64)) -> list[NDArray[np.uint8]]:
    """Noise that does not compress, so that every frame takes room in the file."""
    rng = np.random.default_rng(3)
    return [rng.integers(0, 255, (size[1], size[0], 3)).astype(np.uint8) for _ in range(count)]


def written(
    path: Path, count: int = 100, codec: str = "libx264", muxer: dict[str, str] | None = None
) -> Path:
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=25, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for pixels in moving(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def sound(path: Path, codec: str, cover: bytes | None = None) -> Path:
    tone = (9000 * np.sin(np.arange(22050) / 10)).astype(np.int16)[None]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=44100, layout="mono")
        picture = None
        if cover is not None:
            picture = container.add_stream("mjpeg")
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuvj420p"
            picture.disposition = picture.disposition.attached_pic
        block = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
        block.rate = 44100
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout="mono", rate=44100, frame_size=size
        )
        if picture is not None and cover is not None:
            packet = av.Packet(cover)
            packet.stream, packet.pts, packet.dts = picture, 0, 0
            packet.time_base = Fraction(1, 25)
            container.mux(packet)
        for piece in resampler.resample(block):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def sentence(path: Path) -> str:
    """What the user is told: one sentence that names the file, and nothing of FFmpeg's own."""
    with pytest.raises(InputError) as caught:
        open_video(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert said.endswith(".")
    assert "\n" not in said
    assert not any(word in said for word in ("Errno", "av.", "returned", "Invalid"))
    return said.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "aac"), ("a.wav", "pcm_s16le"), ("a.mp3", "mp3")]
)
def test_sound_without_a_picture_is_told(tmp_path: Path, name: str, codec: str) -> None:
    said = sentence(sound(tmp_path / name, codec))
    assert said == "holds sound but no picture; pass a video (MP4, MOV, MKV, WebM or MPEG)."


def test_the_cover_of_a_sound_file_is_no_video(tmp_path: Path) -> None:
    cover = tmp_path / "cover.jpg"
    Image.new("RGB", (64, 64), (200, 10, 10)).save(cover)
    path = sound(tmp_path / "song.mp3", "mp3", cover.read_bytes())
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 1
    assert sentence(path).startswith("holds sound but no picture;")


def test_a_still_picture_is_told(tmp_path: Path, portrait: Path) -> None:
    renamed = tmp_path / "astronaut.mp4"
    renamed.write_bytes(portrait.read_bytes())
    assert sentence(renamed) == "is a still picture (JPEG), not a video; pass it as a photograph."


def test_a_video_of_one_frame_is_a_photograph(tmp_path: Path) -> None:
    assert sentence(written(tmp_path / "one.mp4", 1)) == (
        "holds a single picture; pass it as a photograph."
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty; copy it again from the camera or export it anew."),
        (b"%PDF-1.7 ...", "is a PDF document; pass a video (MP4, MOV, MKV, WebM or MPEG)."),
        (b"notes\n" * 90, "is a text file; pass a video (MP4, MOV, MKV, WebM or MPEG)."),
        (
            bytes(range(256)) * 8,
            "is not a video in a format that can be read; pass a video (MP4, MOV, MKV, WebM or "
            "MPEG).",
        ),
    ],
)
def test_what_is_no_video_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file.mp4"
    path.write_bytes(content)
    assert sentence(path) == said


def test_a_play_list_opens_no_other_file(tmp_path: Path) -> None:
    written(tmp_path / "other.mp4")
    for name, text in (
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nother.mp4\n#EXT-X-ENDLIST\n"),
        ("list.mp4", "ffconcat version 1.0\nfile other.mp4\n"),
    ):
        path = tmp_path / name
        path.write_text(text)
        assert sentence(path).startswith("is a text file;")


def test_folders_pipes_and_missing_files_are_told(tmp_path: Path) -> None:
    assert sentence(tmp_path) == "is a folder, not a video; name a file in it."
    assert sentence(tmp_path / "nope.mp4") == "no such file; check the name and the folder."
    os.mkfifo(tmp_path / "pipe")
    assert sentence(tmp_path / "pipe").startswith("is a pipe, a socket or a device;")
    with pytest.raises(InputError, match="the name is not valid"):
        open_video("nul\0.mp4")


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.mp4", 5)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert sentence(path).startswith("you may not read this file;")


def test_a_recording_whose_index_was_never_written_is_told(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) // 2])
    assert sentence(path).startswith("the video is cut short or damaged: its index is missing;")


@pytest.mark.parametrize(
    ("name", "codec", "muxer"),
    [
        ("a.mp4", "libx264", {"movflags": "faststart"}),
        ("a.mkv", "libx264", {}),
        ("a.webm", "libvpx", {}),
    ],
)
def test_of_a_truncated_video_is_read_what_is_there_with_a_note(
    tmp_path: Path, name: str, codec: str, muxer: dict[str, str]
) -> None:
    whole = open_video(written(tmp_path / name, 100, codec, muxer))
    path = tmp_path / f"cut_{name}"
    content = whole.path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    clip = open_video(path)
    frames = list(clip.frames())
    assert 30 < len(frames) < 60
    for frame, same in zip(frames[:20], whole.frames(), strict=False):
        assert frame.seconds == same.seconds
        np.testing.assert_array_equal(frame.pixels, same.pixels)
    (note,) = clip.notes
    assert note.startswith("The file breaks off at ")
    assert float(note.split()[5]) == pytest.approx(frames[-1].seconds, abs=0.25)


def test_of_a_truncated_mpeg_which_states_no_length_is_read_what_is_there(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.mpg", 100, "mpeg1video").read_bytes()
    path = tmp_path / "cut.mpg"
    path.write_bytes(whole[: len(whole) // 2])
    clip = open_video(path)
    assert 30 < len(list(clip.frames())) < 60
    assert clip.seconds < 2.5


def test_pieces_that_cannot_be_decoded_are_left_out_and_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = bytes(20_000)
    path.write_bytes(content)
    clip = open_video(path)
    frames = clip.frames()
    times = [frame.seconds for frame in frames]
    assert frames.damaged > 0
    assert len(times) < 100
    assert times[0] == 0
    assert times[-1] > 3.8
    assert (np.diff(times) > 0).all()


def test_an_encrypted_video_is_told(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.mp4",
        muxer={
            "encryption_scheme": "cenc-aes-ctr",
            "encryption_key": KEY,
            "encryption_kid": KEY_ID,
        },
    )
    assert sentence(path) == "is encrypted; export it anew without copy protection."


def test_a_video_of_nothing_but_damage_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4", 20)
    content = path.read_bytes()
    begin = content.index(b"mdat") + 4
    size = int.from_bytes(content[begin - 8 : begin - 4], "big") - 8
    path.write_bytes(content[:begin] + bytes(size) + content[begin + size :])
    assert sentence(path).startswith("none of its pictures can be decoded;")


def test_pictures_in_an_unknown_format_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    assert "cannot be decoded" in sentence(path)


def test_a_video_that_vanishes_after_it_was_opened_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mp4", 20)
    clip = open_video(path)
    path.unlink()
    with pytest.raises(InputError, match="is no longer there"):
        next(clip.frames())
    with pytest.raises(InputError, match="is no longer there"):
        clip.frame_at(0.2)


def test_a_strange_name_stays_on_one_line(tmp_path: Path) -> None:
    path = written(tmp_path / "a\nb.mp4", 20)
    clip = open_video(path)
    assert "\n" not in clip.name
    assert "\n" not in clip.frame_at(0).name
