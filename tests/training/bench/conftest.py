"""A learner small enough to be trained in a test, and a data set that it can learn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from facialis.clinical.scales import Scale
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import read_manifest, write_manifest
from facialis.datasets.sample import Label
from facialis.methods.tasks import Classification, Segmentation
from facialis.networks.learner import Batch, Learner, Stage
from facialis.training.examples import Examples
from facialis.training.fit import Order, Parts
from facialis.training.settings import Variant

SIDE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ToySettings:
    """Of the toy learner."""

    epochs: int = 4
    second_epochs: int = 0
    patience: int | None = None
    dropout: float = 0.2
    rate: float = 0.05
    keep: str = "last"


class ToyLearner(Learner):
    """Tells bright pictures from dark ones, and bright pixels from dark ones."""

    tasks = (
        Classification(
            name="palsy",
            scale=Scale.PALSY,
            classes=("absent", "present"),
            truth="palsy",
            predicted="palsy_probability",
        ),
        Segmentation(name="parts", classes=("background", "bright")),
    )

    def __init__(self, settings: ToySettings) -> None:
        super().__init__()
        self.pixels = nn.Conv2d(3, 4, 1)
        self.norm = nn.BatchNorm2d(4)
        self.dropout = nn.Dropout(settings.dropout)
        self.head, self.labels = nn.Linear(4, 2), nn.Conv2d(4, 2, 1)
        self.register_buffer("threshold", torch.zeros(()))
        usual = {"batch": 8, "optimiser": "sgd", "rate": settings.rate, "power": 0.9}
        self.stages = (
            Stage(
                name="first",
                epochs=settings.epochs,
                patience=settings.patience,
                keep=settings.keep,
                **usual,
            ),
            Stage(name="second", epochs=settings.second_epochs, keep="last", **usual),
        )

    def example(self, sources: Sequence[Any]) -> dict[str, Any]:
        picture = sources[0].picture()
        truth = sources[0].label(Scale.PALSY)
        return {
            "image": np.ascontiguousarray(picture[:SIDE, :SIDE].transpose(2, 0, 1)),
            "mask": (picture[:SIDE, :SIDE, 0] > 128).astype(np.uint8),
            "palsy": np.int64(-1 if truth is None else truth),
        }

    def begin(self, stage: Stage) -> None:
        super().begin(stage)
        if stage.name == "second":
            self.freeze(self.pixels, self.norm)

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        noise = torch.randint(0, 9, batch["image"].shape, generator=random, dtype=torch.uint8)
        return {**batch, "image": batch["image"] + noise}

    def _features(self, batch: Batch) -> torch.Tensor:
        return torch.relu(self.norm(self.pixels(batch["image"].float() / 255)))

    def loss(self, batch: Batch) -> dict[str, torch.Tensor]:
        found = self._features(batch)
        whole = nn.functional.cross_entropy(
            self.head(self.dropout(found.mean((2, 3)))), batch["palsy"], ignore_index=-1
        )
        pixels = nn.functional.cross_entropy(self.labels(found), batch["mask"].long())
        return {"total": whole + pixels, "whole": whole, "pixels": pixels}

    def predict(self, batch: Batch) -> Batch:
        found = self._features(batch)
        return {
            "palsy_probability": self.head(found.mean((2, 3))).softmax(1),
            "labels": self.labels(found).argmax(1).to(torch.uint8),
        }

    def settle(self, batches: Any) -> None:
        seen = [each["image"].float().mean() for each in batches]
        self.threshold = torch.stack(seen).mean()


class ToyVariant(Variant):
    """A toy learner in the place of a published one."""

    def settings(self) -> ToySettings:
        return ToySettings(**self.values)

    def learner(self) -> ToyLearner:
        return ToyLearner(self.settings())


def toy_examples(people: int = 12, each: int = 4) -> Examples:
    """Bright pictures of people with palsy, dark ones of the others."""
    rng = np.random.default_rng(0)
    count = people * each
    palsy = np.repeat(np.arange(people) % 2, each)
    pictures = rng.integers(0, 100, (count, 3, SIDE, SIDE)) + 120 * palsy[:, None, None, None]
    subjects = tuple(f"toy/{i // each:02d}" for i in range(count))
    return Examples(
        tuple(f"{subject}-{i}" for i, subject in enumerate(subjects)),
        subjects,
        ("toy",) * count,
        {
            "image": pictures.astype(np.uint8),
            "mask": (pictures[:, 0] > 110).astype(np.uint8),
            "palsy": palsy.astype(np.int64),
        },
    )


@pytest.fixture
def order() -> Callable[..., Order]:
    """Make an order of toy training; keywords are settings."""

    def made(seed: int = 5, **settings: Any) -> Order:
        examples = toy_examples()
        return Order(
            variant=ToyVariant("", "toy", settings),
            examples=examples,
            parts=Parts(train=np.arange(32), validation=np.arange(32, 40)),
            data={"manifest": "m", "split": "s"},
            seed=seed,
        )

    return made


@pytest.fixture
def with_parts() -> Callable[..., Order]:
    """Change the parts of an order."""

    def changed(order: Order, **parts: Any) -> Order:
        return replace(order, parts=replace(order.parts, **parts))

    return changed


@pytest.fixture
def toy_manifest(tmp_path) -> Callable[..., Manifest]:
    """Write bright pictures of people with palsy and dark ones of others, with a manifest."""

    def written(
        folder: str = "data", people: int = 9, each: int = 4, labelled: bool = True
    ) -> Manifest:
        root, rows = tmp_path / folder, []
        rng = np.random.default_rng(1)
        for number in range(people * each):
            person, palsy = number // each, (number // each) % 2
            pixels = rng.integers(0, 100, (SIDE, SIDE, 3)) + 120 * palsy
            data = cv2.imencode(".png", pixels.astype(np.uint8))[1].tobytes()
            path = f"images/{person}-{number}.png"
            (root / "images").mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
            rows.append(
                Row(
                    name=f"{person}-{number}",
                    path=path,
                    sha256=hashlib.sha256(data).hexdigest(),
                    subject=f"toy/{person}",
                    source=folder,
                    video="clip",
                    frame=number % each,
                    labels=(Label(Scale.PALSY, palsy),) if labelled else (),
                )
            )
        write_manifest(Manifest(f"Toy {folder}", tuple(rows)), root)
        return read_manifest(root)

    return written


@pytest.fixture
def toy_variant() -> Callable[..., ToyVariant]:
    """Make a toy method; keywords are settings."""
    return lambda **settings: ToyVariant("", "toy", settings)
