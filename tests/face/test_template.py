"""Building the mean face: similarity fits and the symmetric mean."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial.transform import Rotation

from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.face.template import main, mean_face, similarity

Pixels = NDArray[np.uint8]


@given(
    st.integers(0, 2**32 - 1),
    st.floats(0.01, 100),
    st.tuples(*[st.floats(-500, 500)] * 3),
)
def test_a_similarity_is_recovered_from_points_that_it_moved(
    seed: int, scale: float, shift: tuple[float, float, float]
) -> None:
    rng = np.random.default_rng(seed)
    source = rng.normal(size=(12, 3))
    rotation = Rotation.random(rng=rng).as_matrix()
    target = scale * source @ rotation.T + shift
    found = similarity(source, target)
    assert found[0] == pytest.approx(scale)
    np.testing.assert_allclose(found[1], rotation, atol=1e-7)
    np.testing.assert_allclose(found[2], shift, atol=1e-5)


def test_the_rotation_is_scipys_least_squares_rotation() -> None:
    rng = np.random.default_rng(3)
    source = rng.normal(size=(20, 3))
    target = source @ Rotation.from_euler("xyz", [0.3, -0.2, 0.5]).as_matrix().T
    target += rng.normal(0, 0.2, target.shape)
    reference, _ = Rotation.align_vectors(
        target - target.mean(axis=0), source - source.mean(axis=0)
    )
    np.testing.assert_allclose(similarity(source, target)[1], reference.as_matrix(), atol=1e-9)


def test_points_that_were_mirrored_are_fitted_by_a_rotation_all_the_same() -> None:
    rng = np.random.default_rng(4)
    source = rng.normal(size=(20, 3))
    assert np.linalg.det(similarity(source, source * [-1, 1, 1])[1]) == pytest.approx(1)


def test_the_mean_of_turned_copies_of_one_symmetric_face_is_that_face() -> None:
    turns = Rotation.from_euler("y", [[-0.2], [0.2], [0.1], [-0.1]]).as_matrix()
    faces = [s * TEMPLATE @ r.T + 50 for s, r in zip((80, 120, 90, 200), turns, strict=True)]
    mean = mean_face(faces, MIRROR)
    np.testing.assert_allclose(mean, TEMPLATE, atol=2e-3)


def test_the_mean_of_crooked_faces_is_symmetric_with_the_stated_unit_and_origin() -> None:
    rng = np.random.default_rng(5)
    faces = [100 * (TEMPLATE + rng.normal(0, 0.02, TEMPLATE.shape)) for _ in range(6)]
    mean = mean_face(faces, MIRROR)
    np.testing.assert_allclose(mean[MIRROR] * [-1, 1, 1], mean, atol=1e-12)
    np.testing.assert_allclose(mean[[33, 263]].mean(axis=0), 0, atol=0.02)
    assert np.linalg.norm(mean[263] - mean[33]) == pytest.approx(1, abs=0.02)


def test_the_command_writes_a_table_of_every_point_and_its_mirror_point(
    astronaut: Pixels, tmp_path: Path
) -> None:
    for name, pixels in (("001", astronaut), ("002", astronaut[:, ::-1])):
        Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / f"{name}_neutral.jpg")
    (tmp_path / "003_smile.jpg").write_bytes(b"not read")
    out = tmp_path / "template.csv"
    main([str(tmp_path), "--out", str(out)])
    lines = out.read_text("utf-8").splitlines()
    assert lines[0].startswith("# Mean of 2 ")
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [int(r["index"]) for r in rows] == list(range(478))
    assert [int(r["mirror"]) for r in rows] == MIRROR.tolist()
    points = np.array([[float(r[c]) for c in "xyz"] for r in rows])
    np.testing.assert_allclose(points[MIRROR] * [-1, 1, 1], points, atol=2e-5)
    assert np.abs(points - TEMPLATE).max() < 0.25
