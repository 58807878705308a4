"""How the net of whole examinations is trained: on any number of their movements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.face.mesh import POINT_COUNT
from facialis.measures.features import asymmetries, expressions
from facialis.methods.multimodal_fusion.examination import MOVEMENTS, REST, ExaminationFusion
from facialis.methods.multimodal_fusion.light_recipe import (
    fusion_stage,
    known_class,
    known_entropy,
)
from facialis.methods.multimodal_fusion.reading import ASYMMETRIES
from facialis.methods.multimodal_fusion.tasks import GRADE
from facialis.methods.tasks import UNKNOWN_CLASS
from facialis.networks.learner import CASE, Batch, Learner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from facialis.methods.source import Source
    from facialis.networks.learner import Stage

OF_SOME: Final = "grade_probability_of_some"
"""Key of the answers (B, 12, 22, 6) to 1, 2 … 12 of the movements, in `ORDERS`."""
COUNT: Final = "movements"
"""Key of how many movements (B,) are shown."""
HAS_REST: Final = "has_rest"
"""Key of whether the face at rest is shown (B,), 1 or 0."""
_READ: Final = ("asymmetry", "expressions", "shown")
_ALONE: Final = 0.25
"""Share of the training examinations of which a single movement is shown."""
_OTHERS: Final = np.random.default_rng(0).permutation(np.delete(np.arange(MOVEMENTS), REST))
_TURNED: Final = np.stack([np.roll(_OTHERS, turn) for turn in range(len(_OTHERS))])
_AT_REST: Final = np.full((len(_TURNED), 1), REST)
ORDERS: Final = np.concatenate((np.hstack((_AT_REST, _TURNED)), np.hstack((_TURNED, _AT_REST))))
"""Orders (22, 12) in which movements are taken: 11 with rest first and 11 with it last, and each of
the others as often in each place."""
WITH_REST: Final = slice(0, len(_TURNED))
"""Those with rest first."""
WITHOUT_REST: Final = slice(len(_TURNED), None)
"""Those with rest last."""
_PLACES: Final = {movement: place for place, movement in enumerate(Movement)}


class ExaminationLearner(Learner):
    """Learns the grade of a case from any number of its pictures, a movement each.

    Args:
        epochs: Passes over the training cases.
        batch: Cases of a step.
        rate: Learning rate at the start, which falls evenly to nothing.
        weight_decay: L2.
    """

    tasks = (GRADE,)
    also_kept = (OF_SOME, COUNT, HAS_REST)
    frames = CASE

    def __init__(self, *, epochs: int, batch: int, rate: float, weight_decay: float) -> None:
        """Build the network from random weights."""
        super().__init__()
        self.network = ExaminationFusion()
        self.stages = (
            fusion_stage(epochs=epochs, batch=batch, rate=rate, weight_decay=weight_decay),
        )

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return ``asymmetry`` (12, 29), ``expressions`` (12, 52), ``shown`` (12,) and ``grade``.

        A movement without a picture, or without landmarks in it, is not shown. The grade is unknown
        if the pictures differ, or nothing is shown.
        """
        found = {
            "asymmetry": np.zeros((MOVEMENTS, ASYMMETRIES), np.float32),
            "expressions": np.zeros((MOVEMENTS, len(EXPRESSION_NAMES)), np.float32),
            "shown": np.zeros(MOVEMENTS, np.float32),
        }
        for source in sources:
            points = source.landmarks()
            if source.movement is None or points is None or len(points) != POINT_COUNT:
                continue
            place = _PLACES[source.movement]
            found["asymmetry"][place] = asymmetries(points)
            found["expressions"][place] = expressions(points)
            found["shown"][place] = 1
        grades = {source.label(Scale.HOUSE_BRACKMANN) for source in sources}
        (grade,) = grades if len(grades) == 1 and found["shown"].any() else {None}
        return {**found, "grade": known_class(grade)}

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples have a grade."""
        del stage
        return np.asarray(np.asarray(arrays["grade"]) != UNKNOWN_CLASS)

    def meet(self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Measure how the numbers of all shown pictures are spread."""
        del stage
        self.network.meet(*(torch.as_tensor(np.asarray(arrays[name])) for name in _READ))

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        """Hide movements by chance: all but one of a quarter of the cases, else any number."""
        shown = batch["shown"]
        count = torch.randint(2, MOVEMENTS + 1, (len(shown),), generator=random)
        count[torch.rand(len(shown), generator=random) < _ALONE] = 1
        order = torch.rand(shown.shape, generator=random).to(shown.device) + (shown == 0)
        kept = order.argsort(dim=1).argsort(dim=1) < count[:, None].to(shown.device)
        return {**batch, "shown": shown * kept}

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return the cross-entropy of the grade, of both nets, as ``total``."""
        both = self.network.each(*(batch[name] for name in _READ))
        first, second = (known_entropy(logits, batch["grade"]) for logits in both)
        return {"total": first + second}

    def predict(self, batch: Batch) -> Batch:
        """Return ``grade_probability`` (B, 6), softmax, and what some of the movements tell.

        That is ``grade_probability_of_some`` (B, 12, 22, 6), of 1, 2 … 12 movements in `ORDERS`, or
        of all that are shown where these are fewer,
        ``movements`` (B,), how many are, and ``has_rest`` (B,), whether rest is.
        """
        asymmetry, expressions, shown = (batch[name] for name in _READ)
        subsets = _subsets(shown)
        some = self.network.by_subset(asymmetry, expressions, subsets.flatten(1, 2))
        return {
            "grade_probability": torch.softmax(
                self.network(asymmetry, expressions, shown).float(), dim=-1
            ),
            OF_SOME: torch.softmax(some.float(), dim=-1).unflatten(1, subsets.shape[1:3]),
            COUNT: shown.sum(dim=1).long(),
            HAS_REST: shown[:, REST].long(),
        }


def _subsets(shown: Tensor) -> Tensor:
    """Return the first 1, 2 … 12 shown movements in `ORDERS` (B, 12, 22, 12), 1 or 0."""
    orders = torch.as_tensor(ORDERS, device=shown.device)
    before = shown[:, orders].cumsum(dim=-1)
    # How many shown movements come up to each one in an order, by movement instead of by place.
    rank = torch.gather(before, -1, orders.argsort(dim=-1).expand_as(before))
    counts = torch.arange(1, MOVEMENTS + 1, device=shown.device)[None, :, None, None]
    return (rank[:, None] <= counts).to(shown.dtype) * shown[:, None, None]
