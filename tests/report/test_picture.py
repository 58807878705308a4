from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facialis.report.picture import Picture, crop_around


def dotted(height: int, width: int, x: int, y: int) -> np.ndarray:
    """Return a black photograph with one white block around (x, y)."""
    photograph = np.zeros((height, width, 3), dtype=np.uint8)
    photograph[max(0, y - 8) : y + 8, max(0, x - 8) : x + 8] = 255
    return photograph


def centre_of_light(pixels: np.ndarray) -> tuple[float, float]:
    """Return the centroid of brightness, (0, 0) being the corner of the first pixel."""
    light = pixels[:, :, 0].astype(float)
    rows, columns = np.indices(light.shape)
    return (
        float((light * (columns + 0.5)).sum() / light.sum()),
        float((light * (rows + 0.5)).sum() / light.sum()),
    )


@settings(max_examples=15, deadline=None)
@given(
    x=st.integers(300, 2300),
    y=st.integers(300, 1700),
    half=st.integers(30, 900),
)
def test_a_point_of_the_photograph_is_found_in_the_crop(x, y, half):
    photograph = dotted(2000, 2600, x, y)
    picture = crop_around(photograph, (x - half, y - half, x + half, y + half))
    found = centre_of_light(picture.pixels)
    expected = ((x - picture.x0) * picture.scale, (y - picture.y0) * picture.scale)
    assert found == pytest.approx(expected, abs=0.6)
    assert max(picture.pixels.shape) <= 2000
    assert picture.scale <= 1


def test_a_box_beyond_the_photograph_is_clipped():
    photograph = dotted(100, 80, 40, 50)
    picture = crop_around(photograph, (-30.0, -20.0, 200.0, 300.0))
    assert picture == Picture(photograph, 0.0, 0.0, 1.0)


def test_the_crop_does_not_hold_on_to_the_photograph():
    photograph = dotted(100, 80, 40, 50)
    picture = crop_around(photograph, (20.0, 20.0, 40.0, 40.0))
    photograph[:] = 7
    assert not (picture.pixels == 7).any()


def test_pictures_are_equal_by_what_they_show():
    photograph = dotted(100, 80, 40, 50)
    one = crop_around(photograph, (20.0, 20.0, 40.0, 40.0))
    same = crop_around(photograph, (20.0, 20.0, 40.0, 40.0))
    assert one == same
    assert one != crop_around(photograph, (25.0, 20.0, 45.0, 40.0))
    assert one != "a picture"
