"""What a clinician would note of an examination, in sentences. Signs, never causes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import AffectedSide, Movement, Region, Side
from facialis.grading.photograph import probability_text
from facialis.measures.excursions import midline_shift, millimetres_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from facialis.grading.examined import Grades
    from facialis.grading.overall import Overall
    from facialis.grading.signs import Signs
    from facialis.measures.dynamic import Dynamics
    from facialis.measures.moment import Moment

_MODERATE: Final = 2
_SPARED_FROM: Final = 0.75
_WEAK_MOUTH_BELOW: Final = 0.6
_NO_MOVEMENT_BELOW: Final = 0.15
_SHIFT: Final = 0.025
_OPENS_MORE_MM: Final = 1.0
_SLIGHT: Final = 2
_WHILE: Final = {
    Movement.BROW_RAISE: "the brows are raised",
    Movement.FROWN: "the brows are knit",
    Movement.EYE_CLOSE_GENTLE: "the eyes are closed gently",
    Movement.EYE_CLOSE_TIGHT: "the eyes are squeezed shut",
    Movement.SMILE_CLOSED: "smiling with closed lips",
    Movement.SMILE: "smiling",
    Movement.SNARL: "snarling",
    Movement.PUCKER: "puckering",
    Movement.MOUTH_OPEN: "the mouth is opened",
    Movement.CHEEK_PUFF: "the cheeks are puffed",
    Movement.LOWER_TEETH: "showing the lower teeth",
}


def observed(
    grades: Grades,
    said: Overall,
    signs: Signs,
    moments: Mapping[Movement, Moment],
    dynamics: Sequence[Dynamics],
) -> tuple[str, ...]:
    """Return what a clinician would note, a sentence each.

    Args:
        grades: What was found.
        said: Side and probability from all movements.
        signs: Of the side that is judged.
        moments: The face at rest and at the height of each movement.
        dynamics: The course of the movements in a video.
    """
    if signs.is_healthy:
        return (_of_a_healthy_face(signs, grades.house_brackmann.grade),)
    sentences = [
        *_about_the_side(grades, said, signs),
        *_about_the_forehead(signs),
        *_about_the_eye(grades, signs),
        *_about_gentle_closure(grades, signs),
        *_about_rest(grades, signs),
        *_about_the_smile(signs, moments),
        *_about_synkinesis(grades, signs),
        *_about_time(dynamics),
    ]
    return tuple(sentences)


def _of_a_healthy_face(signs: Signs, grade: int | None) -> str:
    filled_in = _filled_in(signs, ", which moves a little less")
    no_finding = (
        " House-Brackmann II is the most that is given without an affected side, and no finding of "
        "a palsy."
        if grade == _SLIGHT
        else ""
    )
    return (
        f"The two sides differ no more than in healthy people{filled_in}.{no_finding} Weakness of "
        "both sides alike would not show."
    )


def _filled_in(signs: Signs, which: str = "") -> str:
    """Return of which side the scales are; nothing without rest, since no scale is given then."""
    if signs.rest is None:
        return ""
    return f"; the scales are filled in for the {signs.affected} side{which}"


def _about_the_side(grades: Grades, said: Overall, signs: Signs) -> Iterator[str]:
    if grades.side is AffectedSide.NONE:
        is_told = grades.side_computed is not AffectedSide.UNCERTAIN
        which = ", the weaker one," if is_told else ", though it is uncertain which is affected,"
        filled_in = _filled_in(signs, f"{which} and count its weakness in full")
        yield (
            "No side was stated to be affected, but the two sides differ beyond healthy people "
            f"(probability of a palsy {probability_text(said.palsy_probability)}){filled_in}."
        )
    elif grades.side is AffectedSide.UNCERTAIN:
        yield f"The affected side is uncertain{_filled_in(signs)}."
    elif grades.side_computed is AffectedSide.NONE:
        yield (
            f"The {signs.affected} side was stated to be affected; the sides differ no more than "
            "in healthy people."
        )
    elif said.likelier is not signs.affected:
        yield (
            f"The {signs.affected} side was stated to be affected; the movements point to the "
            f"{said.likelier} side."
        )


def _about_the_forehead(signs: Signs) -> Iterator[str]:
    if signs.forehead is None:
        return
    share = signs.forehead.value
    percent = f"{100 * share:.0f} % of the other side"
    if share < _NO_MOVEMENT_BELOW:
        yield f"The forehead does not move on the {signs.affected} side."
    elif (
        share >= _SPARED_FROM and signs.mouth is not None and signs.mouth.value < _WEAK_MOUTH_BELOW
    ):
        yield (
            f"The forehead moves on the {signs.affected} side ({percent}) while the mouth is weak."
        )


def _about_the_eye(grades: Grades, signs: Signs) -> Iterator[str]:
    item = next(i for i in grades.house_brackmann.items if i.name == "eye")
    if item.value != 0 or grades.lagophthalmos_mm is None or grades.lagophthalmos_in is None:
        return
    gap = grades.lagophthalmos_mm[0 if signs.affected is Side.RIGHT else 1]
    while_ = _WHILE[grades.lagophthalmos_in]
    yield f"The {signs.affected} eye does not close: {gap:.1f} mm stay open while {while_}."


def _about_gentle_closure(grades: Grades, signs: Signs) -> Iterator[str]:
    """Tell of a gap that gentle closure leaves what no other sentence or number does."""
    gentle = signs.moved.get(Movement.EYE_CLOSE_GENTLE)
    item = next(i for i in grades.house_brackmann.items if i.name == "eye")
    is_told = item.value == 0 and grades.lagophthalmos_in is Movement.EYE_CLOSE_GENTLE
    if gentle is None or is_told:
        return
    own, other = signs.in_mm(gentle.affected), signs.in_mm(gentle.healthy)
    if own is None or other is None or own - other < _OPENS_MORE_MM:
        return
    if grades.lagophthalmos_in is not Movement.EYE_CLOSE_GENTLE:
        yield (
            f"Closed gently, the {signs.affected} eye stays open by {own:.1f} mm, the other one by "
            f"{other:.1f} mm."
        )
    elif Movement.EYE_CLOSE_TIGHT not in signs.moved:
        yield (
            f"The {signs.affected} eye stays open more than the other one when closed gently; how "
            "it closes with effort was not shown, and is inferred."
        )


def _about_rest(grades: Grades, signs: Signs) -> Iterator[str]:
    if signs.rest is None:
        yield "There is no photograph at rest: movement cannot be measured, and no scale is given."
        return
    item = next(i for i in grades.sunnybrook.items if i.name == "resting_mouth")
    if not item.value or signs.rest.corner is None:
        return
    corner = signs.in_mm(signs.rest.corner)
    if corner is None:
        return
    how = "sunk inwards" if corner < 0 else "drawn up"
    yield f"At rest the {signs.affected} corner of the mouth is {how} by {abs(corner):.1f} mm."


def _about_the_smile(signs: Signs, moments: Mapping[Movement, Moment]) -> Iterator[str]:
    smile = moments.get(Movement.SMILE)
    if smile is None:
        return
    shift = midline_shift(smile.face)
    healthy = signs.affected.opposite
    towards = shift if healthy is Side.LEFT else -shift
    scale = millimetres_of(moments.get(Movement.REST), smile)
    if towards >= _SHIFT and scale is not None:
        yield (
            f"Smiling, the middle of the lips is drawn {towards * scale.value:.1f} mm to the "
            f"{healthy} side."
        )


def _about_synkinesis(grades: Grades, signs: Signs) -> Iterator[str]:
    for found in grades.synkinesis:
        if found.degree is None or found.degree < _MODERATE:
            continue
        amount = "" if found.amount_mm is None else f" by {found.amount_mm:.1f} mm"
        what = {
            Region.EYE: f"the {signs.affected} eye narrows",
            Region.MOUTH: f"the {signs.affected} corner of the mouth rises",
            Region.BROW: f"the {signs.affected} brow rises",
        }[found.region]
        yield f"While {_WHILE[found.movement]}, {what} more than the other side{amount}."


def _about_time(dynamics: Sequence[Dynamics]) -> Iterator[str]:
    for course in dynamics:
        if course.lag is None or not course.lag_is_clear:
            continue
        later = Side.LEFT if course.lag > 0 else Side.RIGHT
        yield (
            f"While {_WHILE.get(course.segment.movement, 'moving')}, the {later} side begins "
            f"{abs(course.lag):.2f} s later."
        )
