"""Which of our scores stands beside which printed one: each by the paper's own definition."""

from __future__ import annotations

import pytest

from facialis.evaluation.beside import _score_names
from facialis.evaluation.published import PUBLISHED

PARTS = ("background", "skin", "hair", "eyebrow", "eye", "mouth", "FPP")
GRADES = ("I", "II", "III", "IV", "V", "VI")


@pytest.mark.parametrize(
    ("paper", "table", "metric", "names"),
    [
        ("000", "Table 1", "mean F1", ["mean F1 with weak classes", "mean F1"]),
        ("000", "Table 1", "F1 FPP", ["F1 FPP"]),
        ("000", "Table 3", "mean IoU", ["mean IoU with background and weak classes"]),
        ("000", "Table 3", "mean PA", ["pixel accuracy"]),
        ("000", "Table 4", "mean F1", ["F1 FPP"]),
        ("001", "Table 2", "classification error", ["pixel error"]),
        ("001", "Table 3", "average accuracy", ["one-vs-rest accuracy"]),
        ("001", "Table 3", "recall", ["macro recall"]),
        ("001", "Table 3", "confidence", ["macro precision"]),
        ("001", "Table 3", "Dice", ["macro F1"]),
        ("002", "Table 4", "accuracy", ["accuracy"]),
        ("002", "Table 4", "precision", ["macro precision"]),
        ("002", "Table 4", "recall", ["macro recall"]),
        ("002", "Table 4", "F1", ["macro F1"]),
        ("003", "Table IV", "accuracy", ["mean over splits: accuracy", "accuracy"]),
        (
            *("003", "Table IV", "precision"),
            ["mean over splits: weighted precision", "weighted precision"],
        ),
        ("003", "Table IV", "recall", ["mean over splits: weighted recall", "weighted recall"]),
        ("003", "Table IV", "F1", ["mean over splits: weighted F1", "weighted F1"]),
        ("004", "results table", "F1", ["mean over people: F1"]),
        ("004", "results table", "precision", ["mean over people: precision"]),
        ("004", "results table", "recall", ["mean over people: recall"]),
    ],
)
def test_sx_15_every_printed_metric_has_the_score_that_its_paper_defines(
    paper: str, table: str, metric: str, names: list[str]
) -> None:
    rows = [r for r in PUBLISHED if (r.paper, r.table, r.metric) == (paper, table, metric)]
    assert rows
    classes = PARTS if paper == "000" else GRADES
    assert {tuple(_score_names(row, classes)) for row in rows} == {tuple(names)}


def test_table_4_of_paper_000_repeats_the_f1_of_fpp_and_no_mean() -> None:
    printed = {
        (row.table, row.metric): row.value
        for row in PUBLISHED
        if row.paper == "000" and row.is_own and row.data in ("", "YFP")
    }
    assert printed["Table 4", "mean F1"] == printed["Table 1", "F1 FPP"] == 98.2
