"""Metrics of segmentation, against METHODS and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import f1_score, jaccard_score

from facialis.errors import InputError
from facialis.evaluation import segmentation
from facialis.evaluation.segmentation import IGNORED, pixel_confusion

EXAMPLE = np.array([[50, 10], [5, 35]])


def test_the_worked_example() -> None:
    assert segmentation.pixel_accuracy(EXAMPLE) == 0.85
    assert segmentation.pixel_error(EXAMPLE) == pytest.approx(15)
    np.testing.assert_allclose(segmentation.class_iou(EXAMPLE), [0.7692, 0.7], atol=5e-5)
    np.testing.assert_allclose(segmentation.class_dice(EXAMPLE), [0.8696, 0.8235], atol=5e-5)
    assert segmentation.mean_iou(EXAMPLE).value == pytest.approx(0.7346, abs=5e-5)
    assert segmentation.mean_iou(EXAMPLE, background=False).value == pytest.approx(0.7)
    assert segmentation.mean_f1(EXAMPLE).value == pytest.approx(0.8235, abs=5e-5)
    assert segmentation.mean_class_accuracy(EXAMPLE).value == pytest.approx((5 / 6 + 7 / 8) / 2)


def test_pooled_pixels_score_as_in_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 7, (3, 20, 30)).astype(np.uint8)
    predicted = np.where(rng.random(truth.shape) < 0.6, truth, rng.integers(0, 7, truth.shape))
    matrix = pixel_confusion(truth, predicted, 7)
    iou = jaccard_score(truth.ravel(), predicted.ravel(), average=None)
    dice = f1_score(truth.ravel(), predicted.ravel(), average=None)
    np.testing.assert_allclose(segmentation.class_iou(matrix), iou)
    np.testing.assert_allclose(segmentation.class_dice(matrix), dice)
    assert segmentation.mean_f1(matrix).value == pytest.approx(dice[1:].mean())


def test_pooling_adds_the_matrices_of_pictures() -> None:
    rng = np.random.default_rng(1)
    truth, predicted = rng.integers(0, 4, (2, 2, 8, 8))
    parts = sum(pixel_confusion(t, p, 4) for t, p in zip(truth, predicted, strict=True))
    np.testing.assert_array_equal(pixel_confusion(truth, predicted, 4), parts)


@given(arrays.arrays(np.int64, (5, 5), elements=st.integers(0, 40)))
def test_mean_iou_is_never_above_mean_f1(matrix: np.ndarray) -> None:
    for background in (True, False):
        iou = segmentation.mean_iou(matrix, background=background)
        f1 = segmentation.mean_f1(matrix, background=background)
        assert iou.undefined == f1.undefined
        assert not iou.value > f1.value + 1e-12
    dice = segmentation.class_dice(matrix)
    np.testing.assert_allclose(segmentation.class_iou(matrix), dice / (2 - dice))


def test_a_category_that_is_nowhere_is_left_out_and_one_that_was_missed_scores_zero() -> None:
    matrix = pixel_confusion([0, 0, 1, 2], [0, 0, 1, 1], 4)
    np.testing.assert_array_equal(segmentation.class_dice(matrix), [1, 2 / 3, 0, np.nan])
    assert segmentation.mean_f1(matrix) == segmentation.Score(pytest.approx(1 / 3), 1)


def test_unlabelled_pixels_do_not_count_whatever_is_predicted_there() -> None:
    truth = np.array([[0, 1], [IGNORED, IGNORED]], dtype=np.uint8)
    matrix = pixel_confusion(truth, np.array([[0, 1], [1, IGNORED]], dtype=np.uint8), 2)
    assert matrix.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("truth", "predicted"), [([0, 1], [[0, 1]]), ([0, 2], [0, 1]), ([0, 1], [0, IGNORED])]
)
def test_maps_that_do_not_fit_are_refused(truth: list[int], predicted: list[int]) -> None:
    with pytest.raises(InputError, match=r"does not cover|holds the labels"):
        pixel_confusion(truth, predicted, 2)
