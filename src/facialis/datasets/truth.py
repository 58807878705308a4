"""What is known of a simulated picture: the record that lies beside each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from facialis.clinical.anatomy import Branch, Intensity, Movement, Region, Side
from facialis.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

TRUTH_VERSION: Final = "1.0.0"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CouplingTruth(_Record):
    """One synkinesis: a region that moves, the muscle that comes along, and how strongly."""

    source: Region
    target: str
    strength: float


class LesionTruth(_Record):
    """The lesion, and what follows from it.

    Attributes:
        side: The affected side, the patient's own.
        weakness: For each branch 0 (healthy) to 1 (no movement).
        tone_loss: Slackness of the weak muscles at rest, 0 to 1.
        contracture: Shortness of the muscles at rest after regrowth, 0 to 1.
        central: Whether the forehead is spared.
        couplings: Synkinesis.
    """

    side: Side
    weakness: dict[Branch, float]
    tone_loss: float
    contracture: float
    central: bool
    couplings: tuple[CouplingTruth, ...]


class SunnybrookTruth(_Record):
    """The Sunnybrook form that follows from the lesion; items as on the form."""

    eye: int
    cheek: int
    mouth: int
    voluntary: dict[Movement, int]
    synkinesis: dict[Movement, int]
    composite: int


class Truth(_Record):
    """Everything known of one simulated picture.

    Attributes:
        version: Of this record's layout.
        simulated: Always true: no patient was photographed.
        subject: The person in the photographs that it was made from.
        case: The lesion of this person, counted from 0; pictures of a case share it.
        movement: What the person attempts.
        phase: Where in the movement the moment lies.
        effort: Of each side as if it were healthy, 0 to 1.
        lesion: None for a healthy person.
        grade: House-Brackmann, 1 to 6.
        sunnybrook: None for a healthy person, whose composite is 100.
        intensities: How strongly each region is seen to be affected at this moment.
        quirk: Contractions on purpose of one side, healthy or not: side, muscle, 0 to 1.
        yaw: Turn of the head from the photograph towards the patient's left, degrees.
        pitch: Chin up, degrees.
        seconds: Time in the recording; None for a photograph.
        appearance: What was drawn onto the picture.
        made_from: SHA-256 of the photographs, or of the model of a rendered head.
    """

    version: str = TRUTH_VERSION
    simulated: Literal[True] = True
    subject: str
    case: int
    movement: Movement
    phase: str
    effort: dict[Side, float]
    lesion: LesionTruth | None
    grade: int
    sunnybrook: SunnybrookTruth | None
    intensities: dict[Region, Intensity]
    quirk: dict[Side, dict[str, float]]
    yaw: float
    pitch: float
    seconds: float | None = None
    appearance: dict[str, object]
    made_from: dict[str, str]


def read_truth(path: Path) -> Truth:
    """Read the record of a simulated picture.

    Raises:
        InputError: The file is missing or is no such record.
    """
    try:
        return Truth.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(path, "cannot be read", "give the truth of a simulated picture") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the record"
        raise InputError(
            path,
            f"is no truth of version {TRUTH_VERSION} ({where}: {first['msg']})",
            "simulate the cohort again with this version",
        ) from error
