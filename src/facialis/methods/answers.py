"""What a method says of one face, in its own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import levels_of_grades
from facialis.face.mesh import MIRROR
from facialis.regions.classes import Attribute, Part
from facialis.regions.framing import Square

Floats = NDArray[np.float64]


class Face(NamedTuple):
    """A face as methods are shown it.

    Faces are cut at whole pixels: to get one answer for a face and its mirror image, a method asks
    about both.

    Attributes:
        picture: (H, W, 3), RGB.
        points: (478, 3) landmarks, pixels of the picture.
        movement: What the patient was asked to do; None if nobody said.
    """

    picture: NDArray[np.uint8]
    points: Floats
    movement: Movement | None = None

    def mirror_image(self) -> Face:
        """Return the mirror image of picture and landmarks."""
        placed = self.points[MIRROR] * [-1, 1, 1] + [self.picture.shape[1], 0, 0]
        return Face(np.asarray(cv2.flip(self.picture, 1), np.uint8), placed, self.movement)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a method saw where.

    Attributes:
        square: The part of the photograph that it looked at.
        labels: (S, S) number of the class of each pixel.
        attention: (h, w), not negative; how much it looked at a place; None if it does not tell.
        classes: Of the labels.
        paralysed: (S, S) by the patient's side, what it takes for paralysed there; empty if it does
            not tell. The labels are without it.
    """

    square: Square
    labels: NDArray[np.uint8]
    attention: NDArray[np.float32] | None = None
    classes: type[Attribute] | type[Part] = Attribute
    paralysed: Mapping[Side, NDArray[np.bool_]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one method says.

    Attributes:
        palsy: (2,) probabilities of none and of a palsy; None if the method tells neither.
        levels: (3,) of the levels I, II and III of paper 003; None likewise.
        grades: (6,) of House-Brackmann I to VI; None if the method gives none.
        reasons: By how much each asymmetry raised the log odds of palsy: the log odds less what
            they would be if the two sides were alike in this one; the strongest first.
        seen: What it saw where; None if it does not tell.
        instead: What a method says that tells no palsy.
    """

    palsy: Floats | None = None
    levels: Floats | None = None
    grades: Floats | None = None
    reasons: Mapping[str, float] = field(default_factory=dict)
    seen: Seen | None = None
    instead: str = ""

    @classmethod
    def of_grades(cls, grades: Floats, seen: Seen | None = None) -> Answer:
        """Return the answer of a method that grades.

        Args:
            grades: (n, 6) probabilities of one face's pictures, of which the mean is taken.
            seen: As in the answer.
        """
        mean = grades.mean(axis=0)
        palsy = np.array([mean[0], mean[1:].sum()])
        return cls(palsy=palsy, levels=levels_of_grades(mean), grades=mean, seen=seen)
