"""Fit the network that refines landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facialis.networks.landmark_refinement import CloseUpNetwork, LandmarkRefinement
from facialis.regions.close_ups import MOUTH_MIRROR, MOUTH_SIDE
from facialis.training.resumable import ResumableFit, keep_rows, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from facialis.training.landmark_lessons import Lessons

VERSION: Final = "3.0.0"
"""Of the network, which a checkpoint or a file of another one does not fit."""
_TURN: Final = 4.0
_SCALE: Final = 0.04
_SHIFT: Final = 2.0
"""Standard deviations by which close-ups are altered: degrees, logarithm, pixels."""
_GAMMA, _LIGHT, _TINT, _NOISE = 0.25, 0.2, 0.08, 0.04
_WEIGHT_DECAY: Final = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class RefinementSettings:
    """How long and how fast to learn.

    Attributes:
        epochs: Passes over the faces.
        batch: Faces in a step.
        rate: Largest learning rate; it rises to it and falls along a cosine.
        seed: Of the initial weights and of everything that is drawn by chance.
    """

    epochs: int = 10
    batch: int = 48
    rate: float = 2e-3
    seed: int = 0


class _Shown(NamedTuple):
    """Close-ups of one kind, where landmarks were found in them, and where they are."""

    pictures: NDArray[np.uint8]
    found: NDArray[np.float32]
    placed: NDArray[np.float32]


def fit_refinement(
    lessons: Lessons,
    faces: NDArray[np.intp],
    settings: RefinementSettings,
    *,
    checkpoint: Path,
    log: Path,
    after_epoch: Callable[[int, float], None],
    half: bool = False,
) -> LandmarkRefinement:
    """Return a network that moves landmarks to where they were put.

    The loss is Huber's on what is left to move, pixels of the close-up. Every close-up is turned,
    scaled, shifted, relit and blurred by noise by chance; mouths are mirrored by chance.

    Args:
        lessons: Close-ups.
        faces: Numbers of those to learn from, at least a batch.
        settings: How long and how fast.
        checkpoint: Written after every epoch; an existing one of the same settings is gone on with.
        log: CSV with one row an epoch.
        after_epoch: Called with the number of finished epochs and the mean loss.
        half: Whether to compute in bfloat16, which is faster where the processor has it.
    """
    torch.manual_seed(settings.seed)
    network = LandmarkRefinement()
    network.eye.mean.copy_(_mean(lessons.eyes_found[faces]))
    network.mouth.mean.copy_(_mean(lessons.mouths_found[faces]))
    steps = len(faces) // settings.batch
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=_WEIGHT_DECAY
    )
    course = ResumableFit(
        network,
        optimiser,
        torch.optim.lr_scheduler.OneCycleLR(
            optimiser, settings.rate, total_steps=settings.epochs * steps
        ),
        key=f"{VERSION} {settings!r} on {len(faces)} faces",
        file=checkpoint,
    )
    done = course.resume()
    keep_rows(log, done)
    for epoch in range(done, settings.epochs):
        network.train()
        chance = np.random.default_rng((settings.seed, epoch))
        order = chance.permutation(faces)
        total = 0.0
        for step in range(steps):
            rows = np.sort(order[step * settings.batch : (step + 1) * settings.batch])
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                loss = _loss(network, lessons, rows, chance)
            total += course.step(loss)
        mean = total / steps
        record(log, {"epoch": str(epoch + 1), "loss": f"{mean:.6f}"})
        course.save(epoch + 1)
        after_epoch(epoch + 1, mean)
    return network


def _mean(found: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(found.reshape(-1, *found.shape[-2:]).mean(axis=0))


def _loss(
    network: LandmarkRefinement,
    lessons: Lessons,
    rows: NDArray[np.intp],
    chance: np.random.Generator,
) -> Tensor:
    eyes = _Shown(
        np.concatenate(lessons.eyes[rows]),
        np.concatenate(lessons.eyes_found[rows]),
        np.concatenate(lessons.eyes_placed[rows]),
    )
    mouths = _Shown(lessons.mouths[rows], lessons.mouths_found[rows], lessons.mouths_placed[rows])
    if chance.random() < 1 / 2:
        mouths = _mirrored(mouths)
    return _left(network.eye, eyes, chance) + _left(network.mouth, mouths, chance)


def _mirrored(mouths: _Shown) -> _Shown:
    turned = [
        each[:, list(MOUTH_MIRROR)] * np.array([-1, 1], np.float32)
        + np.array([MOUTH_SIDE, 0], np.float32)
        for each in (mouths.found, mouths.placed)
    ]
    return _Shown(np.ascontiguousarray(mouths.pictures[:, :, ::-1]), *turned)


def _left(network: CloseUpNetwork, shown: _Shown, chance: np.random.Generator) -> Tensor:
    """Return what is left to move after each look at altered close-ups, the mean over the looks."""
    pictures, (found, placed) = _altered(shown, chance)
    looks = network.after_each(_relit(pictures, chance), found)
    left = [functional.smooth_l1_loss(offsets, placed - found) for offsets in looks]
    return torch.stack(left).mean()


def _altered(shown: _Shown, chance: np.random.Generator) -> tuple[Tensor, list[Tensor]]:
    """Return close-ups (B, 3, S, S), 0 to 1, and points in them, turned, scaled and shifted."""
    count, side = shown.pictures.shape[:2]
    angle = np.radians(chance.normal(0, _TURN, count))
    scale = np.exp(chance.normal(0, _SCALE, count))
    shift = torch.from_numpy(chance.normal(0, _SHIFT, (count, 2))).float()
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = torch.from_numpy(np.stack([cos, -sin, sin, cos], axis=-1).reshape(-1, 2, 2)).float()
    back = torch.linalg.inv(turn)
    from_middle = back @ (shift * 2 / side)[..., None]
    pictures = torch.from_numpy(shown.pictures).permute(0, 3, 1, 2).float() / 255
    grid = functional.affine_grid(
        torch.cat((back, -from_middle), dim=-1), list(pictures.shape), align_corners=False
    )
    moved = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    places = [
        (torch.from_numpy(each) - side / 2) @ turn.transpose(1, 2) + side / 2 + shift[:, None]
        for each in (shown.found, shown.placed)
    ]
    return moved, places


def _relit(pictures: Tensor, chance: np.random.Generator) -> Tensor:
    count = len(pictures)

    def drawn(*shape: int) -> Tensor:
        return torch.from_numpy(chance.standard_normal(shape)).float()

    gamma = torch.exp(_GAMMA * drawn(count, 1, 1, 1))
    light = torch.exp(_LIGHT * drawn(count, 1, 1, 1))
    lit = pictures.clamp(min=1e-3) ** gamma * light + _TINT * drawn(count, 3, 1, 1)
    noise = torch.from_numpy(chance.uniform(0, _NOISE, (count, 1, 1, 1))).float()
    grain = torch.randn(
        pictures.shape, generator=torch.Generator().manual_seed(int(chance.integers(2**31)))
    )
    return lit + noise * grain
