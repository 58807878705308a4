"""From a lesion to what clinicians would write: rules from the scales' own words.

The forms give words, not percentages; the cut-offs chosen here stand in this one place. They are
applied to the lesion (what was simulated), never to a measure, and no grader shares them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Branch, Intensity, Movement, Region
from facialis.clinical.scales import HOUSE_BRACKMANN, SUNNYBROOK_MOVEMENTS, Sunnybrook
from facialis.simulation.lesion import COUPLED, Lesion
from facialis.simulation.movements import MOVEMENTS
from facialis.simulation.muscles import MUSCLES

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_MOVEMENT: Final = 0.05
"""Below this share of the healthy movement nothing is seen to move."""
VOLUNTARY_CUTS: Final = (NO_MOVEMENT, 0.4, 0.7, 0.95)
"""Sunnybrook's voluntary movement: none, slight, mild excursion, almost complete, complete."""
SYNKINESIS_CUTS: Final = (0.1, 0.35, 0.65)
"""Sunnybrook's synkinesis: none, mild, moderate, severe, by the strength of the coupling."""
ASYMMETRIC_AT_REST: Final = 0.3
"""From this share of a whole loss of tone, or contracture, a face is asymmetric at rest."""
FOLD_ABSENT: Final = 0.9
"""From this share of a whole loss of tone the nasolabial fold is absent."""
CLOSES_WITH_EFFORT: Final = 0.5
"""Share of its strength that the orbicularis oculi needs to close the eye with all effort."""
SLIGHT_LOSS: Final = 0.1
"""From this share of what a region should do, its loss is seen: intensity slight."""
STRONG_LOSS: Final = 0.5
"""From a half on, intensity strong."""

DRIVEN_BY: Final[Mapping[Region, frozenset[Movement]]] = {
    Region.BROW: frozenset({Movement.BROW_RAISE, Movement.FROWN}),
    Region.EYE: frozenset({Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT}),
    Region.MOUTH: frozenset(
        {Movement.SMILE_CLOSED, Movement.SMILE, Movement.SNARL, Movement.PUCKER}
    ),
}
"""The movements that excite the couplings of a region."""

REGION_OF: Final[Mapping[Branch, Region]] = {
    Branch.TEMPORAL: Region.BROW,
    Branch.ZYGOMATIC: Region.EYE,
    Branch.BUCCAL: Region.MOUTH,
    Branch.MARGINAL_MANDIBULAR: Region.MOUTH,
    Branch.CERVICAL: Region.MOUTH,
}
"""The region in which the weakness of a branch is seen."""

_MUST_CLOSE_FROM: Final = 4


def function(lesion: Lesion) -> Mapping[Region, float]:
    """Return what is left of the movement of each region, 0 to 1."""
    mouth = lesion.weakness_of(Branch.BUCCAL), lesion.weakness_of(Branch.MARGINAL_MANDIBULAR)
    return {
        Region.BROW: 1 - lesion.weakness_of(Branch.TEMPORAL),
        Region.EYE: 1 - lesion.weakness_of(Branch.ZYGOMATIC),
        Region.MOUTH: 1 - (2 * mouth[0] + mouth[1]) / 3,
    }


def closes_with_effort(lesion: Lesion) -> bool:
    """Whether the eye closes when squeezed with all effort."""
    return 1 - lesion.weakness_of(Branch.ZYGOMATIC) >= CLOSES_WITH_EFFORT


def asymmetric_at_rest(lesion: Lesion) -> bool:
    """Whether the face as a whole, the mean of its regions, is asymmetric before it moves."""
    return sum(_rest_loss(lesion, r) for r in Region) / len(Region) >= ASYMMETRIC_AT_REST


def house_brackmann(lesion: Lesion) -> int:
    """Return the gross House-Brackmann grade, 1 to 6 (METHODS §8.1).

    The grade's share of function is that of the mean of forehead, eye and mouth. Between III and IV
    the eye decides: III closes it with effort, IV does not. Noticeable synkinesis makes at least
    III, disfiguring synkinesis at least IV, any sign at all at least II.
    """
    left = function(lesion)
    share = 100 * sum(left.values()) / len(left)
    if max(left.values()) < NO_MOVEMENT:
        return 6
    grade = next(g.grade for g in HOUSE_BRACKMANN[:-1] if share > g.function[0] - 1)
    if grade in (_MUST_CLOSE_FROM - 1, _MUST_CLOSE_FROM):
        grade = _MUST_CLOSE_FROM - closes_with_effort(lesion)
    worst = max((_steps(c.strength, SYNKINESIS_CUTS) for c in lesion.couplings), default=0)
    grade = max(grade, 1 + worst)
    if grade == 1 and (min(left.values()) < VOLUNTARY_CUTS[-1] or asymmetric_at_rest(lesion)):
        return 2
    return grade


def sunnybrook(lesion: Lesion) -> Sunnybrook:
    """Return the filled Sunnybrook form of the affected side."""
    resting = _resting(lesion)
    cheek = int(resting[Region.MOUTH])
    if lesion.slackness(Branch.BUCCAL) >= FOLD_ABSENT:
        cheek = 2
    return Sunnybrook(
        eye=int(resting[Region.EYE]),
        cheek=cheek,
        mouth=int(resting[Region.MOUTH]),
        voluntary={m: 1 + _steps(moved(lesion, m), VOLUNTARY_CUTS) for m in SUNNYBROOK_MOVEMENTS},
        synkinesis={
            m: _steps(synkinesis_of(lesion, m), SYNKINESIS_CUTS) for m in SUNNYBROOK_MOVEMENTS
        },
    )


def intensities(lesion: Lesion, movement: Movement) -> Mapping[Region, Intensity]:
    """Return how strongly each region is seen to be affected in a movement (METHODS §8.4).

    A region shows what it fails to do in the movement, how it rests, and what moves along unasked;
    the largest of the three counts.
    """
    seen = {r: _rest_loss(lesion, r) for r in Region}
    for region in Region:
        used = {
            m: c
            for m, c in MOVEMENTS[movement].items()
            if m in MUSCLES and REGION_OF[MUSCLES[m].branch] is region
        }
        # What a region does only by the way is not seen to fail.
        if max(used.values(), default=0) >= SLIGHT_LOSS:
            loss = _weakness(lesion, used) * min(1.0, 2 * max(used.values()))
            seen[region] = max(seen[region], loss)
    for coupling in lesion.couplings:
        if movement in DRIVEN_BY[coupling.source]:
            region = REGION_OF[MUSCLES[coupling.target].branch]
            seen[region] = max(
                seen[region], coupling.strength * min(1.0, 2 * COUPLED[coupling.target])
            )
    return {r: _intensity(loss) for r, loss in seen.items()}


def moved(lesion: Lesion, movement: Movement) -> float:
    """Return the share, 0 to 1, of a healthy side's movement that the affected side makes."""
    used = {m: c for m, c in MOVEMENTS[movement].items() if m in MUSCLES}
    return 1 - _weakness(lesion, used)


def synkinesis_of(lesion: Lesion, movement: Movement) -> float:
    """Return the strength, 0 to 1, of the strongest coupling that a movement excites."""
    return max((c.strength for c in lesion.couplings if movement in DRIVEN_BY[c.source]), default=0)


def _weakness(lesion: Lesion, used: Mapping[str, float]) -> float:
    """Mean weakness of muscles, each by the way that it moves the skin."""
    ways = {m: c * MUSCLES[m].excursion for m, c in used.items()}
    total = sum(ways.values())
    if not total:
        return 0.0
    return sum(w * lesion.weakness_of(MUSCLES[m].branch) for m, w in ways.items()) / total


def _rest_loss(lesion: Lesion, region: Region) -> float:
    branch = next(b for b, r in REGION_OF.items() if r is region)
    return max(lesion.slackness(branch), 0.0 if region is Region.BROW else lesion.contracture)


def _resting(lesion: Lesion) -> dict[Region, bool]:
    return {r: _rest_loss(lesion, r) >= ASYMMETRIC_AT_REST for r in Region}


def _steps(value: float, cuts: tuple[float, ...]) -> int:
    return sum(value >= cut for cut in cuts)


def _intensity(loss: float) -> Intensity:
    if loss >= STRONG_LOSS:
        return Intensity.STRONG
    return Intensity.SLIGHT if loss >= SLIGHT_LOSS else Intensity.NONE
