"""How far framed pictures lie from healthy faces."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from facialis.clinical.anatomy import Movement
from facialis.datasets.framed_source import FramedSource
from facialis.errors import InputError
from facialis.face.expressions import expression_scores
from facialis.face.pose import head_pose
from facialis.face.quality import CLOSED_BELOW
from facialis.grading.photograph import Evidence, verdict
from facialis.measures.frames import frontal_frame
from facialis.measures.norms import View, default_norms
from facialis.measures.symmetry import asymmetry
from facialis.measures.units import eye_openings

if TYPE_CHECKING:
    from facialis.datasets.manifest import Manifest, Row


def over_limit(row: Row, manifest: Manifest, *, stated: bool) -> float:
    """Return the distance of a picture from healthy faces in parts of the limit.

    Args:
        row: The picture.
        manifest: Its data.
        stated: Whether as one whose movement is stated.

    Raises:
        InputError: As `evidence_of`.
    """
    evidence = evidence_of(row, manifest)
    found = verdict(evidence if stated else replace(evidence, movement=None), default_norms())
    return found.distance / found.threshold


def evidence_of(row: Row, manifest: Manifest) -> Evidence:
    """Return what a verdict on a picture is drawn from.

    Raises:
        InputError: The manifest is in no folder, or the picture has no landmarks.
    """
    if manifest.root is None:
        raise InputError(manifest.title, "is in no folder", "name the folder of a manifest")
    points = FramedSource(manifest.root, row).found()
    if points is None:
        raise InputError(row.name, "has no landmarks", "run `facialis data frame` on the data")
    pose = head_pose(points)
    return Evidence(
        asymmetry=asymmetry(frontal_frame(points, pose) / pose.scale),
        view=View(pose.yaw, pose.pitch, pose.misfit),
        excluded={},
        movement=None if row.movement is None else Movement(row.movement),
        stated_side=None,
        age_in_range=None,
        expressions=np.array(list(expression_scores(points).values())),
        closing=min(eye_openings(points)) < CLOSED_BELOW,
    )
