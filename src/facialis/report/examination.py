"""An examination as data: what is written as JSON and what its report is made from."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from pydantic import Field, ValidationError

from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.errors import InputError
from facialis.grading.examined import (
    Eface,
    Excursion,
    HouseBrackmann,
    SunnybrookScore,
    Synkinesis,
)
from facialis.grading.over_movements import ExaminationAnswer
from facialis.measures.dynamic import Blinks, Dynamics, Segment
from facialis.report.model import DISCLAIMERS, Assessment, Provenance, _Record

if TYPE_CHECKING:
    from collections.abc import Collection

    from facialis.report.table import SummaryRow

EXAMINATION_SCHEMA_VERSION: Final = "1.3.0"


class SourceRecord(_Record):
    """A file that was examined."""

    path: str = Field(description="The path as given or found; control characters escaped.")
    sha256: str = Field(description="Digest of the file's bytes.")
    kind: Literal["photograph", "video"]
    width: int = Field(description="Width of the upright picture in pixels.")
    height: int = Field(description="Height of the upright picture in pixels.")
    seconds: float | None = Field(default=None, description="Length of a video.")
    rate: float | None = Field(default=None, description="Frames per second of a video, median.")


class ExaminationStated(_Record):
    """What the clinician said; used, and shown."""

    affected_side: AffectedSide | None = None
    age: int | None = Field(default=None, description="Years.")
    onset: date | None = Field(default=None, description="When the palsy began.")
    earlier_surgery: str | None = Field(default=None, description="Of the lids or the face.")
    botulinum_toxin: date | None = Field(default=None, description="Last injection.")
    mm_per_px: float | None = None


class MovementRecord(_Record):
    """One movement of the examination, at its height."""

    movement: Movement
    source: str = Field(description="The file, as in `sources`.")
    segment: Segment | None = Field(
        description="Where in the video it lies; null for a photograph."
    )
    assessment: Assessment | None = Field(
        description="The photograph, or the frame at the height; null if it cannot be used."
    )
    problem: str | None = Field(default=None, description="Why it cannot be used.")
    is_mirrored: bool = Field(
        default=False,
        description="Whether it was left out as a mirror image of the other pictures.",
    )


class OverallVerdict(_Record):
    """What all movements together say of the side and of whether there is a palsy."""

    side: AffectedSide
    side_computed: AffectedSide
    side_confidence: float
    palsy_probability: float

    @property
    def is_computed(self) -> bool:
        """Whether the side is the computed one, and not only stated."""
        return self.side is self.side_computed


class ExaminationRecord(_Record):
    """The examination itself. Left and right are the patient's own."""

    movements: tuple[MovementRecord, ...]
    excursions: tuple[Excursion, ...]
    synkinesis: tuple[Synkinesis, ...]
    dynamics: tuple[Dynamics, ...]
    blinks: Blinks | None
    lagophthalmos_mm: tuple[float, float] | None
    lagophthalmos_in: Movement | None = Field(
        default=None, description="The closure whose lid gaps these are, both eyes in one picture."
    )
    house_brackmann: HouseBrackmann
    sunnybrook: SunnybrookScore
    eface: Eface
    observations: tuple[str, ...]


class Examination(_Record):
    """Everything that the photographs or the videos of an examination gave.

    `verdict` is None when no movement can be judged; rest is none.
    """

    schema_version: Literal["1.3.0"] = EXAMINATION_SCHEMA_VERSION
    sources: tuple[SourceRecord, ...]
    stated: ExaminationStated
    verdict: OverallVerdict | None
    methods: dict[str, ExaminationAnswer] = Field(
        default_factory=dict,
        description="What each method says of all movements together, by its name.",
    )
    examination: ExaminationRecord
    notes: tuple[str, ...] = Field(description="What was wrong with the input, a sentence each.")
    provenance: Provenance
    disclaimers: tuple[str, ...] = DISCLAIMERS

    def to_json(self) -> str:
        """Return the examination as indented JSON."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the examination that was written by `to_json`, without its pictures.

        Raises:
            InputError: The text is not an examination of this schema version.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            raise InputError(
                "examination",
                f"not an examination of schema version {EXAMINATION_SCHEMA_VERSION} "
                f"({where}: {first['msg'].lower()})",
                "pass the text of an assessment.json that this version of Facialis wrote",
            ) from error

    def report(
        self, directory: str | Path, formats: Collection[str] = ("json", "html", "pdf")
    ) -> dict[str, Path]:
        """Write ``assessment.json``, ``report.html`` and ``report.pdf`` into a directory.

        Args:
            directory: Where to write; made if missing.
            formats: Any of ``json``, ``html`` and ``pdf``.

        Returns:
            The files by format.

        Raises:
            InputError: A format is unknown.
            OutputError: The directory cannot be written.
        """
        # The writers take half a second to import, and they need this module.
        from facialis.report.examination_write import write_examination  # noqa: PLC0415

        return write_examination(self, Path(directory), formats)

    def summary_row(self) -> SummaryRow:
        """Return the examination as the row of a table, by the names of its columns."""
        from facialis.report.examination_table import examination_row  # noqa: PLC0415

        return examination_row(self)
