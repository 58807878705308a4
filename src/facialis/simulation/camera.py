"""What a camera and its file do to a picture: exposure, colour, blur, noise, fewer pixels, JPEG."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.simulation.chance import happens

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]

_DARK_NOISE: Final = 0.7
_CHROMA_NOISE: Final = 0.6
_NO_BLUR: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """How a picture was taken and stored; every default leaves it as it is.

    Attributes:
        exposure: Stops brighter.
        warmth: Red against blue, −1 to 1; 0.1 is a visible cast.
        tint: Magenta against green, −1 to 1.
        contrast: Steeper (above 0) or flatter curve through mid-grey, −1 to 1.
        defocus: Standard deviation of the blur in interocular distances.
        motion: Length of a motion blur in interocular distances.
        motion_angle: Degrees from the picture's x towards its y.
        noise: Standard deviation at mid-grey in levels of 255.
        reduction: Factor by which the picture was once smaller.
        jpeg: Quality 1 to 100, None for not compressed.
    """

    exposure: float = 0.0
    warmth: float = 0.0
    tint: float = 0.0
    contrast: float = 0.0
    defocus: float = 0.0
    motion: float = 0.0
    motion_angle: float = 0.0
    noise: float = 0.0
    reduction: float = 1.0
    jpeg: int | None = None

    def mirrored(self) -> Camera:
        """Return the camera that takes the mirror image."""
        return replace(self, motion_angle=-self.motion_angle)


def drawn_camera(rng: np.random.Generator) -> Camera:
    """Draw a camera: usually a good one, sometimes a moving, dim or stingy one."""
    is_defocused, is_moving = happens(rng, 0.22), happens(rng, 0.1)
    is_noisy, was_small, is_compressed = happens(rng, 0.5), happens(rng, 0.2), happens(rng, 0.6)
    return Camera(
        exposure=float(np.clip(rng.normal(0, 0.22), -0.6, 0.6)),
        warmth=float(np.clip(rng.normal(0, 0.07), -0.2, 0.2)),
        tint=float(np.clip(rng.normal(0, 0.03), -0.08, 0.08)),
        contrast=float(np.clip(rng.normal(0, 0.12), -0.3, 0.3)),
        defocus=float(rng.uniform(0.005, 0.022)) if is_defocused else 0.0,
        motion=float(rng.uniform(0.02, 0.06)) if is_moving else 0.0,
        motion_angle=float(rng.uniform(-90, 90)),
        noise=float(min(9.0, rng.gamma(2.0, 1.4))) if is_noisy else 0.0,
        reduction=float(rng.uniform(1.2, 2.4)) if was_small else 1.0,
        jpeg=int(rng.integers(35, 96)) if is_compressed else None,
    )


def taken(pixels: Pixels, camera: Camera, *, interocular: float, seed: int) -> Pixels:
    """Take a picture of a picture.

    Args:
        pixels: (H, W, 3) RGB.
        camera: What takes it.
        interocular: Pixels between the outer corners of the eyes.
        seed: Of the noise.
    """
    picture = np.asarray(cv2.LUT(pixels, _curves(camera)), np.uint8)
    picture = _blurred(picture, camera, interocular)
    if camera.reduction > 1:
        picture = _once_smaller(picture, camera.reduction)
    if camera.noise > 0:
        picture = _noisy(picture, camera.noise, np.random.default_rng(seed))
    if camera.jpeg is not None:
        quality = [cv2.IMWRITE_JPEG_QUALITY, camera.jpeg]
        _, stored = cv2.imencode(".jpg", picture[..., ::-1], quality)
        picture = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]
    return np.ascontiguousarray(picture, dtype=np.uint8)


def _curves(camera: Camera) -> Pixels:
    """Tone curves (256, 1, 3): gains in linear light, then contrast, with a shoulder at white."""
    gains = 2.0**camera.exposure * np.exp(
        [camera.warmth, -camera.tint, -camera.warmth], dtype=np.float64
    )
    level = np.linspace(0, 1, 256)[:, None]
    bright = level * gains ** (1 / 2.2)
    knee = 0.8
    over = np.maximum(0, bright - knee)
    room = 1 - knee
    rolled = np.where(gains > 1, knee + room * (1 - np.exp(-over / room)), bright)
    bright = np.where(bright > knee, rolled, bright)
    steep = bright + camera.contrast * (bright - 0.5) * bright * (1 - bright) * 4
    return np.asarray(np.clip(np.round(255 * steep), 0, 255), np.uint8)[:, None]


def _blurred(picture: Pixels, camera: Camera, interocular: float) -> Pixels:
    sigma = camera.defocus * interocular
    if sigma > _NO_BLUR:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    length = camera.motion * interocular
    if length > 1:
        half = int(np.ceil(length / 2)) + 1
        kernel = np.zeros((8 * (2 * half + 1),) * 2, np.uint8)
        middle = kernel.shape[0] / 2 - 0.5
        reach = (
            4
            * length
            * np.array(
                [np.cos(np.radians(camera.motion_angle)), np.sin(np.radians(camera.motion_angle))]
            )
        )
        ends = np.round(16 * (middle + np.stack((-reach, reach)))).astype(np.int32)
        cv2.polylines(kernel, [ends], False, (255,), 8, cv2.LINE_AA, 4)
        small = cv2.resize(kernel, (2 * half + 1,) * 2, interpolation=cv2.INTER_AREA)
        weights = small.astype(np.float32) / small.sum()
        picture = np.asarray(
            cv2.filter2D(picture, -1, weights, borderType=cv2.BORDER_REPLICATE), np.uint8
        )
    return picture


def _once_smaller(picture: Pixels, factor: float) -> Pixels:
    height, width = picture.shape[:2]
    size = (max(8, round(width / factor)), max(8, round(height / factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    back = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(back, np.uint8)


def _noisy(picture: Pixels, noise: float, rng: np.random.Generator) -> Pixels:
    """Add noise that is strongest in the middle tones, finer in brightness than in colour."""
    height, width = picture.shape[:2]
    fine = rng.standard_normal((height, width), dtype=np.float32)
    coarse = rng.standard_normal(((height + 1) // 2, (width + 1) // 2, 3), dtype=np.float32)
    colour = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    level = picture.astype(np.float32)
    share = _DARK_NOISE + (1 - _DARK_NOISE) * np.sin(level * np.float32(np.pi / 255))
    grain = noise * share * (fine[..., None] + _CHROMA_NOISE * colour)
    return np.asarray(np.clip(level + grain + 0.5, 0, 255), np.uint8)
