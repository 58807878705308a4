"""Values of a scene as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from facialis.simulation.appearance import Appearance


def appearance_record(appearance: Appearance) -> dict[str, object]:
    """Return what was drawn onto a picture, traits that are absent left out."""
    found = as_json(appearance)
    return {k: v for k, v in found.items() if v is not None} if isinstance(found, dict) else {}


def as_json(value: object) -> object:
    """Return a value made of dataclasses, arrays and enums as plain JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [as_json(v) for v in value]
    return _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float | np.floating):
        return round(float(value), 4)
    return int(value) if isinstance(value, np.integer) else value
