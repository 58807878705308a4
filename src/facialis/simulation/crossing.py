"""Invented people: the skin of one person on the shape of another.

A network that has met few people learns them by heart. Two photographs of each of n people give
n (n - 1) more, as uneven by nature as people are, for shape and skin are taken as they were found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.datasets.manifest import TOGETHER
from facialis.errors import InputError, NoFaceError
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.simulation.compose import Sitter, composed
from facialis.simulation.people import Person, Sighting, outlines_of, photographed
from facialis.simulation.plan import number_of
from facialis.simulation.portrait import Portrait
from facialis.simulation.studio import WORKING_SHARE, Studio

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from facialis.simulation.nature import NaturalAsymmetry

_FINER: Final = 2
"""Pixels across while the shape is changed, in those of the working square."""


@dataclass(frozen=True, slots=True)
class Cross:
    """One invented person.

    Attributes:
        skin: Whose photographs show.
        shape: Whose landmarks they are carried to, at rest and smiling.
    """

    skin: Person
    shape: Person

    @property
    def name(self) -> str:
        """Both names, the skin's first."""
        return f"{self.skin.name}{TOGETHER}{self.shape.name}"

    @property
    def sex(self) -> str | None:
        """As that of the skin, which is that of the shape."""
        return self.skin.sex

    @property
    def age(self) -> int | None:
        """As that of the skin."""
        return self.skin.age

    @property
    def ethnic_group(self) -> str | None:
        """As that of the skin."""
        return self.skin.ethnic_group

    @property
    def smile(self) -> Path | None:
        """The photograph that is made to smile; None unless both smile."""
        return self.skin.smile if self.shape.smile is not None else None

    @property
    def hand_points(self) -> Path | None:
        """Those of the skin."""
        return self.skin.hand_points


def drawn_crosses(people: list[Person], each: int, seed: int) -> list[Cross]:
    """Draw invented people: each person's skin on the shapes of others of the same sex.

    Args:
        people: Whose photographs there are.
        each: For each person, at most; as many as there are others.
        seed: Of the draw; a person's own depends on who the others are.

    Raises:
        InputError: Nobody has another of the same sex, or a name could be taken for two.
    """
    for person in people:
        if TOGETHER in person.name:
            raise InputError(
                person.neutral.name,
                f"has {TOGETHER!r} in the person's name, which joins two names",
                "rename the photographs",
            )
    found = []
    for person in people:
        others = [p for p in people if p.sex == person.sex and p.name != person.name]
        order = np.random.default_rng([seed, number_of(person.name)]).permutation(len(others))
        found += [Cross(person, others[k]) for k in sorted(order[:each])]
    if not found:
        raise InputError(
            people[0].neutral.parent,
            "has no two people of the same sex",
            "add photographs, or leave out --crosses",
        )
    return found


def cross_studio(
    cross: Cross,
    sightings: tuple[Sighting, Sighting],
    side: int,
    asymmetry: NaturalAsymmetry | None,
) -> Studio:
    """Prepare an invented person for pictures of `side` × `side` pixels.

    Args:
        cross: Whose skin, and whose shape.
        sightings: Where the faces of both are, the skin's first.
        side: Of the finished picture, pixels.
        asymmetry: How unevenly healthy people are built.
    """
    skin, shape = sightings
    working = round(WORKING_SHARE * side)
    neutral, smile, digests = photographed(cross.skin, skin, _FINER * working)
    sitter = Sitter(_reshaped(neutral, shape.face, working))
    if smile is not None and shape.smiling is not None:
        sitter = Sitter(sitter.neutral, _reshaped(smile, shape.smiling, working))
    return Studio(sitter, outlines_of(cross.skin, skin), asymmetry, digests, side)


def _reshaped(portrait: Portrait, face: NDArray[np.float64], working: int) -> Portrait:
    """Carry a portrait to a face (478, 3), frontal, and find the landmarks there."""
    made = composed(Sitter(portrait), face)
    try:
        points = find_faces(Frame.from_array(made.pixels, name="an invented face"))[0].points
    except NoFaceError:
        points = made.points
    return Portrait.of(made.pixels, points).cropped(working)
