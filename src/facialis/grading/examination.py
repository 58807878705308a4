"""Grade an examination: from the face at rest and in each movement to the scales."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import AffectedSide, Movement, Side
from facialis.grading.eface import eface
from facialis.grading.examined import Excursion, Grades, Item
from facialis.grading.house_brackmann import house_brackmann
from facialis.grading.observations import observed
from facialis.grading.overall import Overall, overall
from facialis.grading.signs import NO_REST, closing_ratio, closings, hidden_in, signs_of
from facialis.grading.sunnybrook import sunnybrook
from facialis.grading.synkinesis import synkinesis_matrix
from facialis.measures.excursions import JUDGED_BY, lid_gaps, millimetres_of, ways_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from facialis.grading.examined import Eface, HouseBrackmann, SunnybrookScore
    from facialis.grading.photograph import Verdict
    from facialis.grading.rules import Rules
    from facialis.grading.signs import Signs
    from facialis.measures.dynamic import Dynamics
    from facialis.measures.moment import Moment

BOTH_AFFECTED: Final = (
    "both sides were stated to be affected, so neither can be judged by the other"
)

_ONE_SIDE: Final = {AffectedSide.RIGHT: Side.RIGHT, AffectedSide.LEFT: Side.LEFT}


def graded(
    moments: Mapping[Movement, Moment],
    verdicts: Mapping[Movement, Verdict],
    *,
    rules: Rules,
    stated_side: AffectedSide | None = None,
    dynamics: Sequence[Dynamics] = (),
) -> Grades:
    """Grade an examination.

    Any movement may be missing, rest too; what needs it is then 'not measured'. On the forms a
    smile with closed lips stands in for one with the mouth open. Of rest alone, and
    where nothing can be measured, nothing is observed, and side and probability are those of nobody
    who moves. Where no side is stated to be affected but the sides differ beyond healthy people,
    the scales are those of the likelier side, without the tolerance for healthy people.

    Args:
        moments: The face at rest and at the height of each movement.
        verdicts: What each picture by itself says, of those that can be judged.
        rules: The table of rules and cut-offs.
        stated_side: What the clinician knows; it comes before what is computed.
        dynamics: The course of the movements in a video, for the observations.
    """
    shown, unseen = moments, unseen_movements(moments)
    moments = {m: moment for m, moment in shown.items() if m not in unseen}
    said = overall(moments, verdicts, rules)
    side = stated_side or said.side
    judged = _ONE_SIDE.get(side, said.likelier)
    # Healthy people's tolerance is no help where the sides differ beyond it, whatever is stated.
    is_healthy = side is AffectedSide.NONE and said.side is AffectedSide.NONE
    doubt = 1 - said.palsy_probability
    if stated_side is not None and (is_healthy or side is not AffectedSide.NONE):
        doubt = float(is_healthy)
    signs = signs_of(moments, judged, rules, is_healthy=is_healthy, doubt=doubt, unseen=unseen)
    synkinesis = synkinesis_matrix(moments, judged, rules, unseen, is_healthy=is_healthy)
    # On the forms a smile with closed lips stands in for one that was not shown; it counts once.
    on_forms = _with_a_smile(moments)
    form_signs, form_synkinesis = signs, synkinesis
    if on_forms is not moments:
        read = signs_of(on_forms, judged, rules, is_healthy=is_healthy, doubt=doubt, unseen=unseen)
        form_signs = replace(signs, moved=read.moved, why_not=read.why_not, missing=read.missing)
        form_synkinesis = synkinesis_matrix(on_forms, judged, rules, unseen, is_healthy=is_healthy)
    gap = lagophthalmos(moments, rules, stated_side)
    grades = Grades(
        side=side,
        side_computed=said.side,
        side_confidence=said.side_confidence,
        palsy_probability=said.palsy_probability,
        is_told=said.is_told,
        excursions=excursions(shown, _ONE_SIDE.get(side), rules),
        synkinesis=synkinesis,
        lagophthalmos_mm=None if gap is None else gap[1],
        lagophthalmos_in=None if gap is None else gap[0],
        house_brackmann=house_brackmann(signs, synkinesis, rules),
        sunnybrook=sunnybrook(form_signs, form_synkinesis, rules),
        eface=eface(on_forms, form_signs, rules),
        observations=(),
    )
    if set(shown) <= {Movement.REST} or (stated_side is None and not said.is_told):
        return grades
    if side is AffectedSide.BOTH:
        grades = _without_comparison(grades)
    timed = [each for each in dynamics if each.segment.movement not in unseen]
    return replace(grades, observations=_observations(grades, said, signs, on_forms, timed))


def unseen_movements(moments: Mapping[Movement, Moment]) -> dict[Movement, str]:
    """Return the movements whose region cannot be seen in them or at rest, and why.

    Args:
        moments: The face at rest and at the height of each movement.
    """
    rest = moments.get(Movement.REST)
    found = {}
    for movement, moment in moments.items():
        compared = (moment,) if rest is None else (rest, moment)
        regions = {site.region for site in JUDGED_BY.get(movement, ())}
        reasons = (hidden_in(region, *compared) for region in sorted(regions))
        if why := next(filter(None, reasons), None):
            found[movement] = why
    return found


def _with_a_smile(moments: Mapping[Movement, Moment]) -> Mapping[Movement, Moment]:
    """Return the movements with the one smile that there is as the open one of the forms."""
    if Movement.SMILE in moments or Movement.SMILE_CLOSED not in moments:
        return moments
    shown = dict(moments)
    shown[Movement.SMILE] = replace(shown.pop(Movement.SMILE_CLOSED), movement=Movement.SMILE)
    return shown


def excursions(
    moments: Mapping[Movement, Moment], affected: Side | None, rules: Rules
) -> tuple[Excursion, ...]:
    """Return how far every site that a movement is known by moves, on both sides.

    Args:
        moments: The face at rest and at the height of each movement.
        affected: The affected side; None if there is none, or more than one.
        rules: When an eye counts as closed.
    """
    rest, unseen = moments.get(Movement.REST), unseen_movements(moments)
    found = []
    for movement, moment in moments.items():
        if movement is Movement.REST:
            continue
        why = unseen.get(movement, NO_REST)
        if rest is None or movement in unseen:
            found += [
                Excursion(movement, site, None, None, None, None, None, moment.noise, why)
                for site in JUDGED_BY[movement]
            ]
            continue
        found += _measured(rest, moment, affected, rules)
    return tuple(found)


def _measured(rest: Moment, moment: Moment, affected: Side | None, rules: Rules) -> list[Excursion]:
    mm = millimetres_of(rest, moment)
    found = []
    for way in ways_of(rest, moment):
        right, left = way.length(Side.RIGHT), way.length(Side.LEFT)
        share = None
        if affected is not None:
            is_closure = moment.movement.closes_the_eyes
            share = (
                closing_ratio(rest, moment, affected, rules) if is_closure else way.share(affected)
            )
        found.append(
            Excursion(
                movement=moment.movement,
                site=way.sites[0],
                right=right,
                left=left,
                right_mm=None if mm is None else right * mm.value,
                left_mm=None if mm is None else left * mm.value,
                ratio=None if share is None else max(0.0, share),
                noise=way.noise,
                noise_mm=None if mm is None else way.noise * mm.value,
            )
        )
    return found


def lagophthalmos(
    moments: Mapping[Movement, Moment], rules: Rules, stated_side: AffectedSide | None = None
) -> tuple[Movement, tuple[float, float]] | None:
    """Return a closure of the eyes and the lid gap in it, in mm, of the right and the left eye.

    Both eyes in one picture: of the tight closure, or else of the gentle one. None without a
    closure or a scale. A closure in which neither eye closes does not count, since nobody may have
    tried, unless both sides were stated to be affected.

    Args:
        moments: The face at rest and at the height of each movement.
        rules: When an eye counts as closing.
        stated_side: What the clinician knows.
    """
    rest = moments.get(Movement.REST)
    for movement in (Movement.EYE_CLOSE_TIGHT, Movement.EYE_CLOSE_GENTLE):
        moment = moments.get(movement)
        if moment is None:
            continue
        counts = (
            rest is None
            or stated_side is AffectedSide.BOTH
            or max(closings(rest, moment)) >= rules.closure.healthy_closes
        )
        scale = millimetres_of(rest, moment)
        if counts and scale is not None:
            right, left = lid_gaps(moment.face)
            return movement, (right * scale.value, left * scale.value)
    return None


def _observations(
    grades: Grades,
    said: Overall,
    signs: Signs,
    moments: Mapping[Movement, Moment],
    dynamics: Sequence[Dynamics],
) -> tuple[str, ...]:
    if grades.side is AffectedSide.BOTH:
        return (
            "Both sides were stated to be affected: the scales compare one side with the other and "
            "are not given; excursions of each side are.",
        )
    return observed(grades, said, signs, moments, dynamics)


def _without_comparison(grades: Grades) -> Grades:
    """Return grades without what is judged by the other side."""
    return replace(
        grades,
        synkinesis=tuple(
            replace(s, amount=None, amount_mm=None, degree=None, not_measured=BOTH_AFFECTED)
            for s in grades.synkinesis
        ),
        house_brackmann=_no_house_brackmann(grades.house_brackmann),
        sunnybrook=_no_sunnybrook(grades.sunnybrook),
        eface=_no_eface(grades.eface),
    )


def _blank(items: Sequence[Item]) -> tuple[Item, ...]:
    return tuple(
        replace(item, value=None, interval=None, inputs={}, not_measured=BOTH_AFFECTED)
        for item in items
    )


def _no_house_brackmann(scale: HouseBrackmann) -> HouseBrackmann:
    return replace(
        scale,
        grade=None,
        interval=None,
        gross=None,
        function_percent=None,
        measured=None,
        points=None,
        conformal=(),
        coverage=None,
        items=_blank(scale.items),
        missing=(),
    )


def _no_sunnybrook(scale: SunnybrookScore) -> SunnybrookScore:
    return replace(
        scale,
        composite=None,
        interval=None,
        resting=None,
        voluntary=None,
        synkinesis=None,
        items=_blank(scale.items),
        missing=(),
    )


def _no_eface(scale: Eface) -> Eface:
    return replace(
        scale,
        items=_blank(scale.items),
        static=None,
        dynamic=None,
        synkinesis=None,
        auto=None,
        auto_items=_blank(scale.auto_items),
        missing=(),
    )
