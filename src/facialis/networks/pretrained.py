"""Start a network from weights that others trained, or say that it starts from random ones."""

from __future__ import annotations

import logging
import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn

from facialis.errors import InputError, WeightsError, printable
from facialis.weights import catalogue, store
from facialis.weights.download import digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LOG = logging.getLogger(__name__)
_COUNTER: Final = "num_batches_tracked"
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Start:
    """What the weights of a network are before training.

    Attributes:
        name: In the catalogue of weights, or the given file's; empty for random weights.
        sha256: Of the file that was loaded; empty for random weights.
    """

    name: str = ""
    sha256: str = ""

    def __str__(self) -> str:
        """Name them in a few words, for result files."""
        return f"weights {self.name} sha256 {self.sha256}" if self.name else "random weights"


RANDOM: Final = Start()
"""Nothing was loaded."""


def load_pretrained(
    module: nn.Module, name: str, *, part: str = "", file: Path | None = None
) -> Start:
    """Load published weights into a network, or warn that it keeps its random ones.

    Nothing is downloaded: `facialis weights get NAME` does that. The file is checked by sha256.

    Args:
        module: Each of its tensors must be in the file with the same shape; counters of batches,
            which old files lack, need not. What the file has beyond that (a classifier) is left.
        name: In the catalogue of weights.
        part: What the file's names of the module's tensors begin with, such as ``features.``.
        file: A file of the same structure to load instead of the catalogue's.

    Returns:
        What was loaded; `RANDOM` after one warning if the catalogue's file is not on this machine.

    Raises:
        WeightsError: The name is unknown, or the catalogue's file is damaged or holds something
            else.
        InputError: The given file is absent or does not hold the module's weights.
    """
    if file is None and not _is_here(name):
        _LOG.warning(
            "%s: is not on this machine; training starts from random weights "
            "(run 'facialis weights get %s' for the published ones).",
            name,
            name,
        )
        return RANDOM
    path = store.require(name) if file is None else file
    try:
        tensors = _tensors(path)
        _fill(module, {key.removeprefix(part): value for key, value in tensors.items()
                       if key.startswith(part)})  # fmt: skip
    except _UnusableError as error:
        remedy = f"give a copy of {name} as torchvision publishes it"
        if file is None:
            raise WeightsError(f"{printable(path)}: {error}; {remedy}.") from error
        raise InputError(path, str(error), remedy) from error
    return Start(name if file is None else printable(path.name), digest(path))


class _UnusableError(Exception):
    """What is wrong with a file, as a clause."""


def _is_here(name: str) -> bool:
    entry = catalogue.find(name)
    return any(each.weights == entry and each.present for each in store.list_weights())


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        found: Any = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise _UnusableError(f"cannot be read ({error.strerror})") from error
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError) as error:
        raise _UnusableError("is not a file of weights as torch saves them") from error
    if not isinstance(found, dict) or not all(isinstance(v, Tensor) for v in found.values()):
        raise _UnusableError("does not hold tensors by name")
    return {str(key): value for key, value in found.items()}


def _fill(module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    wanted = module.state_dict()
    missing = [key for key in wanted if key not in tensors and not key.endswith(_COUNTER)]
    if missing:
        raise _UnusableError(f"lacks {len(missing)} tensors ({', '.join(missing[:_SHOWN])}, ...)")
    for key, value in wanted.items():
        if key in tensors and tensors[key].shape != value.shape:
            raise _UnusableError(
                f"has {key} of shape {tuple(tensors[key].shape)} where {tuple(value.shape)} "
                "was expected"
            )
    module.load_state_dict({key: tensors.get(key, value) for key, value in wanted.items()})
