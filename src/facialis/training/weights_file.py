"""``weights.pt``, what a finished run leaves, and what another run may start from."""

from __future__ import annotations

import errno
import hashlib
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch

from facialis.datasets.manifest import made_of
from facialis.errors import InputError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from facialis.networks.learner import Learner

WEIGHTS_NAME: Final = "weights.pt"


def read_weights(file: Path) -> dict[str, Any]:
    """Return what a ``weights.pt`` holds: method, settings, weights, facts, subjects.

    Raises:
        InputError: It is no such file.
    """
    try:
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
        if not {"method", "settings", "weights", "facts", "learned_from"} <= state.keys():
            raise ValueError("keys are missing")
    except OSError as error:
        if error.errno == errno.EINVAL:  # torch's word for an archive that was cut off
            raise InputError(
                file, "is damaged or was not written whole", "train it again, or copy it again"
            ) from error
        raise InputError(
            file, f"cannot be read ({error.strerror})", "name the weights.pt of a finished run"
        ) from error
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, AttributeError) as error:
        raise InputError(
            file, "holds no weights of a method", "name the weights.pt of a finished run"
        ) from error
    return state


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Weights of a finished run that another run starts from.

    Attributes:
        file: Where they are.
        digest: SHA-256 of the file.
        state: What it holds.
    """

    file: Path
    digest: str
    state: dict[str, Any]

    @classmethod
    def read(cls, file: Path) -> Start:
        """Read a ``weights.pt``, or that of a run's folder; errors as `read_weights`."""
        file = file / WEIGHTS_NAME if file.is_dir() else file
        state = read_weights(file)
        return cls(file, hashlib.sha256(file.read_bytes()).hexdigest(), state)

    def __str__(self) -> str:
        """Say in a few words what they are."""
        return f"weights of {self.state['method']} (SHA-256 {self.digest[:12]})"

    def check_new(self, people: Iterable[str], split: str) -> None:
        """Refuse to test people whom the weights have learned from.

        Args:
            people: Who is tested.
            split: What they are tested in.

        Raises:
            InputError: The weights were learned from one of them, or from a person invented from
                one.
        """
        known = {each for subject in self.state["learned_from"] for each in made_of(subject)}
        both = sorted(known & set(people))
        if both:
            raise InputError(
                printable(self.file),
                f"learned from {len(both)} people whom {split} tests (such as {both[0]})",
                "start from a run of the same split of the same people",
            )

    def load(self, learner: Learner) -> None:
        """Put the weights into a fresh network, which may lack parts that only train.

        Raises:
            InputError: They do not fit it.
        """
        own = learner.state_dict().keys()
        try:
            learner.load_state_dict(
                {
                    name: each
                    for name, each in self.state["weights"].items()
                    if name in own or not name.startswith(learner.only_train)
                }
            )
        except RuntimeError as error:
            raise InputError(
                printable(self.file),
                f"holds weights of {self.state['method']} that do not fit this network",
                "start from a run of the same method, with the same parts",
            ) from error
