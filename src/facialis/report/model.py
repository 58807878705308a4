"""The assessment as data: what is written as JSON and what every other report is made from."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.face.quality import Quality
from facialis.grading.photograph import Verdict
from facialis.measures.norms import NormComparison
from facialis.measures.values import MeasureTable

SCHEMA_VERSION = "1.0.0"

DISCLAIMERS = (
    "Facialis measures; it does not diagnose. Read the numbers together with the patient.",
    "Sudden weakness of one side of the face can be a stroke. If it came on suddenly, or with arm "
    "weakness or trouble speaking, call the emergency services at once.",
    "Weakness that is the same on both sides is invisible to measures of asymmetry.",
)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class InputRecord(_Record):
    """The photograph that was assessed."""

    path: str = Field(description="The path as given or found; control characters escaped.")
    sha256: str = Field(description="Digest of the file's bytes.")
    width: int = Field(description="Width of the upright photograph in pixels.")
    height: int = Field(description="Height of the upright photograph in pixels.")
    mirrored: bool = Field(description="Whether the photograph was said to be selfie-mirrored.")


class Stated(_Record):
    """What the clinician said; used, and shown."""

    affected_side: AffectedSide | None = None
    age: int | None = Field(default=None, description="Years.")
    movement: Movement | None = None
    mm_per_px: float | None = None


class Pose(_Record):
    """Head pose in degrees.

    Yaw is positive when the patient turns towards the patient's own left, pitch when the chin goes
    up, roll when the head tilts towards the patient's own left shoulder.
    """

    yaw: float
    pitch: float
    roll: float


class FaceRecord(_Record):
    """The face that was measured. Pixels are those of the upright, unmirrored photograph."""

    index: int = Field(description="Number of the face in the photograph, 0 is the largest.")
    count: int = Field(description="How many faces were found in the photograph.")
    box: tuple[float, float, float, float] = Field(description="x0, y0, x1, y1 in pixels.")
    pose: Pose
    landmarks: tuple[tuple[float, float, float], ...] = Field(
        description="478 points x, y, z in pixels; averaged over both orientations."
    )
    expressions: dict[str, float] = Field(description="52 expression scores, 0 to 1.")


class WeightsRecord(_Record):
    """A model or table that took part."""

    name: str
    sha256: str
    version: str
    licence: str


class Provenance(_Record):
    """What made the numbers, so that they can be made again."""

    backend: str
    provider: str
    precision: str
    weights: tuple[WeightsRecord, ...]
    versions: dict[str, str]
    created: datetime = Field(description="UTC.")


class Assessment(_Record):
    """Everything that one face in one photograph gave.

    `verdict` is None when the photograph cannot be judged (``quality.usable`` is false).
    """

    schema_version: Literal["1.0.0"] = SCHEMA_VERSION
    input: InputRecord
    stated: Stated
    quality: Quality
    face: FaceRecord
    measures: MeasureTable
    norms: NormComparison
    verdict: Verdict | None
    provenance: Provenance
    disclaimers: tuple[str, ...] = DISCLAIMERS

    def to_json(self) -> str:
        """Return the assessment as indented JSON that follows the published schema."""
        return self.model_dump_json(indent=2)
