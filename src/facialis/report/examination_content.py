"""What the report of an examination says, in words: one source for the HTML page and the PDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import AffectedSide, Movement, Side
from facialis.clinical.scales import HOUSE_BRACKMANN
from facialis.face.quality import ReasonCode
from facialis.grading.photograph import probability_text
from facialis.report import examination_words as words
from facialis.report.content import (
    Tone,
    date_and_time,
    day,
    made_with,
)
from facialis.report.examination_forms import (
    GradeTable,
    SunnybrookForm,
    grade_table,
    sunnybrook_form,
)
from facialis.report.examination_methods import MethodsSection, methods_section
from facialis.report.examination_movements import (
    MovementSection,
    blinks_text,
    movement_sections,
    side_name,
)
from facialis.report.examination_scales import (
    BarGroup,
    ItemGroup,
    MatrixRow,
    eface_groups,
    item_groups,
    matrix_rows,
)
from facialis.report.method_words import doubting
from facialis.report.rows import decimals
from facialis.report.sides import PROBABILITY_LIMIT, SideWords, side_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from facialis.grading.examined import Eface, HouseBrackmann, Item, SunnybrookScore
    from facialis.report.examination import (
        Examination,
        OverallVerdict,
        SourceRecord,
    )

_HEADLINES: Final[dict[Tone, str]] = {
    "beyond": "Asymmetry beyond healthy faces",
    "within": "Asymmetry within the range of healthy faces",
    "unusable": "This examination cannot be judged",
}
_FEW: Final = 3
_TIGHT_UNREAD: Final = "; the tight closure could not be read"
_NONE_CLOSES: Final = "; in the tight closure neither eye closes"
_MIRRORED: Final = (
    "Some pictures are mirror images of the others and are left out: see “Read with care” before "
    "you trust a side."
)


@dataclass(frozen=True, slots=True)
class Score:
    """A scale's total, for the first page.

    Attributes:
        name: The scale.
        value: The total as text, or an empty string.
        word: What it means, or why there is none.
        between: The interval, or an empty string.
        at: The total on its scale, 0 to 1; None without one.
        low: Lower end of the interval, likewise.
        high: Upper end.
        ends: What the ends of the scale mean.
    """

    name: str
    value: str
    word: str
    between: str
    at: float | None
    low: float
    high: float
    ends: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Overall:
    """The verdict in words; `doubt` if the methods conclude the opposite, or empty."""

    side: SideWords
    probability: float
    probability_text: str
    band: str
    doubt: str


@dataclass(frozen=True, slots=True)
class ExaminationContent:
    """Everything that the HTML page and the PDF show, as text.

    Attributes:
        file_name: What was examined, in a few words.
        date: When.
        facts: What was examined and what was stated, as pairs of term and text.
        tone: Whether the face is beyond healthy faces, within them, or cannot be judged.
        headline: The verdict in a few words.
        overall: The verdict; None if nothing can be judged.
        strip_caption: Under the strip of pictures.
        sides: Names of the patient’s right and left, the affected side marked.
        scores: Totals of the scales.
        lacking: What the scales lack, as pairs of scale and movements.
        observations: Sentences that a clinician would note.
        notes: What was wrong with the input.
        methods: What the methods say beside the scales; None if none was asked.
        movements: A section each.
        house_brackmann: The table.
        sunnybrook: The form.
        eface: The items.
        matrix: Synkinesis, movement by region.
        items: What every item rests on.
        provenance: What made the numbers, as pairs of term and text.
        disclaimers: What the reader must know.
    """

    file_name: str
    date: str
    facts: tuple[tuple[str, str], ...]
    tone: Tone
    headline: str
    overall: Overall | None
    strip_caption: str
    sides: tuple[str, str]
    scores: tuple[Score, ...]
    lacking: tuple[tuple[str, str], ...]
    observations: tuple[str, ...]
    notes: tuple[str, ...]
    methods: MethodsSection | None
    movements: tuple[MovementSection, ...]
    house_brackmann: GradeTable
    sunnybrook: SunnybrookForm
    eface: tuple[BarGroup, ...]
    matrix: tuple[MatrixRow, ...]
    items: tuple[ItemGroup, ...]
    provenance: tuple[tuple[str, str], ...]
    disclaimers: tuple[str, ...]


def examination_content(examination: Examination) -> ExaminationContent:
    """Put an examination into words."""
    record, verdict = examination.examination, examination.verdict
    hb, sunnybrook, eface = record.house_brackmann, record.sunnybrook, record.eface
    tone = _tone(verdict)
    judged = verdict is not None
    side = _graded_side(examination)
    return ExaminationContent(
        file_name=_file_name(examination.sources),
        date=date_and_time(examination.provenance.created),
        facts=_facts(examination),
        tone=tone,
        headline=_HEADLINES[tone],
        overall=None if verdict is None else _overall(verdict, examination),
        strip_caption=_strip_caption(verdict),
        sides=_side_names(verdict),
        scores=(
            _hb_score(hb, side),
            _sunnybrook_score(sunnybrook, side),
            _eface_score(eface, side),
        )
        if judged
        else (),
        lacking=_lacking(hb, sunnybrook, eface, judged=judged),
        observations=(*record.observations, *_signs(examination)),
        notes=examination.notes,
        methods=methods_section(examination),
        movements=movement_sections(examination),
        house_brackmann=grade_table(hb),
        sunnybrook=sunnybrook_form(sunnybrook),
        eface=eface_groups(eface),
        matrix=matrix_rows(record.synkinesis),
        items=item_groups(hb, sunnybrook, eface),
        provenance=_provenance(examination),
        disclaimers=examination.disclaimers,
    )


def _tone(verdict: OverallVerdict | None) -> Tone:
    if verdict is None:
        return "unusable"
    return "beyond" if verdict.palsy_probability >= PROBABILITY_LIMIT else "within"


def _side_names(verdict: OverallVerdict | None) -> tuple[str, str]:
    affected = AffectedSide.UNCERTAIN if verdict is None else verdict.side
    return side_name(Side.RIGHT, affected), side_name(Side.LEFT, affected)


def _strip_caption(verdict: OverallVerdict | None) -> str:
    weak = (AffectedSide.RIGHT, AffectedSide.LEFT, AffectedSide.BOTH)
    marked = verdict is not None and verdict.side in weak
    if verdict is None or not marked:
        return words.SIDE_LETTERS
    bar = words.WEAKER if verdict.is_computed else words.STATED
    return f"{words.SIDE_LETTERS} {bar}"


def _file_name(sources: Sequence[SourceRecord]) -> str:
    if not sources:
        return "no file could be used"
    folders = {PurePosixPath(s.path).parent.name for s in sources}
    folder = folders.pop() if len(folders) == 1 else ""
    if folder and len(sources) > 1:
        return folder
    names = [words.file_name(s.path) for s in sources]
    if len(sources) <= _FEW:
        return ", ".join(names)
    return f"{names[0]} and {len(sources) - 1} more files"


def _facts(examination: Examination) -> tuple[tuple[str, str], ...]:
    stated = examination.stated
    given = (
        ("Side stated", None if stated.affected_side is None else stated.affected_side.value),
        ("Age", None if stated.age is None else f"{stated.age} years"),
        ("Onset", None if stated.onset is None else day(stated.onset)),
        ("Earlier surgery", stated.earlier_surgery),
        (
            "Botulinum toxin",
            None if stated.botulinum_toxin is None else day(stated.botulinum_toxin),
        ),
        ("Scale", None if stated.mm_per_px is None else f"{stated.mm_per_px:g} mm per pixel"),
    )
    lacking = [term for term, text in given if text is None and term != "Scale"]
    known = tuple((term, text) for term, text in given if text is not None)
    unsaid = (("Not stated", _listed(lacking)),) if lacking else ()
    assessed = [m.assessment for m in examination.examination.movements if m.assessment]
    turned = sum(each.input.mirrored for each in assessed)
    which = "" if turned == len(assessed) else f"{turned} of {len(assessed)} "
    mirrored = (("Pictures", f"{which}stated as selfie-mirrored, turned back"),) if turned else ()
    return (("Examined", _examined(examination.sources)), *mirrored, *known, *unsaid)


def _listed(terms: Sequence[str]) -> str:
    return ", ".join(term.removesuffix(" stated").lower() for term in terms)


def _examined(sources: Sequence[SourceRecord]) -> str:
    photographs = [s for s in sources if s.kind == "photograph"]
    parts = [_video(s) for s in sources if s.kind == "video"]
    if photographs:
        sizes = {f"{s.width} × {s.height}" for s in photographs}
        size = f" of {sizes.pop()} pixels" if len(sizes) == 1 else ""
        plural = "s" if len(photographs) > 1 else ""
        parts.insert(0, f"{len(photographs)} photograph{plural}{size}")
    return "; ".join(parts) or "nothing"


def _video(source: SourceRecord) -> str:
    length = "" if source.seconds is None else f", {decimals(source.seconds, 1)} s"
    rate = "" if source.rate is None else f", {decimals(source.rate, 1)} frames/s"
    return f"video of {source.width} × {source.height} pixels{length}{rate}"


def _overall(verdict: OverallVerdict, examination: Examination) -> Overall:
    is_divided = any(m.is_mirrored for m in examination.examination.movements)
    doubts = (
        _MIRRORED if is_divided else "",
        next((each for each in _doubts(verdict, examination) if each), ""),
    )
    return Overall(
        side=side_words(
            verdict.side,
            verdict.side_computed,
            verdict.side_confidence,
            examination.stated.affected_side,
            source="examination",
        ),
        probability=verdict.palsy_probability,
        probability_text=probability_text(verdict.palsy_probability),
        band=words.band(verdict.palsy_probability),
        doubt=" ".join(each for each in doubts if each),
    )


def _doubts(verdict: OverallVerdict, examination: Examination) -> Iterator[str]:
    """Give what methods conclude against the verdict."""
    return (
        doubting(
            verdict.palsy_probability,
            each.conclusion,
            f"The pictures of the movements (palsy {probability_text(each.palsy_probability)}, by "
            f"{name})",
        )
        for name, each in examination.methods.items()
    )


def _hb_score(score: HouseBrackmann, side: str) -> Score:
    name, ends = f"House-Brackmann{side}", ("I normal", "VI total")
    if score.grade is None:
        needed = words.names_for_a_grade(score.missing)
        return Score(name, "", _needs(needed, score.items), "", None, 0, 0, ends)
    low, high = score.interval or (score.grade, score.grade)
    at, start, end = ((g - 1) / (len(HOUSE_BRACKMANN) - 1) for g in (score.grade, low, high))
    return Score(
        name=name,
        value=words.roman(score.grade),
        word=HOUSE_BRACKMANN[score.grade - 1].word,
        between=_between(None if score.interval is None else words.roman_span(low, high)),
        at=at,
        low=start,
        high=end,
        ends=ends,
    )


def _sunnybrook_score(score: SunnybrookScore, side: str) -> Score:
    name, ends = f"Sunnybrook composite{side}", ("0", "100 normal")
    if score.composite is None:
        return Score(
            name, "", _needs(words.names(score.missing), score.items), "", None, 0, 0, ends
        )
    low, high = score.interval or (score.composite, score.composite)
    return Score(
        name=name,
        value=decimals(score.composite, 0),
        word="of 100",
        between=_between(None if score.interval is None else words.span(low, high)),
        at=_share(score.composite),
        low=_share(low),
        high=_share(high),
        ends=ends,
    )


def _eface_score(score: Eface, side: str) -> Score:
    name, ends = f"auto-eFACE{side}", ("0", "100 best")
    if score.auto is None:
        return Score(
            name, "", _needs(words.names(score.missing), score.auto_items), "", None, 0, 0, ends
        )
    at = _share(score.auto)
    return Score(name, decimals(score.auto, 0), "of 100", "", at, at, at, ends)


def _share(value: float) -> float:
    return min(max(value / 100, 0.0), 1.0)


def _between(interval: str | None) -> str:
    return "" if interval is None else f"interval {interval}"


def _needs(missing: str, items: Sequence[Item]) -> str:
    """Return why a total is missing: the movements that it needs, and the first other reason."""
    found = [f"needs {missing}"] if missing else []
    parts = [part for item in items for part in (item.not_measured or "").split("; ") if part]
    others = [part for part in parts if not part.endswith(words.MISSING)] or parts[: not missing]
    found += map(words.reason, others[:1])
    return f"not measured: {'; '.join(found) or 'an item is missing'}"


def _lacking(
    hb: HouseBrackmann, sunnybrook: SunnybrookScore, eface: Eface, *, judged: bool
) -> tuple[tuple[str, str], ...]:
    """Return what the scales lack; of a total that is not there, its own field says so."""
    for_a_grade = words.names if hb.grade is not None else words.names_for_a_grade
    return tuple(
        (name, f"{'given without' if total is not None else 'needs'} {missing}")
        for name, missing, total in (
            ("House-Brackmann", for_a_grade(hb.missing), hb.grade),
            ("Sunnybrook", words.names(sunnybrook.missing), sunnybrook.composite),
            ("eFACE", words.names(eface.missing), eface.auto),
        )
        if missing and (total is not None or not judged)
    )


def _graded_side(examination: Examination) -> str:
    """Return which side the scales are of where what is stated and what was computed differ."""
    verdict, stated = examination.verdict, examination.stated.affected_side
    one_side = (AffectedSide.LEFT, AffectedSide.RIGHT)
    if verdict is None:
        return ""
    if stated is AffectedSide.NONE and verdict.side_computed in one_side:
        return f", {verdict.side_computed} side as computed"
    if stated is AffectedSide.NONE and verdict.side_computed is AffectedSide.UNCERTAIN:
        return ", side uncertain"
    if stated not in one_side:
        return ""
    if verdict.side_computed in (stated, AffectedSide.NONE):
        return ""
    return f", {stated} side as stated"


def _signs(examination: Examination) -> tuple[str, ...]:
    record = examination.examination
    lines = []
    if record.lagophthalmos_mm is not None:
        lines.append(_lid_gap(examination, *record.lagophthalmos_mm))
    blinks = blinks_text(record.blinks)
    if blinks:
        lines.append(f"Blinks: {blinks}.")
    return tuple(lines)


def _lid_gap(examination: Examination, right: float, left: float) -> str:
    closure = examination.examination.lagophthalmos_in
    tight = Movement.EYE_CLOSE_TIGHT
    where = "closure" if closure is None else words.names((closure,))
    sides = f"right {decimals(right, 1)} mm, left {decimals(left, 1)} mm"
    left_out = "" if closure in (None, tight) else _why_not_tight(examination)
    return f"Lid gap in {where}: {sides}{_gap_sd(examination, closure)}{left_out}."


def _why_not_tight(examination: Examination) -> str:
    """Return why the lid gaps are not those of the tight closure, if there is a picture of it."""
    for found in examination.examination.movements:
        if found.movement is Movement.EYE_CLOSE_TIGHT and found.assessment is not None:
            codes = {reason.code for reason in found.assessment.quality.reasons}
            return _NONE_CLOSES if ReasonCode.EYES_OPEN in codes else _TIGHT_UNREAD
    return ""


def _gap_sd(examination: Examination, closure: Movement | None) -> str:
    """Return how sure the lid gaps of a closure are."""
    gaps = [
        m.assessment.measures["lagophthalmos"].mm
        for m in examination.examination.movements
        if m.movement is closure and m.assessment is not None
    ]
    spreads = [sd for gap in gaps if gap is not None for sd in (gap.right_sd, gap.left_sd) if sd]
    return f" (each ± {decimals(max(spreads), 1)} mm)" if spreads else ""


def _provenance(examination: Examination) -> tuple[tuple[str, str], ...]:
    files = tuple(
        (f"File {n}", f"{s.path}, SHA-256 {s.sha256}")
        for n, s in enumerate(examination.sources, start=1)
    )
    return (*files, *made_with(examination.provenance, examination.schema_version))
