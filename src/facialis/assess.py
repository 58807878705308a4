"""Assess a photograph: the whole flow, from a picture to what it says."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import AffectedSide, Movement, Region
from facialis.errors import InputError
from facialis.face.expressions import expression_scores
from facialis.face.landmarks import FaceLandmarks
from facialis.face.occlusion import Cover, cover_of
from facialis.face.patch import FacePatch, face_patch
from facialis.face.pose import HeadPose, head_pose
from facialis.face.quality import CLOSED_BELOW, OPEN_ABOVE, Quality, judge_quality
from facialis.face.search import find_faces, read_again
from facialis.grading.combined import combine
from facialis.grading.method_answers import METHODS, Said, answers, chosen_face_methods
from facialis.grading.photograph import Evidence, Verdict, verdict
from facialis.measures.frames import emotrics_frame, frontal_frame
from facialis.measures.nasolabial import fold_measure
from facialis.measures.norms import NormComparison, NormTable, View, default_norms, read_norms
from facialis.measures.static import DEFINITIONS, Sides, measure_sides, measure_table
from facialis.measures.symmetry import asymmetry
from facialis.measures.units import eye_openings, millimetres
from facialis.measures.values import Measure, MeasureTable, MeasuringFrame, Scale
from facialis.media.photo import Frame, read_photo
from facialis.report.method_views import method_views
from facialis.report.model import (
    Assessment,
    FaceRecord,
    InputRecord,
    Pose,
    Stated,
)
from facialis.report.picture import Picture, crop_around
from facialis.report.provenance import provenance

Source: TypeAlias = str | Path | Frame | NDArray[np.uint8]
Choice = TypeVar("Choice", AffectedSide, Movement)

OLDEST: Final = 130

_EYES_APART_MM: Final = (40.0, 150.0)
"""Between the outer corners of the eyes; adults have 80 to 110 mm."""

_BORDERLINE: Final = (0.6, 2.0)
"""Between these parts of the limit a face is read five times instead of once."""


def assess(
    source: Source,
    *,
    movement: Movement | str | None = None,
    mirrored: bool = False,
    affected_side: AffectedSide | str | None = None,
    age: int | None = None,
    mm_per_px: float | None = None,
    face: int = 0,
    frame: MeasuringFrame = "frontal",
    norms: str | Path | None = None,
    methods: Collection[str] = METHODS,
) -> Assessment:
    """Assess one face in a photograph.

    Args:
        source: A photograph's path, a `Frame`, or pixels (H, W, 3) uint8 RGB, upright.
        movement: What the patient was asked to do; None if unknown.
        mirrored: Whether the photograph is selfie-mirrored (a `Frame` says so itself).
        affected_side: What the clinician knows: left, right, both or none; the patient's.
        age: Years.
        mm_per_px: Millimetres in one pixel of the photograph, if known.
        face: Which face, counted from 0 by size.
        frame: ``frontal`` (3-D landmarks turned to the front) or ``emotrics`` (picture plane).
        norms: A norm table of your own; the one that comes with Facialis if None.
        methods: Which methods answer beside the norms; all that answer for a face if not given.

    Raises:
        InputError: The photograph or an argument cannot be used; says why and what to do.
        NoFaceError: It shows no face.
        WeightsError: The norm table cannot be used.
    """
    table = _norms(norms)
    stated = as_stated(movement, affected_side, age, mm_per_px)
    chosen = chosen_face_methods(methods)
    photograph = as_frame(source, mirrored=mirrored)
    others_sought = face > 0
    faces = find_faces(photograph, every=others_sought)
    if not 0 <= face < len(faces):
        raise InputError(
            photograph.name,
            f"face {face} was asked for, and there are {len(faces)}",
            f"choose a face from 0 to {len(faces) - 1}, counted by size"
            if len(faces) > 1
            else "take the only one, which is face 0",
        )
    place = _Place(face, len(faces), others_sought)
    reading = _read_face(photograph, faces[face], place, stated=stated, norms=table)
    return _assessed(reading, frame, chosen)


def assess_all(
    source: Source,
    *,
    movement: Movement | str | None = None,
    mirrored: bool = False,
    affected_side: AffectedSide | str | None = None,
    age: int | None = None,
    mm_per_px: float | None = None,
    frame: MeasuringFrame = "frontal",
    norms: str | Path | None = None,
    methods: Collection[str] = METHODS,
) -> tuple[Assessment, ...]:
    """Assess every face in a photograph, the largest first; arguments and errors as `assess`."""
    table = _norms(norms)
    stated = as_stated(movement, affected_side, age, mm_per_px)
    chosen = chosen_face_methods(methods)
    photograph = as_frame(source, mirrored=mirrored)
    faces = find_faces(photograph, every=True)
    readings = (
        _read_face(photograph, face, _Place(i, len(faces), True), stated=stated, norms=table)
        for i, face in enumerate(faces)
    )
    return tuple(_assessed(reading, frame, chosen) for reading in readings)


@dataclass(frozen=True, slots=True)
class _Place:
    """Which of the faces of a photograph a face is."""

    index: int
    count: int
    others_sought: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """One face of a photograph as read, and what the clinician said of it."""

    photograph: Frame
    face: FaceLandmarks
    place: _Place
    stated: Stated
    norms: NormTable
    pose: HeadPose
    patch: FacePatch
    sides: Mapping[str, Sides]
    expressions: dict[str, float]
    openings: tuple[float, float]
    cover: Cover
    times: int = 1

    @property
    def view(self) -> View:
        return View(self.pose.yaw, self.pose.pitch, self.pose.misfit)

    @property
    def frontal(self) -> NDArray[np.float64]:
        return frontal_frame(self.face.points, self.pose)


def _read_face(
    photograph: Frame,
    face: FaceLandmarks,
    place: _Place,
    *,
    stated: Stated,
    norms: NormTable,
) -> _Reading:
    pose = head_pose(face.points)
    patch = face_patch(photograph.pixels, face.points)
    openings = eye_openings(face.points)
    return _Reading(
        photograph=photograph,
        face=face,
        place=place,
        stated=stated,
        norms=norms,
        pose=pose,
        patch=patch,
        sides=measure_sides(frontal_frame(face.points, pose)),
        expressions=expression_scores(face.points),
        openings=openings,
        cover=cover_of(patch, (openings[0] < CLOSED_BELOW, openings[1] < CLOSED_BELOW)),
    )


def _assessed(reading: _Reading, frame: MeasuringFrame, methods: tuple[str, ...]) -> Assessment:
    """Assess a face; one that is neither clearly healthy nor clearly not is read again first."""
    quality = _quality(reading)
    comparison = _compared(reading, quality)
    found = _verdict(reading, comparison, quality) if quality.usable else None
    if found is not None and reading.times == 1 and _is_borderline(found):
        return _assessed(_again(reading), frame, methods)
    said = _answers(reading, quality, methods)
    return Assessment(
        input=_input_record(reading.photograph),
        stated=reading.stated,
        quality=quality,
        face=_face_record(reading),
        measures=_measures(reading, quality, frame),
        norms=comparison,
        verdict=found,
        methods=said.answers,
        combined=None
        if found is None
        else combine(found, said.answers, stated=reading.stated.movement is not None),
        provenance=provenance(reading.norms, methods),
    ).with_picture(_picture(reading), method_views(said, found))


def _answers(reading: _Reading, quality: Quality, methods: tuple[str, ...]) -> Said:
    left_out = ""
    if not quality.usable:
        left_out = "the photograph cannot be judged"
    elif quality.excluded_regions:
        left_out = f"the {next(iter(quality.excluded_regions))} cannot be judged"
    picture = reading.photograph.pixels
    movement = reading.stated.movement
    return answers(picture, reading.face.points, methods, movement=movement, left_out=left_out)


def _is_borderline(found: Verdict) -> bool:
    return _BORDERLINE[0] < found.distance / found.threshold < _BORDERLINE[1]


def _again(reading: _Reading) -> _Reading:
    more = _read_face(
        reading.photograph,
        read_again(reading.photograph, reading.face),
        reading.place,
        stated=reading.stated,
        norms=reading.norms,
    )
    return replace(more, times=reading.times + 1)


def _quality(reading: _Reading) -> Quality:
    return judge_quality(
        reading.photograph,
        reading.face,
        reading.pose,
        patch=reading.patch,
        cover=reading.cover,
        expressions=reading.expressions,
        eye_openings=reading.openings,
        movement=reading.stated.movement,
    )


def _measures(reading: _Reading, quality: Quality, frame: MeasuringFrame) -> MeasureTable:
    points, pose, stated = reading.face.points, reading.pose, reading.stated
    in_frame = reading.sides if frame == "frontal" else measure_sides(emotrics_frame(points))
    right, left = reading.openings
    scale = millimetres(
        points,
        pose.scale,
        given=stated.mm_per_px,
        shrunk=reading.photograph.scale,
        covered=reading.cover.eyes,
    )
    _check_scale(scale, reading.photograph.name)
    rows = measure_table(
        in_frame,
        scale,
        interocular=pose.scale,
        iris_visible=(right >= CLOSED_BELOW, left >= CLOSED_BELOW),
        not_closed=_why_not_closed(stated.movement, reading.openings),
        repeatability=reading.norms.repeatability,
        noise=reading.norms.noise(reading.face.disagreement),
    )
    fold = fold_measure(reading.patch, points, pose)
    return MeasureTable(frame, scale, tuple(_kept(row, quality) for row in (*rows, fold)))


def _why_not_closed(movement: Movement | None, openings: tuple[float, float]) -> str | None:
    if movement is None or not movement.closes_the_eyes:
        return "measured when the eyes are closed on request"
    return "neither eye closes" if min(openings) > OPEN_ABOVE else None


def _check_scale(scale: Scale, name: str) -> None:
    """Refuse a stated scale by which the eyes lie impossibly far apart, or near together."""
    low, high = _EYES_APART_MM
    if scale.source == "given" and not low <= (scale.interocular_mm or low) <= high:
        raise InputError(
            name,
            f"shows outer corners of the eyes {scale.interocular_mm:.0f} mm apart at "
            f"{scale.mm_per_px:g} mm per pixel",
            "give the millimetres in one pixel of the photograph as it was taken",
        )


def _compared(reading: _Reading, quality: Quality) -> NormComparison:
    return reading.norms.compare(
        _differences(reading.sides, reading.pose.scale, quality),
        reading.view,
        movement=reading.stated.movement,
        age=reading.stated.age,
    )


def _verdict(reading: _Reading, comparison: NormComparison, quality: Quality) -> Verdict:
    evidence = Evidence(
        asymmetry=asymmetry(reading.frontal / reading.pose.scale),
        view=reading.view,
        excluded={r: _why_excluded(r, quality) for r in quality.excluded_regions},
        movement=reading.stated.movement,
        stated_side=reading.stated.affected_side,
        age_in_range=comparison.age_in_range,
        expressions=np.array(list(reading.expressions.values())),
        closing=_closes_an_eye(reading),
        is_covered=bool(reading.cover.regions),
    )
    return verdict(evidence, reading.norms)


def _closes_an_eye(reading: _Reading) -> bool:
    movement = reading.stated.movement
    if movement is not None and movement.closes_the_eyes:
        return True
    return min(reading.openings) < CLOSED_BELOW


def _face_record(reading: _Reading) -> FaceRecord:
    pose = reading.pose
    full = reading.face.points / reading.photograph.scale
    low, high = full[:, :2].min(axis=0), full[:, :2].max(axis=0)
    return FaceRecord(
        index=reading.place.index,
        count=reading.place.count,
        others_sought=reading.place.others_sought,
        box=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        pose=Pose(yaw=pose.yaw, pitch=pose.pitch, roll=pose.roll),
        landmarks=tuple((x, y, z) for x, y, z in full.tolist()),
        expressions=reading.expressions,
    )


def _picture(reading: _Reading) -> Picture:
    """The part of the photograph around the face, placed in full-resolution pixels."""
    points, reduced = reading.face.points[:, :2], reading.photograph.scale
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    crop = crop_around(reading.photograph.pixels, (x0, y0, x1, y1))
    return replace(crop, x0=crop.x0 / reduced, y0=crop.y0 / reduced, scale=crop.scale * reduced)


def _kept(row: Measure, quality: Quality) -> Measure:
    """Return a row of the table, without its numbers if the photograph cannot carry them."""
    if quality.usable and row.region not in quality.excluded_regions:
        return row
    what = f"the {row.region}" if quality.usable else "the photograph"
    why = f"{what} cannot be judged"
    return Measure(row.name, row.label, row.region, row.kind, not_measured=why)


_POWERS: Final = {"length": 1, "area": 2, "angle": 0}


def _differences(
    sides: Mapping[str, Sides], interocular: float, quality: Quality
) -> dict[str, float]:
    """Left less right of what can be judged, interocular units (areas: squared) or degrees."""
    return {
        d.name: (sides[d.name].left - sides[d.name].right) / interocular ** _POWERS[d.kind]
        for d in DEFINITIONS
        if quality.usable and not d.needs_closure and d.region not in quality.excluded_regions
    }


def _why_excluded(region: Region, quality: Quality) -> str:
    return " ".join(r.message for r in quality.reasons if r.region is region and r.blocks)


def _norms(path: str | Path | None) -> NormTable:
    return default_norms() if path is None else read_norms(Path(path))


def as_frame(source: Source, *, mirrored: bool) -> Frame:
    """Return a photograph as a frame; arguments as `assess`.

    Raises:
        InputError: It cannot be used.
    """
    if isinstance(source, Frame):
        return source
    if isinstance(source, np.ndarray):
        return Frame.from_array(source, mirrored=mirrored)
    return read_photo(source, mirrored=mirrored)


def as_stated(
    movement: Movement | str | None,
    affected_side: AffectedSide | str | None,
    age: int | None,
    mm_per_px: float | None,
) -> Stated:
    """Return what a clinician says of a face; arguments as `assess`.

    Raises:
        InputError: One of them cannot be.
    """
    if age is not None and not 0 <= age <= OLDEST:
        raise InputError(f"age {age}", "it is not an age", f"give whole years from 0 to {OLDEST}")
    if mm_per_px is not None and not (math.isfinite(mm_per_px) and mm_per_px > 0):
        raise InputError(
            f"mm_per_px {mm_per_px}", "it is not a positive number", "give millimetres per pixel"
        )
    return Stated(
        affected_side=_chosen(_STATEABLE, affected_side, "affected side"),
        age=age,
        movement=_chosen(Movement, movement, "movement"),
        mm_per_px=mm_per_px,
    )


_STATEABLE: Final = (
    AffectedSide.LEFT,
    AffectedSide.RIGHT,
    AffectedSide.BOTH,
    AffectedSide.NONE,
)


def _chosen(allowed: Iterable[Choice], value: str | None, what: str) -> Choice | None:
    if value is None:
        return None
    by_name = {str(choice): choice for choice in allowed}
    chosen = by_name.get(str(value).strip().lower())
    if chosen is None:
        names = ", ".join(by_name)
        raise InputError(f"{what} {value!r}", "it is not known", f"choose one of {names}")
    return chosen


def _input_record(photograph: Frame) -> InputRecord:
    return InputRecord(
        path=photograph.name,
        sha256=photograph.sha256,
        width=photograph.width,
        height=photograph.height,
        mirrored=photograph.mirrored,
    )
