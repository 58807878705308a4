"""What the light form answers for a face, from the weights that come with Facialis."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.scales import levels_of_grades
from facialis.methods.answers import Answer, Seen, mirror_image
from facialis.methods.cascaded_encoder.prepare import network_input
from facialis.regions.framing import CLOSE_MARGIN, square_around
from facialis.weights import session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.weights.session import Session

NAME: Final = "cascaded_encoder-light"
SIZE: Final = 96
"""Width and height of the cut face, pixels."""


def answer(picture: NDArray[np.uint8], points: NDArray[np.float64]) -> Answer:
    """Return what the network says of a face, the parts that it saw and where it looked.

    Args:
        picture: (H, W, 3), RGB.
        points: (478, 3) landmarks, pixels of the picture.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    both = ((picture, points), mirror_image(picture, points))
    squares = [square_around(placed, CLOSE_MARGIN) for _, placed in both]
    images = [
        network_input(shown, SIZE, square) for (shown, _), square in zip(both, squares, strict=True)
    ]
    labels, found, attention = _session().run({"image": np.stack(images)})
    grades = found.astype(np.float64).mean(axis=0)
    return Answer(
        palsy=np.array([grades[0], grades[1:].sum()]),
        levels=levels_of_grades(grades),
        grades=grades,
        seen=Seen(squares[0], labels[0], attention[0]),
    )


@lru_cache(maxsize=1)
def _session() -> Session:
    return session.load(NAME, threads=1)
