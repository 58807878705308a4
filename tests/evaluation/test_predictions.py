"""Predictions as a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facialis.errors import InputError
from facialis.evaluation.predictions import Predictions


def _made(**more: object) -> Predictions:
    values: dict[str, object] = {
        "names": ("a-1", "b-1"),
        "subjects": ("a", "b"),
        "sources": ("toy", "toy"),
        "truth": {"grade": np.array([0, -1])},
        "answers": {"chances": np.array([[0.2, 0.8], [0.5, 0.5]], dtype=np.float32)},
        "split": "kfold 1 of 2",
    }
    return Predictions(**(values | more))  # type: ignore[arg-type]


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    _made().save(tmp_path / "01.npz")
    found = Predictions.load(tmp_path / "01.npz")
    assert (found.names, found.subjects, found.sources, found.split) == (
        ("a-1", "b-1"),
        ("a", "b"),
        ("toy", "toy"),
        "kfold 1 of 2",
    )
    np.testing.assert_array_equal(found.truth["grade"], [0, -1])
    assert found.answers["chances"].dtype == np.float32
    assert [each.name for each in tmp_path.iterdir()] == ["01.npz"]


@pytest.mark.parametrize(
    "more",
    [
        {"names": (), "subjects": (), "sources": (), "truth": {}, "answers": {}},
        {"names": ("a", "a")},
        {"subjects": ("a",)},
        {"truth": {"grade": np.zeros(3)}},
        {"answers": {"chances": np.array([np.nan, 1.0])}},
        {"answers": {"chances": np.array(["x", "y"])}},
    ],
)
def test_contradictions_are_refused(more: dict[str, object]) -> None:
    with pytest.raises(InputError, match="predictions of kfold 1 of 2"):
        _made(**more)


def test_a_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "01.npz"
    with pytest.raises(InputError, match="is not there"):
        Predictions.load(file)
    _made().save(file)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(InputError, match=r"01\.npz"):
        Predictions.load(file)
    np.savez(file, names=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="holds no predictions"):
        Predictions.load(file)
