"""Building a norm table: from photographs, and from readings whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from facialis.clinical.anatomy import Side
from facialis.errors import InputError, OutputError
from facialis.face.mesh import TEMPLATE
from facialis.face.pose import head_pose
from facialis.face.search import find_faces
from facialis.face.warp import turned
from facialis.measures.lesions import Lesion, drawn_lesion, with_lesion
from facialis.measures.norms import View, read_norms
from facialis.measures.norms_build import build_norms, fitted
from facialis.measures.norms_checks import rate
from facialis.measures.norms_faces import LesionReading, Reading, Subject, degraded, find_subjects
from facialis.measures.norms_fit import Material, fit_norm, gather
from facialis.measures.side import side_evidence
from facialis.measures.symmetry import FEATURES
from facialis.media.photo import Frame

PEOPLE = 10
YAW_ERROR = 0.02
"""How far the synthetic landmarker moves the left commissure at 20° of yaw, interocular units."""


def synthetic_material(people: int = 20, renders: int = 12, seed: int = 0) -> Material:
    """Readings of symmetric people with random asymmetry, and a landmarker that errs with yaw."""
    rng = np.random.default_rng(seed)
    healthy, weak = [], []
    smile = np.zeros_like(TEMPLATE)
    smile[:, 0] = 0.1 * TEMPLATE[:, 0] * (TEMPLATE[:, 1] > 0.4)

    def seen(face: np.ndarray, yaw: float) -> np.ndarray:
        read = face + rng.normal(0, 0.003, TEMPLATE.shape)
        read[[291, 308], 0] += YAW_ERROR * yaw / 20
        return read

    for number in range(people):
        own = TEMPLATE + rng.normal(0, 0.004, TEMPLATE.shape)
        for condition, face in (("rest", own), ("smile", own + smile)):
            name = f"p{number:02}"
            for k in range(1 + renders):
                yaw = 0.0 if k == 0 else float(rng.uniform(-25, 25))
                view = View(yaw, float(rng.uniform(-10, 10)), 0.02)
                healthy.append(
                    Reading(name, condition, seen(face, yaw), view, rendered=k > 0, asked_yaw=yaw)
                )
            for _ in range(4):
                lesion, side = drawn_lesion(rng), Side.LEFT if rng.random() < 0.5 else Side.RIGHT
                moved = with_lesion(
                    face, lesion, side, smile=smile if condition == "smile" else None, rng=rng
                )
                weak.append(
                    LesionReading(name, condition, lesion, side, seen(moved, 0.0), View(0, 0, 0.02))
                )
    return gather(healthy, weak)


@pytest.fixture(scope="module")
def material() -> Material:
    return synthetic_material()


@pytest.fixture(scope="module")
def table(material: Material) -> dict:
    people = {
        name: Subject(name, 20 + 2 * i, "female" if i % 2 else "male", None)
        for i, name in enumerate(material.people)
    }
    return fitted(material, people, name="synthetic")


def test_the_landmarkers_error_with_yaw_is_learned(material: Material) -> None:
    norm = fit_norm(material, ("rest", "smile"), material.people)
    terms = np.array([1.0, 0.0, 1.0, 0.0])
    at_20_degrees = terms @ norm.pose[:, list(FEATURES).index("commissure_reach")]
    assert at_20_degrees == pytest.approx(YAW_ERROR, abs=0.002)


def test_a_healthy_face_is_nearer_than_one_with_a_lesion(material: Material) -> None:
    norm = fit_norm(material, ("rest", "smile"), material.people)
    healthy = norm.distances(material.asymmetry, material.views)
    strong = np.array([r.lesion.loss > 0.5 for r in material.weak])
    weak = norm.distances(material.weak_asymmetry[strong], [View(0, 0, 0.02)] * strong.sum())
    assert np.percentile(healthy, 95) < np.percentile(weak, 5)


def test_people_left_out_of_a_norm_do_not_change_it(material: Material) -> None:
    some = material.people[:10]
    kept = [r for r in material.healthy if r.subject in some]
    kept_weak = [r for r in material.weak if r.subject in some]
    one = fit_norm(material, ("rest",), some)
    other = fit_norm(gather(kept, kept_weak), ("rest",), some)
    np.testing.assert_allclose(one.covariance, other.covariance)
    np.testing.assert_allclose(one.lesions, other.lesions)


def test_the_evidence_names_the_side_of_a_lesion(material: Material, table: dict) -> None:
    norm = fit_norm(material, ("rest", "smile"), material.people)
    prototypes = np.array(table["calibration"]["prototypes"])
    right = [
        side_evidence(norm, prototypes, norm.residual(a, r.view), 1.0) * s > 0
        for a, r, s in zip(material.weak_asymmetry, material.weak, material.weak_sides, strict=True)
        if r.lesion.loss > 0.3
    ]
    assert np.mean(right) > 0.98


def test_a_table_can_be_read_back(table: dict, tmp_path: Path) -> None:
    path = tmp_path / "synthetic.json"
    path.write_text(json.dumps(table), encoding="utf-8")
    norms = read_norms(path)
    assert norms.people == 20
    assert norms.age_range == (20, 58)
    assert set(norms.norms) == {"rest", "smile", "any"}
    threshold, median = (norms.calibration[k]["any"] for k in ("threshold", "median"))
    assert threshold > 1.3 * median


def test_few_people_apart_from_the_norm_are_called(table: dict) -> None:
    checks = table["checks"]
    assert checks["photographs"]["of"] == 40
    assert checks["photographs"]["share"] < 0.05
    groups = checks["turned_by_group"]["sex"]
    assert groups["female"]["of"] + groups["male"]["of"] == checks["turned_within_20_degrees"]["of"]
    assert set(checks["median_distance"]["ethnic_group"]) == {"not given"}


def test_severity_grows_with_distance_and_lies_within_its_bounds(table: dict) -> None:
    severity = table["calibration"]["severity"]
    for key in ("distance", "low", "value", "high"):
        assert severity[key] == sorted(severity[key])
    assert all(
        a <= b <= c
        for a, b, c in zip(severity["low"], severity["value"], severity["high"], strict=True)
    )
    assert severity["value"][0] == 0
    assert severity["value"][-1] > 40


def test_a_rate_has_wilsons_interval() -> None:
    found = rate(np.array([True] * 3 + [False] * 97))
    assert (found["called"], found["of"], found["share"]) == (3, 100, 0.03)
    assert (found["low"], found["high"]) == (0.0103, 0.0845)  # as published for 3 of 100


def test_a_rate_of_nothing_says_nothing() -> None:
    found = rate(np.zeros(0, bool))
    assert (found["of"], found["low"], found["high"]) == (0, 0.0, 1.0)


def test_lesions_lower_the_brow_and_the_commissure_of_their_side() -> None:
    rng = np.random.default_rng(0)
    moved = with_lesion(TEMPLATE, Lesion(1, 1, 1), Side.RIGHT, smile=None, rng=rng)
    down = moved[:, 1] - TEMPLATE[:, 1]
    assert down[61] > 0.02 > abs(down[291])
    assert down[105] > 0.02 > abs(down[334])
    assert moved[61, 0] > TEMPLATE[61, 0]


def test_no_weakness_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    same = with_lesion(TEMPLATE, Lesion(0, 0, 0), Side.LEFT, smile=None, rng=rng)
    np.testing.assert_array_equal(same, TEMPLATE)


def test_a_synkinetic_eye_narrows_most_while_smiling() -> None:
    lesion, smile = Lesion(0, 1, 0, synkinetic=True), np.zeros_like(TEMPLATE)
    rest, smiling = (
        with_lesion(TEMPLATE, lesion, Side.LEFT, smile=s, rng=np.random.default_rng(1))
        for s in (None, smile)
    )
    gaps = [face[374, 1] - face[386, 1] for face in (TEMPLATE, rest, smiling)]
    assert gaps[0] > gaps[1] > gaps[2]


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten 'people' made from the astronaut by warping her mesh, at rest and smiling."""
    folder = tmp_path_factory.mktemp("faces")
    picture = np.ascontiguousarray(skimage.data.astronaut()[:320, 60:380])
    points = find_faces(Frame.from_array(picture))[0].points
    scale = head_pose(points).scale
    rng = np.random.default_rng(3)
    rows = ["subject,age,sex,ethnic_group"]
    for number in range(PEOPLE):
        shape = points + rng.normal(0, 0.01 * scale, (1, 3)) * (points - points.mean(0)) / scale
        for condition, stretch in (("neutral", 0.0), ("smile", 0.05)):
            wide = shape.copy()
            mouth = (points[:, 1] > points[2, 1])[:, None]
            wide += mouth * stretch * (points - points.mean(axis=0)) * [1, 0, 0]
            face = turned(picture, points, yaw=0, pitch=0, reshaped=wide)
            cv2.imwrite(str(folder / f"{number:03}_{condition}.jpg"), face[:, :, ::-1])
        rows.append(f"{number:03},{30 + number},{'male' if number % 2 else 'female'},NA")
    (folder / "subjects.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def test_a_table_is_built_from_photographs_and_the_jobs_do_not_change_it(
    faces: Path, tmp_path: Path
) -> None:
    done: list[tuple[int, int]] = []
    tables = []
    for jobs in (1, 2):
        out = tmp_path / f"jobs{jobs}" / "own.json"
        out.parent.mkdir()
        norms = build_norms(
            faces, out, renders=1, lesions=1, jobs=jobs, progress=lambda *a: done.append(a)
        )
        tables.append(out.read_bytes())
        assert [p.name for p in out.parent.iterdir()] == ["own.json"]
    assert tables[0] == tables[1]
    assert norms.people == PEOPLE
    assert norms.age_range == (30, 39)
    assert done[-1] == (PEOPLE, PEOPLE)
    assert "20 renders" in norms.note
    assert "20 photographs" in norms.note


def test_too_few_people_are_refused_with_the_names_that_are_expected(
    faces: Path, tmp_path: Path
) -> None:
    for path in sorted(faces.glob("00[0-3]_*.jpg")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(InputError, match=r"at least 10 people, and 4 have.*_smile\.jpg"):
        find_subjects(tmp_path)
    with pytest.raises(InputError, match="0 have both"):
        find_subjects(tmp_path / "missing")


def test_people_may_go_without_a_description(faces: Path, tmp_path: Path) -> None:
    for path in faces.glob("*.jpg"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    people, photographs = find_subjects(tmp_path)
    assert len(photographs) == 2 * PEOPLE
    assert people["003"] == Subject("003", None, None, None)


def test_a_folder_that_is_missing_is_named_before_any_work(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere.*does not exist"):
        build_norms(faces, tmp_path / "nowhere" / "own.json")


def test_degrading_keeps_the_picture_recognisable(faces: Path) -> None:
    picture = cv2.imread(str(faces / "000_neutral.jpg"))[:, :, ::-1]
    rng = np.random.default_rng(5)
    for _ in range(20):
        worse = degraded(np.ascontiguousarray(picture), 160.0, rng)
        assert worse.dtype == np.uint8
        small = cv2.resize(worse, (32, 32), interpolation=cv2.INTER_AREA).astype(float).mean(axis=2)
        like = (
            cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA).astype(float).mean(axis=2)
        )
        assert np.corrcoef(small.mean(axis=1), like.mean(axis=1))[0, 1] > 0.9
