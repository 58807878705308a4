"""The pictures of an examination's report: each movement with its overlay, and a strip of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np

from facialis.clinical.anatomy import AffectedSide, Intensity, Movement, Side
from facialis.report.canvas import Canvas, Label, Pixels, levelled
from facialis.report.overlay import draw_landmarks
from facialis.report.palette import ACCENT, INTENSITY_COLOURS, PAPER
from facialis.report.pictures import Encoded, encoded
from facialis.report.words import MOVEMENT_NAMES

if TYPE_CHECKING:
    from facialis.report.examination import Examination
    from facialis.report.model import Assessment

_LARGE: Final = 900
_SMALL: Final = 360
_LETTER: Final = 25
_BAR: Final = 10
_WEAKER = INTENSITY_COLOURS[Intensity.STRONG]


class MovementPictures(NamedTuple):
    """A movement's picture with its overlay, and the small plain one of the strip."""

    large: Encoded
    small: Encoded


def movement_pictures(examination: Examination) -> dict[Movement, MovementPictures]:
    """Draw the pictures of the movements that can be shown."""
    verdict = examination.verdict
    side = AffectedSide.UNCERTAIN if verdict is None else verdict.side
    word = "weaker" if verdict is None or verdict.is_computed else "stated"
    return {
        m.movement: MovementPictures(
            _large(m.movement, m.assessment), _small(m.movement, m.assessment, side, word)
        )
        for m in examination.examination.movements
        if m.assessment is not None
    }


def _large(movement: Movement, assessment: Assessment) -> Encoded:
    lines = "contours, midline and measure lines" if assessment.quality.usable else "contours"
    alt = f"{MOVEMENT_NAMES[movement]}: the face with {lines}; R and L mark the patient’s sides."
    return encoded(_reduced(draw_landmarks(assessment), _LARGE), alt)


def _small(
    movement: Movement, assessment: Assessment, affected: AffectedSide, word: str
) -> Encoded:
    canvas = levelled(assessment, _SMALL)
    marked = [side for side in Side if affected in (side.value, AffectedSide.BOTH)]
    _mark(canvas, marked, word)
    note = f"; the {affected} side is marked as {word}" if marked else ""
    alt = f"{MOVEMENT_NAMES[movement]}{note}."
    return encoded(canvas.pixels, alt)


def _mark(canvas: Canvas, marked: list[Side], word: str) -> None:
    height, width = canvas.pixels.shape[:2]
    labels = []
    for side, edge, anchor in ((Side.RIGHT, 0, "lm"), (Side.LEFT, width - _BAR, "rm")):
        weak = side in marked
        if weak:
            canvas.pixels[:, edge : edge + _BAR] = _WEAKER
        inner = 7 + (_BAR if weak else 0)
        x = inner if side is Side.RIGHT else width - inner
        plate = _WEAKER if weak else ACCENT
        labels.append(Label(side.value[0].upper(), (x, 20), anchor, _LETTER, PAPER, plate))
        if weak:
            labels.append(Label(word, (x, height - 20), anchor, _LETTER, PAPER, plate))
    canvas.write(labels)


def _reduced(pixels: Pixels, longest: int) -> Pixels:
    scale = longest / max(pixels.shape[:2])
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
