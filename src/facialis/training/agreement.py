"""How well the expression scores agree with the teacher's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.face.expressions import EXPRESSION_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence


PALSY_SCORES: Final = tuple(
    name
    for name in EXPRESSION_NAMES
    if name.startswith(("eyeBlink", "eyeSquint", "brow", "mouthSmile", "noseSneer"))
    or name in ("mouthLeft", "mouthRight", "mouthPucker")
)
"""The scores that facial palsy touches."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Scores against the teacher's on one set of faces.

    Attributes:
        name: What the set is called.
        faces: How many.
        error: (52,) mean absolute error.
        rank: (52,) Spearman's rank correlation; not a number where a score never changes.
    """

    name: str
    faces: int
    error: NDArray[np.float64]
    rank: NDArray[np.float64]

    @property
    def median_rank(self) -> float:
        """Median rank correlation of the scores that change at all."""
        changing = self.rank[np.isfinite(self.rank)]
        return float(np.median(changing)) if len(changing) else float("nan")


def agreement(name: str, scores: NDArray[np.generic], teacher: NDArray[np.generic]) -> Agreement:
    """Compare scores (n, 52) with the teacher's (n, 52)."""
    found = np.asarray(scores, np.float64)
    wanted = np.asarray(teacher, np.float64)
    rank = np.array([spearman(a, b) for a, b in zip(found.T, wanted.T, strict=True)])
    return Agreement(name, len(found), np.abs(found - wanted).mean(axis=0), rank)


def spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Spearman's rank correlation of two samples, ties given their mean rank."""
    ranks = [_ranks(values) for values in (a, b)]
    first, second = (r - r.mean() for r in ranks)
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / size if size else float("nan")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = ((last - counts + 1 + last) / 2)[inverse]
    return ranks


def table(results: Sequence[Agreement]) -> str:
    """Return a Markdown table: a row a palsy score, mean absolute error and rank for each set."""
    heads = [f"{r.name} (n = {r.faces})" for r in results]
    lines = [
        "| score | " + " | ".join(heads) + " |",
        "|---|" + "---|" * len(results),
    ]
    for name in PALSY_SCORES:
        column = EXPRESSION_NAMES.index(name)
        cells = [f"{r.error[column]:.4f} / {r.rank[column]:.3f}" for r in results]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    means = [f"{r.error.mean():.4f} / {r.median_rank:.3f}" for r in results]
    lines.append("| all 52: mean error / median rank | " + " | ".join(means) + " |")
    return "\n".join(lines)
