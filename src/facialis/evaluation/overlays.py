"""The predicted parts of every tested picture, painted over it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.methods.asymmetric_parsing.prepare import overlay as parts_over
from facialis.methods.cascaded_encoder.prepare import overlay as attributes_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from facialis.evaluation.predictions import Predictions
    from facialis.evaluation.sheet import PictureOf
    from facialis.methods.tasks import Segmentation

    Painter = Callable[[NDArray[np.uint8], NDArray[np.uint8]], NDArray[np.uint8]]

_PAINTED_BY: Final[Mapping[str, Painter]] = MappingProxyType(
    {"parts": parts_over, "attributes": attributes_over}
)
"""By the name of the task."""


def overlays(
    given: Predictions, task: Segmentation, picture: PictureOf
) -> Iterator[tuple[str, bytes]]:
    """Yield the name of each answered row and its overlay as PNG, of the size of the answer.

    Nothing is yielded for a task whose classes have no colours.

    Args:
        given: One split's answers.
        task: What was answered.
        picture: Gives the picture of a row.
    """
    paint = _PAINTED_BY.get(task.name)
    if paint is None:
        return
    for name, labels in zip(given.names, given.answers[task.predicted], strict=True):
        shown = np.ascontiguousarray(picture(name)[..., :3])
        height, width = labels.shape
        how = cv2.INTER_AREA if height < shown.shape[0] else cv2.INTER_LINEAR
        resized = np.asarray(cv2.resize(shown, (width, height), interpolation=how), np.uint8)
        painted = paint(resized, labels.astype(np.uint8))
        yield name, cv2.imencode(".png", painted[..., ::-1])[1].tobytes()
