"""What a report says, in words: one source for the HTML page and the PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import floor, log10
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

from facialis.clinical.anatomy import AffectedSide, Intensity, Region
from facialis.face.quality import ReasonCode
from facialis.grading.photograph import probability_text
from facialis.report.method_words import doubt_of, methods_of, together_of
from facialis.report.rows import Bar, Group, bars, bars_note, decimals, measure_groups, signed
from facialis.report.sides import PROBABILITY_LIMIT, side_words
from facialis.report.words import MOVEMENT_NAMES

if TYPE_CHECKING:
    from facialis.grading.photograph import RegionFinding, Verdict
    from facialis.report.model import Assessment, Provenance

Tone = Literal["beyond", "within", "unusable"]

TITLE: Final = "Facial asymmetry report"
NO_GRADE: Final = (
    "No House-Brackmann grade is given: it needs an examination with movements, not one photograph."
)
METHODS_HEADING: Final = "Methods side by side"
VIEWS_HEADING: Final = "What the methods saw"
_SCALE_SOURCES: Final = {
    "iris": "from the iris",
    "given": "as given",
    "rest": "from the face at rest",
}
NO_VERDICT: Final = (
    "No verdict is drawn and no numbers are shown, because the photograph cannot carry them."
)
EVENED_NOTE: Final = (
    "On simulated palsy the landmarks show mostly half to three quarters of a difference between "
    "the sides, at the cheeks less: compare with norms and other visits, not with a ruler."
)
LIMIT_NOTE: Final = "Mark at 0.5: the limit for 95 % of healthy faces"
PICTURE_CAPTION: Final = (
    "R and L are the patient’s right and left. Lines: brow height and commissure position (blue), "
    "palpebral fissure height (yellow), midline (dashed). The face is turned level; the numbers "
    "are measured on the landmarks, not on this picture."
)
PLAIN_CAPTION: Final = (
    "R and L are the patient’s right and left. The contours show where the software saw the "
    "brows, eyes and lips."
)
MAP_CAPTION: Final = (
    "Each region is tinted by how far it departs from healthy faces, on both sides alike. The "
    "side that looks weaker is outlined; its figure is the distance from healthy faces in healthy "
    "standard deviations."
)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_REMEDIES: Final = {
    ReasonCode.FACE_TOO_SMALL: "Take the photograph from nearer, or use the original file "
    "instead of a preview.",
    ReasonCode.BLURRED: "Hold the camera still, focus on the eyes and use more light.",
    ReasonCode.UNDEREXPOSED: "Use more light on the face, from the front.",
    ReasonCode.OVEREXPOSED: "Use softer light and no flash at close range.",
    ReasonCode.HEAD_TURNED: "Ask the patient to face the camera, at the height of the eyes.",
    ReasonCode.OCCLUDED: "Clear hair, hands, mask or glasses from the face.",
    ReasonCode.EYES_CLOSED: "Repeat with open eyes, or state the movement that was asked for.",
    ReasonCode.EYES_OPEN: "State the movement that is shown, or repeat with closed eyes.",
    ReasonCode.NOT_AT_REST: "Repeat with a relaxed face, or state the movement that was asked for.",
    ReasonCode.CUT_OFF: "Take the whole face with a margin around it.",
    ReasonCode.LANDMARKS_UNSTABLE: "Repeat with even light from the front and nothing covering "
    "the face.",
}


@dataclass(frozen=True, slots=True)
class RegionCard:
    """One region in words.

    Attributes:
        name: Brow, eye or mouth.
        intensity: None if the region was not judged.
        word: The intensity, or 'not judged'.
        detail: Deviation and weaker side, or why it was left out.
    """

    name: str
    intensity: Intensity | None
    word: str
    detail: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict in words.

    Attributes:
        probability: 0 to 1.
        probability_text: The same as text.
        side: The line on the affected side.
        side_detail: How the side came about.
        conflict: A sentence if the stated and the computed side differ, or empty.
        doubt: A sentence if the methods together conclude the opposite, or empty.
        regions: Brow, eye and mouth.
        severity: The estimate and its bounds, 0 to 100; of a face within the range of healthy ones
            the lower bound stands for the estimate.
        severity_text: The same in words.
        severity_basis: What it rests on.
        remarks: Sentences that belong beside the numbers.
    """

    probability: float
    probability_text: str
    side: str
    side_detail: str
    conflict: str
    doubt: str
    regions: tuple[RegionCard, ...]
    severity: tuple[float, float, float]
    severity_text: str
    severity_basis: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """A finding of the quality gate and what to do about it."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that the HTML page and the PDF show, as text.

    Attributes:
        file_name: Name of the photograph.
        date: When it was assessed.
        facts: What was assessed and what was stated, as pairs of term and text.
        tone: Whether the face is beyond healthy faces, within them, or cannot be judged.
        headline: The verdict in a few words.
        finding: The verdict; None if the photograph cannot be judged.
        blocking: Why the photograph, or a region, cannot be judged.
        cautions: What to keep in mind.
        quality: Quality of the photograph in one line.
        methods: What the norms and each method say, as pairs of name and text; empty if none
            was asked.
        together: What they say together, as sentences.
        groups: The measures by region; empty if the photograph cannot be judged.
        bars: The measures that have a size on both sides; likewise.
        bars_note: How to read them.
        measures_note: Frame and scale of the measures.
        norms: On whom the deviations rest, as sentences.
        provenance: What made the numbers, as pairs of term and text.
        disclaimers: What the reader must know.
        caption: Under the picture.
    """

    file_name: str
    date: str
    facts: tuple[tuple[str, str], ...]
    tone: Tone
    headline: str
    finding: Finding | None
    blocking: tuple[Advice, ...]
    cautions: tuple[Advice, ...]
    quality: str
    methods: tuple[tuple[str, str], ...]
    together: tuple[str, ...]
    groups: tuple[Group, ...]
    bars: tuple[Bar, ...]
    bars_note: str
    measures_note: str
    norms: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]
    disclaimers: tuple[str, ...]
    caption: str


def content_of(assessment: Assessment) -> Content:
    """Put an assessment into words."""
    verdict, usable = assessment.verdict, assessment.quality.usable
    judged = verdict if usable else None
    advice = [(r.blocks, Advice(r.message, _REMEDIES[r.code])) for r in assessment.quality.reasons]
    return Content(
        file_name=PurePosixPath(assessment.input.path).name or assessment.input.path,
        date=date_and_time(assessment.provenance.created),
        facts=_facts(assessment),
        tone=_tone(judged),
        headline=_HEADLINES[_tone(judged)],
        finding=None if judged is None else _finding(judged, assessment),
        blocking=tuple(a for blocks, a in advice if blocks),
        cautions=tuple(a for blocks, a in advice if not blocks),
        quality=_quality(assessment),
        methods=methods_of(assessment),
        together=together_of(assessment),
        groups=() if judged is None else measure_groups(assessment),
        bars=() if judged is None else bars(assessment),
        bars_note=bars_note(assessment),
        measures_note=_measures_note(assessment),
        norms=_norms(assessment),
        provenance=_provenance(assessment),
        disclaimers=assessment.disclaimers,
        caption=PLAIN_CAPTION if judged is None else PICTURE_CAPTION,
    )


_HEADLINES: Final[dict[Tone, str]] = {
    "beyond": "Asymmetry beyond healthy faces",
    "within": "Asymmetry within the range of healthy faces",
    "unusable": "This photograph cannot be judged",
}


def sentence(clause: str) -> str:
    """Return a clause as a sentence: capital first, full stop last."""
    return f"{clause[:1].upper()}{clause[1:].rstrip('.')}."


def _tone(verdict: Verdict | None) -> Tone:
    if verdict is None:
        return "unusable"
    return "beyond" if verdict.palsy_probability >= PROBABILITY_LIMIT else "within"


def date_and_time(moment: datetime) -> str:
    """Return a moment as people write it, in UTC."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return f"{day(moment)}, {moment:%H:%M} UTC"


def day(when: date) -> str:
    """Return a date as people write it."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def _facts(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    stated, face, given = assessment.stated, assessment.face, assessment.input
    number = (
        f", face number {face.index} of {face.count} (0 is the largest)" if face.count > 1 else ""
    )
    movement = stated.movement
    mirrored = "; stated as selfie-mirrored, turned back" if given.mirrored else ""
    return (
        ("Photograph", f"{given.width} × {given.height} pixels{number}{mirrored}"),
        ("Movement", _stated(None if movement is None else MOVEMENT_NAMES[movement].lower())),
        ("Side stated", _stated(stated.affected_side)),
        ("Age", _stated(None if stated.age is None else f"{stated.age} years")),
        ("Scale", _scale(assessment)),
    )


def _stated(value: str | None) -> str:
    return "not stated" if value is None else value


def _scale(assessment: Assessment) -> str:
    scale = assessment.measures.scale
    if not assessment.quality.usable:
        return "not measured"
    if scale.mm_per_px is None:
        return f"no millimetres: {scale.note}"
    places = max(0, 2 - floor(log10(scale.mm_per_px)))
    spread = "" if scale.mm_per_px_sd is None else f" ± {decimals(scale.mm_per_px_sd, places)}"
    source = _SCALE_SOURCES[scale.source]
    return f"{decimals(scale.mm_per_px, places)}{spread} mm per pixel, {source}"


def _finding(verdict: Verdict, assessment: Assessment) -> Finding:
    severity = verdict.severity
    estimate, low, high = (decimals(v, 0) for v in (severity.value, severity.low, severity.high))
    compared_with = "healthy faces"
    if assessment.norms.condition is None:
        compared_with += " at rest or smiling"
    cards = tuple(_card(r, getattr(verdict.regions, r.value), compared_with) for r in Region)
    is_called = verdict.palsy_probability >= PROBABILITY_LIMIT
    side = side_words(
        verdict.side,
        verdict.side_computed,
        verdict.side_confidence,
        verdict.side_stated,
        source="photograph",
    )
    return Finding(
        probability=verdict.palsy_probability,
        probability_text=probability_text(verdict.palsy_probability),
        side=side.line,
        side_detail=side.detail,
        conflict=side.conflict,
        doubt=doubt_of(verdict, assessment),
        regions=cards,
        severity=(severity.value if is_called else severity.low, severity.low, severity.high),
        severity_text=(
            f"{estimate} of 100 ({low} to {high})" if is_called else f"likely at most {high} of 100"
        ),
        severity_basis=severity.basis,
        remarks=verdict.remarks,
    )


def _card(region: Region, finding: RegionFinding, compared_with: str) -> RegionCard:
    name = region.value.capitalize()
    if finding.intensity is None or finding.deviation is None:
        return RegionCard(name, None, "not judged", finding.not_judged or "left out")
    detail = f"{decimals(finding.deviation, 1)} SD from {compared_with}"
    if finding.limits is not None:
        is_none = finding.intensity is Intensity.NONE
        next_, limit = ("slight", finding.limits[0]) if is_none else ("strong", finding.limits[1])
        detail += f" ({next_} from {decimals(limit, 1)})"
    if finding.weaker_side in (AffectedSide.RIGHT, AffectedSide.LEFT):
        detail += f"; {finding.weaker_side} side looks weaker"
    return RegionCard(name, finding.intensity, finding.intensity.value, detail)


def _quality(assessment: Assessment) -> str:
    quality, pose = assessment.quality, assessment.face.pose
    parts = (
        f"{decimals(quality.interocular_px, 0)} pixels between the outer corners of the eyes",
        f"head yaw {signed(pose.yaw, 0)}°, pitch {signed(pose.pitch, 0)}°, "
        f"roll {signed(pose.roll, 0)}°",
        f"sharpness {decimals(quality.sharpness, 2)}",
        f"brightness {decimals(quality.brightness, 0)} of 255",
        f"landmark disagreement {decimals(quality.landmark_disagreement, 1)} %",
    )
    return " · ".join(parts)


def _measures_note(assessment: Assessment) -> str:
    measures = assessment.measures
    frame = (
        "Measured in a frontal frame recovered from the 3-D landmarks"
        if measures.frame == "frontal"
        else "Measured in the picture plane, in the Emotrics frame"
    )
    scale = measures.scale
    if scale.interocular_mm is None:
        unit = (
            "in units of the distance between the outer corners of the eyes, that of an average "
            f"face fitted to this one ({scale.note})"
        )
    else:
        unit = (
            f"in millimetres ({scale.note}); small figures: in units of the distance between the "
            "outer corners of the eyes, that of an average face fitted to this one, "
            f"{decimals(scale.interocular_mm, 1)} mm"
        )
    return f"{frame}, {unit}. ± is one standard uncertainty. {EVENED_NOTE}"


def _norms(assessment: Assessment) -> tuple[str, ...]:
    norms, age = assessment.norms, assessment.stated.age
    youngest, oldest = norms.age_range
    lines = [norms.note]
    if norms.condition is None:
        lines.append("There is no norm for this movement; the sides are compared without z.")
    else:
        lines.append(
            f"Compared with {norms.people} people, {youngest} to {oldest} years old "
            f"(norm “{norms.condition}”), at this head pose. z counts healthy standard deviations "
            "of left less right in the frontal frame, from what is usual at this pose; it is "
            "positive when the patient’s left side is larger or higher than that."
        )
    if norms.age_in_range is False:
        lines.append(
            f"The stated age of {age} years lies outside the norm’s ages; read the deviations "
            "with care."
        )
    return tuple(lines)


def _provenance(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    made, norms = assessment.provenance, assessment.norms
    is_listed = any(w.sha256 == norms.sha256 for w in made.weights)
    return (
        ("File", assessment.input.path),
        ("SHA-256 of the file", assessment.input.sha256),
        *made_with(
            made,
            assessment.schema_version,
            () if is_listed else (("Norms", f"{norms.name}, SHA-256 {norms.sha256}"),),
        ),
    )


def made_with(
    made: Provenance, schema_version: str, norms: tuple[tuple[str, str], ...] = ()
) -> tuple[tuple[str, str], ...]:
    """Return what made the numbers, as pairs of term and text."""
    weights = [
        (w.name, f"version {w.version}, {w.licence}, SHA-256 {w.sha256}") for w in made.weights
    ]
    made_at = made.created.isoformat(timespec="seconds")
    return (
        ("Landmarks", f"{made.backend}; {made.provider}, {made.precision}"),
        *weights,
        *norms,
        ("Versions", ", ".join(f"{name} {version}" for name, version in made.versions.items())),
        ("Record", f"schema {schema_version}, made {made_at}"),
    )
