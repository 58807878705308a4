"""Samples grouped by patient."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.errors import InputError
from facialis.evaluation.subjects import grouped


def test_samples_of_a_patient_stay_together_in_any_order() -> None:
    names, samples, (values,) = grouped(["x", "y", "x", "z", "y", "x"], [[1, 10, 2, 7, 20, 3]])
    assert names == ("x", "y", "z")
    assert [values[rows].tolist() for rows in samples] == [[1, 2, 3], [10, 20], [7]]


@pytest.mark.parametrize(
    ("subjects", "values"), [(["a"], [[1, 2]]), ([], [[]]), (["a", "b"], [[1, 2], [1]])]
)
def test_lists_that_do_not_belong_together_are_refused(
    subjects: list[str], values: list[list[int]]
) -> None:
    with pytest.raises(InputError, match="in number"):
        grouped(subjects, [np.array(each) for each in values])
