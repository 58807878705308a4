"""How networks learn levels of sequences."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.methods.phcnn_lstm.losses import class_weights, weighted_cross_entropy
from facialis.methods.phcnn_lstm.network import LevelNetwork, probabilities
from facialis.methods.phcnn_lstm.prepare import LENGTH, LEVELS, Crops, Detector, crops_of
from facialis.methods.tasks import UNKNOWN_CLASS, Classification
from facialis.networks.augmentation import affine, drawn, moved_images
from facialis.networks.learner import Batch, Learner, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from facialis.methods.phcnn_lstm.recipe import Settings
    from facialis.methods.source import Source

CROPS: Final = ("face", "eyes", "mouth")

_log = logging.getLogger(__name__)


class LevelLearner(Learner):
    """Learns levels of sequences.

    Attributes:
        settings: As given.
        network: What answers.
        weights: K_i of the levels (3,), 1 until `meet` has seen the training examples.
        few: Numbers of the people who are augmented.
    """

    weights: Tensor
    few: Tensor
    frames = LENGTH
    tasks = (
        Classification(
            name="level", scale=Scale.LEVEL, classes=LEVELS, truth="level",
            predicted="level_probability",
        ),
    )  # fmt: skip

    def __init__(self, network: LevelNetwork, settings: Settings) -> None:
        """Prepare to train a network."""
        super().__init__()
        self.network = network
        self.settings = settings
        self.register_buffer("weights", torch.ones(len(LEVELS)))
        self.register_buffer("few", torch.empty(0, dtype=torch.int64), persistent=False)
        self.stages = (
            Stage(
                name="sequences", epochs=settings.epochs, batch=settings.batch,
                optimiser=settings.optimiser, rate=settings.rate, momentum=settings.momentum,
                weight_decay=settings.weight_decay, power=settings.power,
            ),
        )  # fmt: skip

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return ``face``, ``eyes``, ``mouth``, ``level``, ``person`` and ``faceless``.

        ``person`` is a number that stands for the person, ``faceless`` how many frames the detector
        found no face in. The level is that of the first frame that has one.

        Raises:
            InputError: A frame has no landmarks.
        """
        meshes = [landmarks_of(each) for each in sources]
        return arrays_of(sources, cut(sources, meshes, self.settings.detector))

    def meet(self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Weigh the levels (D3-11) and find the people with few sequences (D3-15)."""
        del stage
        levels = torch.as_tensor(np.asarray(arrays["level"], np.int64))
        self.weights.copy_(class_weights(levels, len(LEVELS)))
        people, counts = np.unique(np.asarray(arrays["person"], np.int64), return_counts=True)
        self.few = torch.as_tensor(people[counts < self.settings.few]).to(self.weights.device)
        faceless = int(np.asarray(arrays["faceless"], np.int64).sum())
        if faceless:
            frames = len(levels) * self.frames
            _log.warning(
                "no face detected in %d of %d frames; landmarks place it", faceless, frames
            )

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        """Shift and turn the sequences of people who have few of them (D3-15).

        All frames and crops of a sequence move alike: by the same pixels and degrees, each crop
        about its own middle. What comes from beyond a crop is black.
        """
        maps = self.moves(len(batch["person"]), random)
        chosen = torch.isin(batch["person"], self.few.to(batch["person"].device))
        if not chosen.any():
            return batch
        changed = dict(batch)
        for name in CROPS:
            crops = batch[name].clone()
            crops[chosen] = moved_crops(crops[chosen], maps[chosen.cpu()])
            changed[name] = crops
        return changed

    def moves(self, count: int, random: torch.Generator) -> Tensor:
        """Return `affine` maps (B, 2, 3) by chance, pixels from the middle of a crop (D3-15)."""
        degrees = drawn(-self.settings.turn, self.settings.turn, count, random)
        pixels = drawn(-self.settings.shift, self.settings.shift, 2 * count, random)
        return affine(degrees=degrees, shift=pixels.reshape(count, 2))

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return [003] eq. 4 as ``total``; single frames are held to their sequence's level."""
        return {"total": weighted_cross_entropy(self._scores(batch), batch["level"], self.weights)}

    def predict(self, batch: Batch) -> Batch:
        """Return ``level_probability`` (B, 3) float32."""
        return {"level_probability": probabilities(self._scores(batch))}

    def _scores(self, batch: Batch) -> Tensor:
        return torch.as_tensor(self.network(*(batch[name] for name in CROPS)))


def person_number(subject: str) -> int:
    """Return a number of 63 bits that stands for a person."""
    octets = hashlib.blake2b(subject.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(octets, "big") >> 1


def cut(
    sources: Sequence[Source], meshes: Sequence[NDArray[np.float64]], detector: Detector
) -> Crops:
    """Return what the networks see of the frames of a sequence, by their landmarks."""
    return crops_of([each.picture() for each in sources], meshes, detector)


def arrays_of(sources: Sequence[Source], crops: Crops) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of an example; see `LevelLearner.example`."""
    known = [level for each in sources if (level := each.label(Scale.LEVEL)) is not None]
    return {
        "face": crops.face,
        "eyes": crops.eyes,
        "mouth": crops.mouth,
        "level": np.int64(known[0] if known else UNKNOWN_CLASS).reshape(()),
        "person": np.int64(person_number(sources[0].subject)).reshape(()),
        "faceless": np.int64(crops.faceless).reshape(()),
    }


def landmarks_of(source: Source) -> NDArray[np.float64]:
    """Return the landmarks of a frame.

    Raises:
        InputError: It has none.
    """
    found = source.landmarks()
    if found is None:
        raise InputError(source.name, "has no landmarks", "run `facialis data frame` on the data")
    return found


def moved_crops(crops: Tensor, maps: Tensor) -> Tensor:
    """Return crops (B, T, 3, H, W) uint8, the frames of a sequence all seen through its map.

    Args:
        crops: As prepared.
        maps: `affine` maps (B, 2, 3), pixels from the middle of a crop.
    """
    height, width = crops.shape[-2:]
    moved = moved_images(crops.flatten(1, 2), relative(maps, width, height))
    return moved.unflatten(1, crops.shape[1:3])


def relative(maps: Tensor, width: int, height: int) -> Tensor:
    """Return maps (B, 2, 3) of pixels from a crop's middle as maps of -1 to 1 across the crop."""
    half = torch.tensor([width / 2, height / 2])
    turned = maps[:, :, :2] * half / half[:, None]
    return torch.cat((turned, maps[:, :, 2:] / half[:, None]), dim=-1)
