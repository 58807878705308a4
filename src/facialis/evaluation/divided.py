"""A data set with its splits, and the classes there are to learn from in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from facialis.datasets.manifest import Manifest
from facialis.datasets.targets import CLASSES, Target, class_of
from facialis.evaluation.splits import Splits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.evaluation.metrics import Counts
    from facialis.methods.tasks import Classification


@dataclass(frozen=True, slots=True)
class Divided:
    """A data set and how its people are divided.

    Attributes:
        manifest: The data.
        splits: Its training, validation and test rows.
    """

    manifest: Manifest
    splits: Splits

    def training_classes(self, task: Classification) -> Mapping[str, Counts]:
        """Return, by split, how many training rows (K,) are of each class of a task's scale.

        Rows without a label on the scale count for no class. There is nothing where the classes
        are not those of the scale.
        """
        known = CLASSES[task.scale]
        if known is None or len(known) != len(task.classes):
            return {}
        target = Target(task.scale)
        found = {row.name: class_of(row, target) for row in self.manifest.rows}
        numbers = {name: known.index(each) for name, each in found.items() if each is not None}
        return {
            split.name: np.bincount(
                [numbers[name] for name in split.train if name in numbers], minlength=len(known)
            ).astype(np.int64)
            for split in self.splits.splits
        }
