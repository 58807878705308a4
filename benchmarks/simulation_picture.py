"""Draw the picture of the page on simulation: the astronaut with movements and lesions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from benchmarks.photographs import ASTRONAUT, pixels_of
from benchmarks.record import ROOT
from facialis.clinical.anatomy import Movement, Side
from facialis.face.search import find_faces
from facialis.media.photo import Frame
from facialis.simulation.compose import Sitter
from facialis.simulation.lesion import Form, standard_lesion
from facialis.simulation.performance import Performance, performed
from facialis.simulation.portrait import Portrait

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPOSED: Final = 440
HIGH: Final = slice(115, 375)
WIDE: Final = slice(90, 350)
SIDE: Final = 260
MARGIN: Final = 26
MOVEMENTS: Final = {
    Movement.REST: "as photographed",
    Movement.BROW_RAISE: "brow raise",
    Movement.EYE_CLOSE_GENTLE: "eye closure",
}
LESIONS: Final = {
    "healthy": None,
    "left, House-Brackmann III": standard_lesion(3, Side.LEFT),
    "left, House-Brackmann V": standard_lesion(5, Side.LEFT),
    "left, IV with synkinesis": standard_lesion(4, Side.LEFT, Form.SYNKINETIC),
    "right, House-Brackmann VI": standard_lesion(6, Side.RIGHT),
}


def main() -> None:
    """Write docs/images/astronaut-simulated.jpg."""
    pixels = pixels_of(ASTRONAUT)
    points = find_faces(Frame.from_array(pixels))[0].points
    sitter = Sitter(Portrait.of(pixels, points).cropped(COMPOSED))
    rows = [
        [
            performed(sitter, Performance(movement=movement, lesion=lesion)).pixels[HIGH, WIDE]
            for lesion in LESIONS.values()
        ]
        for movement in MOVEMENTS
    ]
    sheet = np.full((MARGIN + SIDE * len(rows), SIDE * len(LESIONS), 3), 255, np.uint8)
    sheet[MARGIN:] = np.vstack([np.hstack(row) for row in rows])
    for k, words in enumerate(LESIONS):
        _write(sheet, words, (SIDE * k + 6, MARGIN - 8), (40, 44, 52))
    for k, words in enumerate(MOVEMENTS.values()):
        _write(sheet, words, (6, MARGIN + SIDE * (k + 1) - 8), (255, 255, 255))
    cv2.imwrite(
        str(ROOT / "docs" / "images" / "astronaut-simulated.jpg"), sheet[..., ::-1], [1, 88]
    )


def _write(
    sheet: NDArray[np.uint8], words: str, at: tuple[int, int], ink: tuple[int, int, int]
) -> None:
    cv2.putText(sheet, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, 1, cv2.LINE_AA)


if __name__ == "__main__":
    main()
