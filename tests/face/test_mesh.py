"""The mesh: whose side is which, what mirrors what, and which triangles it has."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from mediapipe.python.solutions import face_mesh_connections as mediapipe_mesh

from facialis.face import mesh
from facialis.face.mesh import MIRROR, POINT_COUNT, TEMPLATE, mirrored, triangles

PAIRED = (
    "UPPER_LID",
    "LOWER_LID",
    "BROW_UPPER",
    "BROW_LOWER",
    "UPPER_LIP_OUTER",
    "UPPER_LIP_INNER",
    "LOWER_LIP_OUTER",
    "LOWER_LIP_INNER",
    "JAW",
)


def of_side(side: str, name: str) -> tuple[int, ...]:
    return tuple(getattr(mesh, f"{side}_{name}"))


def undirected(edges: frozenset[tuple[int, int]]) -> set[tuple[int, int]]:
    return {(min(e), max(e)) for e in edges}


def corners(*connections: str) -> set[int]:
    return {i for name in connections for e in getattr(mediapipe_mesh, name) for i in e}


def test_mirroring_twice_gives_every_point_back() -> None:
    assert MIRROR.shape == (POINT_COUNT,)
    np.testing.assert_array_equal(MIRROR[MIRROR], np.arange(POINT_COUNT))


def test_the_mean_face_is_symmetric_with_the_origin_between_the_outer_canthi() -> None:
    np.testing.assert_allclose(TEMPLATE[MIRROR] * [-1, 1, 1], TEMPLATE, atol=1e-9)
    canthi = TEMPLATE[[mesh.RIGHT_OUTER_CANTHUS, mesh.LEFT_OUTER_CANTHUS]]
    np.testing.assert_allclose(canthi.mean(axis=0), 0, atol=1e-4)
    assert np.linalg.norm(canthi[1] - canthi[0]) == pytest.approx(1, abs=1e-3)


def test_points_on_the_midline_mirror_themselves() -> None:
    own = np.flatnonzero(np.arange(POINT_COUNT) == MIRROR)
    assert {0, 1, 2, 4, 10, 13, 14, 17, 152, 168} <= set(own.tolist())
    np.testing.assert_allclose(TEMPLATE[own, 0], 0, atol=1e-9)


def test_mirroring_keeps_the_edges_of_the_mesh_but_for_three_diagonals_a_side() -> None:
    for name in ("LIPS", "FACE_OVAL", "IRISES"):
        edges = undirected(getattr(mediapipe_mesh, f"FACEMESH_{name}"))
        assert {tuple(sorted(mirrored(e))) for e in edges} == edges, name
    edges = undirected(mediapipe_mesh.FACEMESH_TESSELATION)
    lost = {e for e in edges if tuple(sorted(mirrored(e))) not in edges}
    assert len(lost) <= 6


@pytest.mark.parametrize("name", PAIRED)
def test_paired_lists_mirror_each_other_and_lie_on_their_own_side(name: str) -> None:
    right, left = of_side("RIGHT", name), of_side("LEFT", name)
    assert left == mirrored(right)
    assert (TEMPLATE[list(right), 0] <= 1e-9).all()
    assert (TEMPLATE[list(left), 0] >= -1e-9).all()


def test_the_patients_left_is_at_positive_x() -> None:
    pairs = ("IRIS_CENTRE", "OUTER_CANTHUS", "INNER_CANTHUS", "COMMISSURE", "ALA")
    for name in pairs:
        right, left = getattr(mesh, f"RIGHT_{name}"), getattr(mesh, f"LEFT_{name}")
        assert TEMPLATE[right, 0] < 0 < TEMPLATE[left, 0], name
        assert MIRROR[right] == left, name


def test_names_agree_with_mediapipes_own_sets() -> None:
    eye = set(of_side("RIGHT", "UPPER_LID") + of_side("RIGHT", "LOWER_LID"))
    assert eye == corners("FACEMESH_RIGHT_EYE")
    eye = set(of_side("LEFT", "UPPER_LID") + of_side("LEFT", "LOWER_LID"))
    assert eye == corners("FACEMESH_LEFT_EYE")
    brow = set(of_side("RIGHT", "BROW_UPPER") + of_side("RIGHT", "BROW_LOWER"))
    assert brow == corners("FACEMESH_RIGHT_EYEBROW")
    lips = {i for n in PAIRED if "LIP_" in n for s in ("RIGHT", "LEFT") for i in of_side(s, n)}
    assert lips == corners("FACEMESH_LIPS")
    assert set(mesh.FACE_OVAL) == corners("FACEMESH_FACE_OVAL")
    assert set(mesh.RIGHT_IRIS) == corners("FACEMESH_RIGHT_IRIS")
    assert set(mesh.LEFT_IRIS) == corners("FACEMESH_LEFT_IRIS")


@pytest.mark.parametrize("name", [n for n in PAIRED if n != "JAW"])
def test_curves_run_inwards_along_the_edges_of_the_mesh(name: str) -> None:
    curve = of_side("RIGHT", name)
    x = TEMPLATE[list(curve), 0]
    assert (np.diff(x) > 0).all()
    edges = undirected(mediapipe_mesh.FACEMESH_TESSELATION) | undirected(
        mediapipe_mesh.FACEMESH_CONTOURS
    )
    steps = pairwise(curve)
    assert all((min(s), max(s)) in edges for s in steps)


def test_upper_lies_above_lower() -> None:
    for upper, lower in (
        ("UPPER_LID", "LOWER_LID"),
        ("BROW_UPPER", "BROW_LOWER"),
        ("UPPER_LIP_OUTER", "LOWER_LIP_OUTER"),
        ("UPPER_LIP_INNER", "LOWER_LIP_INNER"),
    ):
        above = TEMPLATE[list(of_side("RIGHT", upper)), 1]
        below = TEMPLATE[list(of_side("RIGHT", lower)), 1]
        assert (above <= below + 1e-3).all(), upper


def test_the_iris_runs_from_inner_over_top_to_outer_and_bottom() -> None:
    inner, top, outer, bottom = TEMPLATE[list(mesh.LEFT_IRIS)]
    centre = TEMPLATE[mesh.LEFT_IRIS_CENTRE]
    assert inner[0] < centre[0] < outer[0]
    assert top[1] < centre[1] < bottom[1]
    assert mirrored(mesh.RIGHT_IRIS) == mesh.LEFT_IRIS


def test_the_outline_is_one_closed_walk_from_the_forehead_by_the_right_side() -> None:
    edges = undirected(mediapipe_mesh.FACEMESH_FACE_OVAL)
    around = (*mesh.FACE_OVAL, mesh.FACE_OVAL[0])
    walked = {(min(s), max(s)) for s in pairwise(around)}
    assert walked == edges
    assert mesh.FACE_OVAL[0] == mesh.FOREHEAD
    assert TEMPLATE[mesh.FACE_OVAL[1], 0] < 0


def test_rigid_points_mirror_into_themselves() -> None:
    assert set(mirrored(mesh.RIGID)) == set(mesh.RIGID)


def test_the_triangles_are_mediapipes_852_and_use_every_edge_and_point() -> None:
    faces = triangles()
    assert faces.shape == (len(mediapipe_mesh.FACEMESH_TESSELATION) // 3, 3) == (852, 3)
    sides = Counter(
        (min(a, b), max(a, b))
        for t in faces.tolist()
        for a, b in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0]))
    )
    assert set(sides) == undirected(mediapipe_mesh.FACEMESH_TESSELATION)
    assert set(sides.values()) == {1, 2}
    assert np.array_equal(np.unique(faces), np.arange(468))


def test_the_mesh_is_a_disc_with_three_holes_for_eyes_and_mouth() -> None:
    faces = triangles()
    edges = undirected(mediapipe_mesh.FACEMESH_TESSELATION)
    assert 468 - len(edges) + len(faces) == 1 - 3
