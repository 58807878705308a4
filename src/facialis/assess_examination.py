"""Assess an examination: photographs and videos of movements, from the files to the scales."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from facialis.assess import Source, assess
from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.errors import InputError, printable
from facialis.face.pose import head_pose
from facialis.face.quality import ReasonCode
from facialis.grading.combined import FUSION
from facialis.grading.examination import graded
from facialis.grading.method_answers import FACE_METHODS, METHODS, MethodAnswer, chosen_methods
from facialis.grading.over_movements import (
    ExaminationAnswer,
    LevelCourse,
    level_course,
    over_movements,
)
from facialis.grading.rules import read_rules
from facialis.grading.video_levels import VideoLevels
from facialis.measures.dynamic import Blinks, Dynamics
from facialis.measures.moment import Moment
from facialis.measures.norms import View
from facialis.measures.recording import recorded
from facialis.measures.timeline import (
    blinks_of,
    chosen,
    dynamics_of,
    find_segments,
    median_moment_times,
    rest_of,
    stated_segments,
)
from facialis.media.examination import ExaminationFiles, VideoFile, examination_in, is_video
from facialis.media.video import open_video
from facialis.methods.phcnn_lstm.answer import NAME as SEQUENCES
from facialis.report.examination import (
    Examination,
    ExaminationRecord,
    ExaminationStated,
    MovementRecord,
    OverallVerdict,
    SourceRecord,
)
from facialis.report.model import Assessment
from facialis.report.provenance import with_networks

if TYPE_CHECKING:
    from facialis.grading.rules import Rules
    from facialis.measures.dynamic import Segment
    from facialis.measures.rest import Rest
    from facialis.measures.series import Series
    from facialis.media.frame import Frame
    from facialis.media.video import Clip

ExaminationSource: TypeAlias = str | Path | Mapping[str, Source] | Mapping[Movement, Source]
Progress = Callable[[int, int], None]

REST_FRAMES: Final = 3
"""Frames of a video that are read at rest."""

_STANDS_IN: Final = (
    "There is no smile with the mouth open; the smile with closed lips stands in for it on the "
    "scales."
)
_NOT_QUITE_AT_REST: Final = (
    "The face at rest shows an expression; ways from rest may be too small, and the resting items "
    "of the scales wrong."
)
_NEARBY: Final = (0.0, -0.08, 0.08, -0.2, 0.2)
_NOISE_OF_DISAGREEMENT: Final = 0.5
_LEAST_NOISE: Final = 0.002


@dataclass(slots=True)
class _Gathered:
    """What has been read so far, and what it is compared with."""

    files: ExaminationFiles
    norms: str | Path | None
    methods: tuple[str, ...]
    sources: list[SourceRecord] = field(default_factory=list)
    movements: dict[Movement, MovementRecord] = field(default_factory=dict)
    rests: list[Assessment] = field(default_factory=list)
    dynamics: list[Dynamics] = field(default_factory=list)
    blinks: Blinks | None = None
    courses: dict[str, list[LevelCourse]] = field(default_factory=dict)
    sequences: dict[Movement, MethodAnswer] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def face_methods(self) -> tuple[str, ...]:
        """Methods that answer for single faces."""
        return tuple(name for name in self.methods if name in FACE_METHODS)

    def keep_course(self, name: str, course: LevelCourse | None) -> None:
        """Keep what a method says over the time of a video, if it says anything."""
        if course is not None:
            self.courses.setdefault(name, []).append(course)

    def keep_levels(self, source: str, levels: VideoLevels, segments: Sequence[Segment]) -> None:
        """Keep what the sequences of a video say: over time, of its movements, and at rest."""
        self.keep_course(SEQUENCES, levels.course(source))
        said = {each.movement: levels.within(each.start, each.end) for each in chosen(segments)}
        said[Movement.REST] = levels.outside((each.start, each.end) for each in segments)
        for movement, answer in said.items():
            if answer is not None:
                self.sequences.setdefault(movement, answer)


def assess_examination(
    source: ExaminationSource,
    *,
    affected_side: AffectedSide | str | None = None,
    age: int | None = None,
    mm_per_px: float | None = None,
    mirrored: bool = False,
    norms: str | Path | None = None,
    rules: str | Path | None = None,
    methods: Collection[str] = METHODS,
    progress: Progress | None = None,
) -> Examination:
    """Assess an examination.

    Args:
        source: Photographs by movement (``{"rest": "r.jpg", "smile": "s.jpg"}``), a folder of them
            (or its ``examination.toml``), or a video of one movement or several.
        affected_side: What the clinician knows: left, right, both or none; the patient's.
        age: Years.
        mm_per_px: Millimetres in one pixel of the photographs, or of the video if there are none.
        mirrored: Whether all of it is selfie-mirrored.
        norms: A norm table of your own; the one that comes with Facialis if None.
        rules: A table of rules of your own; the one that comes with Facialis if None.
        methods: Which methods answer beside the scales; all that come with weights if not given.
        progress: Called with steps done and steps in all.

    Raises:
        InputError: Nothing of it can be used, or an argument cannot.
        WeightsError: The norm table cannot be used.
    """
    table = read_rules(None if rules is None else Path(rules))
    files, pictures = _files(source)
    files = _with_stated(files, affected_side, age, mm_per_px, mirrored=mirrored)
    found = _Gathered(files, norms, chosen_methods(methods), notes=list(files.notes))
    report = progress or (lambda _done, _of: None)
    steps = len(pictures) + len(files.videos)
    frames = report if steps == len(files.videos) == 1 else None
    for number, (movement, picture) in enumerate(pictures.items()):
        _take_photograph(found, movement, picture)
        report(number + 1, steps)
    for number, video in enumerate(files.videos):
        try:
            _take_video(found, video, frames)
        except InputError as error:
            if steps == 1:
                raise
            found.notes.append(str(error))
        report(len(pictures) + number + 1, steps)
    if not any(m.assessment for m in found.movements.values()):
        problems = [m.problem for m in found.movements.values() if m.problem] + found.notes
        raise InputError(
            files.name,
            "nothing of the examination can be used" + (f" ({problems[0]})" if problems else ""),
            "give photographs or a video that show the face from the front",
        )
    return _examined(found, table)


def _files(source: ExaminationSource) -> tuple[ExaminationFiles, dict[Movement, Source]]:
    if isinstance(source, Mapping):
        pictures = {_movement(name): picture for name, picture in source.items()}
        if not pictures:
            raise InputError("examination", "is empty", "give a photograph for each movement")
        return ExaminationFiles(name="examination"), pictures
    path = Path(source)
    if is_video(path) and not path.is_dir():
        return ExaminationFiles(name=str(path), videos=(VideoFile(path),)), {}
    files = examination_in(path)
    return files, dict(files.photographs)


def _movement(name: str | Movement) -> Movement:
    try:
        return Movement(name)
    except ValueError as error:
        raise InputError(name, "is no movement", f"use one of {', '.join(Movement)}") from error


def _with_stated(
    files: ExaminationFiles,
    affected_side: AffectedSide | str | None,
    age: int | None,
    mm_per_px: float | None,
    *,
    mirrored: bool,
) -> ExaminationFiles:
    """Let what the caller states come before what a manifest states."""
    side = files.affected_side
    if affected_side is not None:
        try:
            side = AffectedSide(affected_side)
        except ValueError as error:
            raise InputError(
                affected_side, "is no side", "use left, right, both or none, the patient's own"
            ) from error
    return replace(
        files,
        affected_side=side,
        age=files.age if age is None else age,
        mm_per_px=files.mm_per_px if mm_per_px is None else mm_per_px,
        mirrored=files.mirrored or mirrored,
    )


def _take_photograph(found: _Gathered, movement: Movement, picture: Source) -> None:
    name = printable(picture) if isinstance(picture, str | Path) else f"{movement}"
    try:
        assessment = _assessed(found, picture, movement)
    except InputError as error:
        found.movements[movement] = MovementRecord(
            movement=movement, source=name, segment=None, assessment=None, problem=str(error)
        )
        return
    given = assessment.input
    found.sources.append(
        SourceRecord(
            path=given.path,
            sha256=given.sha256,
            kind="photograph",
            width=given.width,
            height=given.height,
        )
    )
    _keep(found, movement, given.path, None, assessment)
    if movement is Movement.REST:
        found.rests.append(assessment)


def _assessed(found: _Gathered, picture: Source, movement: Movement) -> Assessment:
    files = found.files
    return assess(
        picture,
        movement=movement,
        mirrored=files.mirrored,
        affected_side=files.affected_side,
        age=files.age,
        mm_per_px=files.mm_per_px,
        norms=found.norms,
        methods=found.face_methods,
    )


def _keep(
    found: _Gathered,
    movement: Movement,
    source: str,
    segment: Segment | None,
    assessment: Assessment,
) -> None:
    """Keep an assessment of a movement, unless a photograph that can be judged is there already."""
    before = found.movements.get(movement)
    if before is not None and before.assessment is not None and before.assessment.verdict:
        found.notes.append(
            f"{movement} is shown more than once ({before.source}, {source}); {before.source} is "
            "taken for the scales."
        )
        return
    problem = None
    if assessment.verdict is None:
        problem = " ".join(r.message for r in assessment.quality.reasons if r.blocks)
    found.movements[movement] = MovementRecord(
        movement=movement, source=source, segment=segment, assessment=assessment, problem=problem
    )


def _take_video(found: _Gathered, video: VideoFile, progress: Progress | None) -> None:
    clip = open_video(video.path, mirrored=found.files.mirrored)
    scale = None if found.files.photographs else found.files.mm_per_px
    levels = VideoLevels() if SEQUENCES in found.methods else None
    witness = None if levels is None else levels.see
    series = recorded(clip, mm_per_px=scale, progress=progress, witness=witness)
    rest = rest_of(series, video.intervals.get(Movement.REST))
    found.sources.append(
        SourceRecord(
            path=printable(video.path),
            sha256=clip.sha256,
            kind="video",
            width=clip.width,
            height=clip.height,
            seconds=clip.seconds,
            rate=series.rate,
        )
    )
    found.notes += [f"{printable(video.path.name)}: {note}" for note in series.notes]
    found.notes += [f"{printable(video.path.name)}: {note}" for note in rest.notes]
    found.blinks = found.blinks or blinks_of(series, rest)
    if FUSION in found.methods:
        found.keep_course(FUSION, level_course(printable(video.path), series))
    _take_rest(found, clip, median_moment_times(series, rest, REST_FRAMES))
    segments = _segments(series, rest, video)
    if levels is not None:
        found.keep_levels(printable(video.path), levels, segments)
    for segment in chosen(segments):
        try:
            found.dynamics.append(dynamics_of(series, rest, segment))
        except InputError as error:
            found.notes.append(str(error))
            continue
        frame, assessment = _steadiest(found, clip, segment)
        if assessment is not None:
            _keep(found, segment.movement, frame, segment, assessment)


def _segments(series: Series, rest: Rest, video: VideoFile) -> tuple[Segment, ...]:
    """Return the movements that somebody says lie in a video, or else those that are found."""
    if not video.intervals:
        return find_segments(series, rest)
    asked = dict(video.intervals)
    asked.pop(Movement.REST, None)
    return stated_segments(series, rest, asked)


def _take_rest(found: _Gathered, clip: Clip, times: tuple[float, ...]) -> None:
    for seconds in times:
        frame = clip.frame_at(seconds)
        try:
            assessment = _assessed(found, frame, Movement.REST)
        except InputError:
            continue
        kept = found.movements.get(Movement.REST)
        if kept is None or (kept.assessment is None or kept.assessment.verdict is None):
            _keep(found, Movement.REST, frame.name, None, assessment)
        found.rests.append(assessment)


def _steadiest(found: _Gathered, clip: Clip, segment: Segment) -> tuple[str, Assessment | None]:
    """Return the frame at the peak, or the nearest to it that can be judged."""
    name, best = printable(clip.path), None
    for frame in _near_peak(clip, segment):
        try:
            assessment = _assessed(found, frame, segment.movement)
        except InputError:
            continue
        if best is None or assessment.verdict is not None:
            name, best = frame.name, assessment
        if assessment.verdict is not None:
            break
    return name, best


def _near_peak(clip: Clip, segment: Segment) -> Iterator[Frame]:
    for gap in _NEARBY:
        at = segment.peak + gap
        if segment.start <= at <= segment.end:
            yield clip.frame_at(at)


def moment_of(assessment: Assessment, movement: Movement) -> Moment:
    """Return the face of an assessment as an examination sees it."""
    points = np.array(assessment.face.landmarks)
    pose = head_pose(points)
    scale = assessment.measures.scale
    mm = None if scale.mm_per_px is None else scale.mm_per_px * pose.scale
    sd = None if scale.mm_per_px_sd is None else scale.mm_per_px_sd * pose.scale
    disagreement = assessment.quality.landmark_disagreement / 100
    return Moment(
        movement=movement,
        face=pose.to_frontal(points) / pose.scale,
        mm=mm,
        mm_sd=sd,
        view=View(pose.yaw, pose.pitch, pose.misfit),
        expressions=assessment.face.expressions,
        noise=max(_LEAST_NOISE, _NOISE_OF_DISAGREEMENT * disagreement),
        source=assessment.input.path,
    )


def _rest_moment(found: _Gathered) -> Moment | None:
    """Return the mean face of all that was read at rest; a smiling one only for want of another."""
    usable = [a for a in found.rests if a.verdict is not None]
    if not usable:
        usable = [a for a in found.rests if _only_expressive(a)]
        found.notes += [_NOT_QUITE_AT_REST] if usable else []
    moments = [moment_of(a, Movement.REST) for a in usable]
    if not moments:
        return None
    first = moments[0]
    return replace(
        first,
        face=np.mean([m.face for m in moments], axis=0),
        noise=first.noise / len(moments) ** 0.5,
    )


def _only_expressive(assessment: Assessment) -> bool:
    """Whether nothing but an expression keeps a photograph at rest from being judged."""
    blocking = {r.code for r in assessment.quality.reasons if r.blocks}
    return blocking == {ReasonCode.NOT_AT_REST}


def _examined(found: _Gathered, rules: Rules) -> Examination:
    moments, verdicts = {}, {}
    rest = _rest_moment(found)
    if rest is not None:
        moments[Movement.REST] = rest
    for movement, record in found.movements.items():
        if record.assessment is None or record.assessment.verdict is None:
            continue
        verdicts[movement] = record.assessment.verdict
        moments.setdefault(movement, moment_of(record.assessment, movement))
    if Movement.SMILE not in moments and Movement.SMILE_CLOSED in moments:
        moments[Movement.SMILE] = replace(moments[Movement.SMILE_CLOSED], movement=Movement.SMILE)
        found.notes.append(_STANDS_IN)
    files = found.files
    grades = graded(
        moments,
        verdicts,
        rules=rules,
        stated_side=files.affected_side,
        dynamics=tuple(found.dynamics),
    )
    first = next(m.assessment for m in found.movements.values() if m.assessment is not None)
    overall = OverallVerdict(
        side=grades.side,
        side_computed=grades.side_computed,
        side_confidence=grades.side_confidence,
        palsy_probability=grades.palsy_probability,
    )
    return Examination(
        sources=tuple(found.sources),
        stated=ExaminationStated(
            affected_side=files.affected_side,
            age=files.age,
            onset=files.onset,
            earlier_surgery=files.earlier_surgery,
            botulinum_toxin=files.botulinum_toxin,
            mm_per_px=files.mm_per_px,
        ),
        verdict=overall if verdicts else None,
        methods=_methods(found),
        examination=ExaminationRecord(
            movements=tuple(found.movements[m] for m in Movement if m in found.movements),
            excursions=grades.excursions,
            synkinesis=grades.synkinesis,
            dynamics=tuple(found.dynamics),
            blinks=found.blinks,
            lagophthalmos_mm=grades.lagophthalmos_mm,
            house_brackmann=grades.house_brackmann,
            sunnybrook=grades.sunnybrook,
            eface=grades.eface,
            observations=grades.observations,
        ),
        notes=tuple(found.notes),
        provenance=with_networks(first.provenance, (SEQUENCES,) if found.sequences else ()),
    )


def _methods(found: _Gathered) -> dict[str, ExaminationAnswer]:
    assessed = [m.assessment for m in found.movements.values() if m.assessment is not None]
    said = {name: [a.methods[name] for a in assessed] for name in found.face_methods}
    if SEQUENCES in found.methods:
        said[SEQUENCES] = list(found.sequences.values())
    answers = {
        name: over_movements(name, each, tuple(found.courses.get(name, ())))
        for name, each in said.items()
    }
    return {name: each for name, each in answers.items() if each is not None}
