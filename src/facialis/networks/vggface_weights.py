"""Read the published VGGFace weights, whichever of two programs wrote them.

Two layouts are read, both with layers ``conv1_1`` to ``conv5_3`` and ``fc6`` to ``fc8``:

- Keras HDF5, as the package keras-vggface publishes (``rcmalli_vggface_tf_vgg16.h5`` and its form
  without the fully connected layers): kernels are (height, width, in, out), fc6 reads a flattened
  (height, width, channel) map and the network reads blue, green, red.
- A PyTorch state dict with ``conv1_1.weight``, as the VGG group's converted models
  (``vgg_face_dag.pth``): PyTorch's own axes, and red, green, blue.

What is returned always has PyTorch's axes and reads red, green, blue.
"""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, Final

import h5py
import numpy as np
import torch
from torch import Tensor

from facialis.errors import InputError, printable
from facialis.networks.pretrained import Start
from facialis.weights.download import digest

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

_HDF5: Final = (".h5", ".hdf5")
_FIRST: Final = "conv1_1"
_FIRST_DENSE: Final = "fc6"
_KERNEL_AXES: Final = 4
_SHOWN: Final = 3
_REMEDY: Final = "give rcmalli_vggface_tf_vgg16.h5 or vgg_face_dag.pth as published"


def load_vggface(module: nn.Module, path: Path) -> Start:
    """Fill a network's layers from a file of VGGFace weights.

    Args:
        module: Its tensors are named as the file's layers (``conv1_1.weight``, ``fc6.bias``, ...);
            each of them must be in the file with the same shape. What the file has beyond that
            (fc8, the identities) is left.
        path: Of the file; ``.h5`` and ``.hdf5`` are read as Keras', anything else as PyTorch's.

    Returns:
        Name and sha256 of the file.

    Raises:
        InputError: The file cannot be read, lacks a layer or has one of another shape.
    """
    wanted = module.state_dict()
    found = read_vggface(path, maps=_maps(wanted))
    missing = [name for name in wanted if name not in found]
    if missing:
        listed = ", ".join(missing[:_SHOWN])
        raise InputError(path, f"lacks {len(missing)} tensors ({listed}, ...)", _REMEDY)
    for name, value in wanted.items():
        if found[name].shape != value.shape:
            shapes = f"{tuple(found[name].shape)} where {tuple(value.shape)} was expected"
            raise InputError(path, f"has {name} of shape {shapes}", _REMEDY)
    module.load_state_dict({name: found[name] for name in wanted})
    return Start(printable(path.name), digest(path))


def read_vggface(path: Path, *, maps: int = 512) -> dict[str, Tensor]:
    """Return the tensors of a file of VGGFace weights, in PyTorch's axes, for RGB pictures.

    Args:
        path: Of the file.
        maps: Channels of the map that fc6 flattens.

    Raises:
        InputError: The file cannot be read or is laid out in another way.
    """
    tensors = _from_keras(path, maps) if path.suffix in _HDF5 else _from_torch(path)
    if f"{_FIRST}.weight" not in tensors:
        raise InputError(path, f"has no layer {_FIRST}", _REMEDY)
    return tensors


def _maps(wanted: dict[str, Tensor]) -> int:
    """Return the channels of the last convolution."""
    last = [value for value in wanted.values() if value.ndim == _KERNEL_AXES][-1]
    return int(last.shape[0])


def _from_torch(path: Path) -> dict[str, Tensor]:
    try:
        found: Any = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", _REMEDY) from error
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError) as error:
        raise InputError(path, "is not a file of weights as torch saves them", _REMEDY) from error
    if not isinstance(found, dict) or not all(isinstance(v, Tensor) for v in found.values()):
        raise InputError(path, "does not hold tensors by name", _REMEDY)
    return {str(name): value for name, value in found.items()}


def _from_keras(path: Path, maps: int) -> dict[str, Tensor]:
    if not path.is_file():
        raise InputError(path, "is no file", _REMEDY)
    tensors: dict[str, Tensor] = {}
    try:
        with h5py.File(path, "r") as file:
            layers = file.get("model_weights", file)
            for name, group in layers.items():
                written = [np.asarray(group[_text(each)]) for each in _names(group)]
                if not written:
                    continue
                kernel, bias = written
                tensors[f"{name}.weight"] = _turned(str(name), kernel, maps)
                tensors[f"{name}.bias"] = torch.from_numpy(bias.astype(np.float32))
    except (OSError, KeyError, ValueError, AttributeError) as error:
        raise InputError(
            path, f"holds no weights as Keras saves them ({error})", _REMEDY
        ) from error
    return tensors


def _names(group: Any) -> Any:
    """Return the names of a layer's tensors, kernel first."""
    return group.attrs.get("weight_names", ())


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _turned(layer: str, kernel: np.ndarray[Any, Any], maps: int) -> Tensor:
    """Return a kernel in PyTorch's axes."""
    if kernel.ndim == _KERNEL_AXES:
        turned = kernel.transpose(3, 2, 0, 1)
        if layer == _FIRST:
            turned = turned[:, ::-1]
    elif layer == _FIRST_DENSE:
        side = round((kernel.shape[0] / maps) ** 0.5)
        map_first = kernel.reshape(side, side, maps, -1).transpose(3, 2, 0, 1)
        turned = map_first.reshape(kernel.shape[1], -1)
    else:
        turned = kernel.T
    return torch.from_numpy(np.ascontiguousarray(turned, dtype=np.float32))
