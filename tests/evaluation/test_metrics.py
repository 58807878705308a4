"""Metrics of classification, against scikit-learn and the numbers of METHODS."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from facialis.errors import InputError
from facialis.evaluation import metrics
from facialis.evaluation.metrics import Average, confusion_matrix

CLASSES = 6
GRADES = range(CLASSES)


def drawn(seed: int, samples: int = 60) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, CLASSES, samples)
    off = rng.integers(-2, 3, samples)
    return truth, np.clip(truth + off, 0, CLASSES - 1)


def sparse(seed: int) -> tuple[Any, Any]:
    """Few samples, so that some classes have none and some are never predicted."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, CLASSES, 4), rng.integers(0, CLASSES, 4)


PAIRS = [drawn(seed) for seed in range(4)] + [sparse(seed) for seed in range(8)]


@pytest.mark.parametrize(("truth", "predicted"), PAIRS)
def test_the_confusion_matrix_is_that_of_scikit_learn(truth: Any, predicted: Any) -> None:
    np.testing.assert_array_equal(
        confusion_matrix(truth, predicted, CLASSES),
        reference.confusion_matrix(truth, predicted, labels=GRADES),
    )


@pytest.mark.parametrize(("truth", "predicted"), PAIRS)
@pytest.mark.parametrize("average", Average)
def test_averages_are_those_of_scikit_learn(truth: Any, predicted: Any, average: Average) -> None:
    matrix = confusion_matrix(truth, predicted, CLASSES)
    expected = reference.precision_recall_fscore_support(
        truth, predicted, labels=GRADES, average=average.value, zero_division=0
    )
    ours = (
        metrics.precision(matrix, average),
        metrics.recall(matrix, average),
        metrics.f1(matrix, average),
    )
    assert [score.value for score in ours] == pytest.approx(expected[:3])


@pytest.mark.parametrize(("truth", "predicted"), PAIRS)
def test_accuracy_kappa_and_grade_errors_are_those_of_scikit_learn(
    truth: Any, predicted: Any
) -> None:
    matrix = confusion_matrix(truth, predicted, CLASSES)
    assert metrics.accuracy(matrix) == pytest.approx(reference.accuracy_score(truth, predicted))
    assert metrics.mean_absolute_error(matrix) == pytest.approx(
        reference.mean_absolute_error(truth, predicted)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kappa = reference.cohen_kappa_score(
            truth, predicted, labels=list(GRADES), weights="quadratic"
        )
        balanced = reference.balanced_accuracy_score(truth, predicted)
    assert metrics.quadratic_weighted_kappa(matrix) == pytest.approx(kappa, nan_ok=True)
    assert metrics.balanced_accuracy(matrix).value == pytest.approx(balanced)
    assert metrics.within_one(matrix) == pytest.approx(np.mean(np.abs(truth - predicted) <= 1))


@pytest.mark.parametrize(("truth", "predicted"), PAIRS)
def test_one_vs_rest_accuracy_is_the_mean_over_binary_problems(truth: Any, predicted: Any) -> None:
    matrix = confusion_matrix(truth, predicted, CLASSES)
    by_hand = np.mean([np.mean((truth == k) == (predicted == k)) for k in GRADES])
    assert metrics.one_vs_rest_accuracy(matrix) == pytest.approx(by_hand)


def test_specificity_is_the_recall_of_the_rest() -> None:
    truth, predicted = drawn(1)
    matrix = confusion_matrix(truth, predicted, CLASSES)
    expected = [reference.recall_score(truth != k, predicted != k) for k in GRADES]
    np.testing.assert_allclose(metrics.class_specificity(matrix), expected)


def test_undefined_scores_count_as_zero_and_are_counted() -> None:
    matrix = confusion_matrix([0, 0, 1, 1], [0, 2, 0, 0], 4)
    np.testing.assert_array_equal(metrics.class_precision(matrix), [1 / 3, np.nan, 0, np.nan])
    np.testing.assert_array_equal(metrics.class_recall(matrix), [0.5, 0, np.nan, np.nan])
    assert metrics.precision(matrix) == metrics.Score(pytest.approx(1 / 12), 2)
    assert metrics.recall(matrix) == metrics.Score(pytest.approx(1 / 8), 2)
    assert metrics.f1(matrix) == metrics.Score(pytest.approx(0.1), 3)
    assert metrics.balanced_accuracy(matrix) == metrics.Score(0.25, 2)


def test_balanced_accuracy_leaves_absent_classes_out_of_the_mean() -> None:
    matrix = confusion_matrix([0, 0, 1], [0, 0, 0], 3)
    assert metrics.balanced_accuracy(matrix) == metrics.Score(0.5, 1)
    assert metrics.recall(matrix).value == pytest.approx(1 / 3)


def test_accuracy_of_paper_001_as_printed_is_not_the_accuracy() -> None:
    counts = {"tp": 40, "fn": 10, "fp": 5, "tn": 45}
    assert metrics.accuracy(np.array([[45, 5], [10, 40]])) == pytest.approx(0.85)
    assert metrics.accuracy_as_printed_001(**counts) == pytest.approx(0.30)


def test_f1_of_paper_003_as_printed_is_always_two() -> None:
    assert metrics.f1_as_printed_003(0.5, 0.5) == 2
    assert metrics.f1_as_printed_003(0.9, 0.3) == pytest.approx(2)
    assert math.isnan(metrics.f1_as_printed_003(0, 0.5))
    assert metrics.f1_of(0.5, 0.5) == 0.5
    assert metrics.f1_of(0, 0) == 0


def test_class_scores_of_the_worked_example() -> None:
    matrix = np.array([[50, 10], [5, 35]])
    assert metrics.accuracy(matrix) == 0.85
    np.testing.assert_allclose(metrics.class_f1(matrix), [0.8696, 0.8235], atol=5e-5)


@pytest.mark.parametrize("seed", range(5))
def test_roc_area_is_that_of_scikit_learn_with_and_without_ties(seed: int) -> None:
    rng = np.random.default_rng(seed)
    positive = rng.random(80) < 0.4
    for scores in (rng.random(80), rng.integers(0, 5, 80), positive + rng.normal(size=80)):
        assert metrics.roc_auc(positive, scores) == pytest.approx(
            reference.roc_auc_score(positive, scores)
        )


def test_roc_area_of_each_class_against_the_rest() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, 90)
    scores = rng.dirichlet(np.ones(3), 90)
    scores[np.arange(90), truth] += 0.3
    areas = metrics.one_vs_rest_auc(truth, scores)
    for k in range(3):
        assert areas[k] == pytest.approx(reference.roc_auc_score(truth == k, scores[:, k]))


def test_roc_area_is_undefined_without_both_kinds() -> None:
    assert math.isnan(metrics.roc_auc([True, True], [0.1, 0.2]))
    assert np.isnan(metrics.one_vs_rest_auc([0, 1], np.eye(3)[:2])[2])


def test_roc_area_of_hard_labels_is_the_mean_of_both_rates_and_of_scores_it_is_not() -> None:
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 2, 200)
    scores = truth * 0.6 + rng.random(200)
    predicted = (scores > 0.8).astype(int)
    matrix = confusion_matrix(truth, predicted, 2)
    from_labels = metrics.roc_auc(truth == 1, predicted)
    assert from_labels == pytest.approx(metrics.hard_label_auc(matrix)[1])
    assert metrics.roc_auc(truth == 1, scores) > from_labels + 0.01


def test_the_printed_roc_areas_of_paper_002_fit_hard_labels() -> None:
    """68 errors in 990 balanced samples, wherever they fall, give the mean area 0.9588."""
    truth = np.repeat(np.arange(6), 165)
    predicted = truth.copy()
    wrong = np.random.default_rng(2).choice(990, 68, replace=False)
    predicted[wrong] = (truth[wrong] + 1) % 6
    areas = metrics.hard_label_auc(confusion_matrix(truth, predicted, 6))
    assert areas.mean() == pytest.approx(0.9588, abs=5e-5)


def test_full_agreement_has_kappa_one_and_one_class_alone_none() -> None:
    assert metrics.quadratic_weighted_kappa(np.diag([3, 4, 5])) == 1
    assert math.isnan(metrics.quadratic_weighted_kappa(np.diag([3, 0, 0])))
    assert math.isnan(metrics.quadratic_weighted_kappa(np.zeros((3, 3), dtype=np.int64)))
    assert math.isnan(metrics.balanced_accuracy(np.zeros((3, 3), dtype=np.int64)).value)


def test_the_majority_baseline_learns_its_answer_in_training() -> None:
    assert metrics.majority_baseline([34, 894, 154], [298, 490, 3550]) == pytest.approx(154 / 1082)
    assert metrics.majority_baseline([5, 1], [1, 9]) == pytest.approx(1 / 6)


@pytest.mark.parametrize(("prevalence", "expected"), [(0.6, 0.75), (0.7, 0.8235), (1, 1), (0, 0)])
def test_always_answering_yes_has_the_f1_of_the_prevalence(
    prevalence: float, expected: float
) -> None:
    assert metrics.always_positive_f1(prevalence) == pytest.approx(expected, abs=5e-5)
    positives = round(1000 * prevalence)
    matrix = np.array([[0, 1000 - positives], [0, positives]])
    if positives:
        assert metrics.class_f1(matrix)[1] == pytest.approx(expected, abs=5e-5)


def test_the_summary_reports_both_accuracies_and_all_averages_by_name() -> None:
    truth, predicted = drawn(0)
    scores = metrics.all_scores(confusion_matrix(truth, predicted, CLASSES))
    assert scores["accuracy"].value < scores["one-vs-rest accuracy"].value
    assert scores["macro F1"].value != scores["weighted F1"].value
    assert scores["weighted recall"].value == pytest.approx(scores["accuracy"].value)
    assert len(scores) == 15


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [
        ([0, 1], [0]),
        ([0, 6], [0, 1]),
        ([0, -1], [0, 1]),
        ([0, 1], [0.0, 1.5]),
        ([[0, 1]], [[0, 1]]),
        ([0, 1], ["I", "II"]),
    ],
)
def test_what_is_no_list_of_classes_is_refused(truth: Any, predicted: Any) -> None:
    with pytest.raises(InputError, match=r"no class|one prediction"):
        confusion_matrix(truth, predicted, CLASSES)


@pytest.mark.parametrize("scores", [[0.5], [0.5, np.nan]])
def test_scores_that_cannot_be_ranked_are_refused(scores: Any) -> None:
    with pytest.raises(InputError, match="ranked"):
        metrics.roc_auc([True, False], scores)


def test_no_samples_give_no_scores() -> None:
    matrix = confusion_matrix([], [], 3)
    assert math.isnan(metrics.accuracy(matrix))
    assert metrics.f1(matrix) == metrics.Score(0.0, 3)
