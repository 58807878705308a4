"""Show what moved the answers of a trained fusion: landmarks, expression scores, pixels."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor

from facialis.datasets.framed_source import FramedSource
from facialis.errors import InputError, printable
from facialis.evaluation.explanation import Explanation, draw_explanation
from facialis.evaluation.writing import file_word
from facialis.methods.multimodal_fusion.explain import (
    landmark_attribution,
    pixel_attribution,
    vector_attribution,
)
from facialis.methods.multimodal_fusion.network import TwoStream
from facialis.methods.multimodal_fusion.prepare import (
    landmark_overlay,
    pixel_overlay,
    strongest_expressions,
)
from facialis.methods.multimodal_fusion.recipe import PalsyLearner
from facialis.methods.multimodal_fusion.tasks import PALSY
from facialis.regions.points125 import POINTS_125
from facialis.report.files import make_directory, replace_file
from facialis.training.answering import answered
from facialis.training.examples import Examples, read_examples
from facialis.training.finished_run import finished_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import nn

    from facialis.datasets.manifest import Manifest

FILE_NAME: Final = "explanations.json"
TOLD: Final = 10
"""Landmarks and expression scores that are listed, the strongest first."""

_CPU: Final = "cpu"
_VECTORS: Final = ("coordinates", "expressions")


def explain_run(
    run: Path,
    data: Manifest,
    out: Path,
    *,
    rows: Sequence[str] = (),
    count: int = 12,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Explanation, ...]:
    """Write a picture for each answer, and ``explanations.json`` with the numbers.

    Each branch is explained by its own answer: vectors by integrated gradients from the mean
    healthy face that the run learned from, pictures and drawings by Grad-CAM.

    Args:
        run: Folder of a finished run of `multimodal_fusion`, or its ``weights.pt``.
        data: The data set of the run.
        out: Folder for the files.
        rows: Names of pictures. If none are named, the worst answers on people that the run has not
            learned from.
        count: How many, if none are named.
        progress: Called with pictures read and pictures in all.

    Raises:
        InputError: The run is of another method, or a picture is not there or has no face.
        OutputError: A file cannot be written.
    """
    state, learner = finished_run(run)
    if not isinstance(learner, PalsyLearner):
        raise InputError(
            run,
            f"is a run of {state['method']}",
            "give a run of multimodal_fusion; 'facialis assess' explains multimodal_fusion-light",
        )
    if isinstance(learner.network, TwoStream):
        raise InputError(
            run,
            "joins its streams before either has an answer",
            "give a run of another model than lines_rgb",
        )
    examples = read_examples(data, learner, progress)
    known = np.isin(examples.subjects, state["learned_from"])
    chosen = _named(examples, rows) if rows else _worst(learner, examples, ~known, count)
    usual = _usual(examples, known, learner.modalities)
    found = []
    for number in chosen:
        truth = PALSY.classes[int(examples.arrays["palsy"][number])]
        one = _explained(learner, examples, int(number), usual, data)
        found.append(Explanation(examples.names[number], truth, is_new=not known[number], **one))
    _write(out, found)
    return tuple(found)


def _named(examples: Examples, rows: Sequence[str]) -> NDArray[np.intp]:
    places = {name: number for number, name in enumerate(examples.names)}
    for name in rows:
        if name not in places:
            raise InputError(name, "is no picture of the data", "name rows of the manifest")
        if examples.arrays["palsy"][places[name]] < 0:
            raise InputError(name, "has no face or no label", "name another row")
    return np.array([places[name] for name in rows], np.intp)


def _worst(
    learner: PalsyLearner, examples: Examples, new: NDArray[np.bool_], count: int
) -> NDArray[np.intp]:
    asked = np.flatnonzero(new & (examples.arrays["palsy"] >= 0))
    if not len(asked):
        raise InputError(
            "the data", "show nobody new to the run", "name pictures with --row, or other data"
        )
    answers = answered(learner, examples, asked, "", _CPU).answers[PALSY.predicted]
    right = answers[np.arange(len(asked)), examples.arrays["palsy"][asked]]
    order: NDArray[np.intp] = asked[np.argsort(right, kind="stable")[:count]]
    return order


def _usual(
    examples: Examples, known: NDArray[np.bool_], modalities: Sequence[str]
) -> dict[str, Tensor]:
    """Return the mean of each vector over the healthy faces that the run learned from."""
    healthy = known & (examples.arrays["palsy"] == 0)
    if not healthy.any():
        raise InputError(
            "the data",
            "show no healthy face that the run learned from",
            "give the data set of the run",
        )
    return {
        each: torch.from_numpy(examples.arrays[each][healthy].mean(axis=0))
        for each in modalities
        if each in _VECTORS
    }


def _explained(
    learner: PalsyLearner,
    examples: Examples,
    number: int,
    usual: dict[str, Tensor],
    data: Manifest,
) -> dict[str, Any]:
    place = np.array([number], np.intp)
    palsy = float(answered(learner, examples, place, "", _CPU).answers[PALSY.predicted][0, 1])
    row = next(each for each in data.rows if each.name == examples.names[number])
    source = FramedSource(data.root or Path(), row)
    branches: nn.ModuleDict | None = getattr(learner.network, "branches", None)
    scores: tuple[tuple[str, float], ...] = ()
    landmarks: tuple[tuple[int, float], ...] = ()
    pictures: list[tuple[str, NDArray[np.uint8]]] = []
    for name in learner.modalities:
        branch = learner.network if branches is None else branches[name]
        given = torch.from_numpy(examples.arrays[name][place])
        if name == "expressions":
            moved = vector_attribution(branch, given, usual[name])[0].numpy()
            scores = strongest_expressions(moved, TOLD)
        elif name == "coordinates":
            moved = landmark_attribution(vector_attribution(branch, given, usual[name]))[0].numpy()
            points = source.landmarks()
            strongest = np.argsort(-np.abs(moved), kind="stable")[:TOLD]
            landmarks = tuple((POINTS_125[i], float(moved[i])) for i in strongest)
            if points is not None:
                drawn = landmark_overlay(source.picture(), points, moved)
                pictures.append(("landmarks", drawn))
        else:
            heat = pixel_attribution(branch, given)[0].numpy()
            seen = np.ascontiguousarray(given[0].numpy().transpose(1, 2, 0))
            title = "line drawing" if name == "lines" else "picture"
            pictures.append((title, pixel_overlay(seen, heat)))
    return {"palsy": palsy, "scores": scores, "landmarks": landmarks, "pictures": tuple(pictures)}


def _write(out: Path, found: Sequence[Explanation]) -> None:
    make_directory(out)
    earlier = _pictures_in(out)
    told: list[dict[str, Any]] = []
    for number, each in enumerate(found, start=1):
        file = f"{number:02d}-{file_word(printable(each.row))}.png"
        replace_file(out / file, draw_explanation(each))
        told.append(
            {
                "row": each.row,
                "picture": file,
                "truth": each.truth,
                "palsy": each.palsy,
                "learned_from": not each.is_new,
                "expression_scores": dict(each.scores),
                "landmarks": {str(point): value for point, value in each.landmarks},
            }
        )
    replace_file(out / FILE_NAME, (json.dumps(told, indent=1) + "\n").encode())
    for picture in earlier - {each["picture"] for each in told}:
        with suppress(OSError):
            (out / picture).unlink()


def _pictures_in(out: Path) -> set[str]:
    """Return the pictures of an earlier call, by what it says itself that it wrote."""
    try:
        told = json.loads((out / FILE_NAME).read_bytes())
        names = {Path(each["picture"]).name for each in told}
    except (OSError, ValueError, TypeError, KeyError):
        return set()
    return {name for name in names if name.endswith(".png")}
