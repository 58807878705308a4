"""Metrics of classification, as the five papers write them and as they are meant.

Convention: classes are numbered 0 to K-1 (House-Brackmann I is class 0), and a confusion matrix is
(K, K) with the true class in rows and the predicted one in columns, so that entry [i, j] counts
samples of class i that were called j ([000] eq. 10). All but the scores of one sample set need
only that matrix; the scores of each class also take a stack of them (..., K, K). For two classes
the positive one is class 1.

Where a score is a fraction of nothing, the score of that class is NaN; an average counts it as 0
and says how many there were (D4-13).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


class Average(StrEnum):
    """How the scores of several classes become one.

    Papers 001 and 002 average over classes (D1-17, D2-13); paper 003 weighs them by support, and
    is reported both ways (D3-16).
    """

    MACRO = "macro"
    """The mean over classes."""
    WEIGHTED = "weighted"
    """The mean over classes, weighed by how many samples are of each."""
    MICRO = "micro"
    """Pooled over classes."""


@dataclass(frozen=True, slots=True)
class Score:
    """An average that says what it could not count.

    Attributes:
        value: The average; NaN if there was nothing to average.
        undefined: How many of its members were undefined.
    """

    value: float
    undefined: int = 0


def confusion_matrix(truth: ArrayLike, predicted: ArrayLike, classes: int) -> Counts:
    """Return the counts (K, K): true class in rows, predicted class in columns.

    Args:
        truth: Classes (n,) of the samples, whole numbers 0 to K-1.
        predicted: What they were called (n,).
        classes: K.

    Raises:
        InputError: The lists differ in length, or hold something that is no class.
    """
    pair = [
        _checked_classes(truth, "truth", classes),
        _checked_classes(predicted, "predictions", classes),
    ]
    if pair[0].shape != pair[1].shape:
        raise InputError(
            "predictions",
            f"are {pair[1].size}, and the truth {pair[0].size}",
            "give one prediction for each sample",
        )
    counts = np.bincount(pair[0] * classes + pair[1], minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


def accuracy(matrix: Counts) -> float:
    """Return the share of samples called right, (TP + TN) / all for two classes ([002] eq. 3)."""
    return _ratio(np.trace(matrix), matrix.sum())


def one_vs_rest_accuracy(matrix: Counts) -> float:
    """Return the mean over classes of the accuracy of "this class or not" ([001] eq. 5, D1-17).

    With many classes it is far above `accuracy`: each sample counts as right for every class that
    it neither is nor was called. The two are never reported under one name.
    """
    right = matrix.sum() - _false(matrix, axis=-2) - _false(matrix, axis=-1)
    return float(_ratios(right, np.full(len(matrix), matrix.sum())).mean())


def right_calls(matrix: Counts) -> Counts:
    """Return the samples of each class that were called right (..., K): the diagonal."""
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def class_precision(matrix: Counts) -> Floats:
    """Return TP / (TP + FP) of each class (..., K); NaN for a class that was never predicted."""
    return _ratios(right_calls(matrix), matrix.sum(axis=-2))


def class_recall(matrix: Counts) -> Floats:
    """Return TP / (TP + FN) of each class (..., K); NaN for a class without samples."""
    return _ratios(right_calls(matrix), matrix.sum(axis=-1))


def class_specificity(matrix: Counts) -> Floats:
    """Return TN / (TN + FP) of each class (..., K); NaN if there is no sample of another class."""
    others = matrix.sum(axis=(-2, -1))[..., None] - matrix.sum(axis=-1)
    return _ratios(others - _false(matrix, axis=-2), others)


def class_f1(matrix: Counts) -> Floats:
    """Return 2PR / (P + R) of each class (..., K), the Dice score ([000] eq. 9, [001] eq. 8).

    NaN where precision or recall is (D4-13).
    """
    called, there = matrix.sum(axis=-2), matrix.sum(axis=-1)
    scores = _ratios(2 * right_calls(matrix), called + there)
    empty = (called == 0) | (there == 0)
    return np.where(empty, np.nan, scores)


def precision(matrix: Counts, average: Average = Average.MACRO) -> Score:
    """Return the average precision over classes (not the area under a curve)."""
    return _averaged(class_precision(matrix), matrix, average)


def recall(matrix: Counts, average: Average = Average.MACRO) -> Score:
    """Return the average recall over classes; weighted, it is the accuracy."""
    return _averaged(class_recall(matrix), matrix, average)


def f1(matrix: Counts, average: Average = Average.MACRO) -> Score:
    """Return the average of the F1 of the classes (not the F1 of the averages)."""
    return _averaged(class_f1(matrix), matrix, average)


def balanced_accuracy(matrix: Counts) -> Score:
    """Return the mean recall over the classes that have samples; the others are counted."""
    recalls = class_recall(matrix)
    there = recalls[~np.isnan(recalls)]
    value = float(there.mean()) if there.size else math.nan
    return Score(value, int(recalls.size - there.size))


def f1_of(precision: float, recall: float) -> float:
    """Return 2PR / (P + R), 0 where both are 0 ([003] eq. 8 as meant)."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def accuracy_as_printed_001(*, tp: int, fn: int, fp: int, tn: int) -> float:
    """Return (TP - FN) / (TP + FN + FP + TN), the accuracy of [001] eq. 5 as printed.

    Only to show what the misprint would give; `accuracy` is what is meant.
    """
    return _ratio(tp - fn, tp + fn + fp + tn)


def f1_as_printed_003(precision: float, recall: float) -> float:
    """Return 2PR / (P × R), the F1 of [003] eq. 8 as first printed: always 2, or NaN.

    Only to show what the misprint would give; `f1_of` is what is meant.
    """
    return _ratio(2 * precision * recall, precision * recall)


def quadratic_weighted_kappa(matrix: Counts) -> float:
    """Return Cohen's kappa with squared distances between classes as weights.

    1 is full agreement, 0 that of chance. NaN if all samples are of one class and called so.
    """
    samples = matrix.sum()
    if not samples:
        return math.nan
    weights = _steps(len(matrix)) ** 2
    expected = np.outer(matrix.sum(axis=1), matrix.sum(axis=0)) / samples
    chance = float((weights * expected).sum())
    return 1 - float((weights * matrix).sum()) / chance if chance else math.nan


def mean_absolute_error(matrix: Counts) -> float:
    """Return by how many classes (grades) the predictions are off on average."""
    return _ratio((_steps(len(matrix)) * matrix).sum(), matrix.sum())


def within_one(matrix: Counts) -> float:
    """Return the share of samples called right or one class (grade) off."""
    return _ratio(matrix[_steps(len(matrix)) <= 1].sum(), matrix.sum())


def majority_baseline(counts: ArrayLike, training: ArrayLike) -> float:
    """Return the accuracy of always answering the commonest class of the training data.

    Args:
        counts: Samples (K,) of each class where the answer is tested.
        training: Samples (K,) of each class where it was learned.
    """
    tested, learned = np.asarray(counts), np.asarray(training)
    return _ratio(tested[learned.argmax()], tested.sum())


def always_positive_f1(prevalence: float) -> float:
    """Return 2p / (1 + p): the F1 of calling every sample positive (METHODS 5.8)."""
    return 2 * prevalence / (1 + prevalence)


def roc_auc(positive: ArrayLike, scores: ArrayLike) -> float:
    """Return the area under the ROC curve, ties counted half.

    It is the chance that a positive sample scores higher than a negative one. Scores, not labels,
    belong here: with hard labels it is no more than (TPR + TNR) / 2, see `hard_label_auc`.

    Args:
        positive: (n,) whether each sample is of the class.
        scores: (n,) how much it looks so, on any scale.

    Returns:
        0 to 1; NaN if there are no positive or no negative samples.
    """
    is_positive = np.asarray(positive, dtype=bool)
    values = np.asarray(scores, dtype=np.float64)
    if is_positive.shape != values.shape or np.isnan(values).any():
        raise InputError(
            "scores",
            f"of shape {values.shape}, for samples of shape {is_positive.shape}, cannot be ranked",
            "give one number for each sample",
        )
    n_positive = int(is_positive.sum())
    n_negative = is_positive.size - n_positive
    if not n_positive or not n_negative:
        return math.nan
    _, place, ties = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    above = ranks[is_positive].sum() - n_positive * (n_positive + 1) / 2
    return float(above / (n_positive * n_negative))


def one_vs_rest_auc(truth: ArrayLike, scores: ArrayLike) -> Floats:
    """Return the area under the ROC curve of each class against the rest, (K,).

    Args:
        truth: Classes (n,).
        scores: (n, K) probability, or any score, of each class.

    Returns:
        NaN for a class without samples.
    """
    columns = np.asarray(scores, dtype=np.float64)
    classes = _checked_classes(truth, "truth", columns.shape[-1])
    return np.array([roc_auc(classes == k, columns[:, k]) for k in range(columns.shape[-1])])


def hard_label_auc(matrix: Counts) -> Floats:
    """Return (TPR + TNR) / 2 of each class (..., K): the ROC area of labels in place of scores.

    The areas printed in paper 002 fit this and not probabilities (METHODS 3.8).
    """
    return (class_recall(matrix) + class_specificity(matrix)) / 2


def all_scores(matrix: Counts) -> dict[str, Score]:
    """Return every metric of a confusion matrix under a name of its own."""
    scores = {
        "accuracy": Score(accuracy(matrix)),
        "one-vs-rest accuracy": Score(one_vs_rest_accuracy(matrix)),
        "balanced accuracy": balanced_accuracy(matrix),
        "quadratic weighted kappa": Score(quadratic_weighted_kappa(matrix)),
        "mean absolute error": Score(mean_absolute_error(matrix)),
        "within one": Score(within_one(matrix)),
    }
    for name, metric in (("precision", precision), ("recall", recall), ("F1", f1)):
        scores |= {f"{each} {name}": metric(matrix, each) for each in Average}
    return scores


def _averaged(values: Floats, matrix: Counts, average: Average) -> Score:
    if average is Average.MICRO:  # each sample is called once: pooled, all three are the accuracy
        return Score(accuracy(matrix))
    support = matrix.sum(axis=1) if average is Average.WEIGHTED else np.ones(len(matrix))
    undefined = int(np.isnan(values).sum())
    return Score(_ratio((np.nan_to_num(values) * support).sum(), support.sum()), undefined)


def _false(matrix: Counts, *, axis: int) -> Counts:
    return np.asarray(matrix.sum(axis=axis) - right_calls(matrix))


def _steps(classes: int) -> Counts:
    numbers = np.arange(classes, dtype=np.int64)
    return np.abs(numbers[:, None] - numbers[None, :])


def _ratio(part: float | np.number[Any], whole: float | np.number[Any]) -> float:
    return float(part) / float(whole) if whole else math.nan


def _ratios(parts: NDArray[np.number[Any]], wholes: NDArray[np.number[Any]]) -> Floats:
    empty = np.full(np.shape(wholes), np.nan)
    return np.divide(parts, wholes, out=empty, where=np.asarray(wholes) != 0)


def _checked_classes(values: ArrayLike, name: str, classes: int) -> Counts:
    given = np.asarray(values)
    numbers = given.astype(np.int64) if given.dtype.kind in _WHOLE or not given.size else None
    if numbers is None or given.ndim != 1 or ((numbers < 0) | (numbers >= classes)).any():
        raise InputError(
            name,
            f"of shape {given.shape} and kind {given.dtype} hold something that is no class",
            f"give a list of whole numbers 0 to {classes - 1}",
        )
    return numbers


_WHOLE: Final = "iub"
