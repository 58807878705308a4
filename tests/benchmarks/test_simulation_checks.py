"""The measures by which the simulator is checked are themselves right."""

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks import (
    simulation_blind,
    simulation_detectors,
    simulation_folds,
    simulation_patients,
    simulation_weakness,
)
from facialis.clinical.anatomy import Movement, Side
from facialis.face import mesh
from facialis.simulation.movements import MOVEMENTS
from facialis.simulation.muscles import MUSCLES
from facialis.simulation.people import Person

SCALE = 200.0
PAGE = Path(__file__).resolve().parents[2] / "docs" / "simulation.md"


def symmetric_face():
    face = mesh.TEMPLATE.copy()
    face = (face + face[mesh.MIRROR] * [-1, 1, 1]) / 2
    return face * SCALE + [256, 256, 0]


def noise(seed=0, side=512):
    levels = np.random.default_rng(seed).normal(150, 20, (side, side, 3))
    return np.clip(levels, 0, 255).astype(np.uint8)


class TestRatiosOfPatients:
    def test_pool_the_two_severities_of_the_published_table(self):
        real = simulation_patients.patients()
        assert real["mouth triangle", "smile", "flaccid severe"] == pytest.approx((0.40 + 0.24) / 2)
        assert real["eye area", "pucker", "synkinetic severe"] == pytest.approx((0.45 + 0.49) / 2)
        assert real["brow-eye distance", "rest", "flaccid mild"] == pytest.approx(0.925)
        assert real["commissure distance", "lower_teeth", "normal"] == 0.93
        assert len(real) == 4 * 8 * 5

    def test_of_a_symmetric_face_are_one(self):
        assert simulation_patients.ratios(symmetric_face()) == pytest.approx((1, 1, 1, 1))

    def test_do_not_change_in_the_mirror(self):
        face = symmetric_face() + np.random.default_rng(1).normal(0, 3, (478, 3))
        mirrored = simulation_weakness.mirrored_points(face, 512)
        assert simulation_patients.ratios(mirrored) == pytest.approx(
            simulation_patients.ratios(face)
        )

    def test_are_those_of_the_geometry(self):
        face = symmetric_face()
        iris = face[mesh.LEFT_IRIS_CENTRE].copy()
        lids = list(mesh.LEFT_UPPER_LID + mesh.LEFT_LOWER_LID)
        face[lids, 1] = iris[1] + 0.5 * (face[lids, 1] - iris[1])
        brow = list(mesh.LEFT_BROW_UPPER)
        middle = face[brow, :2].mean(axis=0)
        face[brow, :2] += 0.25 * (middle - iris[:2])
        eye_brow, eye_area, *_ = simulation_patients.ratios(face)
        assert eye_brow == pytest.approx(1 / 1.25)
        assert eye_area == pytest.approx(0.5)


class TestContrastOfFolds:
    def lined(self, start, end, darkness):
        grey = np.full((512, 512), 180.0, np.float32)
        stroke = np.zeros((512, 512), np.float32)
        cv2.line(stroke, start, end, 1.0, 3, cv2.LINE_AA)
        grey *= 1 - darkness * cv2.GaussianBlur(stroke, (0, 0), 2)
        return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)

    def cheek_line(self, face, way):
        x, y = face[358, :2] + 0.12 * SCALE * np.array((1, 0))
        return [tuple(np.round([x + k * way, y + k]).astype(int).tolist()) for k in (-10, 50)]

    def test_of_the_cheek_grows_with_the_darkness_of_the_line_on_that_side_alone(self):
        face = symmetric_face()
        ends = self.cheek_line(face, 0.4)
        seen = [self.lined(*ends, darkness) for darkness in (0, 0.1, 0.2, 0.4)]
        left, right = (
            simulation_folds.nasolabial_line(seen[-1], face, side)
            for side in (Side.LEFT, Side.RIGHT)
        )
        contrasts = [simulation_folds.contrast_along(left, p, face) for p in seen]
        assert np.all(np.diff(contrasts) > 0.005)
        assert contrasts[0] == pytest.approx(0, abs=1e-6)
        for pixels in seen:
            other = simulation_folds.contrast_along(right, pixels, face)
            assert other == pytest.approx(0, abs=1e-6)

    def test_of_the_cheek_is_found_on_the_line_and_followed_with_the_skin(self):
        face = symmetric_face()
        (x0, y0), (x1, y1) = ends = self.cheek_line(face, 0.4)
        pixels = self.lined(*ends, 0.3)
        line = simulation_folds.nasolabial_line(pixels, face, Side.LEFT)
        x, y = line.at(face).T
        assert np.abs(x - (x0 + (y - y0) * (x1 - x0) / (y1 - y0)))[4:-4].max() < 3
        moved = face + np.array((7, -4, 0))
        np.testing.assert_allclose(line.at(moved), line.at(face) + np.array((7, -4)), atol=1e-6)
        shifted = np.roll(pixels, (-4, 7), axis=(0, 1))
        assert simulation_folds.contrast_along(line, shifted, moved) == pytest.approx(
            simulation_folds.contrast_along(line, pixels, face), rel=1e-3
        )

    def test_of_the_forehead_sees_level_lines_and_not_upright_ones(self):
        face = symmetric_face()
        brow, above = face[list(mesh.LEFT_BROW_UPPER), :2].mean(axis=0), face[299, :2]
        x, y = np.round((brow + above) / 2 + [0, -0.05 * SCALE]).astype(int).tolist()
        level = self.lined((x - 60, y), (x + 60, y), 0.3)
        upright = self.lined((x, y - 60), (x, y + 60), 0.3)
        seen = [simulation_folds.forehead_contrast(p, face, Side.LEFT) for p in (level, upright)]
        assert seen[0] > 5 * seen[1]

    def test_is_the_other_sides_in_the_mirror(self):
        face, pixels = symmetric_face(), noise()
        mirrored = np.ascontiguousarray(pixels[:, ::-1])
        assert simulation_folds.forehead_contrast(mirrored, face, Side.RIGHT) == pytest.approx(
            simulation_folds.forehead_contrast(pixels, face, Side.LEFT), rel=0.01
        )
        left = simulation_folds.nasolabial_line(pixels, face, Side.LEFT)
        right = simulation_folds.nasolabial_line(mirrored, face, Side.RIGHT)
        np.testing.assert_allclose(right.at(face) * [-1, 1] + [512, 0], left.at(face), atol=0.1)


class TestDetectors:
    def test_statistics_see_a_blur_that_nobody_would(self):
        sharp = noise(side=256)
        blurred = cv2.GaussianBlur(sharp, (0, 0), 0.4)
        change = simulation_detectors.noise_statistics(blurred)
        change -= simulation_detectors.noise_statistics(sharp)
        assert change[7] < change[0] - 0.3

    def test_statistics_tell_blurred_people_from_sharp_ones(self):
        sharp = [noise(k, 128) for k in range(20)]
        pictures = [*sharp, *(cv2.GaussianBlur(p, (0, 0), 0.5) for p in sharp)]
        seen = np.stack([simulation_detectors.noise_statistics(p) for p in pictures])
        labels, people = np.repeat([0, 1], 20), np.tile(np.arange(20), 2)
        scores = simulation_detectors.held_out_scores(
            seen, labels, people, simulation_detectors.fit_statistics
        )
        told = simulation_detectors.auc_with_interval(scores, labels, people)
        assert told["auc"] > 0.98
        assert told["low"] <= told["auc"] <= told["high"]

    def test_never_score_a_person_that_they_learned(self):
        people = np.repeat(np.arange(10), 4)
        labels = np.tile([0, 1], 20)

        def fit(seen, _labels):
            learned = set(seen[:, 0])
            return lambda shown: np.array([row in learned for row in shown[:, 0]], float)

        seen = people[:, None].astype(float)
        rows = []

        def watched(own, wanted):
            score = fit(own, wanted)
            return lambda shown: rows.append(score(shown)) or np.zeros(len(shown))

        simulation_detectors.held_out_scores(seen, labels, people, watched)
        assert sum(len(r) for r in rows) == 40
        assert not np.concatenate(rows).any()

    def test_area_is_that_of_another_library(self):
        rng = np.random.default_rng(2)
        labels = rng.integers(0, 2, 200)
        scores = np.round(rng.normal(labels, 1.0), 1)
        assert simulation_detectors.area_under_curve(scores, labels) == pytest.approx(
            roc_auc_score(labels, scores)
        )

    def test_area_is_a_half_of_scores_that_know_nothing(self):
        rng = np.random.default_rng(0)
        people = np.repeat(np.arange(100), 10)
        told = simulation_detectors.auc_with_interval(
            rng.normal(size=1000), rng.integers(0, 2, 1000), people
        )
        assert told["low"] < 0.5 < told["high"]
        assert told["high"] - told["low"] < 0.12


def row(person, movement, weakness, **more):
    values = {
        "person": person, "sex": "female", "movement": movement.value, "weakness": weakness,
        "side": "left", "refused": [], "distance": 2 + weakness, "change": weakness,
        "called": weakness >= 0.5,
        "seen_side": "left" if weakness >= 0.5 else "none",
        "nasolabial": 1 - 0.5 * weakness, "nasolabial_healthy": 1.0,
        "forehead": 1 - weakness, "forehead_healthy": 1.0,
    }  # fmt: skip
    values |= {f"off_{place}": 0.01 for place in simulation_weakness.PLACES}
    return values | more


class TestSummaryOfWeakness:
    def rows(self, **more):
        return [
            row(person, movement, weakness, **more)
            for person in ("a", "b")
            for movement in simulation_weakness.MOVEMENTS
            for weakness in simulation_weakness.WEAKNESSES
        ]

    def test_counts_what_grows_who_is_called_and_which_side(self):
        found = simulation_weakness.summary(self.rows())
        smile = found["movements"]["smile"]
        assert smile["trend"] == {"people": 2, "median": 1.0, "tenth": 1.0, "share": 1.0}
        assert (smile["clear"], smile["clear_called"], smile["clear_right"]) == (14, 12, 12)
        assert (smile["whole"], smile["whole_called"], smile["clear_wrong"]) == (2, 0, 0)
        assert smile["landmarks"]["lips"] == {"median": 0.01, "p95": 0.01}
        assert found["folds"]["forehead"]["trend"]["all"]["share"] == 1.0
        assert found["folds"]["nasolabial"]["kept_by_weakness"][-1] == 0.5

    def test_counts_a_wrong_side_as_wrong(self):
        smile = simulation_weakness.summary(self.rows(side="right"))["movements"]["smile"]
        assert smile["called_right"] == 0
        assert smile["clear_wrong"] == 12

    def test_leaves_out_what_was_refused_and_says_so(self):
        rows = self.rows()
        for r in rows:
            if (r["person"], r["movement"], r["weakness"]) == ("a", "rest", 1.0):
                del r["distance"], r["called"], r["seen_side"]
                r["refused"] = ["eyes closed"]
        rest = simulation_weakness.summary(rows)["movements"]["rest"]
        assert (rest["refused"], rest["reasons"]) == (1, ["eyes closed"])
        assert rest["clear"] == 13

    def test_stands_in_tables(self):
        found = simulation_weakness.summary(self.rows())
        mirror = {
            "people": 1, "pictures": 6, "largest_level": 3, "mean_level": 0.0,
            "share_above_two_levels": 0.0, "largest_landmark_px": 1e-12,
        }  # fmt: skip
        text = simulation_weakness.tables(found | {"mirror": mirror})
        assert "| smile | 1.000 | 100 % | 1.000 | 100 % | 12 of 12 (100.0 %) | 2 of 14 |" in text


class TestBlindSheet:
    def people(self):
        return [Person(name=f"{k:03d}", neutral=Path("x_neutral.jpg")) for k in range(40)]

    def test_simulates_half_of_it_alike_in_movement_and_in_all_grades(self):
        drawn = list(simulation_blind.scenes(self.people(), np.random.default_rng(0)))
        kinds = Counter((s.movement, simulated) for s, simulated in drawn)
        assert set(kinds.values()) == {10}
        for movement in (Movement.REST, Movement.SMILE):
            grades = [s.grade for s, simulated in drawn if simulated and s.movement is movement]
            assert set(grades) == {1, 2, 3, 4, 5, 6}
        assert all((s.lesion is None) == (s.grade == 1) for s, _ in drawn)

    def test_is_never_written_into_the_repository(self, tmp_path):
        with pytest.raises(SystemExit, match="repository"):
            simulation_blind.write(tmp_path, PAGE.parent / "blind", tmp_path)


def test_the_page_names_every_muscle():
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in MUSCLES if f"`{name}`" not in page] == []


def test_the_movements_checked_have_contractions():
    assert all(m in MOVEMENTS for m in simulation_weakness.MOVEMENTS)
