"""The teacher of the expression scores: MediaPipe's own expression model, read while training."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError, InstallationError
from facialis.face.expressions import EXPRESSION_NAMES, EXPRESSION_POINTS

if TYPE_CHECKING:
    from pathlib import Path

Floats = NDArray[np.float32]

_MEMBER = "face_blendshapes.tflite"
_LARGEST_LOGIT = 16.0


class Teacher(Protocol):
    """Whatever gives the 52 scores of a face."""

    def __call__(self, points: NDArray[np.generic]) -> Floats:
        """Return scores (n, 52) in 0 to 1 for points (n, 146, 2) in pixels, x right, y down."""
        ...


class ExpressionTeacher:
    """The expression model inside MediaPipe's ``face_landmarker.task``.

    It takes the 146 points in pixels; position and size of the face do not matter to it.
    """

    def __init__(self, bundle: Path) -> None:
        """Load the model on one thread.

        Args:
            bundle: The ``.task`` file, a zip archive.

        Raises:
            InputError: The file is not such a bundle.
            InstallationError: The TFLite runtime is missing.
        """
        try:
            from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415
        except ImportError as error:
            raise InstallationError(
                "Training needs a TFLite runtime; pip install 'facialis[train]'."
            ) from error
        try:
            with zipfile.ZipFile(bundle) as archive:
                content = archive.read(_MEMBER)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise InputError(
                bundle,
                f"is not a face landmarker bundle with {_MEMBER} inside",
                "run 'facialis weights get face_landmarker' and give its path",
            ) from error
        self._interpreter: Any = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def __call__(self, points: NDArray[np.generic]) -> Floats:
        """Return scores (n, 52) for points (n, 146, 2) in pixels."""
        scores = np.empty((len(points), len(EXPRESSION_NAMES)), np.float32)
        for row, face in zip(scores, points, strict=True):
            feed = np.asarray(face, np.float32).reshape(1, len(EXPRESSION_POINTS), 2)
            self._interpreter.set_tensor(self._input, feed)
            self._interpreter.invoke()
            row[:] = self._interpreter.get_tensor(self._output)
        return scores


def logits(scores: NDArray[np.generic]) -> Floats:
    """Return log-odds of scores, limited to ±16 where a float32 score carries no more."""
    exact = scores.astype(np.float64)
    with np.errstate(divide="ignore"):
        odds = np.log(exact) - np.log1p(-exact)
    limited: Floats = np.clip(odds, -_LARGEST_LOGIT, _LARGEST_LOGIT).astype(np.float32)
    return limited
