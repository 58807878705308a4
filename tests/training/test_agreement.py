"""Agreement with the teacher, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from facialis.training.agreement import PALSY_SCORES, agreement, spearman, table


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlation_is_scipys(ties):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 200))
    if ties:
        a, b = a.round(), b.round()
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)


def test_rank_correlation_of_a_constant_is_not_a_number():
    assert np.isnan(spearman(np.ones(5), np.arange(5.0)))


def test_the_scores_that_palsy_touches_are_the_sixteen_of_the_requirement():
    assert len(PALSY_SCORES) == 16
    assert {"browInnerUp", "mouthPucker", "mouthLeft", "noseSneerRight"} <= set(PALSY_SCORES)


def test_the_table_has_a_row_a_score_and_a_column_a_set():
    rng = np.random.default_rng(1)
    teacher = rng.random((30, 52))
    results = [agreement("same", teacher, teacher), agreement("off", teacher + 0.1, teacher)]
    lines = table(results).splitlines()
    assert len(lines) == 2 + 16 + 1
    assert lines[0] == "| score | same (n = 30) | off (n = 30) |"
    assert all("0.0000 / 1.000 | 0.1000 / 1.000" in line for line in lines[2:])
