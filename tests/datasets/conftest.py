"""Pictures for small fake copies of collections, and ways to read them whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from facialis.datasets.findings import Finding, Trouble
from facialis.datasets.reading import Collection
from facialis.datasets.sample import Sample


@dataclass(frozen=True)
class Reading:
    """What reading a collection to its end gave."""

    samples: list[Sample]
    findings: dict[Trouble, Finding]
    root: Path

    def sample(self, name: str) -> Sample:
        """The one sample whose path from the root ends so."""
        (one,) = [each for each in self.samples if each.path.as_posix().endswith(name)]
        return one

    def examples(self, kind: Trouble) -> tuple[str, ...]:
        """The names that a kind of finding carries; none if it was not found."""
        return self.findings[kind].examples if kind in self.findings else ()


@pytest.fixture
def picture() -> Callable[..., Path]:
    """Write a picture that looks like no other of another number."""

    def write(path: Path, number: int = 0, size: tuple[int, int] = (64, 64)) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = np.random.default_rng(number).integers(0, 256, (8, 8, 3)).astype(np.uint8)
        pixels = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
        Image.fromarray(pixels).save(path)
        return path

    return write


@pytest.fixture
def text() -> Callable[[Path, str], Path]:
    """Write a text file and the folders it lies in."""

    def write(path: Path, content: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    return write


@pytest.fixture
def read() -> Callable[[Collection], Reading]:
    """Read a collection to its end."""

    def whole(collection: Collection) -> Reading:
        samples = list(collection.samples())
        return Reading(samples, {each.kind: each for each in collection.findings}, collection.root)

    return whole
