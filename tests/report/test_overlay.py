from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import skimage.data

from facialis.clinical.anatomy import AffectedSide, Intensity, Region
from facialis.face import mesh
from facialis.grading.photograph import RegionFinding, RegionFindings
from facialis.report.canvas import LONG_SIDE, levelled
from facialis.report.overlay import draw_landmarks, draw_region_map
from facialis.report.palette import ACCENT, INK, INTENSITY_COLOURS, MUTED

MEASURE_BLUE = (87, 224, 255)


def count(pixels: np.ndarray, colour: tuple[int, int, int]) -> int:
    """Return how many pixels have exactly that colour."""
    return int((pixels == colour).all(axis=2).sum())


def turned(quarters: int, make):
    """Return the portrait and its landmarks turned counter-clockwise by quarters."""
    photograph = skimage.data.astronaut()
    points = np.array(make().face.landmarks)
    for _ in range(quarters):
        width = photograph.shape[1]
        photograph = np.rot90(photograph).copy()
        points[:, 0], points[:, 1] = points[:, 1].copy(), width - points[:, 0]
    return make(photograph=photograph, landmarks=points)


def test_the_long_side_is_large_enough_to_print(assessment):
    assert max(draw_landmarks(assessment).shape) == LONG_SIDE


def test_the_eyes_are_level_and_the_patients_right_is_on_the_viewers_left(assessment):
    canvas = levelled(assessment)
    right = canvas.points[mesh.RIGHT_OUTER_CANTHUS]
    left = canvas.points[mesh.LEFT_OUTER_CANTHUS]
    assert right[1] == pytest.approx(left[1], abs=1e-6)
    assert right[0] < left[0]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_photograph_gives_the_same_picture(assessment, make, quarters):
    upright = draw_landmarks(assessment).astype(int)
    again = draw_landmarks(turned(quarters, make)).astype(int)
    height, width = (min(a, b) for a, b in zip(upright.shape[:2], again.shape[:2], strict=True))
    assert np.abs(upright[:height, :width] - again[:height, :width]).mean() < 0.5


def test_landmarks_lie_on_what_the_picture_shows(make):
    photograph = np.zeros((400, 400, 3), dtype=np.uint8)
    points = np.array(make().face.landmarks) * 1.4 - (110, 0, 0)
    x, y = points[mesh.NOSE_TIP, :2].astype(int)
    points[mesh.NOSE_TIP, :2] = x + 0.5, y + 0.5
    photograph[y - 3 : y + 4, x - 3 : x + 4] = 255
    canvas = levelled(make(photograph=photograph, landmarks=points))
    light = canvas.pixels[:, :, 0].astype(float)
    rows, columns = np.indices(light.shape)
    found = (
        ((columns + 0.5) * light).sum() / light.sum(),
        ((rows + 0.5) * light).sum() / light.sum(),
    )
    assert found == pytest.approx(tuple(canvas.points[mesh.NOSE_TIP]), abs=0.5)


def test_measure_lines_are_drawn_for_a_usable_photograph(assessment):
    assert count(draw_landmarks(assessment), MEASURE_BLUE) > 200


def test_a_photograph_that_cannot_be_judged_has_no_measure_lines(unusable):
    assert count(draw_landmarks(unusable), MEASURE_BLUE) == 0


def test_lines_of_a_region_that_was_left_out_are_not_drawn(assessment, excluded):
    brow = slice(0, 500)
    assert count(draw_landmarks(assessment)[brow], MEASURE_BLUE) > 50
    assert count(draw_landmarks(excluded)[brow], MEASURE_BLUE) == 0


def test_lines_without_a_value_are_not_drawn(assessment, make):
    table = assessment.measures
    missing = tuple(
        replace(m, mm=None, interocular=None, not_measured="hidden") for m in table.items
    )
    bare = make(measures=replace(table, items=missing))
    assert count(draw_landmarks(bare), MEASURE_BLUE) == 0


def test_without_a_picture_the_face_is_drawn_from_its_landmarks(make):
    overlay = draw_landmarks(make(with_picture=False))
    assert max(overlay.shape) == LONG_SIDE
    assert overlay.std() > 10


def test_a_very_small_face_is_enlarged(make):
    photograph = skimage.data.astronaut()[::6, ::6].copy()
    small = make(photograph=photograph, landmarks=np.array(make().face.landmarks) / 6)
    assert max(draw_landmarks(small).shape) == LONG_SIDE


def test_pictures_without_millimetres_have_no_ruler(assessment, make):
    corner = (slice(1120, 1200), slice(0, 240))
    ruled, plain = draw_landmarks(assessment), draw_landmarks(make(with_mm=False))
    assert (ruled[corner] != plain[corner]).any()


def findings(side: AffectedSide) -> RegionFindings:
    """Return three strong findings on one side."""
    return RegionFindings(*(RegionFinding(Intensity.STRONG, 6.0, side) for _ in Region))


@pytest.mark.parametrize("side", [AffectedSide.RIGHT, AffectedSide.LEFT])
def test_the_weaker_side_is_outlined_on_the_side_of_the_patient(make, make_verdict, side):
    drawn = draw_region_map(make(verdict=make_verdict(regions=findings(side)), with_picture=False))
    neither = findings(AffectedSide.UNCERTAIN)
    plain = draw_region_map(make(verdict=make_verdict(regions=neither), with_picture=False))
    changed = (drawn != plain).any(axis=2)
    middle = changed.shape[1] // 2
    halves = {AffectedSide.RIGHT: changed[:, :middle], AffectedSide.LEFT: changed[:, middle:]}
    elsewhere = changed.sum() - halves[side].sum()
    assert halves[side].sum() > 5 * elsewhere


def test_a_region_that_was_left_out_is_hatched(excluded, assessment):
    grey = (120, 130, 138)
    top = slice(0, 600)
    assert count(draw_region_map(excluded)[top], grey) > 1000
    assert count(draw_region_map(assessment)[top], grey) < 50


def test_a_photograph_that_cannot_be_judged_has_no_map(unusable):
    with pytest.raises(ValueError, match="cannot be judged"):
        draw_region_map(unusable)


def luminance(colour: tuple[int, int, int]) -> float:
    """Return the relative luminance of sRGB, as WCAG 2 defines it."""
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_steps_differ_in_brightness_so_that_no_colour_vision_is_needed():
    light = {i: luminance(c) for i, c in INTENSITY_COLOURS.items()}
    order = sorted(light.values())
    assert all((b + 0.05) / (a + 0.05) > 1.8 for a, b in pairwise(order))
    assert light[Intensity.STRONG] == order[0]


def test_text_colours_are_readable_on_paper():
    for colour in (INK, MUTED, ACCENT):
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5
