"""Scores of each patient beside the pooled one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from facialis.errors import InputError
from facialis.evaluation.metrics import class_f1, confusion_matrix
from facialis.evaluation.subjects import by_subject, subject_means


def share_right(truth: Any, predicted: Any) -> float:
    return float(np.mean(np.asarray(truth) == predicted))


def positive_f1(truth: Any, predicted: Any) -> float:
    return float(class_f1(confusion_matrix(truth, predicted, 2))[1])


def test_the_mean_over_patients_differs_from_the_pooled_score_and_both_are_there() -> None:
    scores = by_subject(share_right, ["b"] * 9 + ["a"], [1] * 10, [1] * 9 + [0])
    assert scores.subjects == ("a", "b")
    assert scores.values.tolist() == [0, 1]
    assert scores.mean == 0.5
    assert scores.pooled == 0.9


def test_patients_without_a_score_count_as_zero_and_are_counted() -> None:
    subjects = ["p", "p", "q", "q", "r", "r"]
    scores = by_subject(positive_f1, subjects, [1, 0, 0, 0, 1, 1], [1, 0, 0, 0, 1, 0])
    assert math.isnan(scores.values[1])
    assert scores.undefined == 1
    assert scores.mean == pytest.approx((1 + 0 + 2 / 3) / 3)


def test_samples_of_a_patient_stay_together_in_any_order() -> None:
    subjects = ["x", "y", "x", "z", "y", "x"]
    names, means = subject_means([1, 10, 2, 7, 20, 3], subjects)
    assert dict(zip(names, means, strict=True)) == {"x": 2, "y": 15, "z": 7}


def test_the_vote_of_a_patient_is_the_mean_probability() -> None:
    _, means = subject_means([[0.6, 0.4], [0.6, 0.4], [0.0, 1.0]], ["p"] * 3)
    np.testing.assert_allclose(means, [[0.4, 0.6]])


@pytest.mark.parametrize(
    ("subjects", "values"), [(["a"], [[1, 2]]), ([], [[]]), (["a", "b"], [[1, 2], [1]])]
)
def test_lists_that_do_not_belong_together_are_refused(
    subjects: list[str], values: list[list[int]]
) -> None:
    with pytest.raises(InputError, match="in number"):
        by_subject(share_right, subjects, *values)
