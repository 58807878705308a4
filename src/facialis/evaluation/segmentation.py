"""Metrics of segmentation: of a confusion matrix of pixels.

The matrix is that of `metrics`, counted over all pixels of all pictures (D0-17). A category that
is neither in the truth nor in the prediction has no score (NaN); means leave it out and count it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.errors import InputError
from facialis.evaluation.metrics import Counts, Floats, Score, accuracy, class_recall, right_calls

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

IGNORED: Final = 255
"""Label of pixels that nobody labelled (D0-12)."""


def pixel_confusion(truth: ArrayLike, predicted: ArrayLike, classes: int) -> Counts:
    """Return the pixel counts (K, K): true category in rows, predicted one in columns.

    Args:
        truth: Label map of any shape, 0 to K-1, or `IGNORED` where a pixel does not count.
        predicted: Label map of the same shape, 0 to K-1 wherever the truth counts.
        classes: K.

    Raises:
        InputError: The maps differ in shape, or hold another label.
    """
    maps = np.asarray(truth), np.asarray(predicted)
    if maps[0].shape != maps[1].shape:
        raise InputError(
            f"a predicted map of shape {maps[1].shape}",
            f"does not cover the true one of shape {maps[0].shape}",
            "bring both to one size, without blending labels",
        )
    counted = maps[0] != IGNORED
    rows, columns = (each[counted].astype(np.int64) for each in maps)
    for name, labels in (("the true map", rows), ("the predicted map", columns)):
        if labels.size and not 0 <= labels.min() <= labels.max() < classes:
            raise InputError(
                name,
                f"holds the labels {labels.min()} to {labels.max()}",
                f"use 0 to {classes - 1}, or {IGNORED} in the true map for pixels left out",
            )
    counts = np.bincount(rows * classes + columns, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


def pixel_accuracy(matrix: Counts) -> float:
    """Return the share of pixels labelled right, PA of [000] eq. 11 ("mean PA" in its Table 3)."""
    return accuracy(matrix)


def pixel_error(matrix: Counts) -> float:
    """Return 100 (1 - PA), the "classification error (%)" of [001] Table 2 (D1-18)."""
    return 100 * (1 - pixel_accuracy(matrix))


def mean_class_accuracy(matrix: Counts, *, background: bool = True) -> Score:
    """Return the mean share of each category's pixels that was found (D0-17)."""
    return _mean(class_recall(matrix), background=background)


def class_iou(matrix: Counts) -> Floats:
    """Return intersection over union of each category (..., K), the terms of [000] eq. 10."""
    return _shares(right_calls(matrix), _united(matrix))


def class_dice(matrix: Counts) -> Floats:
    """Return 2TP / (2TP + FP + FN) of each category (..., K): Dice, or F1 ([000] eq. 9).

    A category that was missed altogether scores 0 here.
    """
    hits = right_calls(matrix)
    return _shares(2 * hits, _united(matrix) + hits)


def mean_iou(matrix: Counts, *, background: bool = True) -> Score:
    """Return the mean IoU ([000] eq. 10), with the background (category 0) or without (D0-17).

    Over the same categories it is never above the mean F1, for IoU = F1 / (2 - F1).
    """
    return _mean(class_iou(matrix), background=background)


def mean_f1(matrix: Counts, *, background: bool = False) -> Score:
    """Return the mean F1 over categories; paper 000 leaves out the background (D0-17)."""
    return _mean(class_dice(matrix), background=background)


def _united(matrix: Counts) -> Counts:
    return np.asarray(matrix.sum(axis=-2) + matrix.sum(axis=-1) - right_calls(matrix))


def _shares(parts: Counts, wholes: Counts) -> Floats:
    return np.divide(parts, wholes, out=np.full(wholes.shape, np.nan), where=wholes != 0)


def _mean(values: Floats, *, background: bool) -> Score:
    kept = values if background else values[1:]
    there = kept[~np.isnan(kept)]
    value = float(there.mean()) if there.size else math.nan
    return Score(value, int(kept.size - there.size))
