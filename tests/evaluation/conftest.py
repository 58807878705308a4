"""Manifests that exist nowhere on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np
import pytest

from facialis.clinical.scales import Scale
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.sample import Label
from facialis.evaluation import protocols, resampling, scoring_classes, scoring_parts
from facialis.evaluation.divided import Divided
from facialis.evaluation.predictions import Predictions
from facialis.evaluation.result import Result, describe
from facialis.evaluation.splits import Splits
from facialis.methods.tasks import Classification, Segmentation


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


GRADE = Classification(
    name="grade",
    scale=Scale.HOUSE_BRACKMANN,
    classes=("I", "II", "III", "IV", "V", "VI"),
    truth="grade",
    predicted="chances",
)
PARTS = Segmentation(name="parts", classes=("background", "skin", "FPP"), weak=("FPP",))


def predictions(
    names: tuple[str, ...], split: str = "toy", seed: int = 0, skill: float = 2.0
) -> Predictions:
    rng = np.random.default_rng(seed)
    grades = np.array([int(name.split("-")[0][1:]) % 6 for name in names])
    chances = np.exp(rng.normal(size=(len(names), 6)) + skill * np.eye(6)[grades])
    chances /= chances.sum(axis=1, keepdims=True)
    masks = rng.integers(0, 3, size=(len(names), 6, 6)).astype(np.uint8)
    labels = np.where(rng.random(masks.shape) < 0.8, masks, 1).astype(np.uint8)
    masks[:, 0, 0] = 255
    return Predictions(
        names=names,
        subjects=tuple(name.split("-")[0] for name in names),
        sources=("simulated",) * len(names),
        truth={"grade": grades, "mask": masks},
        answers={"chances": chances.astype(np.float32), "labels": labels},
        split=split,
    )


def manifest(people: int = 12, frames: int = 3) -> Manifest:
    names = [f"p{person:02d}-{frame}" for person in range(people) for frame in range(frames)]
    rows = tuple(
        Row(
            name=name,
            path=f"{name}.png",
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            subject=name.split("-")[0],
            source="simulated",
        )
        for name in names
    )
    return Manifest("toy cohort", rows)


def evaluated(
    folder: Path, *, variant: str = "", skill: float = 2.0, leaky: bool = False
) -> tuple[Result, list[Path]]:
    data = manifest()
    splits = (protocols.leaky if leaky else protocols.kfold)(data, seed=0)
    files = []
    for number, split in enumerate(splits.splits):
        files.append(folder / f"{variant}{number}.npz")
        predictions(split.test, split.name, number, skill).save(files[-1])
    return _described(data, splits, files, variant), files


def _described(data: Manifest, splits: Splits, files: list[Path], variant: str = "") -> Result:
    return describe(
        method="asymmetric_parsing",
        variant=variant,
        settings={"size": 64, "rate": 0.1},
        tested=Divided(data, splits),
        seed=3,
        training=[{"started_from": "random weights", "stages": {"fit": {"epochs": 2}}}],
        tasks=(PARTS, GRADE),
        predictions=files,
        parameters=10,
    )


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Tasks, answers and results of a toy cohort; evaluations draw 100 resamples."""

    def evaluated_quickly(*words: Any, **more: Any) -> tuple[Result, list[Path]]:
        with monkeypatch.context() as patched:
            for module in (scoring_classes, scoring_parts):
                patched.setattr(module, "drawn", lambda n, seed: resampling.drawn(n, seed, 100))
            return evaluated(*words, **more)

    def answered(given: list[Predictions], recordings: dict[str, str] | None = None) -> Any:
        return scoring_classes.answered(GRADE, given, recordings or {})

    return SimpleNamespace(
        answered=answered,
        GRADE=GRADE,
        PARTS=PARTS,
        predictions=predictions,
        manifest=manifest,
        evaluated=evaluated_quickly,
        described=_described,
    )
