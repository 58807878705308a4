"""What the light form answers for a face, from the weights that come with Facialis."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.scales import levels_of_grades
from facialis.methods.answers import Answer, mirror_image
from facialis.methods.fp_vggface.prepare import close_cut
from facialis.weights import session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.weights.session import Session

NAME: Final = "fp_vggface-light"
SIZE: Final = 96
"""Width and height of the cut face, pixels."""


def answer(picture: NDArray[np.uint8], points: NDArray[np.float64]) -> Answer:
    """Return what the network says of a face.

    Args:
        picture: (H, W, 3), RGB.
        points: (478, 3) landmarks, pixels of the picture.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    both = ((picture, points), mirror_image(picture, points))
    images = np.stack([close_cut(*each, SIZE)[0] for each in both])
    (found,) = _session().run({"image": images})
    grades = found.astype(np.float64).mean(axis=0)
    return Answer(
        palsy=np.array([grades[0], grades[1:].sum()]),
        levels=levels_of_grades(grades),
        grades=grades,
    )


@lru_cache(maxsize=1)
def _session() -> Session:
    return session.load(NAME, threads=1)
