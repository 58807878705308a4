"""How many frames a second of video are measured, and whether memory grows with its length."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

import av
import cv2
import numpy as np

from benchmarks.memory import PEAK
from benchmarks.photographs import ASTRONAUT, Pixels, enlarged, pixels_of, started
from benchmarks.record import Benchmark, Results, table
from facialis.face.quiet import native_stderr_silenced
from facialis.face.tracking import tracked
from facialis.grading.photograph import Evidence, verdict
from facialis.grading.video_fusion import VideoFusion
from facialis.grading.video_levels import VideoLevels
from facialis.measures.features import asymmetries
from facialis.measures.norms import View, default_norms
from facialis.measures.recording import recorded
from facialis.media.video import open_video
from facialis.simulation.recording import write_video

if TYPE_CHECKING:
    from collections.abc import Iterator

    from facialis.face.tracking import Sighting
    from facialis.media.video import Clip

TARGET_RATE: Final = 30
TARGET_LIVE: Final = 25
TARGET_GROWTH: Final = 0.10

WIDTH, HEIGHT, RATE = 1280, 720, 30
SECONDS: Final = 60
MINUTES: Final = (1, 10)
_STILLS: Final = 90
_PANS: Final = ((40.0, 2.1), (20.0, 3.3))

LIBRARY: Final = (
    PEAK
    + """
import sys
from facialis.media.video import open_video
from facialis.grading.photograph import Evidence, verdict
from facialis.grading.video_levels import VideoLevels
from facialis.measures.norms import View, default_norms
from facialis.measures.recording import recorded
series = recorded(open_video(sys.argv[1]))
print(len(series.seconds), int(series.usable.sum()), peak())
"""
)


def measure(faces: Path | None) -> Results:
    """Make videos of the astronaut, and measure them and the real ones."""
    started()
    with tempfile.TemporaryDirectory() as folder:
        minute = Path(folder) / "minute.mp4"
        write_video(minute, _panned(SECONDS * RATE), RATE)
        speed = [_speed(f"{WIDTH} × {HEIGHT}, H.264", [open_video(minute)])]
        real = [] if faces is None else sorted((faces.parent / "video").glob("*.mpg"))
        if real:
            speed.append(_speed("360 × 288, MPEG-1, 5 clips of 3 s", [open_video(p) for p in real]))
        memory = [_peak(_repeated(minute, minutes), minutes) for minutes in MINUTES]
    return {"speed": speed, "memory": memory}


def _panned(count: int) -> Iterator[Pixels]:
    """Yield the enlarged portrait as a moving camera sees it."""
    large = enlarged(pixels_of(ASTRONAUT), WIDTH + 120, WIDTH + 120)
    (x, x_period), (y, y_period) = _PANS
    for k in range(count):
        left = 60 + x * np.sin(2 * np.pi * k / RATE / x_period)
        top = 60 + y * np.sin(2 * np.pi * k / RATE / y_period)
        matrix = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top]])
        yield np.asarray(cv2.warpAffine(large, matrix, (WIDTH, HEIGHT)), np.uint8)


def _repeated(minute: Path, times: int) -> Path:
    """Write the packets of a video several times over."""
    path = minute.with_name(f"{times}.mp4")
    with av.open(str(path), "w") as out:
        stream, shift = None, 0
        for _ in range(times):
            with av.open(str(minute)) as container:
                source = container.streams.video[0]
                stream = out.add_stream_from_template(source) if stream is None else stream
                for packet in container.demux(source):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = stream
                    out.mux(packet)
                shift += source.duration or 0
    return path


def _speed(name: str, clips: list[Clip]) -> Results:
    frames = sum(clip.count for clip in clips)
    begin = perf_counter()
    decoded = sum(1 for clip in clips for _ in clip.frames())
    decoding = perf_counter() - begin
    stills = [list(islice(clip.frames(), _STILLS)) for clip in clips]
    with native_stderr_silenced():
        begin = perf_counter()
        followed = sum(1 for each in stills for _ in tracked(each))
        following = perf_counter() - begin
    begin = perf_counter()
    usable = sum(int(recorded(clip).usable.sum()) for clip in clips)
    whole = perf_counter() - begin
    begin = perf_counter()
    for clip in clips:
        recorded(clip, witness=_judged)
    judging = perf_counter() - begin
    begin = perf_counter()
    for clip in clips:
        recorded(clip, witness=VideoLevels().see)
    grading = perf_counter() - begin
    assert decoded == frames
    return {
        "video": name,
        "frames": frames,
        "usable": usable,
        "decoding_fps": round(decoded / decoding, 1),
        "tracking_fps": round(followed / following, 1),
        "whole_fps": round(frames / whole, 1),
        "judged_fps": round(frames / judging, 1),
        "graded_fps": round(frames / grading, 1),
    }


def _judged(sighting: Sighting) -> None:
    """Compare a frame with healthy faces and ask the fusion, of every frame."""
    if sighting.points is None or sighting.pose is None or sighting.expressions is None:
        return
    pose = sighting.pose
    evidence = Evidence(
        asymmetry=asymmetries(sighting.points).astype(np.float64),
        view=View(pose.yaw, pose.pitch, pose.misfit),
        excluded={},
        movement=None,
        stated_side=None,
        age_in_range=None,
        expressions=sighting.expressions.astype(np.float64),
    )
    verdict(evidence, default_norms())
    VideoFusion().see(sighting)


def _peak(path: Path, minutes: int) -> Results:
    done = subprocess.run(
        [sys.executable, "-c", LIBRARY, str(path)], check=True, capture_output=True, text=True
    )
    frames, usable, kib = (int(word) for word in done.stdout.split())
    return {
        "minutes": minutes,
        "frames": frames,
        "usable": usable,
        "peak_mib": round(kib / 1024, 1),
    }


def tables(results: Results) -> str:
    """Return the tables of the page."""
    slowest = min(row["whole_fps"] for row in results["speed"])
    judged = min(row["judged_fps"] for row in results["speed"])
    short, long = (row["peak_mib"] for row in results["memory"])
    growth = long / short - 1
    return "\n\n".join(
        (
            f"Data: the astronaut portrait, enlarged and panned, {SECONDS} s of {RATE} frames a "
            "second; and, where they are, the real clips. Frames a second:",
            table(
                (
                    "video",
                    "frames",
                    "end to end",
                    "with norms and fusion of every frame",
                    "with phcnn_lstm-light",
                    "decoding alone",
                    "tracking alone",
                ),
                (
                    (
                        row["video"],
                        row["frames"],
                        row["whole_fps"],
                        row["judged_fps"],
                        row["graded_fps"],
                        row["decoding_fps"],
                        row["tracking_fps"],
                    )
                    for row in results["speed"]
                ),
            ),
            f"Target: at least {TARGET_RATE} frames a second on two cores: "
            f"{_verdict(slowest >= TARGET_RATE)}. With norms and fusion of every frame, at "
            f"least {TARGET_LIVE}: {_verdict(judged >= TARGET_LIVE)}; `facialis assess` asks the "
            "fusion ten times a second.",
            f"Peak resident memory of a fresh process, {WIDTH} × {HEIGHT}:",
            table(
                ("length", "frames", "MiB"),
                (
                    (f"{row['minutes']} min", row["frames"], row["peak_mib"])
                    for row in results["memory"]
                ),
            ),
            f"Target: ten minutes within {TARGET_GROWTH:.0%} of one minute: "
            f"{_verdict(abs(growth) <= TARGET_GROWTH)} ({growth:+.1%}).",
        )
    )


def _verdict(met: bool) -> str:
    return "met" if met else "**missed**"


if __name__ == "__main__":
    Benchmark("video", "speed.md", measure, tables, needs_faces=False).run()
