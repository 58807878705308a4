"""What the parser answers for a face, from the weights that come with Facialis."""

from __future__ import annotations

from typing import Final

import numpy as np

from facialis.methods.answers import Answer, Face, Seen
from facialis.methods.asymmetric_parsing.prepare import by_side, resized_picture
from facialis.regions.classes import Part
from facialis.regions.framing import square_around
from facialis.weights import session

NAME: Final = "asymmetric_parsing"
_FRAMED: Final = 256
"""Width and height of the framed pictures that it learned from, before they were shrunk."""
_INSTEAD: Final = "it shows the parts of the face"


def answer(face: Face, mirrored: Face) -> Answer:
    """Return the parts of a face without FPP, and what would be FPP on each side.

    By themselves these weights too often put it on the wrong side, or on healthy faces.

    Args:
        face: The face.
        mirrored: Its mirror image, which is not looked at.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    del mirrored
    square = square_around(face.points)
    framed = np.asarray(square.cut(face.picture, _FRAMED), np.uint8)
    network = session.loaded(NAME)
    answers = network.run({"image": resized_picture(framed, network.side("image"))[None]})
    plain, labels = (answers[network.outputs.index(name)][0] for name in ("plain_labels", "labels"))
    seen = Seen(
        square,
        np.asarray(plain, np.uint8),
        classes=Part,
        paralysed=by_side(labels == Part.FPP, square.moved(face.points, len(labels))),
    )
    return Answer(instead=_INSTEAD, seen=seen)
