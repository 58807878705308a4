"""Invented heads of the ICT model, how unevenly they are built, and from where they are seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.simulation.head_expressions import expression_weights
from facialis.simulation.heads import Look, View, rendered_head

if TYPE_CHECKING:
    from facialis.simulation.heads import HeadRender
    from facialis.simulation.ict_head import Head
    from facialis.simulation.lesion import Lesion
    from facialis.simulation.masks import Palsied
    from facialis.simulation.muscles import Contractions

PICTURE_SIDE: Final = 256
"""Width and height of a picture, pixels."""
_INTEROCULAR: Final = 96
UNEVEN: Final = (
    *("browDown", "browInnerUp", "eyeWide", "eyeSquint"),
    *("mouthSmile", "mouthFrown", "mouthUpperUp"),
)
"""Expressions of which each side has a little for itself, in health too."""
_UNEVEN_SD: Final = 0.1
"""How much of them."""
_SKIN: Final = (0.66, 0.46, 0.36)
IDENTITY_MODES: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class DrawnHead:
    """A head of the model, and how it is lit.

    Attributes:
        identity: (100,) weights of the model.
        look: Skin and light.
    """

    identity: NDArray[np.float64]
    look: Look

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """Draw a head."""
        identity = rng.normal(size=IDENTITY_MODES)
        tone = rng.uniform(0.25, 1.0)
        red, green, blue = (tone * np.array(_SKIN) + rng.normal(0, 0.02, 3)).clip(0.02, 1).tolist()
        light = (float(rng.normal(0, 0.35)), -0.6, -1.0)
        return cls(identity, Look(skin=(red, green, blue), light=light))

    def shown(
        self,
        head: Head,
        contractions: Contractions,
        lesion: Lesion | None,
        unevenness: dict[Side, list[float]],
        view: View,
        *,
        palsy: Palsied | None = None,
    ) -> HeadRender:
        """Return the picture of what the muscles do, with what each side has for itself.

        Args:
            head: As `read_head` gives it.
            contractions: What is attempted.
            lesion: None for a healthy head.
            unevenness: As `drawn_unevenness` gives it.
            view: From where it is seen.
            palsy: Which parts are FPP in the mask; None for none.
        """
        weights = expression_weights(contractions, lesion)
        for side in Side:
            for name, amount in zip(UNEVEN, unevenness[side], strict=True):
                weights[side][name] = min(1.0, weights[side].get(name, 0.0) + amount)
        size = (PICTURE_SIDE, PICTURE_SIDE)
        return rendered_head(head, self.identity, weights, view, size, look=self.look, palsy=palsy)


def drawn_unevenness(rng: np.random.Generator) -> dict[Side, list[float]]:
    """Draw how much of some expressions each side has for itself."""
    return {side: rng.normal(0, _UNEVEN_SD, len(UNEVEN)).clip(0).tolist() for side in Side}


def drawn_view(rng: np.random.Generator) -> View:
    """Draw how the head is turned."""
    yaw, pitch, roll = (rng.normal(0, 1, 3) * (4, 3, 3)).tolist()
    return View(yaw, pitch, roll, _INTEROCULAR, (PICTURE_SIDE / 2, 0.45 * PICTURE_SIDE))
