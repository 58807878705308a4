"""Scores of many confusion matrices at once, such as those of all resamples of a bootstrap.

They are those of `scoring_classes.class_scores` and `scoring_parts.parts_scores`, under the same
names; a stack (D, K, K) gives (D,) values of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from facialis.evaluation.metrics import (
    Average,
    Counts,
    Floats,
    class_f1,
    class_precision,
    class_recall,
    right_calls,
)
from facialis.evaluation.scoring import ALL_IOU, WITH_WEAK
from facialis.evaluation.segmentation import class_dice, class_iou

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from facialis.methods.tasks import Segmentation


def stacked_class_scores(matrices: Counts, classes: Sequence[str]) -> dict[str, Floats]:
    """Return every score of a classification, (D,) each, of confusion matrices (D, K, K)."""
    samples, support = matrices.sum(axis=(1, 2)), matrices.sum(axis=2)
    called, hits = matrices.sum(axis=1), right_calls(matrices)
    accuracy = _ratios(hits.sum(axis=1), samples)
    each_right = samples[:, None] - support - called + 2 * hits
    steps = np.abs(np.subtract.outer(np.arange(len(classes)), np.arange(len(classes))))
    recalls = class_recall(matrices)
    scores = {
        "accuracy": accuracy,
        "one-vs-rest accuracy": _ratios(each_right.mean(axis=1), samples),
        "balanced accuracy": defined_means(recalls),
        "quadratic weighted kappa": _kappas(matrices, steps**2),
        "mean absolute error": _ratios((matrices * steps).sum(axis=(1, 2)), samples),
        "within one": _ratios((matrices * (steps <= 1)).sum(axis=(1, 2)), samples),
    }
    each_class = {"F1": class_f1(matrices), "precision": class_precision(matrices)}
    for name, values in (each_class | {"recall": recalls}).items():
        counted = np.nan_to_num(values)
        scores[f"{Average.MACRO} {name}"] = counted.mean(axis=1)
        scores[f"{Average.WEIGHTED} {name}"] = _ratios((counted * support).sum(axis=1), samples)
        scores[f"{Average.MICRO} {name}"] = accuracy
        scores |= {f"{name} {title}": values[:, k] for k, title in enumerate(classes)}
    return scores


def stacked_parts_scores(matrices: Counts, task: Segmentation) -> dict[str, Floats]:
    """Return every score of a segmentation, (D,) each, of pixel counts (D, K, K)."""
    kept = np.array([name not in task.weak for name in task.classes])
    parts = kept & (np.arange(len(kept)) > 0)
    dice, iou, found = class_dice(matrices), class_iou(matrices), class_recall(matrices)
    accuracy = _ratios(right_calls(matrices).sum(axis=1), matrices.sum(axis=(1, 2)))
    scores = {
        "mean F1": defined_means(dice[:, parts]),
        "mean IoU": defined_means(iou[:, parts]),
        "mean IoU with background": defined_means(iou[:, kept]),
        "pixel accuracy": accuracy,
        "mean class accuracy": defined_means(found[:, kept]),
        "pixel error": 100 * (1 - accuracy),
    }
    if task.weak:
        scores[WITH_WEAK] = defined_means(dice[:, 1:])
        scores["mean IoU with weak classes"] = defined_means(iou[:, 1:])
        scores[ALL_IOU] = defined_means(iou)
        scores["mean class accuracy with weak classes"] = defined_means(found)
    for title, values in (("F1", dice), ("IoU", iou)):
        scores |= {f"{title} {name}": values[:, k] for k, name in enumerate(task.classes)}
    return scores


def defined_means(values: Floats) -> Floats:
    """Return the mean (D,) of the values (D, n) that are defined; NaN where none is."""
    return _ratios(np.nan_to_num(values).sum(axis=1), (~np.isnan(values)).sum(axis=1))


def _kappas(matrices: Counts, weights: Counts) -> Floats:
    samples = matrices.sum(axis=(1, 2))
    rows, columns = matrices.sum(axis=2), matrices.sum(axis=1)
    chance = _ratios(((rows @ weights) * columns).sum(axis=1), samples)
    return 1 - _ratios((matrices * weights).sum(axis=(1, 2)), chance)


def _ratios(parts: NDArray[Any], wholes: NDArray[Any]) -> Floats:
    return np.divide(parts, wholes, out=np.full(len(wholes), np.nan), where=wholes != 0)
