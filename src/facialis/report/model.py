"""The assessment as data: what is written as JSON and what every other report is made from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.errors import InputError
from facialis.face.quality import Quality
from facialis.grading.combined import Combined
from facialis.grading.method_answers import MethodAnswer
from facialis.grading.photograph import Verdict
from facialis.measures.norms import NormComparison
from facialis.measures.values import MeasureTable
from facialis.report.picture import MethodView, Picture
from facialis.report.schema import published_schema

if TYPE_CHECKING:
    from collections.abc import Collection

SCHEMA_VERSION: Final = "1.2.0"

DISCLAIMERS = (
    "Facialis measures; it does not diagnose. Read the numbers together with the patient.",
    "Sudden weakness of one side of the face can be a stroke. If it came on suddenly, or with arm "
    "weakness or trouble speaking, call the emergency services at once.",
    "Weakness that is the same on both sides is invisible to measures of asymmetry.",
)


class _Record(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        revalidate_instances="always",
        json_schema_serialization_defaults_required=True,
    )


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
    others_sought: bool = Field(
        default=False,
        description="Whether small faces beside a large one were looked for, and counted.",
    )
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

    schema_version: Literal["1.2.0"] = SCHEMA_VERSION
    input: InputRecord
    stated: Stated
    quality: Quality
    face: FaceRecord
    measures: MeasureTable
    norms: NormComparison
    verdict: Verdict | None
    methods: dict[str, MethodAnswer] = Field(
        default_factory=dict, description="What each method says, by its name."
    )
    combined: Combined | None = Field(
        default=None, description="What norms and methods say together; null without methods."
    )
    provenance: Provenance
    disclaimers: tuple[str, ...] = DISCLAIMERS

    _picture: Picture | None = PrivateAttr(default=None)
    _views: tuple[MethodView, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _keep_picture(cls, value: Any, build: ModelWrapValidatorHandler[Self]) -> Self:
        """Keep the picture where another record takes this one in and checks it again."""
        built = build(value)
        if isinstance(value, Assessment):
            built._picture = value._picture
            built._views = value._views
        return built

    @property
    def picture(self) -> Picture | None:
        """The part of the photograph that shows the face; None after `from_json`."""
        return self._picture

    @property
    def views(self) -> tuple[MethodView, ...]:
        """What methods saw of the face; empty after `from_json`."""
        return self._views

    def with_picture(self, picture: Picture, views: tuple[MethodView, ...] = ()) -> Self:
        """Return the assessment together with the pictures that reports show.

        Pictures are never written to JSON.

        Args:
            picture: What reports draw on.
            views: What methods saw.
        """
        copy = self.model_copy()
        copy._picture, copy._views = picture, views
        return copy

    def to_json(self) -> str:
        """Return the assessment as indented JSON that follows the published schema."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the assessment that was written by `to_json`, without its picture.

        Raises:
            InputError: The text is not an assessment of this schema version.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            raise InputError(
                "assessment",
                f"not an assessment of schema version {SCHEMA_VERSION} "
                f"({where}: {first['msg'].lower()})",
                "pass the text of an assessment.json that this version of Facialis wrote",
            ) from error

    def report(
        self, directory: str | Path, formats: Collection[str] = ("json", "html", "pdf")
    ) -> dict[str, Path]:
        """Write the reports, and ``overlay.png``, into a directory.

        Args:
            directory: Where to write; made if missing.
            formats: Any of ``json``, ``html`` and ``pdf``.

        Returns:
            The files by format; the picture is under ``overlay``.

        Raises:
            InputError: A format is unknown.
            OutputError: The directory cannot be written.
        """
        # The writers take half a second to import, and `write` needs this module.
        from facialis.report.write import write_reports  # noqa: PLC0415

        return write_reports(self, Path(directory), formats)

    def show(self) -> None:
        """Open the landmarks drawn on the face in the picture viewer of the desktop."""
        from PIL import Image  # noqa: PLC0415

        from facialis.report.overlay import draw_landmarks  # noqa: PLC0415

        Image.fromarray(draw_landmarks(self)).show(title="Facialis")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every written assessment follows."""
    return published_schema(
        Assessment,
        name="assessment",
        version=SCHEMA_VERSION,
        title="Facialis assessment of one face in one photograph",
    )
