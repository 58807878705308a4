"""Whether the pictures of an examination show its patient, and the same way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Movement
from facialis.errors import InputError
from facialis.face.likeness import strangers, ways_round
from facialis.report.examination_words import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.gather_examination import Gathered, Skin

_STATE_MIRRORED: Final = (
    'in examination.toml, such as smile = { file = "smile.jpg", mirrored = true } or videos = [{ '
    'file = "clip.mp4", mirrored = true }]'
)
_STATE_MIRRORED_PIXELS: Final = (
    "such as facialis.media.frame.Frame.from_array(pixels, mirrored=True)"
)
_MIRROR_IMAGE: Final = (
    "The skin says that this is a mirror image of the other photographs, so it is left out."
)
_UNCLEAR: Final = (
    "Another photograph is a mirror image, and the skin does not tell which way round this one is, "
    "so it is left out."
)


def leave_out_mirrored(found: Gathered) -> None:
    """Leave photographs out that are mirror images of the others.

    Raises:
        InputError: As many are of either kind, or a video is among them: nobody can tell then which
            side is which.
    """
    sources = _by_source(found.skins)
    ways = ways_round([[each.pattern for each in group] for group in sources])
    turned, unclear, kept = (
        [group for group, way in zip(sources, ways, strict=True) if way == wanted]
        for wanted in (-1, 0, 1)
    )
    if not turned:
        return
    stated = _already_stated(found)
    doubtful = f"; which way round others are is not clear ({_shown(unclear)})" if unclear else ""
    has_video = any(each.is_video for group in sources for each in group)
    if has_video or len(turned) + len(unclear) >= len(kept):
        raise InputError(
            found.files.name,
            f"the skin says that some pictures ({_shown(turned)}) are mirror images of others "
            f"({_shown(kept)}), so left and right are exchanged in some of them{doubtful}{stated}",
            f"state which are mirrored, {_how_to_state(found)}",
        )
    for group, why, is_mirrored in (
        *((group, _MIRROR_IMAGE, True) for group in turned),
        *((group, _UNCLEAR, False) for group in unclear),
    ):
        for movement in (each.movement for each in group):
            found.movements[movement] = found.movements[movement].model_copy(
                update={"assessment": None, "problem": why, "is_mirrored": is_mirrored}
            )
            if movement is Movement.REST:
                found.rests.clear()
            found.skins = [each for each in found.skins if each.movement is not movement]
    found.notes.insert(
        0,
        "Left and right are exchanged between some pictures and the others, as the skin says: "
        f"{_shown(turned)}{doubtful}. What is named is left out. If the others are the mirrored "
        f"ones, every side here is wrong{stated}: state which are mirrored, "
        f"{_how_to_state(found)}.",
    )


def other_people(found: Gathered) -> list[str]:
    """Return in which pictures there is more than one face, or may be another one."""
    return [*_bystanders(found), *_strangers(found)]


def _by_source(skins: Sequence[Skin]) -> list[list[Skin]]:
    """Return the pictures by photograph or video, which show a face one way round."""
    sources: dict[str, list[Skin]] = {}
    for each in skins:
        sources.setdefault(each.source, []).append(each)
    return list(sources.values())


def _shown(sources: Sequence[Sequence[Skin]]) -> str:
    """Return what sources show, in words; a video by its name."""
    videos = [group[0].source for group in sources if group[0].is_video]
    movements = [each.movement for group in sources for each in group if not each.is_video]
    return ", ".join([*([names(movements)] if movements else []), *videos])


def _how_to_state(found: Gathered) -> str:
    """Return how single pictures are stated to be mirrored."""
    is_of_files = found.files.photographs or found.files.videos
    return _STATE_MIRRORED if is_of_files else _STATE_MIRRORED_PIXELS


def _already_stated(found: Gathered) -> str:
    """Return which pictures were stated to be mirrored, as a part of a sentence."""
    shown = {m: r.assessment for m, r in found.movements.items() if r.assessment is not None}
    stated = [movement for movement, each in shown.items() if each.input.mirrored]
    if stated and len(stated) == len(shown):
        return " (all are stated to be mirrored)"
    return f" (stated to be mirrored: {names(stated)})" if stated else ""


def _strangers(found: Gathered) -> list[str]:
    """Return which pictures may show somebody else."""
    sources = _by_source([each for each in found.skins if each.is_clear])
    strange = strangers([[each.pattern for each in group] for group in sources])
    if not strange:
        return []
    advice = (
        "See whether all show the patient, and whether glasses or the like hide the skin in some."
    )
    if len(strange) == len(sources):
        return [f"The skin differs from picture to picture. {advice}"]
    named = _shown([sources[i] for i in sorted(strange)])
    return [f"The skin is not like that of the other pictures in: {named}. {advice}"]


def repeated(found: Gathered) -> list[str]:
    """Return which movements have one and the same photograph."""
    shown: dict[str, list[Movement]] = {}
    for movement, record in found.movements.items():
        if record.assessment is not None and record.segment is None:
            shown.setdefault(record.assessment.input.sha256, []).append(movement)
    return [
        f"One photograph is given for several movements: {names(each)}."
        for each in shown.values()
        if len(each) > 1
    ]


def _bystanders(found: Gathered) -> list[str]:
    """Return in which pictures there is more than one face."""
    shown = [m for m in found.movements.values() if m.assessment is not None]
    several = [m.movement for m in shown if m.assessment and m.assessment.face.count > 1]
    if not several:
        return []
    return [
        f"There is more than one face in: {names(several)}. The largest is taken for the patient: "
        "look whether it is, or cut the others off."
    ]
