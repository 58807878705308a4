"""Audits of the printed figures: what follows from what, and what does not."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from facialis.clinical.scales import GRADES, level_of_grade
from facialis.evaluation import published
from facialis.evaluation.audits import audit
from facialis.evaluation.compare import markdown, sections
from facialis.evaluation.metrics import always_positive_f1, f1_of, majority_baseline
from facialis.evaluation.published import FOLDS, PARSING_CLASSES, PUBLISHED, Published

TOLERANCE = 0.02


def by_metric(rows: tuple[Published, ...]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        found.setdefault(row.method, {})[row.metric] = row.value
    return found


def test_each_figure_stands_once_and_can_be_one() -> None:
    places = [(r.paper, r.table, r.method, r.data, r.metric) for r in PUBLISHED]
    assert len(set(places)) == len(places)
    limits = {"%": 100, "": 1, "h": 24, "s": 1}
    assert all(0 < row.value <= limits[row.unit] for row in PUBLISHED)
    assert {row.paper for row in PUBLISHED} == {"000", "001", "002", "003", "004"}


@pytest.mark.parametrize(
    ("paper", "table", "method", "metric", "value"),
    [
        ("000", "Table 1", "Proposed", "mean F1", 96.93),
        ("000", "Table 2", "Proposed", "mean F1", 96.79),
        ("001", "Table 2", "Ours", "classification error", 8.72),
        ("001", "Table 3", "Cascaded", "average accuracy", 95.60),
        ("002", "Table 4", "FP-VGGFace", "accuracy", 0.993),
        ("003", "Table IV", "PHCNN-LSTM", "accuracy", 0.9481),
        ("004", "results table", "BnW lines, ResNet50", "F1", 72.85),
    ],
)
def test_the_headline_of_each_paper(
    paper: published.PaperNumber, table: str, method: str, metric: str, value: float
) -> None:
    (row,) = (r for r in published.published(paper, table, method) if r.metric == metric)
    assert row.value == value


def test_all_means_of_paper_000_but_one_follow_from_their_columns() -> None:
    odd = {}
    for table in ("Table 1", "Table 2"):
        for method, scores in by_metric(published.published("000", table)).items():
            mean = statistics.mean(scores[f"F1 {each}"] for each in PARSING_CLASSES)
            if abs(mean - scores["mean F1"]) > TOLERANCE:
                odd[table, method] = (round(mean, 2), scores["mean F1"])
    assert odd == {("Table 1", "Zheng et al."): (pytest.approx(80.885, abs=0.006), 81.38)}


def test_six_mean_ious_of_paper_000_are_above_the_mean_f1_that_bounds_them() -> None:
    f1 = by_metric(published.published("000", "Table 1"))
    iou = by_metric(published.published("000", "Table 3"))
    impossible = {m for m, scores in iou.items() if scores["mean IoU"] > f1[m]["mean F1"]}
    assert impossible == {
        "DeepLabv3+",
        "Hyungjoon et al.",
        "Chang et al.",
        "Yang et al.",
        "Zheng et al.",
        "Sabina et al.",
    }


def test_the_dice_of_two_rivals_in_paper_001_is_not_that_of_their_columns() -> None:
    off = {}
    for method, row in by_metric(published.published("001", "Table 3")).items():
        dice = f1_of(row["confidence"], row["recall"])
        if abs(dice - row["Dice"]) > 0.03:
            off[method] = (round(dice, 2), row["Dice"])
    assert off == {"Insu et al.": (88.86, 88.00), "Hyun et al.": (88.57, 86.66)}


def test_the_areas_of_paper_002_are_those_of_hard_labels() -> None:
    areas = [r.value for r in published.published("002", "ROC figures", "VGG16")]
    assert len(areas) == 6
    assert round(statistics.mean(areas), 4) == 0.9583
    said = {looked: (printed, follows) for looked, printed, follows in audit("002")}
    printed, follows = said["ROC figures, mean area of VGG16"]
    assert printed == "0.9583"
    assert follows.startswith("0.9588 if labels stand in place of scores")
    assert "983 of 990 frames: 0.9855 to 0.9966" in said["Table 4, accuracy of FP-VGGFace"][1]
    accuracy = by_metric(published.published("002", "Table 4"))
    assert [round(accuracy[m]["accuracy"] * 990) for m in ("FP-VGGFace", "ResNet50", "VGG16")] == [
        983,
        948,
        922,
    ]


def test_the_folds_of_paper_003_hold_all_sequences_but_validate_68_twice() -> None:
    totals = {tuple(np.add(fold.train, fold.validation)) for fold in FOLDS}
    assert totals == {(332, 1384, 3704)}
    validated = np.sum([fold.validation for fold in FOLDS], axis=0)
    assert validated.tolist() == [332, 1452, 3704]


def test_what_the_folds_of_paper_003_say_stands_beside_its_figures() -> None:
    said = {looked: (printed, follows) for looked, printed, follows in audit("003")}
    assert said["Table III, sequences of levels I, II and III"] == (
        "332/1384/3704 in every fold",
        "tested in the five folds together: 332/1452/3704",
    )
    baselines = [said[f"Table III, fold {number}"][1].split(": ")[1] for number in range(1, 6)]
    assert [each.split(" %")[0] for each in baselines] == [
        "84.08",
        "14.23",
        "85.18",
        "17.36",
        "97.26",
    ]
    assert baselines[4].endswith("one level is not tested")


@pytest.mark.parametrize(
    ("paper", "said"),
    [
        ("000", ("Table 1, mean F1 of Zheng et al.", "81.38", "its columns have 80.89")),
        (
            "001",
            (
                "Table 3, Dice of Hyun et al.",
                "86.66",
                "its precision (confidence) and recall have 88.57",
            ),
        ),
        (
            "004",
            (
                "Features + BnW lines, early fusion, against BnW lines, ResNet50",
                "precision 77.05 %",
                "points gained: precision +1.48, F1 -3.23, recall -8.76",
            ),
        ),
    ],
)
def test_the_page_of_comparison_says_what_follows_from_printed_figures(
    paper: published.PaperNumber, said: tuple[str, str, str]
) -> None:
    assert said in audit(paper)
    page = markdown(sections(()))
    assert f"| {' | '.join(said)} |" in page


def test_levels_of_paper_003_add_up_from_its_grades() -> None:
    people, sequences = {1: 0, 2: 0, 3: 0}, {1: 0, 2: 0, 3: 0}
    for grade in GRADES:
        people[level_of_grade(grade)] += published.PEOPLE_OF_GRADES[grade - 1]
        sequences[level_of_grade(grade)] += published.SEQUENCES_OF_GRADES[grade - 1]
    assert list(people.values()) == [9, 9, 17]
    assert list(sequences.values()) == [332, 1384, 3704]


def test_always_answering_level_three_nearly_reaches_the_best_fold_of_paper_003() -> None:
    baselines = [100 * majority_baseline(fold.validation, fold.train) for fold in FOLDS]
    assert [round(each, 2) for each in baselines] == [84.08, 14.23, 85.18, 17.36, 97.26]
    assert round(statistics.mean(baselines), 1) == 59.6


def test_the_fold_accuracies_of_paper_003_have_the_printed_mean() -> None:
    folds = [r.value for r in published.published("003", "text", "PHCNN-LSTM")]
    assert round(statistics.mean(folds), 2) == 94.81
    assert round(statistics.stdev(folds), 2) == 2.54


def test_recall_is_accuracy_in_paper_003_so_that_its_averages_are_weighted() -> None:
    for row in by_metric(published.published("003", "Table IV")).values():
        assert row["recall"] == pytest.approx(row["accuracy"], abs=1.1e-3)


def test_fusion_in_paper_004_gains_precision_only() -> None:
    rows = by_metric(published.published("004"))
    late, early = (
        rows["Features + BnW lines, late fusion"],
        rows["Features + BnW lines, early fusion"],
    )
    features, lines = rows["Expression features, feed-forward"], rows["BnW lines, ResNet50"]
    assert round(late["precision"] - features["precision"], 2) == 0.78
    assert round(early["precision"] - lines["precision"], 2) == 1.48
    for fused in (late, early):
        assert fused["F1"] < lines["F1"]
        assert fused["recall"] < lines["recall"]


def test_always_answering_palsy_may_beat_paper_004() -> None:
    best = max(row.value for row in published.published("004") if row.metric == "F1")
    assert always_positive_f1(0.6) == pytest.approx(0.75)
    assert always_positive_f1(0.7) == pytest.approx(0.824, abs=5e-4)
    assert 100 * always_positive_f1(0.6) > best


def test_the_own_proposals_are_marked() -> None:
    own = {(row.paper, row.method) for row in PUBLISHED if row.is_own}
    assert own == {
        ("000", "Proposed"),
        ("001", "Ours"),
        ("001", "Cascaded"),
        ("002", "FP-VGGFace"),
        ("003", "PHCNN-LSTM"),
        ("004", "Features + BnW lines, early fusion"),
    }
