"""The line drawing of paper 004, against MediaPipe's own contours."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from mediapipe.python.solutions import face_mesh_connections as sets

from facialis.face.mesh import TEMPLATE
from facialis.regions import line_drawing

SIZE = 600
FACE = TEMPLATE * 250 + np.array([300, 270, 0])
EDGES = {
    "outline": (line_drawing.OVAL,), "brows": line_drawing.BROWS, "eyes": line_drawing.EYES,
    "lips": line_drawing.LIPS,
}  # fmt: skip
MEDIAPIPES = {
    "outline": sets.FACEMESH_FACE_OVAL,
    "brows": sets.FACEMESH_LEFT_EYEBROW | sets.FACEMESH_RIGHT_EYEBROW,
    "eyes": sets.FACEMESH_LEFT_EYE | sets.FACEMESH_RIGHT_EYE,
    "lips": sets.FACEMESH_LIPS,
}


@pytest.mark.parametrize("part", EDGES)
def test_s4_12_the_contours_run_along_mediapipes_edges(part):
    ours = {frozenset(edge) for each in EDGES[part] for edge in pairwise(each)}
    assert ours == {frozenset(edge) for edge in MEDIAPIPES[part]}


@pytest.mark.parametrize("draw_lips", [True, False])
def test_s4_12_all_of_mediapipes_edges_are_drawn_and_nothing_else(draw_lips):
    """Within a pixel, as the same line drawn from its other end may lie one pixel aside."""
    expected = np.zeros((SIZE, SIZE), np.uint8)
    for part, edges in MEDIAPIPES.items():
        if part == "lips" and not draw_lips:
            continue
        for edge in edges:
            one, other = np.round(FACE[list(edge), :2] - 0.5).astype(int).tolist()
            cv2.line(expected, one, other, (255,))
    found = line_drawing.line_drawing(FACE, SIZE, draw_lips=draw_lips)
    near = np.ones((3, 3), np.uint8)
    assert not (found[cv2.dilate(expected, near) == 0]).any()
    assert not (expected[cv2.dilate(found, near) == 0]).any()
