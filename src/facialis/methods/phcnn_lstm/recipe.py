"""How paper 003's network and its light form are trained and answer."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import torch
from torch import Tensor

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.methods.phcnn_lstm.baselines import (
    FaceEncoder,
    PixelEncoder,
    SqueezeEncoder,
    VggEncoder,
)
from facialis.methods.phcnn_lstm.light import light_phcnn
from facialis.methods.phcnn_lstm.losses import class_weights, weighted_cross_entropy
from facialis.methods.phcnn_lstm.network import (
    FrameEncoder,
    Fusion,
    LevelNetwork,
    NormPlace,
    phcnn,
    probabilities,
)
from facialis.methods.phcnn_lstm.prepare import LENGTH, LEVELS, Detector, crops_of
from facialis.methods.tasks import UNKNOWN_CLASS, Classification
from facialis.networks.augmentation import affine, drawn, moved_images
from facialis.networks.learner import Batch, Learner, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from facialis.methods.source import Source

NAMES: Final = ("phcnn_lstm", "phcnn_lstm-light")
CROPS: Final = ("face", "eyes", "mouth")

Network = Literal["phcnn", "face_n1", "vgg16", "pixels", "senet"]
"""What sees a frame, by the names of [003] Table IV."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may be changed; the defaults are the paper's ([003] section IV-A to IV-C).

    With `network` and `lstm` the rows of [003] Table IV are: PHCNN-LSTM (phcnn), PHCNN (phcnn
    without), LSTM-FACE-N1 (face_n1), LSTM-VGG16 (vgg16), LSTM (pixels), SENet (senet without). The
    light form has its own branches and takes `lstm`, but no other `network`.

    Attributes:
        size: Width and height of the framed pictures that the crops are cut from, pixels; as large
            as there are, because the strips take 120 pixels from eye to eye.
        epochs: Passes over the training sequences.
        batch: Sequences of a step.
        optimiser: The paper's is stochastic gradient descent.
        rate: Learning rate at the start.
        momentum: Of stochastic gradient descent.
        weight_decay: L2.
        power: Exponent of the polynomial schedule (D3-12).
        network: What sees a frame.
        lstm: Whether the order of the frames counts; otherwise each is graded for itself (D3-10).
        hidden: Length of the LSTM's state (D3-7).
        fusion: How the regions' vectors become one (D3-6).
        norm: Where batch norm stands in the paper's branches (D3-5).
        detector: What says where the face is; ``viola_jones`` is the paper's.
        few: People with fewer training sequences than this are augmented.
        shift: Most pixels of a crop to each side in augmentation (D3-15).
        turn: Most degrees to each side in augmentation (D3-15).
    """

    size: int = 256
    epochs: int = 50
    batch: int = 64
    optimiser: Literal["sgd", "adam"] = "sgd"
    rate: float = 1e-4
    momentum: float = 0.9
    weight_decay: float = 2e-5
    power: float = 0.1
    network: Network = "phcnn"
    lstm: bool = True
    hidden: int = 256
    fusion: Fusion = "sum"
    norm: NormPlace = "after"
    detector: Detector = "landmarks"
    few: int = 16
    shift: float = 6.0
    turn: float = 10.0


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
        known = [level for each in sources if (level := each.label(Scale.LEVEL)) is not None]
        crops = crops_of(
            [each.picture() for each in sources],
            [_landmarks(each) for each in sources],
            self.settings.detector,
        )
        return {
            "face": crops.face,
            "eyes": crops.eyes,
            "mouth": crops.mouth,
            "level": np.int64(known[0] if known else UNKNOWN_CLASS).reshape(()),
            "person": np.int64(person_number(sources[0].subject)).reshape(()),
            "faceless": np.int64(crops.faceless).reshape(()),
        }

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
        count = len(batch["person"])
        degrees = drawn(-self.settings.turn, self.settings.turn, count, random)
        pixels = drawn(-self.settings.shift, self.settings.shift, 2 * count, random)
        maps = affine(degrees=degrees, shift=pixels.reshape(count, 2))
        chosen = torch.isin(batch["person"], self.few.to(batch["person"].device))
        if not chosen.any():
            return batch
        here = maps[chosen.cpu()].repeat_interleave(self.frames, dim=0)
        changed = dict(batch)
        for name in CROPS:
            crops = batch[name].clone()
            height, width = crops.shape[-2:]
            moved = moved_images(crops[chosen].flatten(0, 1), _relative(here, width, height))
            crops[chosen] = moved.unflatten(0, (-1, self.frames))
            changed[name] = crops
        return changed

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return [003] eq. 4 as ``total``; single frames are held to their sequence's level."""
        return {"total": weighted_cross_entropy(self._scores(batch), batch["level"], self.weights)}

    def predict(self, batch: Batch) -> Batch:
        """Return ``level_probability`` (B, 3) float32."""
        return {"level_probability": probabilities(self._scores(batch))}

    def _scores(self, batch: Batch) -> Tensor:
        return torch.as_tensor(self.network(*(batch[name] for name in CROPS)))


def learner(name: str, settings: Settings) -> LevelLearner:
    """Return a learner by the name of its card.

    Raises:
        ValueError: The name is not one of `NAMES`.
        InputError: The light form is asked for another network.
    """
    if name not in NAMES:
        raise ValueError(f"{name} is none of {', '.join(NAMES)}")
    if name == NAMES[1]:
        if settings.network != "phcnn":
            raise InputError("network", f"{name} has one of its own", f"train {NAMES[0]} for it")
        encoder: FrameEncoder = light_phcnn(settings.fusion)
    else:
        encoder = _encoder(settings)
    hidden = settings.hidden if settings.lstm else None
    return LevelLearner(LevelNetwork(encoder, hidden=hidden), settings)


def person_number(subject: str) -> int:
    """Return a number of 63 bits that stands for a person."""
    octets = hashlib.blake2b(subject.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(octets, "big") >> 1


def _encoder(settings: Settings) -> FrameEncoder:
    if settings.network == "phcnn":
        return phcnn(fusion=settings.fusion, norm=settings.norm)
    if settings.network == "face_n1":
        return FaceEncoder(settings.norm)
    simple = {"vgg16": VggEncoder, "pixels": PixelEncoder, "senet": SqueezeEncoder}
    return simple[settings.network]()


def _landmarks(source: Source) -> NDArray[np.float64]:
    found = source.landmarks()
    if found is None:
        raise InputError(source.name, "has no landmarks", "run `facialis data frame` on the data")
    return found


def _relative(maps: Tensor, width: int, height: int) -> Tensor:
    """Return maps (B, 2, 3) of pixels from a crop's middle as maps of -1 to 1 across the crop."""
    half = torch.tensor([width / 2, height / 2])
    turned = maps[:, :, :2] * half / half[:, None]
    return torch.cat((turned, maps[:, :, 2:] / half[:, None]), dim=-1)
