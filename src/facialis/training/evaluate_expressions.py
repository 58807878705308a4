"""Compare a trained expression network with its teacher on faces that it has not learned on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from mediapipe import Image as MediaPipeImage
from mediapipe import ImageFormat
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray
from PIL import Image

from facialis.face.expressions import (
    EXPRESSION_NAMES,
    EXPRESSION_POINTS,
    MIRRORED_EXPRESSIONS,
)
from facialis.face.landmarks import default_landmarker
from facialis.face.mesh import MIRROR
from facialis.training.agreement import Agreement, agreement, table
from facialis.training.face_pool import VIEWS, FacePool
from facialis.training.face_sampler import FaceSampler
from facialis.training.teacher import logits
from facialis.weights.session import Session, open_session

if TYPE_CHECKING:
    from pathlib import Path

    from facialis.face.landmarks import Landmarker
    from facialis.training.head_model import HeadModel
    from facialis.training.teacher import Teacher

Floats = NDArray[np.float64]

INVENTED: Final = 3000
_MIRRORED_POINTS: Final = np.array(
    [EXPRESSION_POINTS.index(int(MIRROR[i])) for i in EXPRESSION_POINTS]
)


def evaluate(
    network: Path,
    teacher: Teacher,
    held_out: FacePool,
    head: HeadModel | None,
    *,
    seed: int,
    clips: Path | None,
    faces: Path,
    bundle: Path,
) -> str:
    """Return the tables of the card as Markdown.

    Three sets: photographs of people held out, in their three views; faces invented from these
    people (turned, one-sided, strong expressions); frames of talking people. On each the network as
    it is, and `facialis.face.expressions.expression_scores`, which averages it over both
    orientations and so cannot follow the teacher where that is not mirror-equivariant itself. The
    teacher averaged in the same way shows how much of the error that is.

    Args:
        network: ONNX file.
        teacher: Source of scores.
        held_out: People that the network has not learned on.
        head: Head model for invented faces.
        seed: Of the invented faces.
        clips: Folder of videos, or None.
        faces: Folder of the photographs, for the comparison with MediaPipe's whole pipeline.
        bundle: MediaPipe's bundle, for the same.
    """
    session = open_session(network)
    sets = {"held-out people": np.concatenate([held_out.points[:, v] for v in range(len(VIEWS))])}
    invented = FaceSampler(held_out, head).sample(np.random.default_rng([seed, 10**6]), INVENTED)
    sets["invented from held-out people"] = invented.astype(np.float64)
    if clips is not None:
        sets["talking-face clips"] = _frames(clips)
    alone, averaged, ceiling = [], [], []
    for name, points in sets.items():
        wanted = teacher(points[..., :2])
        alone.append(agreement(name, network_scores(session, points), wanted))
        averaged.append(agreement(name, equivariant_scores(session, points), wanted))
        ceiling.append(agreement(name, _equivariant_teacher(teacher, points), wanted))
    whole = _whole_pipeline(session, teacher, held_out, faces, bundle)
    parts = (
        ("Network in one orientation against the teacher", alone),
        ("`expression_scores` (both orientations) against the teacher", averaged),
        ("Teacher in both orientations against the teacher: the best that can be had", ceiling),
        ("Against MediaPipe's whole Tasks pipeline on the photographs", whole),
    )
    head_line = "Mean absolute error / Spearman's rank correlation."
    return "\n\n".join([head_line, *(f"### {title}\n\n{table(r)}" for title, r in parts)])


def network_scores(session: Session, points: NDArray[np.generic]) -> Floats:
    """Return the network's scores (n, 52) for points (n, 146, 2 or 3), one orientation."""
    return _scores(_logits(session, np.asarray(points, np.float64)))


def equivariant_scores(session: Session, points: NDArray[np.generic]) -> Floats:
    """Return scores (n, 52) averaged over both orientations on the logit scale."""
    face = np.asarray(points, np.float64)
    mirrored = face[:, _MIRRORED_POINTS, :2] * [-1.0, 1.0]
    other = _logits(session, mirrored)[:, MIRRORED_EXPRESSIONS]
    return _scores((_logits(session, face) + other) / 2)


def _logits(session: Session, points: Floats) -> Floats:
    flat = points[..., :2] - points[..., :2].mean(axis=1, keepdims=True)
    (found,) = session.run({"points": flat.astype(np.float32)})
    return found.astype(np.float64)


def _scores(logits: Floats) -> Floats:
    scores: Floats = 1 / (1 + np.exp(-logits))
    return scores


def _equivariant_teacher(teacher: Teacher, points: Floats) -> Floats:
    mirrored = points[:, _MIRRORED_POINTS, :2] * [-1.0, 1.0]
    other = logits(teacher(mirrored))[:, MIRRORED_EXPRESSIONS]
    return _scores((logits(teacher(points[..., :2])).astype(np.float64) + other) / 2)


def _frames(folder: Path, landmarker: Landmarker | None = None) -> Floats:
    """Return the 146 points (n, 146, 3) of every frame with a face."""
    landmarker = landmarker or default_landmarker()
    found = []
    for file in sorted(p for p in folder.iterdir() if p.is_file()):
        clip = cv2.VideoCapture(str(file))
        while True:
            is_read, picture = clip.read()
            if not is_read:
                break
            pixels = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
            as_is, _ = landmarker.in_both_orientations(pixels)
            found += [face[list(EXPRESSION_POINTS)] for face in as_is[:1]]
        clip.release()
    return np.stack(found)


def _whole_pipeline(
    session: Session, teacher: Teacher, held_out: FacePool, faces: Path, bundle: Path
) -> list[Agreement]:
    """Compare with MediaPipe's own detector, landmarks and scores on the held-out photographs."""
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(bundle)), output_face_blendshapes=True
    )
    wanted: list[Any] = []
    rows = []
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for row, name in enumerate(held_out.photographs):
            with Image.open(faces / f"{name}.jpg") as picture:
                pixels = np.ascontiguousarray(picture.convert("RGB"))
            result = landmarker.detect(MediaPipeImage(ImageFormat.SRGB, pixels)).face_blendshapes
            if result:
                by_name = {c.category_name: c.score for c in result[0]}
                wanted.append([by_name[n] for n in EXPRESSION_NAMES])
                rows.append(row)
    target = np.array(wanted)
    averaged = held_out.points[rows, VIEWS.index("averaged")]
    return [
        agreement("`expression_scores`", equivariant_scores(session, averaged), target),
        agreement("teacher, Solutions landmarks", teacher(averaged[..., :2]), target),
    ]
