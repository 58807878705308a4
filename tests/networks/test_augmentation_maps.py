"""A square in a picture is found where closed forms say that an alteration puts it."""

from __future__ import annotations

import math

import pytest
import torch

from facialis.networks.augmentation import UNLABELLED, affine, moved_images, moved_labels

SIZE, SIDE = 128, 17
RIGHT, DOWN = 24, -16
"""Of the square's middle, pixels from the picture's."""


def planted() -> torch.Tensor:
    """A picture that is black but for a white square."""
    image = torch.zeros(1, 1, SIZE + 1, SIZE + 1, dtype=torch.uint8)
    x, y = SIZE // 2 + RIGHT, SIZE // 2 + DOWN
    image[..., y - SIDE // 2 : y + SIDE // 2 + 1, x - SIDE // 2 : x + SIDE // 2 + 1] = 255
    return image


def middle_and_area(seen: torch.Tensor) -> tuple[float, float, float]:
    """Of what is white: pixels to the right of and below the picture's middle, and how many."""
    weights = seen.double() / 255
    places = torch.arange(SIZE + 1, dtype=torch.float64) - SIZE // 2
    area = weights.sum()
    right, down = (weights.sum(0) @ places) / area, (weights.sum(1) @ places) / area
    return float(right), float(down), float(area)


def turned(right: float, down: float, degrees: float) -> tuple[float, float]:
    """A place after a turn clockwise on screen, where y points down."""
    angle = math.radians(degrees)
    return (
        right * math.cos(angle) - down * math.sin(angle),
        right * math.sin(angle) + down * math.cos(angle),
    )


HALF = (SIZE + 1) / 2
CASES = [
    ({}, (RIGHT, DOWN), 1.0),
    ({"scale": 1.25}, (1.25 * RIGHT, 1.25 * DOWN), 1.25),
    ({"scale": 0.75}, (0.75 * RIGHT, 0.75 * DOWN), 0.75),
    ({"degrees": 90.0}, (-DOWN, RIGHT), 1.0),
    ({"degrees": 20.0}, turned(RIGHT, DOWN, 20), 1.0),
    ({"shift": (0.25, -0.125)}, (RIGHT + 0.25 * HALF, DOWN - 0.125 * HALF), 1.0),
    ({"shear": 0.2}, (RIGHT + 0.2 * DOWN, DOWN), 1.0),
    ({"mirrored": True}, (-RIGHT, DOWN), 1.0),
    (
        {"degrees": -10.0, "scale": 0.75, "shift": (-0.1, 0.2)},
        tuple(
            a + b * HALF
            for a, b in zip(
                turned(0.75 * RIGHT, 0.75 * DOWN, -10), (-0.1, 0.2), strict=True
            )
        ),
        0.75,
    ),
    ({"degrees": 90.0, "mirrored": True}, (-DOWN, -RIGHT), 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expected", "scale"), CASES)
def test_s0_17_s2_09_a_square_is_enlarged_turned_and_shifted_as_asked(asked, expected, scale):
    maps = affine(**{"degrees": torch.zeros(1)} | {
        name: torch.tensor([value]) for name, value in asked.items()
    })  # fmt: skip
    image = planted()
    right, down, area = middle_and_area(moved_images(image, maps)[0, 0])
    assert (right, down) == pytest.approx(expected, abs=0.1)
    assert area**0.5 == pytest.approx(scale * SIDE, abs=0.3)
    labels = moved_labels(image[:, 0], maps)
    beyond = moved_labels(torch.zeros_like(image[:, 0]), maps) == UNLABELLED
    right, down, area = middle_and_area(labels.masked_fill(beyond, 0)[0])
    assert (right, down) == pytest.approx(expected, abs=0.5)
    assert area**0.5 == pytest.approx(scale * SIDE, abs=0.5)
