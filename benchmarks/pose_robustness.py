"""How measures change when the head turns or the camera comes near, although the face does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import intervals
from benchmarks.photographs import LONDON, london, pixels_of, started
from benchmarks.record import Benchmark, Results, table
from facialis.face.pose import head_pose
from facialis.face.search import find_faces
from facialis.face.warp import turned
from facialis.measures.frames import emotrics_frame, frontal_frame
from facialis.measures.static import measure_sides
from facialis.media.photo import Frame

if TYPE_CHECKING:
    from pathlib import Path

Points = NDArray[np.float64]
Pixels = NDArray[np.uint8]

YAWS: Final = (-20, -15, -10, -5, 5, 10, 15, 20)
FRAMES: Final = {"frontal": "frontal (default)", "emotrics": "picture plane"}
MEASURES: Final = (
    "brow_height",
    "mrd1",
    "mrd2",
    "fissure_height",
    "commissure_position",
    "commissure_height",
    "lower_lip_height",
)
RENDER_SIDE: Final = 640
DISTANCES_CM: Final = (60, 45, 30, 15)


def measure(faces: Path | None) -> Results:
    """Turn every neutral photograph, and read one person at four distances."""
    assert faces is not None
    started()
    people = london(faces)
    changes: dict[int, list[dict[str, Points]]] = {yaw: [] for yaw in YAWS}
    for person in people:
        pixels = _small(pixels_of(person.neutral))
        points = find_faces(Frame.from_array(pixels))[0].points
        straight = _sides(points)
        for yaw in YAWS:
            render = turned(pixels, points, yaw=yaw, pitch=0)
            seen = _sides(find_faces(Frame.from_array(render))[0].points)
            changes[yaw].append({frame: seen[frame] - straight[frame] for frame in FRAMES})
    return {
        "data": f"neutral photographs of {LONDON}, each turned about the head's own axis as a "
        "textured mesh (a render, not a second photograph) and landmarked again",
        "measures": list(MEASURES),
        "turned": {str(yaw): _summary(changes[yaw]) for yaw in YAWS},
        "distance": _at_distances(faces / "positions"),
    }


def _small(pixels: Pixels) -> Pixels:
    zoom = RENDER_SIDE / max(pixels.shape[:2])
    small: Any = cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _sides(points: Points) -> dict[str, Points]:
    """Measures (M, 2), right and left, in percent of the interocular distance."""
    pose = head_pose(points)
    faces = {"frontal": frontal_frame(points, pose), "emotrics": emotrics_frame(points)}
    found = {frame: measure_sides(face) for frame, face in faces.items()}
    return {
        frame: 100 / pose.scale * np.array([(s[m].right, s[m].left) for m in MEASURES])
        for frame, s in found.items()
    }


def _summary(changes: list[dict[str, Points]]) -> Results:
    result = {}
    for frame in FRAMES:
        change = np.array([c[frame] for c in changes])
        gap = change[..., 1] - change[..., 0]
        result[frame] = {
            "one_side": intervals.mean_of_people(np.abs(change).mean(axis=(1, 2))),
            "left_less_right": intervals.mean_of_people(np.abs(gap).mean(axis=1)),
            "by_measure": {
                name: round(float(np.abs(gap[:, i]).mean()), 2) for i, name in enumerate(MEASURES)
            },
        }
    return result


def _at_distances(folder: Path) -> Results:
    """Read one person photographed from four distances."""
    paths = {d: folder / f"{d}cm.jpg" for d in DISTANCES_CM}
    if not all(path.is_file() for path in paths.values()):
        return {}
    sides = {
        d: _sides(find_faces(Frame.from_array(pixels_of(p)))[0].points) for d, p in paths.items()
    }
    far = sides[DISTANCES_CM[0]]
    result = {}
    for distance in DISTANCES_CM[1:]:
        change = {frame: sides[distance][frame] - far[frame] for frame in FRAMES}
        result[str(distance)] = {
            frame: {
                "one_side": round(float(np.abs(c).mean()), 2),
                "left_less_right": round(float(np.abs(c[:, 1] - c[:, 0]).mean()), 2),
            }
            for frame, c in change.items()
        }
    return result


def tables(results: Results) -> str:
    """Return the tables of the page."""
    parts = [
        f"Data: {results['data']}. Seven lengths (brow height, MRD1, MRD2, fissure height, "
        "commissure position and height, lower lip height); mean absolute change against the "
        "photograph as it was taken, percent of the interocular distance, with 95 % bootstrap "
        "intervals over people.",
        _turned_table(results["turned"]),
    ]
    if results["distance"]:
        parts += [
            "One woman photographed by a telephone from four distances, mean absolute change "
            f"against {DISTANCES_CM[0]} cm (one person, so without intervals; real photographs):",
            _distance_table(results["distance"]),
        ]
    return "\n\n".join(parts)


def _turned_table(turns: Results) -> str:
    head = ["head turned to"]
    head += [
        f"{what}, {frame}" for what in ("left less right", "one side") for frame in FRAMES.values()
    ]
    rows = []
    for yaw, change in sorted(turns.items(), key=lambda item: int(item[0])):
        side = "left" if int(yaw) > 0 else "right"
        cells = [
            intervals.shown(change[frame][what])
            for what in ("left_less_right", "one_side")
            for frame in FRAMES
        ]
        rows.append((f"the {side} by {abs(int(yaw))}°", *cells))
    return table(head, rows)


def _distance_table(distances: Results) -> str:
    head = ["camera at"]
    head += [
        f"{what}, {frame}" for what in ("left less right", "one side") for frame in FRAMES.values()
    ]
    rows = []
    for distance, change in distances.items():
        cells = [
            f"{change[frame][what]:.2f}"
            for what in ("left_less_right", "one_side")
            for frame in FRAMES
        ]
        rows.append((f"{distance} cm", *cells))
    return table(head, rows)


if __name__ == "__main__":
    Benchmark("pose_robustness", "accuracy.md", measure, tables).run()
