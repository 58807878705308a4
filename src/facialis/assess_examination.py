"""Assess an examination: photographs and videos of movements, from the files to the scales."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from facialis.assess import Source, as_stated
from facialis.clinical.anatomy import AffectedSide, Movement, Region
from facialis.errors import InputError
from facialis.examined_patient import leave_out_mirrored, other_people, repeated
from facialis.face.pose import head_pose
from facialis.gather_examination import Gathered, take_photograph, take_video, takes_part
from facialis.grading.examination import graded, unseen_movements
from facialis.grading.method_answers import METHODS, chosen_methods
from facialis.grading.over_movements import ExaminationAnswer, all_together, over_movements
from facialis.grading.rules import read_rules
from facialis.measures.moment import Moment
from facialis.measures.norms import View
from facialis.media.examination import ExaminationFiles, VideoFile, examination_in, is_video
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.methods.phcnn_lstm.answer import NAME as SEQUENCES
from facialis.report.examination import (
    Examination,
    ExaminationRecord,
    ExaminationStated,
    OverallVerdict,
)
from facialis.report.examination_words import names
from facialis.report.provenance import with_networks

if TYPE_CHECKING:
    from facialis.face.quality import Reason
    from facialis.grading.rules import Rules
    from facialis.report.model import Assessment

ExaminationSource: TypeAlias = str | Path | Mapping[str, Source] | Mapping[Movement, Source]
Progress = Callable[[int, int], None]

_STANDS_IN: Final = (
    "There is no smile with the mouth open; the smile with closed lips stands in for it on the "
    "scales."
)
_NOT_QUITE_AT_REST: Final = (
    "The face at rest shows an expression; ways from rest may be too small, and the resting items "
    "of the scales wrong."
)
_AGE: Final = (
    "The stated age is outside the ages of the healthy faces: the intervals of the scales are "
    "wider for it, and what is compared with these faces is less sure than it says."
)
_WIDER_OUTSIDE_AGES: Final = 1.5
_OPERATED: Final = (
    "No number takes account of the earlier surgery: weigh the scales by it. Surgery of a lid "
    "scores 1 at rest on the Sunnybrook form, and a weight in a lid closes it."
)
_INJECTED: Final = (
    "No number takes account of the botulinum toxin: weigh the scales by it. It weakens the "
    "muscles that it was given to for months."
)
_NOISE_OF_DISAGREEMENT: Final = 0.5
_LEAST_NOISE: Final = 0.002


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
    found = Gathered(files, norms, chosen_methods(methods), notes=list(files.notes))
    report = progress or (lambda _done, _of: None)
    steps = len(pictures) + len(files.videos)
    frames = report if steps == len(files.videos) == 1 else None
    for number, (movement, picture) in enumerate(pictures.items()):
        take_photograph(found, movement, picture)
        report(number + 1, steps)
    for number, video in enumerate(files.videos):
        try:
            take_video(found, video, frames)
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
    side = as_stated(None, affected_side, age, mm_per_px).affected_side
    return replace(
        files,
        affected_side=side or files.affected_side,
        age=files.age if age is None else age,
        mm_per_px=files.mm_per_px if mm_per_px is None else mm_per_px,
        mirrored=files.mirrored or mirrored,
    )


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
        hidden=_hidden(assessment.quality.reasons),
    )


def _hidden(reasons: Iterable[Reason]) -> dict[Region, str]:
    """Return the regions that cannot be judged, each with the first reason, within a sentence."""
    found: dict[Region, str] = {}
    for each in reasons:
        if each.blocks and each.region is not None:
            words = each.message.rstrip(".")
            found.setdefault(each.region, f"{words[0].lower()}{words[1:]}")
    return found


def _at_rest(found: Gathered) -> list[Assessment]:
    """Return what was read at rest; a smiling face only for want of another."""
    usable = [a for a in found.rests if a.verdict is not None]
    if not usable:
        usable = [a for a in found.rests if takes_part(a)]
        found.notes += [_NOT_QUITE_AT_REST] if usable else []
    return usable


def _rest_moment(rests: list[Assessment]) -> Moment | None:
    """Return the mean face of all that was read at rest, of those in which most can be seen."""
    moments = [moment_of(a, Movement.REST) for a in rests]
    if not moments:
        return None
    fewest = min(len(m.hidden) for m in moments)
    moments = [m for m in moments if len(m.hidden) == fewest]
    first = moments[0]
    return replace(
        first,
        face=np.mean([m.face for m in moments], axis=0),
        hidden={region: why for m in moments for region, why in m.hidden.items()},
        noise=first.noise / len(moments) ** 0.5,
    )


def _carry_scale(found: Gathered, rests: list[Assessment]) -> None:
    """Measure every movement in the millimetres of the face at rest, as the scales do."""
    if not rests:
        return
    scale = rests[0].measures.scale
    for movement, record in found.movements.items():
        if movement is Movement.REST or record.assessment is None:
            continue
        measures = record.assessment.measures
        carried = measures.in_scale(measures.scale.carried_over(scale))
        assessment = record.assessment.model_copy(update={"measures": carried})
        found.movements[movement] = record.model_copy(update={"assessment": assessment})


def _is_outside_ages(found: Gathered) -> bool:
    assessed = [m.assessment for m in found.movements.values() if m.assessment is not None]
    return any(each.norms.age_in_range is False for each in assessed)


def _of_the_patient(found: Gathered) -> list[str]:
    """Return what must be known of the patient's age and of earlier treatment."""
    files, notes = found.files, []
    if _is_outside_ages(found):
        notes.append(_AGE)
    if files.earlier_surgery is not None:
        notes.append(_OPERATED)
    if files.botulinum_toxin is not None:
        notes.append(_INJECTED)
    return notes


def _examined(found: Gathered, rules: Rules) -> Examination:
    leave_out_mirrored(found)
    moments, verdicts = {}, {}
    rests = _at_rest(found)
    rest = _rest_moment(rests)
    _carry_scale(found, rests)
    if rest is not None:
        moments[Movement.REST] = rest
    for movement, record in found.movements.items():
        if record.assessment is None or record.assessment.verdict is None:
            continue
        verdicts[movement] = record.assessment.verdict
        moments.setdefault(movement, moment_of(record.assessment, movement))
    if Movement.SMILE not in moments and Movement.SMILE_CLOSED in moments:
        found.notes.append(_STANDS_IN)
    files = found.files
    found.notes += [
        *_left_out(moments),
        *other_people(found),
        *repeated(found),
        *_of_the_patient(found),
    ]
    grades = graded(
        moments,
        verdicts,
        rules=rules.widened(_WIDER_OUTSIDE_AGES) if _is_outside_ages(found) else rules,
        stated_side=files.affected_side,
        dynamics=tuple(found.dynamics),
    )
    unseen = unseen_movements(moments)
    timed = tuple(each for each in found.dynamics if each.segment.movement not in unseen)
    moves = any(movement is not Movement.REST for movement in verdicts)
    first = next(m.assessment for m in found.movements.values() if m.assessment is not None)
    methods = _methods(found)
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
        verdict=overall if moves and grades.is_told else None,
        methods=methods,
        examination=ExaminationRecord(
            movements=tuple(found.movements[m] for m in Movement if m in found.movements),
            excursions=grades.excursions,
            synkinesis=grades.synkinesis,
            dynamics=timed,
            blinks=None if rest is not None and Region.EYE in rest.hidden else found.blinks,
            lagophthalmos_mm=grades.lagophthalmos_mm,
            lagophthalmos_in=grades.lagophthalmos_in,
            house_brackmann=grades.house_brackmann,
            sunnybrook=grades.sunnybrook,
            eface=grades.eface,
            observations=grades.observations,
        ),
        notes=tuple(found.notes),
        provenance=with_networks(
            first.provenance, tuple(name for name in (SEQUENCES, TOGETHER) if name in methods)
        ),
    )


def _left_out(moments: Mapping[Movement, Moment]) -> list[str]:
    """Return in which pictures regions cannot be seen, as one sentence a region and reason."""
    pictures: dict[str, list[Movement]] = {}
    for movement, moment in moments.items():
        for why in moment.hidden.values():
            pictures.setdefault(why, []).append(movement)
    return [
        f"{why[0].upper()}{why[1:]} in: {names(shown)}. It is not judged there"
        f"{', and in no movement, as it cannot be seen at rest' if Movement.REST in shown else ''}."
        for why, shown in pictures.items()
    ]


def _methods(found: Gathered) -> dict[str, ExaminationAnswer]:
    assessed = {m: each.assessment for m, each in found.movements.items() if each.assessment}
    said = {
        name: {m: each.methods[name] for m, each in assessed.items()} for name in found.face_methods
    }
    if SEQUENCES in found.methods:
        said[SEQUENCES] = dict(found.sequences)
    answers = {
        name: over_movements(name, each, tuple(found.courses.get(name, ())))
        for name, each in said.items()
    }
    if TOGETHER in found.methods:
        answers[TOGETHER] = all_together(
            {movement: points for movement, points in found.refined.items() if movement in assessed}
        )
    return {name: each for name, each in answers.items() if each is not None}
