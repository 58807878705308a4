"""Fit the expression network to the teacher."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from facialis.training.expression_network import ExpressionNetwork
from facialis.training.resumable import ResumableFit, keep_rows, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOGIT_BETA: Final = 0.3
_SCORE_WEIGHT: Final = 5.0
_WARM_UP: Final = 0.05
_WEIGHT_DECAY: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """How long and how fast to learn.

    Attributes:
        epochs: Passes over the faces.
        batch: Faces in a step.
        rate: Largest learning rate; it rises linearly and falls along a cosine.
        width: Units of a layer.
        depth: Residual layers.
        seed: Of the initial weights and the order of faces.
    """

    epochs: int = 40
    batch: int = 512
    rate: float = 2e-3
    width: int = 256
    depth: int = 2
    seed: int = 0


def fit(
    points: Tensor,
    logits: Tensor,
    settings: FitSettings,
    *,
    checkpoint: Path,
    log: Path,
    after_epoch: Callable[[int, float], None],
) -> ExpressionNetwork:
    """Return a network that gives the teacher's logits.

    The loss is Huber's on the logits, each in its own standard deviations, so that scores that are
    tiny everywhere keep their order, plus the absolute error of the scores themselves.

    Args:
        points: (n, 146, 2).
        logits: (n, 52) of the teacher.
        settings: How long and how fast.
        checkpoint: Written after every epoch; an existing one of the same settings is gone on with.
        log: CSV with one row an epoch.
        after_epoch: Called with the number of finished epochs and the mean loss.
    """
    torch.manual_seed(settings.seed)
    network = ExpressionNetwork(width=settings.width, depth=settings.depth)
    network.adapt(points, logits)
    steps = settings.epochs * (len(points) // settings.batch)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=_WEIGHT_DECAY
    )
    course = ResumableFit(
        network,
        optimiser,
        torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps)),
        key=f"{settings!r} on {len(points)} faces",
        file=checkpoint,
    )
    done = course.resume()
    keep_rows(log, done)
    for epoch in range(done, settings.epochs):
        order = torch.Generator().manual_seed(settings.seed * 10_007 + epoch)
        batches = torch.randperm(len(points), generator=order).split(settings.batch)
        batches = batches[: len(points) // settings.batch]
        total = 0.0
        for rows in batches:
            loss = _loss(network(points[rows]), logits[rows], network.logit_scale)
            total += course.step(loss)
        mean = total / len(batches)
        rate = f"{course.schedule.get_last_lr()[0]:.3e}"
        record(log, {"epoch": str(epoch + 1), "loss": f"{mean:.6f}", "learning_rate": rate})
        course.save(epoch + 1)
        after_epoch(epoch + 1, mean)
    return network


def _rate(step: int, steps: int) -> float:
    warm = max(1, round(_WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _loss(predicted: Tensor, wanted: Tensor, scale: Tensor) -> Tensor:
    order = nn.functional.smooth_l1_loss(predicted / scale, wanted / scale, beta=_LOGIT_BETA)
    error = (torch.sigmoid(predicted) - torch.sigmoid(wanted)).abs().mean()
    return order + _SCORE_WEIGHT * error
