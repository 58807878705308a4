"""Closed outlines and the pixels that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def filled(outline: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels (H, W) whose centres an outline (N, 2) winds round."""
    height, width = size
    start, end = outline, np.roll(outline, -1, axis=0)
    first = int(np.clip(np.ceil(outline[:, 1].min() - 0.5), 0, height))
    last = int(np.clip(np.ceil(outline[:, 1].max() - 0.5), first, height))
    y = np.arange(first, last)[:, None] + 0.5
    crosses = (start[:, 1] <= y).astype(np.int8) - (end[:, 1] <= y)
    row, edge = np.nonzero(crosses)
    share = (row + first + 0.5 - start[edge, 1]) / (end[edge, 1] - start[edge, 1])
    x = start[edge, 0] + share * (end[edge, 0] - start[edge, 0])
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.intp)
    left, right = column.min(initial=width), column.max(initial=0)
    turns = np.zeros((last - first, max(0, right - left) + 1), np.int8)
    np.add.at(turns, (row, column - left), crosses[row, edge])
    mask = np.zeros(size, np.bool_)
    mask[first:last, left:right] = np.cumsum(turns[:, :-1], axis=1, dtype=np.int8) != 0
    return mask
