"""Have a trained method answer the examples of a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from facialis.evaluation.predictions import Predictions
from facialis.training.batches import loader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.networks.learner import Learner
    from facialis.training.examples import Examples

ANSWERED_AT_ONCE = 32


def answered(
    learner: Learner, examples: Examples, rows: NDArray[np.intp], split: str, device: str
) -> Predictions:
    """Return a learner's answers to examples, with what is true of them.

    Args:
        learner: Trained.
        examples: All examples of a data set.
        rows: Numbers of those to answer.
        split: Name of the split that they are the test of.
        device: As torch names it.
    """
    learner.to(device).eval()
    wanted = sorted({task.predicted for task in learner.tasks} | set(learner.also_kept))
    found: dict[str, list[NDArray[Any]]] = {key: [] for key in wanted}
    with torch.inference_mode():
        for batch in loader(examples.arrays, rows, ANSWERED_AT_ONCE):
            answers = learner.predict({k: v.to(device) for k, v in batch.items()})
            for key in wanted:
                found[key].append(answers[key].cpu().numpy())
    return Predictions(
        names=tuple(examples.names[i] for i in rows),
        subjects=tuple(examples.subjects[i] for i in rows),
        sources=tuple(examples.sources[i] for i in rows),
        truth={task.truth: examples.arrays[task.truth][rows] for task in learner.tasks},
        answers={key: np.concatenate(values) for key, values in found.items()},
        split=split,
    )
