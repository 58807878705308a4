"""The weighted cross-entropy of paper 003."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from facialis.methods.tasks import UNKNOWN_CLASS


def class_weights(classes: Tensor, count: int) -> Tensor:
    """Return K_i = n / (M n_i) (M,) from the classes (n,) of training examples (D3-11).

    Args:
        classes: Class numbers; `UNKNOWN_CLASS` is not counted.
        count: M, the number of classes. One that no example has weighs 0.
    """
    counts = torch.bincount(classes[classes != UNKNOWN_CLASS], minlength=count).float()
    return torch.where(counts > 0, counts.sum() / (count * counts.clamp(min=1)), 0.0)


def weighted_cross_entropy(scores: Tensor, classes: Tensor, weights: Tensor) -> Tensor:
    """Return the mean over labelled examples of -K_i log y_i ([003] eq. 4, D3-11).

    The mean divides by the number of examples, not by the sum of their weights.

    Args:
        scores: Before the softmax (B, K, M); each of an example's K answers is held to its class.
        classes: (B,); examples of `UNKNOWN_CLASS` are left out.
        weights: K_i (M,).

    Returns:
        Scalar; 0 without a labelled example.
    """
    is_known = classes != UNKNOWN_CLASS
    held = classes.clamp(min=0)
    logs = functional.log_softmax(scores.float(), dim=-1).mean(dim=1)
    losses = -logs.gather(1, held[:, None])[:, 0] * weights.float()[held]
    return torch.where(is_known, losses, 0.0).sum() / is_known.sum().clamp(min=1)
