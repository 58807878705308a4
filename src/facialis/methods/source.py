"""What a method may ask of a picture that it learns from or is tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from facialis.clinical.anatomy import Movement, Side
    from facialis.clinical.scales import Scale


class Source(Protocol):
    """One framed picture of a data set (see `facialis.regions.framing`).

    Everything is in the pixels of `picture`; what the data set does not say is None.
    """

    @property
    def name(self) -> str:
        """Name of the picture in its data set."""
        ...

    @property
    def subject(self) -> str:
        """The person, unique in the data set."""
        ...

    @property
    def side(self) -> Side | None:
        """The affected side, the patient's own, if known."""
        ...

    @property
    def movement(self) -> Movement | None:
        """The movement that is shown, if known."""
        ...

    def picture(self) -> NDArray[np.uint8]:
        """Return the picture (H, W, 3), RGB."""
        ...

    def parts(self) -> NDArray[np.uint8] | None:
        """Return the seven classes of paper 000 (H, W), `Part`; 255 where nobody labelled."""
        ...

    def attributes(self) -> NDArray[np.uint8] | None:
        """Return the eleven classes of paper 001 (H, W), `Attribute`; 255 where unlabelled."""
        ...

    def depth(self) -> NDArray[np.float32] | None:
        """Return depth (H, W) in interocular distances, larger is nearer; 0 beyond the face."""
        ...

    def landmarks(self) -> NDArray[np.float64] | None:
        """Return the 478 landmarks (478, 3) that the landmarker found, pixels."""
        ...

    def label(self, scale: Scale) -> int | None:
        """Return the class number on a scale, from 0 (House-Brackmann I is 0); None if unknown."""
        ...
