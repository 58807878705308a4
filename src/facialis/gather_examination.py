"""Read the photographs and videos of an examination: what each of them shows of which movement."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.assess import Source, as_frame, assess
from facialis.clinical.anatomy import Movement
from facialis.errors import InputError, printable
from facialis.face.likeness import SkinPattern, skin_pattern
from facialis.face.patch import face_patch
from facialis.face.quality import ReasonCode
from facialis.grading.combined import FUSION
from facialis.grading.method_answers import FACE_METHODS, MethodAnswer, levelled
from facialis.grading.over_movements import LevelCourse
from facialis.grading.video_fusion import VideoFusion
from facialis.grading.video_levels import VideoLevels
from facialis.measures.dynamic import Blinks, Dynamics
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
from facialis.media.examination import ExaminationFiles
from facialis.media.video import open_video
from facialis.methods.answers import Face
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.methods.phcnn_lstm.answer import NAME as SEQUENCES
from facialis.regions.refinement import refined_both_ways
from facialis.report.examination import MovementRecord, SourceRecord
from facialis.report.model import Assessment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from facialis.face.tracking import Sighting
    from facialis.measures.dynamic import Segment
    from facialis.measures.rest import Rest
    from facialis.measures.series import Series
    from facialis.media.examination import VideoFile
    from facialis.media.frame import Frame
    from facialis.media.video import Clip

REST_FRAMES: Final = 3
"""Frames of a video that are read at rest."""
_HIDE_SKIN: Final = frozenset(
    {ReasonCode.FACE_TOO_SMALL, ReasonCode.BLURRED, ReasonCode.HEAD_TURNED}
)
"""Cautions of the quality gate under which skin looks strange."""
_NEARBY: Final = (0.0, -0.08, 0.08, -0.2, 0.2)
"""Seconds from the peak of a movement at which a frame may stand for it, the first best."""


@dataclass(frozen=True, slots=True)
class Skin:
    """The skin in one picture that takes part.

    Attributes:
        movement: What it shows.
        source: Digest of the photograph, of which copies count once, or the path of the video.
        is_video: Whether it is a frame of a video.
        pattern: Its pattern.
        is_clear: Whether nothing hides the skin or makes it look strange.
    """

    movement: Movement
    source: str
    is_video: bool
    pattern: SkinPattern
    is_clear: bool


@dataclass(slots=True)
class Gathered:
    """What has been read so far, and what it is compared with.

    Attributes:
        files: What lies where, and what is stated of it.
        norms: A norm table of the caller's own, or None.
        methods: Which methods answer.
        sources: Photographs and videos, in the order of reading.
        movements: What is shown of each movement.
        refined: By movement, landmarks (478, 3) for the method that reads all movements together;
            of faces that are shown whole.
        rests: Everything that was read at rest.
        dynamics: Timing of the movements of videos.
        blinks: Of the first video that shows the face at rest.
        courses: By method, its answers over the time of videos.
        sequences: By movement, what the method of sequences says of it.
        skins: What tells which way round pictures are, and of whom.
        notes: What must be known, as sentences.
    """

    files: ExaminationFiles
    norms: str | Path | None
    methods: tuple[str, ...]
    sources: list[SourceRecord] = field(default_factory=list)
    movements: dict[Movement, MovementRecord] = field(default_factory=dict)
    refined: dict[Movement, NDArray[np.float64]] = field(default_factory=dict)
    rests: list[Assessment] = field(default_factory=list)
    dynamics: list[Dynamics] = field(default_factory=list)
    blinks: Blinks | None = None
    courses: dict[str, list[LevelCourse]] = field(default_factory=dict)
    sequences: dict[Movement, MethodAnswer] = field(default_factory=dict)
    skins: list[Skin] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def video_mm_per_px(self) -> float | None:
        """The stated scale if it is that of videos; it is of the photographs if there are any."""
        return None if self.files.photographs else self.files.mm_per_px

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


def take_photograph(found: Gathered, movement: Movement, picture: Source) -> None:
    """Read the photograph of a movement; what cannot be read is kept as its problem."""
    name = printable(picture) if isinstance(picture, str | Path) else f"{movement}"
    mirrored = found.files.photograph_is_mirrored(movement)
    try:
        frame = as_frame(picture, mirrored=mirrored)
        assessment = _assessed(found, frame, movement, found.files.mm_per_px)
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
    _keep(found, movement, frame, None, assessment)
    _keep_skin(found, movement, frame, assessment)
    if movement is Movement.REST:
        found.rests.append(assessment)


def takes_part(assessment: Assessment) -> bool:
    """Whether a picture is measured: only an expression at rest may be in the way of judging it."""
    blocking = {r.code for r in assessment.quality.reasons if r.blocks and r.region is None}
    return assessment.verdict is not None or blocking == {ReasonCode.NOT_AT_REST}


def _keep_skin(
    found: Gathered,
    movement: Movement,
    frame: Frame,
    assessment: Assessment,
    video: str | None = None,
) -> None:
    """Keep the pattern of the skin in a picture that takes part."""
    if not takes_part(assessment):
        return
    pattern = skin_pattern(face_patch(frame.pixels, _points_in(frame, assessment)))
    is_clear = not any(reason.code in _HIDE_SKIN for reason in assessment.quality.reasons)
    source = video or frame.sha256
    found.skins.append(Skin(movement, source, video is not None, pattern, is_clear))


def _assessed(
    found: Gathered, frame: Frame, movement: Movement, mm_per_px: float | None
) -> Assessment:
    files = found.files
    return assess(
        frame,
        movement=movement,
        affected_side=files.affected_side,
        age=files.age,
        mm_per_px=mm_per_px,
        norms=found.norms,
        methods=found.face_methods,
    )


def _keep(
    found: Gathered,
    movement: Movement,
    frame: Frame,
    segment: Segment | None,
    assessment: Assessment,
) -> None:
    """Keep an assessment of a movement, unless a photograph that can be judged is there already."""
    source = frame.name
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
    found.refined.pop(movement, None)
    if TOGETHER in found.methods and assessment.quality.shows_the_whole_face:
        face = levelled(Face(frame.pixels, _points_in(frame, assessment)))
        found.refined[movement] = refined_both_ways(face.picture, face.points)


def _points_in(frame: Frame, assessment: Assessment) -> NDArray[np.float64]:
    """Return the landmarks (478, 3) of an assessment in the pixels of its frame."""
    return np.array(assessment.face.landmarks) * frame.scale


def take_video(
    found: Gathered, video: VideoFile, progress: Callable[[int, int], None] | None
) -> None:
    """Read the movements and the rest of a video.

    Raises:
        InputError: Nothing of it can be used.
    """
    clip = open_video(video.path, mirrored=found.files.video_is_mirrored(video))
    levels = VideoLevels() if SEQUENCES in found.methods else None
    fusion = VideoFusion() if FUSION in found.methods else None
    witnesses = [each.see for each in (levels, fusion) if each is not None]

    def witness(sighting: Sighting) -> None:
        for see in witnesses:
            see(sighting)

    series = recorded(clip, mm_per_px=found.video_mm_per_px, progress=progress, witness=witness)
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
    if fusion is not None:
        found.keep_course(FUSION, fusion.course(printable(video.path)))
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
        steadiest = _steadiest(found, clip, segment)
        if steadiest is not None:
            frame, assessment = steadiest
            _keep(found, segment.movement, frame, segment, assessment)
            _keep_skin(found, segment.movement, frame, assessment, printable(clip.path))


def _segments(series: Series, rest: Rest, video: VideoFile) -> tuple[Segment, ...]:
    """Return the movements that somebody says lie in a video, and those that are to be found."""
    asked = dict(video.intervals)
    asked.pop(Movement.REST, None)
    stated = stated_segments(series, rest, asked) if asked else ()
    if not video.searched:
        return stated
    closed = [interval for interval in asked.values() if math.isfinite(interval[1])]
    others = [
        each
        for each in find_segments(series, rest)
        if each.movement not in asked
        and all(each.end <= start or end <= each.start for start, end in closed)
    ]
    return (*stated, *others)


def _take_rest(found: Gathered, clip: Clip, times: tuple[float, ...]) -> None:
    for seconds in times:
        frame = clip.frame_at(seconds)
        try:
            assessment = _assessed(found, frame, Movement.REST, found.video_mm_per_px)
        except InputError:
            continue
        kept = found.movements.get(Movement.REST)
        if kept is None or (kept.assessment is None or kept.assessment.verdict is None):
            _keep(found, Movement.REST, frame, None, assessment)
        _keep_skin(found, Movement.REST, frame, assessment, printable(clip.path))
        found.rests.append(assessment)


def _steadiest(found: Gathered, clip: Clip, segment: Segment) -> tuple[Frame, Assessment] | None:
    """Return the frame at the peak, or the nearest to it that can be judged."""
    best: tuple[Frame, Assessment] | None = None
    for frame in _near_peak(clip, segment):
        try:
            assessment = _assessed(found, frame, segment.movement, found.video_mm_per_px)
        except InputError:
            continue
        if best is None or assessment.verdict is not None:
            best = frame, assessment
        if assessment.verdict is not None:
            break
    return best


def _near_peak(clip: Clip, segment: Segment) -> Iterator[Frame]:
    for gap in _NEARBY:
        at = segment.peak + gap
        if segment.start <= at <= segment.end:
            yield clip.frame_at(at)
