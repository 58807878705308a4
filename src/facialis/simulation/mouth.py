"""What shows between parted lips: teeth that stay with the skull, and the dark of the mouth.

Teeth do not stretch with the lips. The opening of a photograph is therefore kept as a plate: its
pixels where the lips leave it open, and outside them the nearest of them, fading into the dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face import mesh

if TYPE_CHECKING:
    from facialis.face.pose import HeadPose
    from facialis.simulation.portrait import Portrait

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

_RIM: Final = (
    *mesh.RIGHT_UPPER_LIP_INNER,
    *mesh.LEFT_UPPER_LIP_INNER[-2::-1],
    *mesh.LEFT_LOWER_LIP_INNER[1:],
    *mesh.RIGHT_LOWER_LIP_INNER[-2:0:-1],
)
"""The inner edge of the lips, once round from the right corner over the upper lip."""

_UPPER_RIM: Final = mesh.RIGHT_UPPER_LIP_INNER[2:] + mesh.LEFT_UPPER_LIP_INNER[2:]
_LOWER_RIM: Final = mesh.RIGHT_LOWER_LIP_INNER[2:] + mesh.LEFT_LOWER_LIP_INNER[2:]

_PARTED: Final = 0.03
_FADE: Final = 0.025
_CAVITY: Final = (42.0, 16.0, 16.0)
_EDGE_BELOW_LINE: Final = 0.012
_BEHIND_LIPS: Final = 0.06
_ARCH: Final = 0.25
_GAP: Final = 0.002
_ENAMEL: Final = (214.0, 200.0, 182.0)
_UPPER_TEETH: Final = ((0.088, 0.11), (0.07, 0.1), (0.078, 0.11), (0.07, 0.09), (0.07, 0.08))
_LOWER_TEETH: Final = ((0.056, 0.1), (0.06, 0.1), (0.07, 0.105), (0.07, 0.09), (0.07, 0.08))
"""Width and height of the crowns from the midline outwards, interocular units of about 90 mm."""
_TONGUE: Final = (150.0, 78.0, 74.0)
_TONGUE_FROM: Final = 0.22
_TONGUE_BELOW: Final = 0.12
_TONGUE_TALL: Final = 0.5
_TONGUE_WIDE: Final = 0.36
_TONGUE_SOFT: Final = 0.45
_SUBPIXEL_BITS: Final = 4
_OVERSAMPLING: Final = 4


def gap(portrait: Portrait) -> float:
    """Return the widest gap between the lips, interocular units."""
    apart = portrait.points[list(_LOWER_RIM), :2] - portrait.points[list(_UPPER_RIM), :2]
    return float(np.linalg.norm(apart, axis=1).max()) / portrait.pose.scale


def shows_teeth(portrait: Portrait) -> bool:
    """Whether the lips of a portrait are parted enough to see between them."""
    return gap(portrait) > _PARTED


def plate(portrait: Portrait) -> Pixels:
    """Return the inside of a mouth (H, W, 3) as a plate that reaches beyond the lips.

    If the lips are closed, the upper teeth are drawn on the dark.
    """
    height, width = portrait.pixels.shape[:2]
    dark = np.full((height, width, 3), _CAVITY)
    inside = rim_mask(portrait.points, (height, width)) > 1 - 1e-6
    if not shows_teeth(portrait) or not inside.any():
        return drawn_teeth(dark, lip_line(portrait), portrait.pose, upper=True).astype(np.uint8)
    away, label = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((label.max() + 1, 3))
    colours[label[inside]] = portrait.pixels[inside]
    near = np.exp(-away / (_FADE * portrait.pose.scale))[..., None]
    filled = cv2.GaussianBlur(colours[label], (0, 0), 0.012 * portrait.pose.scale)
    filled[inside] = portrait.pixels[inside]
    return np.asarray(np.clip(near * filled + (1 - near) * dark, 0, 255), np.uint8)


def lip_line(portrait: Portrait) -> Floats:
    """Return where closed lips meet at the midline (3,), frontal frame, interocular units."""
    return np.asarray(portrait.face[[mesh.UPPER_LIP_INNER, mesh.LOWER_LIP_INNER]].mean(axis=0))


def drawn_teeth(
    under: Floats, line: Floats, pose: HeadPose, *, upper: bool, lowered: float = 0.0
) -> Floats:
    """Draw a row of teeth where a portrait with closed lips hides one.

    Args:
        under: (H, W, 3) what they are drawn on.
        line: (3,) where the closed lips meet; see `lip_line`.
        pose: Of the head in the picture.
        upper: The upper row, else the lower one.
        lowered: How far the jaw has dropped, interocular units; only the lower row follows it.
    """
    edge = line[1] + (_EDGE_BELOW_LINE if upper else _EDGE_BELOW_LINE + 0.006 + lowered)
    boxes, lights = [], []
    for sign in (-1, 1):
        x = 0.0
        for order, (wide, tall) in enumerate(_UPPER_TEETH if upper else _LOWER_TEETH):
            arch = _ARCH * x**2
            top, bottom = (edge - tall, edge - arch) if upper else (edge + arch / 2, edge + tall)
            corners = np.array([(x + _GAP, top), (x + wide - _GAP, bottom)]) * [float(sign), 1.0]
            boxes.append(corners)
            lights.append(1 - 0.14 * order)
            x += wide * np.cos(min(1.2, 1.6 * x))
    result = under.copy()
    for box, light in zip(boxes, lights, strict=True):
        _put_tooth(result, _on_picture(box, line, pose), light * (1.0 if upper else 0.88))
    return result


def _on_picture(box: Floats, line: Floats, pose: HeadPose) -> Floats:
    (x0, y0), (x1, y1) = box
    flat = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    deep = np.column_stack((flat, np.full(4, line[2] + _BEHIND_LIPS)))
    return pose.to_picture(deep * pose.scale)[:, :2]


def _put_tooth(picture: Floats, corners: Floats, light: float) -> None:
    share = _polygon(_rounded(corners), (picture.shape[0], picture.shape[1]))
    if share is None:
        return
    (rows, columns), amount = share
    down = np.linspace(0.82, 1.0, amount.shape[0])[:, None, None]
    tooth = np.array(_ENAMEL) * light * down
    part = picture[rows, columns]
    part += amount[..., None] * (tooth - part)


def _rounded(corners: Floats) -> Floats:
    after, before = np.roll(corners, -1, axis=0), np.roll(corners, 1, axis=0)
    return np.stack(
        (
            corners + 0.22 * (before - corners),
            corners + 0.06 * (before + after - 2 * corners),
            corners + 0.22 * (after - corners),
        ),
        axis=1,
    ).reshape(-1, 2)


def rim_mask(points: Floats, size: tuple[int, int]) -> Floats:
    """Return how much of each pixel (H, W) lies between the lips, 0 to 1."""
    mask = np.zeros(size)
    found = _polygon(points[list(_RIM), :2], size)
    if found is not None:
        mask[found[0]] = found[1]
    return mask


def _polygon(corners: Floats, size: tuple[int, int]) -> tuple[tuple[slice, slice], Floats] | None:
    """Return the rows and columns that a polygon touches, and how much of each pixel it covers."""
    low = np.clip(np.floor(corners.min(axis=0)).astype(int) - 1, 0, size[::-1])
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 2, 0, size[::-1])
    wide, tall = high - low
    if wide == 0 or tall == 0:
        return None
    fine = np.zeros((tall * _OVERSAMPLING, wide * _OVERSAMPLING), np.uint8)
    at = ((corners - low) * _OVERSAMPLING - 0.5) * (1 << _SUBPIXEL_BITS)
    outline = np.round(at).astype(np.int32)
    cv2.fillPoly(fine, [outline], (255,), cv2.LINE_8, _SUBPIXEL_BITS)
    coarse = cv2.resize(fine, (wide, tall), interpolation=cv2.INTER_AREA)
    return (slice(low[1], high[1]), slice(low[0], high[0])), coarse / 255


def with_tongue(inside: Floats, points: Floats) -> Floats:
    """Return what shows between the lips (H, W, 3) with a tongue where the jaw is open.

    Args:
        inside: The plate, carried to the finished picture.
        points: (478, 3) landmarks of the finished picture, pixels.
    """
    upper, lower = points[mesh.UPPER_LIP_INNER, :2], points[mesh.LOWER_LIP_INNER, :2]
    gap = float(np.linalg.norm(lower - upper))
    width = float(np.linalg.norm(points[78, :2] - points[308, :2]))
    open_wide = np.clip((gap / max(width, 1e-6) - _TONGUE_FROM) / _TONGUE_FROM, 0, 1)
    if open_wide == 0:
        return inside
    down = (lower - upper) / gap
    y, x = np.mgrid[: inside.shape[0], : inside.shape[1]] + 0.5
    middle = lower + _TONGUE_BELOW * gap * down
    along = ((x - middle[0]) * down[0] + (y - middle[1]) * down[1]) / (_TONGUE_TALL * gap)
    across = ((x - middle[0]) * down[1] - (y - middle[1]) * down[0]) / (_TONGUE_WIDE * width)
    away = np.sqrt(along**2 + across**2)
    share = open_wide * np.clip((1 - away) / _TONGUE_SOFT, 0, 1)
    light = 0.55 + 0.45 * np.clip(1 - away, 0, 1)
    return np.asarray(inside + share[..., None] * (np.array(_TONGUE) * light[..., None] - inside))


def to_photograph(target: Portrait, photograph: Portrait, height: float) -> Floats:
    """Return the map (2, 3) from a finished picture to a photograph for what stays with the skull.

    Args:
        target: The finished picture (its pose counts).
        photograph: The photograph.
        height: z of the plane that is carried, frontal frame, interocular units.
    """
    maps = []
    for portrait in (target, photograph):
        pose = portrait.pose
        plane = pose.rotation[:2, :2] * pose.scale
        shift = pose.origin[:2] + pose.rotation[:2, 2] * height * pose.scale
        maps.append(np.vstack((np.column_stack((plane, shift)), [0, 0, 1])))
    return np.asarray((maps[1] @ np.linalg.inv(maps[0]))[:2])
