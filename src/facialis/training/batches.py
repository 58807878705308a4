"""Batches of examples in an order that depends on the seed and the epoch alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from facialis.networks.learner import Batch
    from facialis.training.examples import Arrays


class _Rows(Dataset[Any]):
    """Whole batches, each asked for by the numbers of its examples."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays

    def __getitem__(self, rows: NDArray[np.intp]) -> Batch:
        return {key: torch.from_numpy(values[rows]) for key, values in self._arrays.items()}


class EpochBatches(Sampler[Any]):
    """Batches of nearly one size, so that none is left with a single example.

    The last batch of an epoch is not smaller than the others by more than one: ``batch`` is the
    most a batch may hold.

    Args:
        rows: Numbers of the examples.
        batch: Most examples of a batch.
        seed: Of the order; None keeps the order as it is.
        shared: Whether every process of a distributed training takes its share of each batch;
            otherwise each takes all of it.
    """

    def __init__(
        self, rows: NDArray[np.intp], batch: int, seed: int | None, *, shared: bool
    ) -> None:
        """Begin with epoch 0."""
        self._rows, self._seed, self._epoch, self._shared = rows, seed, 0, shared
        self._count = max(1, -(-len(rows) // batch))

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next."""
        self._epoch = epoch

    def __len__(self) -> int:
        """Batches of an epoch."""
        return self._count

    def __iter__(self) -> Iterator[NDArray[np.intp]]:
        """Give the numbers of each batch's examples."""
        order = self._rows
        if self._seed is not None:
            order = np.random.default_rng([self._seed, self._epoch]).permutation(order)
        first, step = _place() if self._shared else (0, 1)
        for rows in np.array_split(order, self._count):
            mine = rows[first::step]
            yield mine if len(mine) else rows[:1]


def loader(
    arrays: Arrays,
    rows: NDArray[np.intp],
    batch: int,
    seed: int | None = None,
    *,
    shared: bool = False,
) -> DataLoader[Any]:
    """Return a loader of batches of the examples with given numbers.

    Args:
        arrays: All examples.
        rows: Numbers of those that are wanted.
        batch: Most examples of a batch.
        seed: Of the order of each epoch; None keeps the order.
        shared: Whether processes that train together share each batch.
    """
    batches = EpochBatches(rows, batch, seed, shared=shared)
    return DataLoader(_Rows(arrays), sampler=batches, batch_size=None)


def _place() -> tuple[int, int]:
    """Return this process's number and how many there are."""
    group = torch.distributed
    if group.is_available() and group.is_initialized():
        return group.get_rank(), group.get_world_size()
    return 0, 1
