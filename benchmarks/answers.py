"""What verdict and methods say of one picture, in the form that benchmarks count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

import facialis
from facialis.errors import NoFaceError
from facialis.grading.method_answers import METHODS

if TYPE_CHECKING:
    from numpy.typing import NDArray

CALLED_FROM: Final = 0.5


def answers_to(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """Return probabilities by method, the distance, and, if palsy is called, its side.

    Nothing of a picture that cannot be judged.
    """
    try:
        found = facialis.assess(np.ascontiguousarray(pixels), methods=METHODS)
    except NoFaceError:
        return {}
    if found.verdict is None:
        return {}
    said: dict[str, Any] = {
        "norms": found.verdict.palsy_probability,
        "distance": found.verdict.distance / found.verdict.threshold,
    }
    if found.verdict.palsy_probability >= CALLED_FROM:
        said["side"] = found.verdict.side_computed.value
    if found.combined is not None:
        said["combined"] = found.combined.palsy_probability
    for name, answer in found.methods.items():
        if answer.palsy_probability is not None:
            said[name] = answer.palsy_probability
    return said
