"""The scales that facial palsy is graded on, and the maps between them.

What is stored is always the number on the scale it was given on; words are for display, because
the papers use the same word for different grades ("moderate" is III in papers 001 and 003, IV in
002; METHODS 6.2). A map exists only where a paper gives it or a decision says so (METHODS 8.5);
asking for any other raises `InputError` (D8-2, D8-4).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, SupportsIndex

import numpy as np

from facialis.clinical.anatomy import Intensity, Movement
from facialis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class Scale(StrEnum):
    """What the value of a label means."""

    HOUSE_BRACKMANN = "house_brackmann"
    """Grade 1 to 6."""
    EFACE_WORD = "eface_word"
    """MEEI's severity words, stored as 1 (normal) to 6 (complete)."""
    SEVERITY = "severity"
    """Paper 002's six severities, stored as 1 (normal) to 6 (complete)."""
    LEVEL = "level"
    """Paper 003's three levels, 1 to 3."""
    SUNNYBROOK = "sunnybrook"
    """Composite, 0 to 100."""
    INTENSITY = "intensity"
    """Of one zone: an `Intensity`."""
    PALSY = "palsy"
    """0 absent, 1 present."""
    EMOTION = "emotion"
    """CK+'s number, 0 (neutral) to 7 (surprise)."""
    WORD = "word"
    """A label as written in a folder or table whose scale nobody stated."""


Paper = Literal["001", "002", "003"]
"""A paper that names the six grades."""

GRADES: Final = (1, 2, 3, 4, 5, 6)
"""House-Brackmann I to VI."""
ROMAN: Final = ("I", "II", "III", "IV", "V", "VI")
"""The same as clinicians write them."""

LEVELS: Final = (1, 2, 3)
"""Paper 003's levels I to III."""

WORDS: Final[Mapping[Paper, tuple[str, ...]]] = MappingProxyType(
    {
        "001": (
            "normal",
            "slight dysfunction",
            "moderate dysfunction",
            "moderate severe dysfunction",
            "severe dysfunction",
            "total paralysis",
        ),
        "002": ("normal", "near normal", "mild", "moderate", "severe", "complete"),
        "003": (
            "normal",
            "mild dysfunction",
            "moderate dysfunction",
            "moderately severe dysfunction",
            "barely perceptible movement",
            "total paralysis",
        ),
    }
)
"""Names of grades 1 to 6 in each paper ([001] Table 1, [002] section on labels, [003] Table I)."""


@dataclass(frozen=True, slots=True)
class GradeMeaning:
    """A row of the House-Brackmann table.

    Attributes:
        grade: 1 to 6.
        word: Its name.
        points: Fewest and most of the 8 points of the measured method.
        function: Least and most function left, percent.
        estimate: Function left, percent, as usually quoted for the grade.
    """

    grade: int
    word: str
    points: tuple[int, int]
    function: tuple[int, int]
    estimate: int


HOUSE_BRACKMANN: Final = (
    GradeMeaning(1, "normal", (8, 8), (100, 100), 100),
    GradeMeaning(2, "slight", (7, 7), (76, 99), 80),
    GradeMeaning(3, "moderate", (5, 6), (51, 75), 60),
    GradeMeaning(4, "moderately severe", (3, 4), (26, 50), 40),
    GradeMeaning(5, "severe", (1, 2), (1, 25), 20),
    GradeMeaning(6, "total", (0, 0), (0, 0), 0),
)
"""The rows of the House-Brackmann table, grade 1 first (House and Brackmann 1985)."""

SUNNYBROOK_MOVEMENTS: Final = (
    Movement.BROW_RAISE,
    Movement.EYE_CLOSE_GENTLE,
    Movement.SMILE,
    Movement.SNARL,
    Movement.PUCKER,
)
"""The five movements of the Sunnybrook form, in its order."""

_LEVEL_OF_GRADE: Final = (1, 2, 2, 2, 3, 3)
_RESTING: Final = {"eye": 1, "cheek": 2, "mouth": 1}
_RANK: Final = {Intensity.NONE: 0, Intensity.SLIGHT: 1, Intensity.STRONG: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sunnybrook:
    """A filled Sunnybrook form of one side.

    Attributes:
        eye: At rest: 0 normal, 1 narrow, wide or lid surgery.
        cheek: Nasolabial fold at rest: 0 normal, 1 less or more pronounced, 2 absent.
        mouth: At rest: 0 normal, 1 corner dropped or pulled up and out.
        voluntary: For each of `SUNNYBROOK_MOVEMENTS`, 1 (no movement) to 5 (complete).
        synkinesis: For each of them, 0 (none) to 3 (severe).

    Raises:
        InputError: An item is missing, strange or outside its range.
    """

    eye: int
    cheek: int
    mouth: int
    voluntary: Mapping[Movement, int]
    synkinesis: Mapping[Movement, int]

    def __post_init__(self) -> None:
        """Check every item against the form."""
        for item, most in _RESTING.items():
            _on_scale(getattr(self, item), 0, most, f"Sunnybrook {item} at rest")
        for title, items, least, most in (
            ("voluntary movement", self.voluntary, 1, 5),
            ("synkinesis", self.synkinesis, 0, 3),
        ):
            if set(items) != set(SUNNYBROOK_MOVEMENTS):
                raise InputError(
                    f"Sunnybrook {title}",
                    f"has items for {', '.join(sorted(items)) or 'nothing'}",
                    f"give one for each of {', '.join(SUNNYBROOK_MOVEMENTS)}",
                )
            for movement, value in items.items():
                _on_scale(value, least, most, f"Sunnybrook {title} {movement}")

    @property
    def resting_score(self) -> int:
        """Five times the sum of the items at rest, 0 to 20."""
        return 5 * (self.eye + self.cheek + self.mouth)

    @property
    def movement_score(self) -> int:
        """Four times the sum of the voluntary movements, 20 to 100."""
        return 4 * sum(self.voluntary.values())

    @property
    def synkinesis_score(self) -> int:
        """Sum of the synkinesis items, 0 to 15."""
        return sum(self.synkinesis.values())

    @property
    def composite(self) -> int:
        """Movement less resting less synkinesis score; 100 is healthy, 0 a face without tone.

        The form does not clip: synkinesis without any movement would go below 0.
        """
        return self.movement_score - self.resting_score - self.synkinesis_score


def level_of_grade(grade: SupportsIndex) -> int:
    """Return paper 003's level of a House-Brackmann grade: 1; 2 to 4; 5 and 6 ([003] Table I).

    Raises:
        InputError: The grade is not 1 to 6.
    """
    return _LEVEL_OF_GRADE[_checked_grade(grade) - 1]


def word_of_grade(grade: SupportsIndex, paper: Paper = "002") -> str:
    """Return the name that a paper gives to a grade; for display only.

    Raises:
        InputError: The grade is not 1 to 6.
    """
    return WORDS[paper][_checked_grade(grade) - 1]


def severity_of_grade(grade: SupportsIndex) -> int:
    """Return paper 002's severity of a grade, or of an eFACE word: both are numbered like it.

    Raises:
        InputError: The grade is not 1 to 6.
    """
    return _checked_grade(grade)


def palsy_of_grade(grade: SupportsIndex) -> int:
    """Return 1 for grades 2 to 6, else 0 (D8-1).

    Raises:
        InputError: The grade is not 1 to 6.
    """
    return int(_checked_grade(grade) > GRADES[0])


def palsy_of_level(level: SupportsIndex) -> int:
    """Return 1 for levels 2 and 3, else 0 (D8-1).

    Raises:
        InputError: The level is not 1 to 3.
    """
    return int(_on_scale(level, LEVELS[0], LEVELS[-1], "level") > LEVELS[0])


def level_of_word(word: str, paper: Paper = "002") -> int:
    """Return paper 003's level of a grade as another paper names it.

    Args:
        word: As in `WORDS`; case does not matter.
        paper: Whose word it is: the papers use the same words for different grades.

    Raises:
        InputError: The paper has no such word.
    """
    names = WORDS[paper]
    if word.casefold() not in names:
        raise InputError(
            f"{word!r}",
            f"is not a severity of paper {paper}",
            f"use one of {', '.join(names)}",
        )
    return _LEVEL_OF_GRADE[names.index(word.casefold())]


def palsy_of_intensities(eyes: Intensity, mouth: Intensity) -> int:
    """Return paper 004's label: 1 if one region is strong or both are slight, else 0.

    Six of the nine pairs are positive ([004] section on labels; METHODS 8.4).
    """
    return int(_RANK[eyes] + _RANK[mouth] >= _RANK[Intensity.STRONG])


def levels_of_grades(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return probabilities (..., 3) of the levels, from those (..., 6) of the grades.

    Member probabilities are summed; the likeliest level is then that of the sums, which need not
    be the level of the likeliest grade (D8-3).

    Raises:
        InputError: The last axis does not have six entries.
    """
    grades = _six(probabilities)
    return np.stack(
        (grades[..., 0], grades[..., 1:4].sum(axis=-1), grades[..., 4:].sum(axis=-1)), axis=-1
    )


def palsy_of_grades(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return the probability (...) of palsy, from those (..., 6) of the grades (D8-1, D8-3).

    Raises:
        InputError: The last axis does not have six entries.
    """
    return np.asarray(_six(probabilities)[..., 1:].sum(axis=-1))


def has_map(from_scale: Scale, to_scale: Scale) -> bool:
    """Whether `converted` takes numbers of one scale to another, different one."""
    return (from_scale, to_scale) in _CONVERSIONS


def converted(value: SupportsIndex, from_scale: Scale, to_scale: Scale) -> int:
    """Return a number of one scale as a number of another, where a map is defined.

    Defined are House-Brackmann grade and eFACE word (1 to 6) to severity, these three to level and
    palsy, level to palsy, and every scale to itself. eFACE words are not House-Brackmann grades:
    nothing shows that they agree (METHODS 3.8), so neither turns into the other here; paper 002
    makes one severity of both.

    Raises:
        InputError: The value is not on its scale, or no map is defined: none leads back to a finer
            scale (D8-2), and none from the intensity of a region to a grade or level (D8-4).
    """
    conversion = _CONVERSIONS.get((from_scale, to_scale))
    if from_scale is to_scale:
        return operator.index(value)
    if conversion is None:
        raise InputError(
            f"{from_scale} {value!r}",
            f"no map leads from {from_scale} to {to_scale}",
            _advice(from_scale, to_scale),
        )
    return conversion(value)


_CONVERSIONS: Final[Mapping[tuple[Scale, Scale], Callable[[SupportsIndex], int]]] = {
    (Scale.HOUSE_BRACKMANN, Scale.SEVERITY): severity_of_grade,
    (Scale.EFACE_WORD, Scale.SEVERITY): severity_of_grade,
    (Scale.HOUSE_BRACKMANN, Scale.LEVEL): level_of_grade,
    (Scale.HOUSE_BRACKMANN, Scale.PALSY): palsy_of_grade,
    (Scale.EFACE_WORD, Scale.LEVEL): level_of_grade,
    (Scale.EFACE_WORD, Scale.PALSY): palsy_of_grade,
    (Scale.SEVERITY, Scale.LEVEL): level_of_grade,
    (Scale.SEVERITY, Scale.PALSY): palsy_of_grade,
    (Scale.LEVEL, Scale.PALSY): palsy_of_level,
}


def _advice(from_scale: Scale, to_scale: Scale) -> str:
    if (from_scale, to_scale) == (Scale.INTENSITY, Scale.PALSY):
        return "give both regions to palsy_of_intensities"
    return f"use data that were labelled on {to_scale}"


def _checked_grade(grade: SupportsIndex) -> int:
    return _on_scale(grade, GRADES[0], GRADES[-1], "grade")


def _on_scale(value: SupportsIndex, least: int, most: int, name: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if not least <= number <= most:
        raise InputError(
            f"{name} {value!r}", "is not on the scale", f"use a whole number {least} to {most}"
        )
    return number


def _six(probabilities: ArrayLike) -> NDArray[np.float64]:
    grades = np.asarray(probabilities, dtype=np.float64)
    if grades.ndim == 0 or grades.shape[-1] != len(GRADES):
        raise InputError(
            f"probabilities of shape {grades.shape}",
            "do not have six grades on the last axis",
            "give one probability a grade, I first",
        )
    return grades
