"""What the light form answers for a face, from the weights that come with Facialis."""

from __future__ import annotations

from typing import Final

import numpy as np

from facialis.methods.answers import Answer, Face, Seen
from facialis.methods.cascaded_encoder.prepare import network_input
from facialis.regions.framing import CLOSE_MARGIN, square_around
from facialis.weights import session

NAME: Final = "cascaded_encoder-light"


def answer(face: Face, mirrored: Face) -> Answer:
    """Return what the network says of a face, the parts that it saw and where it looked.

    Args:
        face: The face.
        mirrored: Its mirror image.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    network = session.loaded(NAME)
    size = network.side("image")
    square, other = (square_around(each.points, CLOSE_MARGIN) for each in (face, mirrored))
    images = np.stack(
        [
            network_input(face.picture, size, square),
            network_input(mirrored.picture, size, other),
        ]
    )
    labels, grades, attention = network.run({"image": images})
    seen = Seen(square, labels[0].astype(np.uint8), attention[0])
    return Answer.of_grades(grades.astype(np.float64), seen)
