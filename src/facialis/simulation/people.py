"""The people that a cohort is made of: their photographs in a folder, read and landmarked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError
from facialis.face.search import find_faces
from facialis.measures.norms_faces import described
from facialis.media.photo import read_photo
from facialis.regions.hand_points import HandPoints, attached, read_hand_points
from facialis.simulation.compose import Sitter
from facialis.simulation.portrait import Portrait
from facialis.simulation.studio import WORKING_SHARE, Studio

if TYPE_CHECKING:
    from facialis.media.frame import Frame
    from facialis.simulation.nature import NaturalAsymmetry

Floats = NDArray[np.float64]

_NAME: Final = re.compile(r"(?P<subject>.+)_(?P<shown>neutral|rest|smile)")
_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person's files.

    Attributes:
        name: The person, as in the names of the files.
        neutral: Photograph at rest.
        smile: Photograph smiling, if there is one.
        hand_points: ``.tem`` file of hand-placed points of the neutral photograph, if there is one.
        age: In years, if known.
        sex: As the table of people gives it, if known.
        ethnic_group: As the table of people gives it, if known.
    """

    name: str
    neutral: Path
    smile: Path | None = None
    hand_points: Path | None = None
    age: int | None = None
    sex: str | None = None
    ethnic_group: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where the faces of a person are.

    Attributes:
        neutral: (478, 3) landmarks of the neutral photograph, pixels.
        smile: (478, 3) of the smiling one, None without one.
        face: (478, 3) the neutral face in the frontal frame, interocular units.
    """

    neutral: Floats
    smile: Floats | None
    face: Floats

    @property
    def smiling(self) -> Floats | None:
        """The smiling face (478, 3) as `face`, None without one."""
        return None if self.smile is None else _frontal(self.smile)


def find_people(folder: Path) -> list[Person]:
    """Return the people whose photographs lie in a folder, by name.

    Photographs are called ``<person>_neutral.jpg`` (or ``_rest``) and ``<person>_smile.jpg``;
    ``<person>_neutral.tem`` may hold hand-placed points, ``subjects.csv`` age, sex, ethnic_group.

    Raises:
        InputError: There is no neutral photograph.
    """
    neutral: dict[str, Path] = {}
    smile: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = _NAME.fullmatch(path.stem)
        if match and path.suffix.lower() in _SUFFIXES:
            (smile if match["shown"] == "smile" else neutral)[match["subject"]] = path
    if not neutral:
        raise InputError(
            folder,
            "holds no photograph of a face at rest",
            "give a folder of <person>_neutral.jpg and, best, <person>_smile.jpg",
        )
    table = described(folder / "subjects.csv", sorted(neutral))
    people = []
    for name, path in sorted(neutral.items()):
        points, known = path.with_suffix(".tem"), table[name]
        people.append(
            Person(
                name=name,
                neutral=path,
                smile=smile.get(name),
                hand_points=points if points.is_file() else None,
                age=known.age,
                sex=known.sex,
                ethnic_group=known.ethnic_group,
            )
        )
    return people


def sighted(person: Person) -> Sighting:
    """Find the faces of a person.

    Raises:
        InputError: A photograph cannot be read, or shows no face.
    """
    neutral = find_faces(read_photo(person.neutral))[0].points
    smile = None
    if person.smile is not None:
        smile = find_faces(read_photo(person.smile))[0].points
    return Sighting(neutral, smile, _frontal(neutral))


def studio_of(
    person: Person, sighting: Sighting, side: int, asymmetry: NaturalAsymmetry | None
) -> Studio:
    """Prepare a person's photographs for pictures of `side` × `side` pixels."""
    neutral, smile, digests = photographed(person, sighting, round(WORKING_SHARE * side))
    outlines = outlines_of(person, sighting)
    return Studio(Sitter(neutral, smile), outlines, asymmetry, digests, side)


def photographed(
    person: Person, sighting: Sighting, side: int
) -> tuple[Portrait, Portrait | None, dict[str, str]]:
    """Return a person's portraits of `side` × `side` pixels, at rest and smiling.

    Returns:
        The portraits, the second None without a smile, and the SHA-256 of each photograph.
    """
    frames = {person.neutral.name: read_photo(person.neutral)}
    neutral = _portrait(frames[person.neutral.name], sighting.neutral, side)
    smile = None
    if person.smile is not None and sighting.smile is not None:
        frames[person.smile.name] = read_photo(person.smile)
        smile = _portrait(frames[person.smile.name], sighting.smile, side)
    return neutral, smile, {name: frame.sha256 for name, frame in frames.items()}


def outlines_of(person: Person, sighting: Sighting) -> HandPoints | None:
    """Return a person's hand-placed points, tied to the landmarks, if there are any."""
    if person.hand_points is None:
        return None
    return attached(read_hand_points(person.hand_points), sighting.neutral)


def _frontal(points: Floats) -> Floats:
    return Portrait.of(np.zeros((1, 1, 3), np.uint8), points).face


def _portrait(frame: Frame, points: Floats, side: int) -> Portrait:
    return Portrait.of(frame.pixels, points).cropped(side)
