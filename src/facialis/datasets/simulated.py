"""Simulated cohorts and prepared collections: what a manifest lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facialis.datasets.findings import Trouble
from facialis.datasets.manifest_files import CSV_NAME, JSON_NAME, read_manifest
from facialis.datasets.reading import Folder
from facialis.datasets.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Simulated(Folder):
    """A cohort that the simulator wrote, or any other manifest.

    Every sample has the labels and annotations of its row; ``written["part"]`` and
    ``written["sequence"]`` are there where the manifest fixes them. Whether the bytes are still
    those of the manifest `manifest_files.verify` tells.

    Args:
        root: The folder with ``manifest.csv`` and ``manifest.json``.

    Raises:
        InputError: If the manifest cannot be read or was changed.
    """

    name = "simulated"

    def __init__(self, root: Path) -> None:
        """Read the manifest."""
        self._manifest = read_manifest(root)
        super().__init__(self._manifest.root or root)

    def _read(self) -> Iterator[Sample]:
        paths = {row.name: row.path for row in self._manifest.rows}
        for row in self._manifest.rows:
            path = self.root / row.path
            if not path.is_file():
                self._log.note(Trouble.MISSING_IMAGES, row.path)
                continue
            annotations = {}
            for kind, place in row.annotations.items():
                if (self.root / place).is_file():
                    annotations[kind] = self.root / place
                else:
                    self._log.note(Trouble.MISSING_IMAGES, place)
            if not row.labels:
                self._log.note(Trouble.IMAGES_WITHOUT_LABELS, row.path)
            fixed = {"part": row.part, "sequence": row.sequence}
            yield Sample(
                path=path,
                subject=row.subject,
                source=row.source,
                labels=row.labels,
                video=row.video,
                frame=row.frame,
                rate=row.rate,
                movement=row.movement,
                side=row.side,
                written={key: value for key, value in fixed.items() if value},
                parent=paths.get(row.parent, row.parent),
                annotations=annotations,
            )


def recognises(root: Path) -> bool:
    """Return whether a folder holds a manifest."""
    return (root / CSV_NAME).is_file() and (root / JSON_NAME).is_file()
