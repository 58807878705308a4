"""Videos of every format to upright frames with their true times."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.errors import InputError
from facialis.media.video import LONGEST_SIDE, Clip, open_video

Pixels = NDArray[np.uint8]
SIZE = (96, 64)
QUIET = {"libx265": {"x265-params": "log-level=none"}}
RED, GREEN, BLUE = (220, 30, 30), (30, 200, 30), (30, 30, 220)


def numbered(number: int, size: tuple[int, int] = SIZE) -> Pixels:
    """A frame that shows its number: eight fields, white for a one, black for a nought."""
    width, height = size
    pixels = np.full((height, width, 3), 90, np.uint8)
    for bit in range(8):
        left = bit * width // 8
        pixels[: height // 2, left : left + width // 8] = 235 * (number >> bit & 1) + 10
    return pixels


def number_on(pixels: Pixels) -> int:
    height, width = pixels.shape[:2]
    fields = pixels[height // 8 : height // 3].mean(axis=(0, 2)).reshape(8, width // 8).mean(axis=1)
    return int(sum((field > 128) << bit for bit, field in enumerate(fields)))


def encoded(
    path: Path,
    frames: Iterable[Pixels],
    codec: str = "libx264",
    *,
    times: Iterable[float] | None = None,
    rate: int = 25,
    display: tuple[float, bool] | None = None,
    pixel_shape: Fraction | None = None,
    options: dict[str, str] | None = None,
    muxer: dict[str, str] | None = None,
    container_format: str | None = None,
    colours: str | None = None,
) -> Path:
    frames = list(frames)
    moments = None if times is None else list(times)
    with av.open(str(path), "w", format=container_format, options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=(options or QUIET.get(codec, {})))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if display is not None:
            stream.set_display_rotation(display[0], hflip=display[1])
        if pixel_shape is not None:
            stream.sample_aspect_ratio = pixel_shape
        if moments is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for k, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            if colours is not None:
                frame = frame.reformat(format="yuv420p", dst_colorspace=colours)
            if moments is not None:
                frame.pts, frame.time_base = round(1000 * moments[k]), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def seconds_of(clip: Clip) -> list[float]:
    return [frame.seconds for frame in clip.frames()]


def pieces(folder: Path, name: str, codec: str, muxer: str | None = None) -> Path:
    """Twelve seconds in groups of fifty frames, so that seeking has somewhere to go."""
    options = {"g": "50", "bf": "2", **QUIET.get(codec, {})}
    return encoded(
        folder / name,
        (numbered(k % 256) for k in range(300)),
        codec,
        options=options,
        container_format=muxer,
    )


FORMATS = [
    ("clip.mp4", "libx264", None),
    ("clip265.mp4", "libx265", None),
    ("clip.mov", "libx264", None),
    ("clip.mkv", "libx264", None),
    ("vp8.webm", "libvpx", None),
    ("vp9.webm", "libvpx-vp9", None),
    ("mpeg1.mpg", "mpeg1video", None),
    ("mpeg2.mpg", "mpeg2video", None),
    ("clip.avi", "mpeg4", None),
    ("clip.ts", "libx264", "mpegts"),
]


@pytest.mark.parametrize(("name", "codec", "muxer"), FORMATS)
def test_every_format_gives_every_frame_in_order_with_its_time(
    tmp_path: Path, name: str, codec: str, muxer: str | None
) -> None:
    path = encoded(tmp_path / name, (numbered(k) for k in range(40)), codec, container_format=muxer)
    clip = open_video(path)
    frames = list(clip.frames())
    assert [number_on(frame.pixels) for frame in frames] == list(range(40))
    np.testing.assert_allclose([f.seconds for f in frames], np.arange(40) / 25, atol=1e-6)
    assert (clip.width, clip.height, clip.count, clip.rotation) == (*SIZE, 40, 0)
    assert clip.seconds == pytest.approx(1.6)
    assert clip.rate == pytest.approx(25)
    assert clip.notes == ()
    assert frames[0].pixels.flags.c_contiguous
    assert not frames[0].pixels.flags.writeable


@pytest.mark.parametrize(("name", "codec", "muxer"), FORMATS)
def test_a_single_frame_is_the_very_frame_of_the_stream(
    tmp_path: Path, name: str, codec: str, muxer: str | None
) -> None:
    clip = open_video(pieces(tmp_path, name, codec, muxer))
    frames = list(clip.frames())
    for frame in [*frames[:240:37], frames[49], frames[50], frames[51], frames[-1]]:
        still = clip.frame_at(frame.seconds)
        np.testing.assert_array_equal(still.pixels, frame.pixels)
        assert still.name == f"{clip.name} at {frame.seconds:.2f} s"
    between = clip.frame_at(frames[120].seconds + 0.03)
    np.testing.assert_array_equal(between.pixels, frames[120].pixels)


def test_a_moment_outside_the_video_is_refused(tmp_path: Path) -> None:
    clip = open_video(encoded(tmp_path / "a.mp4", [numbered(k) for k in range(25)]))
    with pytest.raises(InputError, match=r"has no frame at 1\.50 s: it ends at 1\.00 s"):
        clip.frame_at(1.5)
    with pytest.raises(InputError, match="has no frame at -0"):
        clip.frame_at(-0.5)
    assert number_on(clip.frame_at(1.0).pixels) == 24


def test_times_are_those_of_the_frames_not_of_a_rate(tmp_path: Path) -> None:
    times = np.cumsum([0, 0.033, 0.034, 0.2, 0.033, 0.033, 0.5, 0.034, 0.033])
    for name, codec in (("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.webm", "libvpx")):
        clip = open_video(
            encoded(tmp_path / name, [numbered(k) for k in range(9)], codec, times=times)
        )
        np.testing.assert_allclose(seconds_of(clip), times, atol=1e-3)
        assert clip.rate == pytest.approx(1 / 0.0335, rel=0.001)
        assert number_on(clip.frame_at(0.25).pixels) == 2
        assert number_on(clip.frame_at(0.27).pixels) == 3


def test_a_browsers_recording_without_length_and_rate_is_read_by_its_times(tmp_path: Path) -> None:
    times = np.cumsum([0, 0.09, 0.11, 0.1, 0.07, 0.13])
    path = encoded(
        tmp_path / "recorder.webm",
        [numbered(k) for k in range(6)],
        "libvpx",
        times=times,
        muxer={"live": "1"},
    )
    with av.open(str(path)) as container:
        assert container.duration is None or container.duration < 0
    clip = open_video(path)
    np.testing.assert_allclose(seconds_of(clip), times, atol=1e-3)
    assert clip.seconds == pytest.approx(0.6, abs=0.01)
    assert clip.notes == ()


def test_frames_without_times_are_spaced_by_the_stated_rate_and_a_note_says_so(
    tmp_path: Path,
) -> None:
    path = encoded(
        tmp_path / "bare.h264",
        [numbered(k) for k in range(20)],
        container_format="h264",
    )
    clip = open_video(path)
    np.testing.assert_allclose(seconds_of(clip), np.arange(20) / 25, atol=1e-6)
    assert clip.notes == (
        "The file does not say when its frames are shown: 25 a second are taken for granted.",
    )
    assert number_on(clip.frame_at(0.4).pixels) == 10


def test_times_go_on_where_the_clock_of_a_joined_recording_begins_anew(tmp_path: Path) -> None:
    one = encoded(tmp_path / "one.mpg", [numbered(k) for k in range(100)], "mpeg2video")
    joined = tmp_path / "joined.mpg"
    joined.write_bytes(2 * one.read_bytes())
    clip = open_video(joined)
    frames = list(clip.frames())
    times = np.array([frame.seconds for frame in frames])
    assert len(frames) > 190
    assert (np.diff(times) > 0).all()
    assert times[-1] == pytest.approx(8, abs=0.3)
    assert clip.seconds == pytest.approx(8, abs=0.3)
    np.testing.assert_array_equal(clip.frame_at(times[150]).pixels, frames[150].pixels)


def marked() -> Pixels:
    """An upright picture, 96 wide and 64 high: red top left, green top right, blue bottom left."""
    pixels = np.full((64, 96, 3), 128, np.uint8)
    pixels[:24, :24], pixels[:24, -24:], pixels[-24:, :24] = RED, GREEN, BLUE
    return pixels


def corners(pixels: Pixels) -> list[str]:
    """What lies at the top left, top right, bottom left and bottom right."""
    places = (pixels[:16, :16], pixels[:16, -16:], pixels[-16:, :16], pixels[-16:, -16:])
    means = [place.mean(axis=(0, 1)) for place in places]
    return ["rgb"[int(m.argmax())] if np.ptp(m) > 60 else "-" for m in means]


@pytest.mark.parametrize(
    ("degrees", "stored"),
    [
        (0, lambda upright: upright),
        (-90, lambda upright: np.rot90(upright, 1)),
        (90, lambda upright: np.rot90(upright, -1)),
        (180, lambda upright: np.rot90(upright, 2)),
    ],
)
def test_a_rotation_in_the_metadata_is_undone(
    tmp_path: Path, degrees: int, stored: Callable[[Pixels], Pixels]
) -> None:
    frame = np.ascontiguousarray(stored(marked()))
    clip = open_video(encoded(tmp_path / "turned.mp4", [frame] * 3, display=(degrees, False)))
    assert (clip.width, clip.height) == (96, 64)
    assert clip.rotation == degrees % 360
    assert corners(next(clip.frames()).pixels) == ["r", "g", "b", "-"]
    assert corners(clip.frame_at(0).pixels) == ["r", "g", "b", "-"]
    assert clip.notes == ()


@pytest.mark.parametrize(
    ("degrees", "shown"), [(0, ["g", "r", "-", "b"]), (180, ["b", "-", "r", "g"])]
)
def test_mirroring_in_the_metadata_is_shown_as_players_show_it_and_said(
    tmp_path: Path, degrees: int, shown: list[str]
) -> None:
    path = encoded(tmp_path / "selfie.mp4", [marked()] * 3, display=(degrees, True))
    clip = open_video(path)
    assert corners(next(clip.frames()).pixels) == shown
    assert any("mirrored" in note for note in clip.notes)
    undone = open_video(path, mirrored=True)
    assert corners(next(undone.frames()).pixels) == [shown[1], shown[0], shown[3], shown[2]]


def test_a_selfie_is_unmirrored_after_it_was_turned_upright(tmp_path: Path) -> None:
    stored = np.ascontiguousarray(np.rot90(marked()[:, ::-1], 1))
    path = encoded(tmp_path / "selfie.mp4", [stored] * 3, display=(-90, False))
    clip = open_video(path, mirrored=True)
    assert corners(next(clip.frames()).pixels) == ["r", "g", "b", "-"]
    still = clip.frame_at(0)
    assert corners(still.pixels) == ["r", "g", "b", "-"]
    assert still.mirrored
    assert clip.mirrored


def test_oblong_pixels_become_square(tmp_path: Path) -> None:
    wide = open_video(encoded(tmp_path / "wide.mp4", [marked()] * 3, pixel_shape=Fraction(16, 11)))
    assert (wide.width, wide.height) == (140, 64)
    assert next(wide.frames()).pixels.shape == (64, 140, 3)
    tall = open_video(encoded(tmp_path / "tall.mp4", [marked()] * 3, pixel_shape=Fraction(8, 9)))
    assert next(tall.frames()).pixels.shape == (72, 96, 3)
    assert corners(tall.frame_at(0).pixels) == ["r", "g", "b", "-"]


def test_a_large_video_is_reduced_frame_by_frame_but_not_its_stills(tmp_path: Path) -> None:
    large = cv2.resize(marked(), (1920, 1280), interpolation=cv2.INTER_NEAREST)
    clip = open_video(encoded(tmp_path / "large.mp4", [large] * 2, options={"preset": "ultrafast"}))
    frame = next(clip.frames())
    assert frame.pixels.shape == (round(LONGEST_SIDE * 2 / 3), LONGEST_SIDE, 3)
    assert clip.scale == pytest.approx(LONGEST_SIDE / 1920)
    assert corners(frame.pixels) == ["r", "g", "b", "-"]
    still = clip.frame_at(0)
    assert still.pixels.shape == (1280, 1920, 3)
    assert (still.width, still.height, still.scale) == (1920, 1280, 1.0)


@pytest.mark.parametrize(("size", "colours"), [((64, 64), "ITU601"), ((64, 720), "ITU709")])
def test_colours_without_a_standard_are_those_of_television_of_that_size(
    tmp_path: Path, size: tuple[int, int], colours: str
) -> None:
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[:] = (200, 120, 60)
    path = encoded(tmp_path / "colour.mkv", [pixels] * 3, options={"qp": "1"}, colours=colours)
    shown = next(open_video(path).frames()).pixels.mean(axis=(0, 1))
    np.testing.assert_allclose(shown, (200, 120, 60), atol=3)


def test_frames_can_be_thinned_and_bounded(tmp_path: Path) -> None:
    clip = open_video(encoded(tmp_path / "a.mp4", [numbered(k) for k in range(50)]))
    assert [number_on(f.pixels) for f in clip.frames(start=0.4, end=0.6)] == [
        10,
        11,
        12,
        13,
        14,
        15,
    ]
    assert [number_on(f.pixels) for f in clip.frames(every=0.2)] == list(range(0, 50, 5))
    assert [number_on(f.pixels) for f in clip.frames(start=1, every=0.4)] == [25, 35, 45]


def test_two_readings_of_a_clip_do_not_disturb_each_other(tmp_path: Path) -> None:
    clip = open_video(encoded(tmp_path / "a.mp4", [numbered(k) for k in range(20)]))
    pairs = list(zip(clip.frames(), clip.frames(start=0.2), strict=False))
    assert [number_on(one.pixels) for one, _ in pairs] == list(range(15))
    assert [number_on(other.pixels) for _, other in pairs] == list(range(5, 20))


def test_closed_frames_end_and_hold_no_file(tmp_path: Path) -> None:
    clip = open_video(encoded(tmp_path / "a.mp4", [numbered(k) for k in range(20)]))
    with clip.frames() as frames:
        assert number_on(next(frames).pixels) == 0
    assert list(frames) == []
    assert frames.damaged == 0


def test_an_interlaced_recording_is_noted(tmp_path: Path) -> None:
    path = encoded(
        tmp_path / "camcorder.mpg",
        [numbered(k) for k in range(10)],
        "mpeg2video",
        options={"flags": "+ildct+ilme", "top": "1"},
    )
    clip = open_video(path)
    assert any("interlaced" in note for note in clip.notes)


def test_real_clips_are_read_with_their_times(shared_data: Path) -> None:
    clips = sorted((shared_data / "video").glob("*.mpg"))
    assert len(clips) == 5
    for path in clips:
        clip = open_video(path)
        assert (clip.width, clip.height, clip.rate, clip.count) == (360, 288, 25, 75)
        frames = list(clip.frames())
        np.testing.assert_allclose([f.seconds for f in frames], np.arange(75) / 25, atol=1e-5)
        for k in (0, 1, 33, 74):
            np.testing.assert_array_equal(clip.frame_at(k / 25).pixels, frames[k].pixels)
