"""What makes healthy faces uneven: natural asymmetry, and movements of one side on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.errors import InputError
from facialis.face.mesh import POINT_COUNT
from facialis.simulation.skin import mirrored_field
from facialis.simulation.sphincters import FULL_CLOSURE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from facialis.simulation.muscles import Contractions

Points = NDArray[np.float64]

_LEAST_FACES: Final = 3
_KEPT_VARIANCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class NaturalAsymmetry:
    """The spread of asymmetry among healthy faces.

    Left and right are alike in it: an asymmetry and its mirror image are equally likely.

    Attributes:
        modes: (K, 478, 3) orthogonal displacements, one standard deviation each, interocular units;
            the right half of each is the left half's mirror image, reversed.
    """

    modes: Points

    @classmethod
    def of(cls, faces: Sequence[Points]) -> NaturalAsymmetry:
        """Learn it from healthy faces.

        Args:
            faces: Each (478, 3), frontal frame, interocular units, at rest.

        Raises:
            InputError: There are fewer than three faces, or one is not a face.
        """
        if len(faces) < _LEAST_FACES:
            raise InputError("natural asymmetry", f"has {len(faces)} faces", "give three or more")
        for i, face in enumerate(faces):
            if face.shape != (POINT_COUNT, 3) or not np.isfinite(face).all():
                raise InputError(
                    f"face {i}", "is not 478 finite points", "give landmarks of a whole face"
                )
        uneven = np.stack([(face - mirrored_field(face)) / 2 for face in faces])
        flat = uneven.reshape(len(faces), -1) / np.sqrt(len(faces))
        _, spread, directions = np.linalg.svd(flat, full_matrices=False)
        variance = np.cumsum(spread**2)
        kept = int(np.searchsorted(variance, _KEPT_VARIANCE * variance[-1])) + 1
        modes = (spread[:, None] * directions)[:kept]
        return cls(modes.reshape(-1, POINT_COUNT, 3))

    def drawn(self, rng: np.random.Generator, scale: float = 1.0) -> Points:
        """Draw an asymmetry to add to a symmetric face.

        Args:
            rng: Where chance comes from.
            scale: 1 for the spread of the faces it was learned from.

        Returns:
            (478, 3) displacement, interocular units.
        """
        amounts = rng.normal(0, scale, len(self.modes))
        return np.asarray(np.einsum("k,kpc->pc", amounts, self.modes))


QUIRKS: Final[Mapping[str, Mapping[str, tuple[float, float]]]] = MappingProxyType(
    {
        "wink": {
            "orbicularis_oculi_palpebral": (FULL_CLOSURE, 0.7),
            "orbicularis_oculi_orbital": (0.2, 0.8),
            "zygomaticus_major": (0.05, 0.3),
        },
        "smirk": {
            "zygomaticus_major": (0.3, 0.8),
            "risorius": (0.1, 0.5),
            "orbicularis_oculi_orbital": (0.0, 0.2),
        },
        "snarl": {
            "levator_labii_alaeque_nasi": (0.3, 0.9),
            "levator_labii_superioris": (0.2, 0.8),
            "orbicularis_oculi_orbital": (0.0, 0.2),
        },
        "raised_brow": {"frontalis_medial": (0.2, 0.8), "frontalis_lateral": (0.4, 1.0)},
    }
)
"""What healthy people do with one side: range of contraction of each muscle."""

_QUIRKY_SHARE: Final = 0.25


def drawn_quirk(rng: np.random.Generator, *, share: float = _QUIRKY_SHARE) -> Contractions | None:
    """Draw a one-sided movement on purpose: wink, smirk, snarl, or one raised brow.

    Healthy and palsied faces get them alike, on either side.

    Args:
        rng: Where chance comes from.
        share: How often there is one.

    Returns:
        Contractions to add to those of the movement, or None.
    """
    if rng.random() >= share:
        return None
    side = (Side.RIGHT, Side.LEFT)[int(rng.integers(2))]
    quirk = tuple(QUIRKS.values())[int(rng.integers(len(QUIRKS)))]
    return {side: {m: float(rng.uniform(*bounds)) for m, bounds in quirk.items()}}


def together(first: Contractions, second: Contractions | None) -> Contractions:
    """Return the contractions of two actions at once: of each muscle the stronger."""
    if second is None:
        return first
    merged: dict[Side, dict[str, float]] = {}
    for side in Side:
        one, other = first.get(side, {}), second.get(side, {})
        merged[side] = {m: max(one.get(m, 0.0), other.get(m, 0.0)) for m in {**one, **other}}
    return merged
