"""Exposure, colour, blur, noise and compression."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.filters import gaussian
from skimage.metrics import peak_signal_noise_ratio

from facialis.simulation.camera import Camera, drawn_camera, taken

GREY = np.full((120, 160, 3), 90, np.uint8)


def shot(
    pixels: np.ndarray, camera: Camera, seed: int = 1, interocular: float = 50.0
) -> np.ndarray:
    return taken(pixels, camera, interocular=interocular, seed=seed)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return np.ascontiguousarray(data.astronaut()[:200, 100:300])


def test_a_camera_that_changes_nothing_leaves_every_byte(scene: np.ndarray) -> None:
    np.testing.assert_array_equal(shot(scene, Camera()), scene)


def test_one_stop_doubles_the_light() -> None:
    brighter = shot(GREY, Camera(exposure=1.0))
    assert ((brighter / 255) ** 2.2).mean() == pytest.approx(2 * (90 / 255) ** 2.2, rel=0.02)
    darker = shot(GREY, Camera(exposure=-1.0))
    assert ((darker / 255) ** 2.2).mean() == pytest.approx(0.5 * (90 / 255) ** 2.2, rel=0.02)


def test_overexposure_rolls_off_and_keeps_the_order_of_tones() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (8, 1, 3))
    tones = shot(ramp, Camera(exposure=0.6))[0, :, 0].astype(int)
    assert (np.diff(tones) >= 0).all()
    assert tones[230] < 255


def test_warmth_trades_blue_for_red_and_tint_green() -> None:
    red, green, blue = shot(GREY, Camera(warmth=0.2)).mean(axis=(0, 1))
    assert red > 95
    assert green == pytest.approx(90, abs=1)
    assert blue < 85
    red, green, blue = shot(GREY, Camera(tint=0.1)).mean(axis=(0, 1))
    assert green < 88 < red == blue


def test_contrast_spreads_tones_about_mid_grey() -> None:
    two = np.concatenate((GREY, 255 - GREY))
    dark, light = (shot(two, Camera(contrast=0.3))[row, 0, 0] for row in (0, -1))
    assert dark < 90
    assert light > 165
    flat = shot(two, Camera(contrast=-0.3))
    assert 90 < flat[0, 0, 0] < flat[-1, 0, 0] < 165


def test_defocus_is_a_gaussian_of_the_asked_width(scene: np.ndarray) -> None:
    ours = shot(scene, Camera(defocus=0.04))
    reference = gaussian(scene, 2.0, channel_axis=2, preserve_range=True, truncate=4)
    assert np.abs(ours.astype(float) - reference)[10:-10, 10:-10].max() < 3


@pytest.mark.parametrize(("angle", "along"), [(0, 1), (90, 0), (-90, 0)])
def test_motion_smears_along_its_angle_by_its_length(angle: float, along: int) -> None:
    dot = np.zeros((61, 61, 3), np.uint8)
    dot[30, 30] = 255
    smear = shot(dot, Camera(motion=0.3, motion_angle=angle))[..., 0].astype(float)
    at = np.argwhere(smear > 0.25 * smear.max())
    assert np.ptp(at[:, along]) == pytest.approx(15, abs=2)
    assert np.ptp(at[:, 1 - along]) <= 2


def test_noise_has_the_asked_spread_and_follows_its_seed() -> None:
    grey = np.full((300, 300, 3), 128, np.uint8)
    noisy = shot(grey, Camera(noise=5.0))
    assert noisy.astype(float).mean(axis=2).std() == pytest.approx(5, rel=0.15)
    assert noisy.mean() == pytest.approx(128, abs=0.2)
    np.testing.assert_array_equal(noisy, shot(grey, Camera(noise=5.0)))
    assert (noisy != shot(grey, Camera(noise=5.0), seed=2)).mean() > 0.5


def test_a_picture_that_was_smaller_and_one_of_low_quality_lose_detail(scene: np.ndarray) -> None:
    losses = [
        peak_signal_noise_ratio(scene, shot(scene, camera))
        for camera in (Camera(jpeg=95), Camera(jpeg=60), Camera(jpeg=20))
    ]
    assert losses == sorted(losses, reverse=True)
    small = shot(scene, Camera(reduction=3.0))
    assert small.shape == scene.shape
    assert cv2.Laplacian(small, cv2.CV_64F).std() < 0.5 * cv2.Laplacian(scene, cv2.CV_64F).std()


def test_the_mirror_image_is_taken_by_the_mirrored_camera(scene: np.ndarray) -> None:
    camera = Camera(motion=0.2, motion_angle=30.0, defocus=0.02)
    mirrored = np.ascontiguousarray(scene[:, ::-1])
    one, other = shot(scene, camera)[:, ::-1], shot(mirrored, camera.mirrored())
    assert np.abs(one.astype(int) - other).max() <= 1
    assert camera.mirrored().mirrored() == camera


def test_cameras_are_drawn_within_reason_and_by_seed() -> None:
    rng = np.random.default_rng(3)
    cameras = [drawn_camera(rng) for _ in range(400)]
    assert cameras[0] == drawn_camera(np.random.default_rng(3))
    assert all(c.jpeg is None or 35 <= c.jpeg <= 95 for c in cameras)
    assert all(abs(c.exposure) <= 0.6 and c.noise <= 9 and c.reduction >= 1 for c in cameras)
    shares = [
        np.mean([getattr(c, name) != getattr(Camera(), name) for c in cameras])
        for name in ("defocus", "motion", "noise", "reduction", "jpeg")
    ]
    np.testing.assert_allclose(shares, [0.22, 0.1, 0.5, 0.2, 0.6], atol=0.08)
    assert replace(cameras[0], exposure=0.0).exposure == 0
