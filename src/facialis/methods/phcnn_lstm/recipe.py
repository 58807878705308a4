"""How paper 003's network and its light form are trained and answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from facialis.errors import InputError
from facialis.methods.phcnn_lstm.baselines import (
    FaceEncoder,
    PixelEncoder,
    SqueezeEncoder,
    VggEncoder,
)
from facialis.methods.phcnn_lstm.learning import LevelLearner
from facialis.methods.phcnn_lstm.light_recipe import LightLevelLearner
from facialis.methods.phcnn_lstm.network import (
    HIDDEN,
    FrameEncoder,
    Fusion,
    LevelNetwork,
    NormPlace,
    phcnn,
)
from facialis.methods.phcnn_lstm.prepare import Detector

NAMES: Final = ("phcnn_lstm", "phcnn_lstm-light")

Network = Literal["phcnn", "face_n1", "vgg16", "pixels", "senet"]
"""What sees a frame, by the names of [003] Table IV."""


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
        hidden: Length of the LSTM's state; None is 256 (D3-7), 64 in the light form.
        fusion: How the regions' vectors become one (D3-6).
        norm: Where batch norm stands in the paper's branches (D3-5).
        detector: What says where the face is; ``viola_jones`` is the paper's.
        few: People with fewer training sequences than this are augmented; the light form alters
            everybody's.
        shift: Most pixels of a crop to each side in augmentation (D3-15).
        turn: Most degrees to each side in augmentation (D3-15).
        light: Of the light form: largest change of brightness and contrast in augmentation.
        reading_epochs: Of the light form: passes in which it learns to read faces, before it
            grades; 0 leaves them out.
        reading_rate: Of the light form: learning rate of these, which Adam makes.
        measures: Of the light form: what the landmarks measure of a frame goes to the LSTM beside
            the branches' vectors; otherwise what the branches read of it.
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
    hidden: int | None = None
    fusion: Fusion = "sum"
    norm: NormPlace = "after"
    detector: Detector = "landmarks"
    few: int = 16
    shift: float = 6.0
    turn: float = 10.0
    light: float = 0.3
    reading_epochs: int = 12
    reading_rate: float = 3e-3
    measures: bool = True


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
        return LightLevelLearner(settings)
    hidden = (settings.hidden or HIDDEN) if settings.lstm else None
    return LevelLearner(LevelNetwork(_encoder(settings), hidden=hidden), settings)


def _encoder(settings: Settings) -> FrameEncoder:
    if settings.network == "phcnn":
        return phcnn(fusion=settings.fusion, norm=settings.norm)
    if settings.network == "face_n1":
        return FaceEncoder(settings.norm)
    simple = {"vgg16": VggEncoder, "pixels": PixelEncoder, "senet": SqueezeEncoder}
    return simple[settings.network]()
