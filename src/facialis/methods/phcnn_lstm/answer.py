"""What the light form answers for frames of a video, from the weights that come with Facialis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.measures.features import asymmetries, expressions
from facialis.methods.phcnn_lstm.prepare import crops_of
from facialis.regions.refinement import refined_both_ways
from facialis.weights import session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from facialis.methods.answers import Face, Floats

NAME: Final = "phcnn_lstm-light"


def answer(frames: Sequence[Face]) -> Floats:
    """Return probabilities (3,) of the levels I, II and III.

    Frames are cut at whole pixels, so the answer is the mean of theirs and of their mirror images'.

    Args:
        frames: Four consecutive ones of a video, in order, whose landmarks are refined and read.

    Raises:
        FacialisError: Their points are not the landmarks of a face.
        WeightsError: A network is missing or damaged.
    """
    read = [f._replace(points=refined_both_ways(f.picture, f.points)) for f in frames]
    both = (read, [face.mirror_image() for face in read])
    crops = [crops_of([f.picture for f in each], [f.points for f in each]) for each in both]
    feeds: dict[str, NDArray[np.generic]] = {
        "face": np.stack([each.face for each in crops]),
        "eyes": np.stack([each.eyes for each in crops]),
        "mouth": np.stack([each.mouth for each in crops]),
        "asymmetry": np.array([[asymmetries(f.points) for f in each] for each in both]),
        "scores": np.array([[expressions(f.points) for f in each] for each in both]),
    }
    (levels,) = session.loaded(NAME).run(feeds)
    return np.asarray(levels.mean(axis=0), np.float64)
