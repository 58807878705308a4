"""Manifests that exist nowhere on disk."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

import pytest

from facialis.clinical.scales import Scale
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.sample import Label


class MakeRow(Protocol):
    def __call__(self, name: str, subject: str, grade: int | None = None, **more: Any) -> Row: ...


class MakeManifest(Protocol):
    def __call__(self, grades: dict[str, int | None], frames: int = 2) -> Manifest: ...


def _row(name: str, subject: str, grade: int | None = None, **more: Any) -> Row:
    labels = () if grade is None else (Label(Scale.HOUSE_BRACKMANN, grade),)
    digest = hashlib.sha256(name.encode()).hexdigest()
    values = {"sha256": digest, "source": "toy", "labels": labels, "path": f"{name}.png"} | more
    return Row(name=name, subject=subject, **values)


@pytest.fixture
def make_row() -> MakeRow:
    """Make a row; its digest is that of its name unless given."""
    return _row


@pytest.fixture
def make_manifest() -> MakeManifest:
    """Make a manifest of people with one House-Brackmann grade each."""

    def make(grades: dict[str, int | None], frames: int = 2) -> Manifest:
        rows = [
            _row(f"{person}-{frame}", person, grade)
            for person, grade in grades.items()
            for frame in range(frames)
        ]
        return Manifest("toy", tuple(rows))

    return make
