"""What the printed figures of the papers say of themselves: what follows, and what does not."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.evaluation.intervals import wilson
from facialis.evaluation.metrics import always_positive_f1, f1_of, majority_baseline
from facialis.evaluation.published import (
    FOLDS,
    PARSING_CLASSES,
    PEOPLE_OF_GRADES,
    SEQUENCES_OF_GRADES,
    PaperNumber,
    published,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Line = tuple[str, str, str]
"""What is looked at, what is printed, and what follows."""

HEADER: Final = ("looked at", "printed", "what follows")
FRAMES_TESTED: Final = 990
"""Frames that paper 002 tests on, 165 of each of six classes."""
_GRADES: Final = 6
_ROUNDING: Final = 0.03
_PREVALENCES: Final = (0.6, 0.7)


def audit(paper: PaperNumber) -> tuple[Line, ...]:
    """Return what the figures of a paper say of themselves (METHODS, audits)."""
    return tuple(_AUDITS[paper]())


def _by_method(paper: PaperNumber, table: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in published(paper, table):
        found.setdefault(row.method, {})[row.metric] = row.value
    return found


def _of_000() -> Iterator[Line]:
    f1 = _by_method("000", "Table 1")
    for table in ("Table 1", "Table 2"):
        for method, scores in _by_method("000", table).items():
            mean = statistics.mean(scores[f"F1 {each}"] for each in PARSING_CLASSES)
            if abs(mean - scores["mean F1"]) > _ROUNDING:
                printed = f"{scores['mean F1']:.2f}"
                yield f"{table}, mean F1 of {method}", printed, f"its columns have {mean:.2f}"
    for method, scores in _by_method("000", "Table 3").items():
        bound = f1[method]["mean F1"]
        if scores["mean IoU"] > bound:
            yield (
                f"Table 3, mean IoU of {method}",
                f"{scores['mean IoU']:.2f}",
                f"cannot be above the mean F1 of the same classes, {bound:.2f}",
            )


def _of_001() -> Iterator[Line]:
    for method, row in _by_method("001", "Table 3").items():
        dice = f1_of(row["confidence"], row["recall"])
        if abs(dice - row["Dice"]) > _ROUNDING:
            said = f"its precision (confidence) and recall have {dice:.2f}"
            yield f"Table 3, Dice of {method}", f"{row['Dice']:.2f}", said


def _of_002() -> Iterator[Line]:
    for method, scores in _by_method("002", "Table 4").items():
        right = round(scores["accuracy"] * FRAMES_TESTED)
        interval = wilson(right, FRAMES_TESTED)
        yield (
            f"Table 4, accuracy of {method}",
            f"{scores['accuracy']:.3f}",
            f"{right} of {FRAMES_TESTED} frames: {interval.low:.4f} to {interval.high:.4f} if they "
            "were independent, which frames of a video are not",
        )
    right = round(_by_method("002", "Table 4")["VGG16"]["accuracy"] * FRAMES_TESTED)
    wrong = FRAMES_TESTED - right
    recall, specificity = right / FRAMES_TESTED, 1 - wrong / (FRAMES_TESTED * (_GRADES - 1))
    areas = [row.value for row in published("002", "ROC figures", "VGG16")]
    yield (
        "ROC figures, mean area of VGG16",
        f"{statistics.mean(areas):.4f}",
        f"{(recall + specificity) / 2:.4f} if labels stand in place of scores: the curves show no "
        "probabilities",
    )


def _of_003() -> Iterator[Line]:
    totals = {tuple(np.add(fold.train, fold.validation).tolist()) for fold in FOLDS}
    validated = np.sum([fold.validation for fold in FOLDS], axis=0).tolist()
    yield (
        "Table III, sequences of levels I, II and III",
        "; ".join(_slashed(each) for each in sorted(totals)) + " in every fold",
        f"tested in the five folds together: {_slashed(validated)}",
    )
    yield (
        "Table II, people and sequences of grades I to VI",
        f"{_slashed(PEOPLE_OF_GRADES)}; {_slashed(SEQUENCES_OF_GRADES)}",
        "no grade II; level III has most of both",
    )
    listed = [row.value for row in published("003", "text", "PHCNN-LSTM")]
    baselines = [100 * majority_baseline(fold.validation, fold.train) for fold in FOLDS]
    for number, (fold, printed, baseline) in enumerate(
        zip(FOLDS, listed, baselines, strict=True), start=1
    ):
        missing = "" if min(fold.validation) else "; one level is not tested"
        yield (
            f"Table III, fold {number}",
            f"PHCNN-LSTM {printed:.2f} % (as listed)",
            f"always the commonest level: {baseline:.2f} %{missing}",
        )


def _of_004() -> Iterator[Line]:
    rows = _by_method("004", "results table")
    pairs = (
        ("Features + BnW lines, late fusion", "Expression features, feed-forward"),
        ("Features + BnW lines, early fusion", "BnW lines, ResNet50"),
    )
    for fused, alone in pairs:
        gains = [rows[fused][m] - rows[alone][m] for m in ("precision", "F1", "recall")]
        yield (
            f"{fused}, against {alone}",
            f"precision {rows[fused]['precision']:.2f} %",
            "points gained: precision {:+.2f}, F1 {:+.2f}, recall {:+.2f}".format(*gains),
        )
    best = max(row["F1"] for row in rows.values())
    shares = ", ".join(f"{100 * always_positive_f1(p):.1f} % at {p:.0%}" for p in _PREVALENCES)
    yield "best F1", f"{best:.2f} %", f"always palsy has {shares} of palsies"


def _slashed(values: object) -> str:
    return "/".join(f"{value}" for value in np.ravel(np.asarray(values)))


_AUDITS: Final[dict[PaperNumber, Callable[[], Iterator[Line]]]] = {
    "000": _of_000,
    "001": _of_001,
    "002": _of_002,
    "003": _of_003,
    "004": _of_004,
}
