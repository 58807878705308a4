"""The natural variation of a picture's appearance, alike for healthy and paralysed faces.

What is drawn here cannot see a lesion: nothing in it tells one class from the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from facialis.errors import InputError
from facialis.face.mesh import MIRROR, POINT_COUNT
from facialis.regions.classes import Part
from facialis.simulation.age import AgeLines, aged, drawn_lines
from facialis.simulation.beard import Beard, bearded, drawn_beard
from facialis.simulation.camera import Camera, drawn_camera, taken
from facialis.simulation.chance import happens
from facialis.simulation.chart import FaceChart, Pixels, Plane, Points, sampled, smoothed
from facialis.simulation.fringe import Fringe, combed, drawn_fringe
from facialis.simulation.glasses import Glasses, drawn_glasses, worn
from facialis.simulation.light import SideLight, drawn_light, lit

_BARE: Final = [50, 101, 118, 205, 280, 330, 347, 425, 151]
_NEVER_BARE: Final = [Part.HAIR, Part.EYEBROW, Part.EYE, Part.MOUTH, Part.FPP]
_GREY_CHROMA: Final = 128
_MUCH_DARKER: Final = 0.62
_HIDES: Final = 0.5
_GLASSES_SHARE: Final = 0.22
_FRINGE_SHARE: Final = 0.14
_BEARD_SHARE: Final = 0.28
_LINES_SHARE: Final = 0.3
_LIGHT_SHARE: Final = 0.3
_CAMERA_SHARE: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """Everything that is drawn for the appearance of one picture.

    Attributes:
        glasses: Worn, if any.
        fringe: Hair over a brow, if any.
        beard: Grown, if any.
        lines: Of age, if any.
        light: From one side, if any.
        camera: What took the picture; None for one that changes nothing.
        seed: Of all chance in drawing it.
        is_flipped: Whether that chance falls as in the mirror image.
    """

    glasses: Glasses | None = None
    fringe: Fringe | None = None
    beard: Beard | None = None
    lines: AgeLines | None = None
    light: SideLight | None = None
    camera: Camera | None = None
    seed: int = 0
    is_flipped: bool = False

    def mirrored(self) -> Appearance:
        """Return what gives the mirror image of a picture its mirrored appearance."""
        return replace(
            self,
            fringe=self.fringe and self.fringe.mirrored(),
            light=self.light and self.light.mirrored(),
            camera=self.camera and self.camera.mirrored(),
            is_flipped=not self.is_flipped,
        )

    @property
    def is_plain(self) -> bool:
        """Whether it leaves a picture as it is."""
        traits = (self.glasses, self.fringe, self.beard, self.lines, self.light, self.camera)
        return all(trait is None for trait in traits)


def drawn_appearance(
    rng: np.random.Generator, *, plain_share: float = 0.15, grows_beard: bool = True
) -> Appearance:
    """Draw the appearance of one picture, by nothing but chance.

    Args:
        rng: The source of chance.
        plain_share: Share of pictures that stay as they are.
        grows_beard: Whether the person can have a beard.
    """
    chances = rng.random(7)
    seed = int(rng.integers(2**31))
    parts = (
        drawn_glasses(rng),
        drawn_fringe(rng),
        drawn_beard(rng),
        drawn_lines(rng),
        drawn_light(rng),
        drawn_camera(rng),
    )
    flipped = happens(rng, 0.5)
    if chances[0] < plain_share:
        return Appearance(seed=seed, is_flipped=flipped)
    glasses, fringe, beard, lines, light, camera = parts
    return Appearance(
        glasses=glasses if chances[1] < _GLASSES_SHARE else None,
        fringe=fringe if chances[2] < _FRINGE_SHARE else None,
        beard=beard if grows_beard and chances[3] < _BEARD_SHARE else None,
        lines=lines if chances[4] < _LINES_SHARE else None,
        light=light if chances[5] < _LIGHT_SHARE else None,
        camera=camera if chances[6] < _CAMERA_SHARE else None,
        seed=seed,
        is_flipped=flipped,
    )


def applied(
    picture: Pixels, points: Points, appearance: Appearance, *, mask: Pixels | None = None
) -> tuple[Pixels, Pixels | None]:
    """Give a picture of a face an appearance.

    The same picture and appearance give the same bytes.

    Args:
        picture: (H, W, 3) RGB.
        points: (478, 3) landmarks of the face in it, pixels.
        appearance: What it is given.
        mask: (H, W) the `Part` of each of its pixels, if known.

    Returns:
        The picture, and the mask with the hair that now hides parts of the face; glasses and
        beards change no class. Neither argument is changed.

    Raises:
        InputError: If the sizes of picture, points and mask do not belong together.
    """
    _check(picture, points, mask)
    if appearance.is_flipped:
        across = picture.shape[1] - points[MIRROR, :1]
        flipped_points = np.concatenate((across, points[MIRROR, 1:]), axis=1)
        flipped, flipped_mask = applied(
            np.ascontiguousarray(picture[:, ::-1]),
            flipped_points,
            appearance.mirrored(),
            mask=None if mask is None else np.ascontiguousarray(mask[:, ::-1]),
        )
        back = None if flipped_mask is None else np.ascontiguousarray(flipped_mask[:, ::-1])
        return np.ascontiguousarray(flipped[:, ::-1]), back
    chart = FaceChart(points)
    chances = np.random.default_rng(appearance.seed).spawn(4)
    drawn, covered = _drawn_on(picture, chart, appearance, mask, chances)
    if mask is not None:
        mask = mask.copy()
        if covered is not None:
            mask[covered >= _HIDES] = Part.HAIR
    if appearance.camera is not None:
        drawn = taken(drawn, appearance.camera, interocular=chart.unit, seed=appearance.seed)
    return drawn, mask


def _check(picture: Pixels, points: Points, mask: Pixels | None) -> None:
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:  # noqa: PLR2004
        raise InputError(
            "picture", f"is {picture.dtype} {picture.shape}", "give (H, W, 3) RGB uint8"
        )
    if points.shape != (POINT_COUNT, 3):
        raise InputError("points", f"have shape {points.shape}", f"give ({POINT_COUNT}, 3)")
    if mask is not None and mask.shape != picture.shape[:2]:
        raise InputError("mask", f"has shape {mask.shape}", f"give {picture.shape[:2]}")


def _drawn_on(
    picture: Pixels,
    chart: FaceChart,
    appearance: Appearance,
    mask: Pixels | None,
    chances: list[np.random.Generator],
) -> tuple[Pixels, Plane | None]:
    """Draw all that is in front of the camera, in the order from the skin outwards."""
    covered: Plane | None = None
    before_camera = replace(appearance, camera=None)
    if before_camera.is_plain:
        return picture.copy(), covered
    now = picture.astype(np.float32)
    hair = None if mask is None else mask == Part.HAIR
    if appearance.lines or appearance.beard:
        skin = bare_skin(picture, chart, mask)
        if appearance.lines:
            now = aged(now, chart, appearance.lines, skin, chances[0])
        if appearance.beard:
            now = bearded(now, chart, appearance.beard, skin, chances[1])
    if appearance.glasses:
        now = worn(now, chart, appearance.glasses, chances[2], hair)
    if appearance.fringe:
        now, covered = combed(now, chart, appearance.fringe, chances[3], hair)
    if appearance.light:
        now = lit(now, chart, appearance.light)
    return np.clip(now + 0.5, 0, 255).astype(np.uint8), covered


def bare_skin(picture: Pixels, chart: FaceChart, mask: Pixels | None) -> Plane:
    """Return where the picture shows skin (H, W), 0 to 1: like the cheeks in hue, not far darker.

    Args:
        picture: (H, W, 3) RGB.
        chart: Of the face in it.
        mask: (H, W) classes of its pixels: hair, brows, eyes and mouth are never bare skin.
    """
    colours = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    own = np.median(sampled(colours, chart.points[_BARE]), axis=0)
    off = np.abs(colours[..., 1:] - own[1:].astype(np.float32)).max(axis=2)
    reddish = float(np.abs(own[1:] - _GREY_CHROMA).max())
    dark = np.maximum(0, own[0] - colours[..., 0]) / own[0].clip(20)
    unlike = np.maximum(off / (0.5 * reddish + 6), dark / _MUCH_DARKER)
    skin = np.clip((1.15 - unlike) / 0.3, 0, 1).astype(np.float32)
    if mask is not None:
        skin = skin * ~np.isin(mask, _NEVER_BARE)
    return smoothed(skin, 0.01 * chart.unit)
