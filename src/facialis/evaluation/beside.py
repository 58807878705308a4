"""Which of our scores stands beside which printed figure, and whether the two can be compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from facialis import methods
from facialis.evaluation.published import OWN_RIVALS
from facialis.evaluation.result import ScoreRecord
from facialis.evaluation.scoring import ALL_IOU, OF_PEOPLE, OF_SPLITS, WITH_WEAK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from facialis.evaluation.published import Published
    from facialis.evaluation.result import Result, TaskRecord

NOT_COMPARABLE: Final = "not comparable"
NOT_RUN: Final = "not run"

SPLITS: Final = {
    "000": "fixed, by people",
    "001": "fixed",
    "002": "random frames, the same people in training and test",
    "003": "five folds",
    "004": "one patient left out at a time",
}
"""How each paper divided its data, in words."""

_SOURCES: Final = (
    ("MEEI, YFP and CK+", {"meei", "yfp", "ckplus"}),
    ("YFP and CK+", {"yfp", "ckplus"}),
    ("YFP", {"yfp"}),
)
_PROTOCOLS: Final = {"000": "fixed", "001": "fixed", "002": "leaky", "003": "kfold", "004": "lopo"}
_AUC_CLASSES: Final = ("normal", "near normal", "mild", "moderate", "severe", "complete")

_NAMES: Final = {
    "000": {"mean PA": "pixel accuracy"},
    "001": {
        "classification error": "pixel error",
        "average accuracy": "one-vs-rest accuracy",
        "recall": "macro recall",
        "confidence": "macro precision",
        "Dice": "macro F1",
    },
    "002": {
        "accuracy": "accuracy",
        "precision": "macro precision",
        "recall": "macro recall",
        "F1": "macro F1",
    },
    "003": {
        "accuracy": "accuracy",
        "precision": "weighted precision",
        "recall": "weighted recall",
        "F1": "weighted F1",
    },
    "004": {each: f"{OF_PEOPLE}{each}" for each in ("F1", "precision", "recall")},
}


class Counterpart(NamedTuple):
    """Our score of a printed metric.

    Attributes:
        task: What it is of.
        name: What we call the metric.
        score: The score.
    """

    task: TaskRecord
    name: str
    score: ScoreRecord


def split_words(row: Published) -> str:
    """Return how the data of a printed figure were divided, as far as its paper says."""
    return "not said" if row.data in ("", OWN_RIVALS) else SPLITS[row.paper]


def paper_of(result: Result) -> str:
    """Return the paper whose method a result is of; empty for a form of our own."""
    return methods.card(result.method).paper if result.method in methods.names() else ""


def stands_beside(row: Published, result: Result) -> bool:
    """Whether a result is of the method that a printed figure is of.

    The method itself stands beside the paper's own proposal; a row of an experiment stands beside
    the rival or the ablation that it is named after.
    """
    if paper_of(result) != row.paper:
        return False
    if not result.variant:
        return row.is_own
    names = {_bare(row.method), _bare(row.method).removeprefix("ours")}
    return _bare(result.variant) in names


def ours(row: Published, result: Result) -> Counterpart | None:
    """Return our score of the same metric; None if there is none.

    A training time is that of all splits together, hours.
    """
    if row.metric == "training time":
        hours = _training_hours(result)
        return None if hours is None else Counterpart(result.tasks[0], row.metric, hours)
    for task, name in _candidates(row, result):
        score = task.scores.get(name)
        if score is not None and score.value is not None:
            return Counterpart(task, name, score)
    return None


def in_unit(value: float, row: Published) -> float:
    """Return a score of ours in the unit of a printed figure."""
    is_percent_already = row.metric == "classification error"
    return 100 * value if row.unit == "%" and not is_percent_already else value


def comparison(row: Published, result: Result) -> str:
    """Return whether the two figures can be compared: ``not comparable`` where data differ."""
    for words, sources in _SOURCES:
        if row.data.startswith(words):
            if set(result.data.sources) != sources:
                break
            if result.splits.protocol.value != _PROTOCOLS[row.paper]:
                return "the same data, another split"
            return "the same data and kind of split"
    return NOT_COMPARABLE


def _candidates(row: Published, result: Result) -> Iterator[tuple[TaskRecord, str]]:
    for task in result.tasks:
        if task.reading not in ("", "palsy" if row.paper == "004" else ""):
            continue
        for name in _score_names(row, task.classes):
            yield task, name


def _training_hours(result: Result) -> ScoreRecord | None:
    stages = [stage for split in result.training for stage in split.get("stages", {}).values()]
    if not stages or not result.tasks or not all("seconds" in each for each in stages):
        return None
    return ScoreRecord(value=sum(each["seconds"] for each in stages) / 3600)


def _score_names(row: Published, classes: Sequence[str]) -> Iterator[str]:
    if (row.paper, row.table) == ("000", "Table 4"):
        # What it calls a mean is the F1 of FPP in Table 1 (METHODS 1.8).
        yield from (f"F1 {each}" for each in classes if each.casefold() == "fpp")
    elif row.paper == "000" and row.metric == "mean F1":
        yield from (WITH_WEAK, "mean F1")
    elif row.paper == "000" and row.metric == "mean IoU":
        yield ALL_IOU
    elif row.paper == "000" and row.metric.startswith("F1 "):
        wanted = row.metric.removeprefix("F1 ").casefold()
        yield from (f"F1 {each}" for each in classes if each.casefold() == wanted)
    elif row.metric.startswith("AUC "):
        place = _AUC_CLASSES.index(row.metric.removeprefix("AUC "))
        if len(classes) == len(_AUC_CLASSES):
            yield f"AUC {classes[place]}"
    elif row.metric.startswith("accuracy, fold "):
        yield f"accuracy, split {row.metric.removeprefix('accuracy, fold ').partition(' ')[0]}"
    elif row.metric in _NAMES[row.paper]:
        name = _NAMES[row.paper][row.metric]
        yield from ((OF_SPLITS + name, name) if row.paper == "003" else (name,))


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.casefold().replace("+", "plus"))
