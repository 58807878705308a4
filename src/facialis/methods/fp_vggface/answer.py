"""What the light form answers for a face, from the weights that come with Facialis."""

from __future__ import annotations

from typing import Final

import numpy as np

from facialis.methods.answers import Answer, Face
from facialis.methods.fp_vggface.prepare import close_cut
from facialis.weights import session

NAME: Final = "fp_vggface-light"


def answer(face: Face, mirrored: Face) -> Answer:
    """Return what the network says of a face.

    Args:
        face: The face.
        mirrored: Its mirror image.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    network = session.loaded(NAME)
    size = network.side("image")
    images = np.stack([close_cut(each.picture, each.points, size)[0] for each in (face, mirrored)])
    (grades,) = network.run({"image": images})
    return Answer.of_grades(grades.astype(np.float64))
