"""Light from one side."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facialis.simulation.chart import FaceChart
from facialis.simulation.light import SideLight, drawn_light, lit


def under(face, light: SideLight) -> np.ndarray:
    """The light of each place against the unlit picture (H, W)."""
    picture = 0.5 * face.pixels.astype(np.float32)
    return (lit(picture, FaceChart(face.points), light) / np.maximum(picture, 1)).mean(axis=2)


def cheeks(face, gain: np.ndarray) -> tuple[float, float]:
    """Means of the cheeks on the left and on the right of the picture."""
    return (
        float(gain[face.box((-0.65, -0.4), (0.2, 0.6))].mean()),
        float(gain[face.box((0.4, 0.65), (0.2, 0.6))].mean()),
    )


def test_no_share_of_the_light_changes_nothing(painted_face) -> None:
    gain = under(painted_face, SideLight(azimuth=60, strength=0.0))
    np.testing.assert_allclose(gain, 1, atol=1e-4)


@pytest.mark.parametrize("azimuth", [-60, 60])
def test_the_cheek_towards_the_lamp_is_brighter(painted_face, azimuth: float) -> None:
    left, right = cheeks(painted_face, under(painted_face, SideLight(azimuth=azimuth)))
    assert (right - left) * np.sign(azimuth) > 0.1


def test_the_sides_part_further_with_strength(painted_face) -> None:
    ratios = []
    for strength in (0.2, 0.5, 0.8):
        gain = under(painted_face, SideLight(azimuth=60, strength=strength))
        left, right = cheeks(painted_face, gain)
        ratios.append(right / left)
    assert ratios == sorted(ratios)
    assert ratios[-1] > ratios[0] + 0.2


def test_shading_is_lamberts_cosine_up_to_one_factor(painted_face) -> None:
    """Whole light from one lamp: gain**2.2 over two places is the ratio of their cosines."""
    light = SideLight(azimuth=40, elevation=0, strength=1.0)
    gain = under(painted_face, light) ** 2.2
    chart = FaceChart(painted_face.points)
    picked = []
    for triangle in ((50, 101, 118), (280, 330, 347), (10, 108, 337)):
        a, b, c = chart.points[list(triangle)]
        normal = np.cross(b - a, c - a)
        normal *= -np.sign(normal[2]) / np.linalg.norm(normal)
        column, row = np.floor((a + b + c)[:2] / 3).astype(int)
        picked.append((gain[row, column], normal @ light.direction))
    gains, cosines = np.array(picked).T
    np.testing.assert_allclose(gains / gains[2], cosines / cosines[2], rtol=0.2)


def test_a_shadow_darkens_the_far_side_of_the_nose_most(painted_face) -> None:
    plain = under(painted_face, SideLight(azimuth=45, elevation=10, strength=0.8))
    cast = under(
        painted_face, SideLight(azimuth=45, elevation=10, strength=0.8, shadow=1.0, softness=0.02)
    )
    change = cast / plain
    far = change[painted_face.box((-0.34, -0.2), (0.25, 0.45))].mean()
    near = change[painted_face.box((0.2, 0.34), (0.25, 0.45))].mean()
    assert far < 0.9 * near


def test_a_high_lamp_lights_the_forehead_more_than_below_the_lip(painted_face) -> None:
    gain = under(painted_face, SideLight(azimuth=0, elevation=45, strength=0.8))
    forehead = gain[painted_face.box((-0.2, 0.2), (-0.5, -0.35))].mean()
    below_lip = gain[painted_face.box((-0.15, 0.15), (0.9, 0.97))].mean()
    assert forehead > 1.1 * below_lip


def test_a_plain_wall_behind_the_head_hardly_changes(painted_face) -> None:
    gain = under(painted_face, SideLight(azimuth=75, elevation=0, strength=0.9))
    left, right = cheeks(painted_face, gain)
    wall_left, wall_right = gain[:, :20].mean(), gain[:, -20:].mean()
    assert 1 < wall_right / wall_left < 1 + 0.6 * (right / left - 1)


def test_in_a_cluttered_room_the_light_fades_smoothly_round_the_face(painted_face) -> None:
    clutter = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    room = cv2.resize(clutter, (256, 256), interpolation=cv2.INTER_NEAREST).astype(np.float32)
    chart = FaceChart(painted_face.points)
    room = 20 + 0.4 * room
    gain = (lit(room, chart, SideLight(azimuth=60, strength=0.8)) / room).mean(axis=2)
    assert gain[100, 225] > gain[100, 30]
    assert np.abs(np.diff(gain, axis=1)).max() < 0.2


def test_bright_light_rolls_off_below_white(painted_face) -> None:
    picture = np.full((256, 256, 3), 215, np.float32)
    bright = lit(picture, FaceChart(painted_face.points), SideLight(azimuth=60, strength=0.9))
    assert 215 < bright.max() < 255


def test_lamps_stand_on_both_sides_alike() -> None:
    rng = np.random.default_rng(1)
    lamps = [drawn_light(rng) for _ in range(600)]
    azimuths = np.array([lamp.azimuth for lamp in lamps])
    assert (azimuths > 0).mean() == pytest.approx(0.5, abs=0.06)
    assert np.abs(azimuths).mean() == pytest.approx(52.5, abs=3)
    assert np.mean([lamp.shadow > 0 for lamp in lamps]) == pytest.approx(0.5, abs=0.06)
    lamp = lamps[0]
    np.testing.assert_allclose(lamp.mirrored().direction, lamp.direction * [-1, 1, 1], atol=1e-12)
    assert np.linalg.norm(lamp.direction) == pytest.approx(1)
