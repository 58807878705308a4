"""Photographs made worse on purpose, one fault at a time, by amounts that are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Region
from facialis.face import mesh
from facialis.face.landmarks import FaceLandmarks
from facialis.face.warp import turned

Points = NDArray[np.float64]
Pixels = NDArray[np.uint8]

_LUMINANCE: Final = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class Photograph:
    """A decoded photograph and the face found in it untouched."""

    pixels: Pixels
    face: FaceLandmarks


Fault = Callable[[Photograph, float], Pixels]


def shrunk(photograph: Photograph, interocular_px: float) -> Pixels:
    """Return the photograph reduced to so many pixels between the outer canthi."""
    zoom = interocular_px / photograph.face.interocular
    small: Any = cv2.resize(photograph.pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def blurred(photograph: Photograph, percent: float) -> Pixels:
    """Return it under a Gaussian blur; its standard deviation in percent of the interocular."""
    sigma = percent / 100 * photograph.face.interocular
    return np.asarray(cv2.GaussianBlur(photograph.pixels, (0, 0), sigma), np.uint8)


def darkened(photograph: Photograph, luminance: float) -> Pixels:
    """Return it scaled so that the face has a mean luminance, with a sensor's noise of 2 of 255."""
    return _exposed(photograph, luminance / _face_luminance(photograph), noise=2.0)


def brightened(photograph: Photograph, factor: float) -> Pixels:
    """Return it scaled by a factor and clipped at white."""
    return _exposed(photograph, factor, noise=0.0)


def lit_from_one_side(photograph: Photograph, ratio: float) -> Pixels:
    """Return it with the cheek of one side so many times as bright as that of the other."""
    middle = float(photograph.face.points[:, 0].mean())
    across = (np.arange(photograph.pixels.shape[1]) - middle) / photograph.face.interocular
    light = np.exp(np.log(ratio) / 2 * np.tanh(2 * across))
    light /= np.sqrt(ratio)
    return _in_range(photograph.pixels * light[None, :, None])


def compressed(photograph: Photograph, quality: float) -> Pixels:
    """Return it at 100 pixels between the outer canthi after JPEG of some quality."""
    bgr = shrunk(photograph, 100)[:, :, ::-1]
    _, packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    unpacked: Any = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(unpacked[:, :, ::-1], np.uint8)


def turned_to_the_left(photograph: Photograph, yaw: float) -> Pixels:
    """Return a render of the head turned to the patient's left."""
    return turned(photograph.pixels, photograph.face.points, yaw=yaw, pitch=0)


def chin_up(photograph: Photograph, pitch: float) -> Pixels:
    """Return a render of the head with the chin raised."""
    return turned(photograph.pixels, photograph.face.points, yaw=0, pitch=pitch)


def _face_luminance(photograph: Photograph) -> float:
    x0, y0 = np.maximum(0, photograph.face.points[:, :2].min(axis=0)).astype(int)
    x1, y1 = photograph.face.points[:, :2].max(axis=0).astype(int)
    return float((photograph.pixels[y0:y1, x0:x1] @ _LUMINANCE).mean())


def _exposed(photograph: Photograph, factor: float, *, noise: float) -> Pixels:
    light = photograph.pixels.astype(np.float64) * factor
    light += np.random.default_rng(0).normal(0, noise, light.shape) if noise else 0.0
    return _in_range(np.round(light))


def _in_range(light: Points) -> Pixels:
    return np.asarray(np.clip(light, 0, 255), np.uint8)


FAULTS: Final[Mapping[str, tuple[str, Fault, tuple[float, ...]]]] = {
    "size": (
        "pixels between the outer canthi",
        shrunk,
        (120, 80, 60, 50, 40, 30, 25, 20),
    ),
    "blur": (
        "blur, SD in % of the interocular distance",
        blurred,
        (1, 2, 3, 4, 6, 8, 12),
    ),
    "darkness": ("mean luminance of the face, of 255", darkened, (80, 50, 30, 22, 15, 10, 6)),
    "brightness": ("times as bright, clipped at white", brightened, (1.5, 2, 3, 4, 6, 10)),
    "side light": ("one side so many times as bright", lit_from_one_side, (1.5, 2.5, 4, 8, 16)),
    "compression": ("JPEG quality", compressed, (50, 25, 15, 10, 5, 2)),
    "yaw": ("degrees to the left", turned_to_the_left, (10, 20, 25, 30, 35, 40, 45)),
    "pitch": ("degrees, chin up positive", chin_up, (-35, -30, -20, -10, 10, 20, 30, 35)),
}
"""By name: what the amount is, how it is made, and which amounts are tried."""

Colour = tuple[int, int, int]

_MASK: Final = (*mesh.RIGHT_JAW[1:], *mesh.LEFT_JAW[1:], 195)
_FRINGE: Final = (70, 63, 105, 66, 107, 46, 55, 109, 67, 103, 54, 10)
_TEXTURE: Final = 4.0


def masked(photograph: Photograph, colour: Colour) -> Pixels:
    """Return the face under a mask from the bridge of the nose to the chin."""
    return _painted(photograph, colour, [_hull(photograph, _MASK)])


def with_dark_glasses(photograph: Photograph, colour: Colour) -> Pixels:
    """Return the face behind two dark lenses."""
    sides = (
        (mesh.RIGHT_OUTER_CANTHUS, mesh.RIGHT_INNER_CANTHUS),
        (mesh.LEFT_OUTER_CANTHUS, mesh.LEFT_INNER_CANTHUS),
    )
    return _painted(photograph, colour, [_oval(photograph, canthi) for canthi in sides])


def with_eye_patch(photograph: Photograph, colour: Colour) -> Pixels:
    """Return the face with a patch over the right eye."""
    canthi = (mesh.RIGHT_OUTER_CANTHUS, mesh.RIGHT_INNER_CANTHUS)
    return _painted(photograph, colour, [_oval(photograph, canthi)])


def with_fringe(photograph: Photograph, colour: Colour) -> Pixels:
    """Return the face with hair down over the right brow."""
    return _painted(photograph, colour, [_hull(photograph, _FRINGE)])


def _hull(photograph: Photograph, indices: tuple[int, ...]) -> NDArray[np.int32]:
    around = photograph.face.points[list(indices), :2].astype(np.int32)
    return np.asarray(cv2.convexHull(around), np.int32).reshape(-1, 2)


def _oval(photograph: Photograph, canthi: tuple[int, int]) -> NDArray[np.int32]:
    eyes = photograph.face.interocular
    below = np.array([0, 0.03 * eyes])
    centre = photograph.face.points[list(canthi), :2].mean(axis=0) + below
    angle = np.linspace(0, 2 * np.pi, 60)
    around = centre + eyes * np.column_stack((0.3 * np.cos(angle), 0.24 * np.sin(angle)))
    return np.asarray(around, np.int32)


def _painted(photograph: Photograph, colour: Colour, shapes: list[NDArray[np.int32]]) -> Pixels:
    """Paint shapes in one colour with a little texture."""
    inside = np.zeros(photograph.pixels.shape[:2], np.uint8)
    for shape in shapes:
        cv2.fillPoly(inside, [shape], (1,))
    painted = photograph.pixels.copy()
    texture = np.random.default_rng(0).normal(0, _TEXTURE, (int(inside.sum()), 3))
    painted[inside > 0] = _in_range(np.array(colour) + texture)
    return painted


COVERS: Final[Mapping[str, tuple[Region, Callable[[Photograph, Colour], Pixels], Colour]]] = {
    "blue mask": (Region.MOUTH, masked, (90, 150, 200)),
    "white mask": (Region.MOUTH, masked, (240, 240, 240)),
    "black mask": (Region.MOUTH, masked, (15, 15, 15)),
    "dark glasses": (Region.EYE, with_dark_glasses, (12, 12, 14)),
    "black patch over the right eye": (Region.EYE, with_eye_patch, (20, 20, 20)),
    "white patch over the right eye": (Region.EYE, with_eye_patch, (235, 230, 225)),
    "dark hair over the right brow": (Region.BROW, with_fringe, (40, 25, 15)),
    "fair hair over the right brow": (Region.BROW, with_fringe, (200, 170, 120)),
}
"""By name: which region is covered, how, and in which colour."""
