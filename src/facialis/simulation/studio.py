"""The studio: one person's photographs, and every picture that is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Branch, Intensity, Movement, Region, Side
from facialis.datasets.truth import CouplingTruth, LesionTruth, SunnybrookTruth, Truth
from facialis.regions.classes import Attribute, Part
from facialis.regions.hand_points import HandPoints
from facialis.simulation.appearance import applied
from facialis.simulation.compose import Composite, Sitter
from facialis.simulation.depth import depth_map
from facialis.simulation.hair import hair_mask
from facialis.simulation.masks import (
    FPP_WEAKNESS,
    Palsied,
    attribute_map,
    part_map,
)
from facialis.simulation.nature import NaturalAsymmetry
from facialis.simulation.performance import Performance, performed
from facialis.simulation.record import appearance_record
from facialis.simulation.scoring import intensities, sunnybrook

if TYPE_CHECKING:
    from facialis.simulation.lesion import Lesion
    from facialis.simulation.plan import Scene

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

WORKING_SHARE: Final = 1.25
"""Side of the working square in sides of the finished picture: finer, and with room to turn."""

HABIT: Final = 0.6
"""Spread of the asymmetry that is added to a person's own, in healthy spreads."""

_LEAST_HAIR: Final = 0.045
_ANTIALIASING_SD: Final = 0.35
_VISIBLE_EFFORT: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A finished picture with its truth.

    Attributes:
        pixels: (S, S, 3) uint8 RGB.
        points: (478, 3) where the landmarks were put, pixels.
        parts: (S, S) classes of `Part`.
        attributes: (S, S) classes of `Attribute`; None where nobody knows them.
        depth: (S, S) float32, interocular units, larger is nearer, 0 beyond the face.
        truth: What is known of it.
    """

    pixels: Pixels
    points: Floats
    parts: Pixels
    attributes: Pixels | None
    depth: NDArray[np.float32]
    truth: Truth


@dataclass(frozen=True)
class Studio:
    """One person.

    Attributes:
        sitter: The photographs, cropped to the working square.
        outlines: Hand-placed points of this person, if there are any.
        asymmetry: How unevenly healthy people are built.
        made_from: SHA-256 of the photographs by name.
        side: Of the finished picture, pixels.
    """

    sitter: Sitter
    outlines: HandPoints | None
    asymmetry: NaturalAsymmetry | None
    made_from: Mapping[str, str]
    side: int

    @cached_property
    def _neutral_hair(self) -> Mask:
        return self._hair(expressive=False)

    @cached_property
    def _expressive_hair(self) -> Mask:
        return self._hair(expressive=True)

    def _hair(self, *, expressive: bool) -> Mask:
        shown = self.sitter.expressive if expressive else None
        portrait = self.sitter.neutral if shown is None else shown
        return hair_mask(portrait.pixels, portrait.points, outlines=self.outlines)

    def rendered(self, scene: Scene) -> Picture:
        """Return the picture of a scene with its truth; nobody without hair has it on the brow."""
        if self._neutral_hair.mean() < _LEAST_HAIR:
            scene = replace(scene, appearance=replace(scene.appearance, fringe=None))
        return self._finished(performed(self.sitter, self._performance(scene)), scene)

    def untouched(self, scene: Scene) -> Picture:
        """Return the photograph that a scene's picture is made of, itself.

        It lies in the picture and is taken as the scene's picture is, but the face is as it was
        photographed: the control for what the compositor adds.
        """
        shown = self.sitter.expressive if self._mixes(scene) else None
        portrait = self.sitter.neutral if shown is None else shown
        height, width = portrait.pixels.shape[:2]
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        return self._finished(Composite(portrait.pixels, portrait.points, x, y), scene)

    def _mixes(self, scene: Scene) -> bool:
        return scene.movement is Movement.SMILE and self.sitter.expressive is not None

    def _finished(self, composite: Composite, scene: Scene) -> Picture:
        hair = composite.carried(
            self._expressive_hair if self._mixes(scene) else self._neutral_hair
        )
        onto = self._placed(scene, composite.pixels.shape[0])
        pixels = _carried(composite.pixels, onto, self.side)
        points = _moved(composite.points, onto)
        size = (self.side, self.side)
        hair = _carried_mask(hair, onto, self.side)
        parts = part_map(
            points, size, outlines=self.outlines, hair=hair, palsy=palsied(scene.lesion)
        )
        attributes = attribute_map(points, size, outlines=self.outlines, hair=hair)
        pixels, covered = applied(pixels, points, scene.appearance, mask=parts)
        if covered is not None:
            attributes[(covered == Part.HAIR) & (parts != Part.HAIR)] = Attribute.HAIR
            parts = covered
        return Picture(
            pixels,
            points,
            parts,
            attributes,
            depth_map(points, size),
            truth_of(scene, self.made_from),
        )

    def _performance(self, scene: Scene) -> Performance:
        habit = None
        if self.asymmetry is not None:
            habit = self.asymmetry.drawn(np.random.default_rng(scene.habit_seed), HABIT)
        return Performance(
            movement=scene.movement,
            effort=scene.effort,
            lesion=scene.lesion,
            habit=habit,
            quirk=scene.quirk,
            yaw=scene.yaw,
            pitch=scene.pitch,
        )

    def _placed(self, scene: Scene, working: int) -> Floats:
        """Return the map (2, 3) from the working square to the finished picture."""
        placement = scene.placement
        zoom = placement.zoom * self.side / working * _ROOM
        angle = np.radians(placement.roll)
        turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        centre = np.full(2, working / 2)
        shift = self.side / 2 + self.side * np.array(placement.shift) - turn @ centre
        return np.column_stack((turn, shift))


_ROOM: Final = 1.1


def truth_of(scene: Scene, made_from: Mapping[str, str]) -> Truth:
    """Return what is known of a scene.

    Args:
        scene: What is shown.
        made_from: SHA-256 of the photographs by name.
    """
    lesion = scene.lesion
    return Truth(
        subject=scene.subject,
        case=scene.case,
        movement=scene.movement,
        phase=str(scene.phase),
        effort={s: round(e, 4) for s, e in scene.effort.items()},
        lesion=None if lesion is None else _lesion_truth(lesion),
        grade=scene.grade,
        sunnybrook=None if lesion is None else _sunnybrook_truth(lesion),
        intensities=dict(_seen(scene)),
        quirk={s: dict(m) for s, m in (scene.quirk or {}).items() if m},
        yaw=round(scene.yaw, 3),
        pitch=round(scene.pitch, 3),
        seconds=scene.seconds,
        appearance=appearance_record(scene.appearance),
        made_from=dict(made_from),
    )


def palsied(lesion: Lesion | None) -> Palsied | None:
    """Return which parts of the affected side count as FPP, None if none does."""
    if lesion is None:
        return None
    eye = lesion.weakness_of(Branch.ZYGOMATIC) >= FPP_WEAKNESS
    mouth = (
        max(lesion.weakness_of(Branch.BUCCAL), lesion.weakness_of(Branch.MARGINAL_MANDIBULAR))
        >= FPP_WEAKNESS
    )
    return Palsied(lesion.side, eye=eye, mouth=mouth) if eye or mouth else None


def _seen(scene: Scene) -> Mapping[Region, Intensity]:
    if scene.lesion is None:
        return dict.fromkeys(Region, Intensity.NONE)
    moves = max(scene.effort.get(s, 0.0) for s in Side) >= _VISIBLE_EFFORT
    return intensities(scene.lesion, scene.movement if moves else Movement.REST)


def _lesion_truth(lesion: Lesion) -> LesionTruth:
    return LesionTruth(
        side=lesion.side,
        weakness={b: round(lesion.weakness_of(b), 4) for b in Branch},
        tone_loss=round(lesion.tone_loss, 4),
        contracture=round(lesion.contracture, 4),
        central=lesion.central,
        couplings=tuple(
            CouplingTruth(source=c.source, target=c.target, strength=round(c.strength, 4))
            for c in lesion.couplings
        ),
    )


def _sunnybrook_truth(lesion: Lesion) -> SunnybrookTruth:
    form = sunnybrook(lesion)
    return SunnybrookTruth(
        eye=form.eye,
        cheek=form.cheek,
        mouth=form.mouth,
        voluntary=dict(form.voluntary),
        synkinesis=dict(form.synkinesis),
        composite=form.composite,
    )


def _carried(pixels: Pixels, onto: Floats, side: int) -> Pixels:
    zoom = float(np.sqrt(np.linalg.det(onto[:, :2])))
    if zoom < 1:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), _ANTIALIASING_SD / zoom), np.uint8)
    moved = cv2.warpAffine(
        pixels,
        _by_centres(onto),
        (side, side),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(moved, np.uint8)


def _carried_mask(mask: Mask, onto: Floats, side: int) -> Mask:
    moved = cv2.warpAffine(
        mask.astype(np.float32), _by_centres(onto), (side, side), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved > 0.5)  # noqa: PLR2004


def _by_centres(onto: Floats) -> Floats:
    """Return a map (2, 3) of edges, as landmarks are counted, as OpenCV counts pixel centres."""
    counted = onto.copy()
    counted[:, 2] += onto[:, :2].sum(axis=1) / 2 - 0.5
    return counted


def _moved(points: Floats, onto: Floats) -> Floats:
    zoom = float(np.sqrt(np.linalg.det(onto[:, :2])))
    flat = points[:, :2] @ onto[:, :2].T + onto[:, 2]
    return np.column_stack((flat, points[:, 2] * zoom))
