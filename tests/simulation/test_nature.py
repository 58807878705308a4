"""Natural asymmetry has the spread it was learned from; quirks are alike on both sides."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.errors import InputError
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.simulation.muscles import MUSCLES
from facialis.simulation.nature import QUIRKS, NaturalAsymmetry, drawn_quirk, together

Points = NDArray[np.float64]


@pytest.fixture(scope="module")
def faces() -> list[Points]:
    """Forty faces that differ in the height of a brow and the place of the chin."""
    rng = np.random.default_rng(1)
    made = []
    for _ in range(40):
        face = TEMPLATE + rng.normal(0, 0.0005, TEMPLATE.shape)
        face[334, 1] += rng.normal(0, 0.02)
        face[152, 0] += rng.normal(0, 0.01)
        made.append(face)
    return made


def test_drawn_asymmetry_spreads_as_the_faces_do(faces: list[Points]) -> None:
    nature = NaturalAsymmetry.of(faces)
    rng = np.random.default_rng(2)
    drawn = np.stack([nature.drawn(rng) for _ in range(600)])

    def brow(shapes: Points) -> Points:
        return shapes[..., 334, 1] - shapes[..., 105, 1]

    measured = np.sqrt(np.mean(brow(np.stack(faces) - TEMPLATE) ** 2))
    assert np.std(brow(drawn)) == pytest.approx(measured, rel=0.15)
    assert abs(brow(drawn).mean()) < 0.15 * measured
    assert np.std(drawn[:, 152, 0]) == pytest.approx(0.01, rel=0.35)


def test_what_is_drawn_is_asymmetry_and_nothing_else(faces: list[Points]) -> None:
    way = NaturalAsymmetry.of(faces).drawn(np.random.default_rng(3))
    np.testing.assert_allclose(way[MIRROR] * [-1, 1, 1], -way, atol=1e-12)


def test_scale_scales_and_symmetric_faces_give_nothing(faces: list[Points]) -> None:
    nature = NaturalAsymmetry.of(faces)
    once = nature.drawn(np.random.default_rng(4))
    twice = nature.drawn(np.random.default_rng(4), scale=2.0)
    np.testing.assert_allclose(twice, 2 * once)
    assert 1 <= len(nature.modes) <= len(faces)
    none = NaturalAsymmetry.of([TEMPLATE] * 4).drawn(np.random.default_rng(5))
    np.testing.assert_allclose(none, 0, atol=1e-9)


def test_too_few_or_broken_faces_are_refused(faces: list[Points]) -> None:
    with pytest.raises(InputError, match="2 faces"):
        NaturalAsymmetry.of(faces[:2])
    with pytest.raises(InputError, match="face 1"):
        NaturalAsymmetry.of([faces[0], faces[1][:468], faces[2]])
    broken = faces[2].copy()
    broken[0, 0] = np.nan
    with pytest.raises(InputError, match="face 2"):
        NaturalAsymmetry.of([faces[0], faces[1], broken])


def test_quirks_move_one_side_and_either_side_alike() -> None:
    rng = np.random.default_rng(6)
    drawn = [drawn_quirk(rng, share=1.0) for _ in range(400)]
    sides = Counter(side for quirk in drawn if quirk for side in quirk)
    assert all(quirk is not None and len(quirk) == 1 for quirk in drawn)
    assert 0.4 < sides[Side.LEFT] / 400 < 0.6
    kinds = {frozenset(next(iter(quirk.values()))) for quirk in drawn if quirk}
    assert kinds == {frozenset(q) for q in QUIRKS.values()}
    assert all(m in MUSCLES for q in QUIRKS.values() for m in q)


def test_quirks_are_as_frequent_as_asked() -> None:
    rng = np.random.default_rng(7)
    assert sum(drawn_quirk(rng, share=0.25) is not None for _ in range(800)) == pytest.approx(
        200, abs=40
    )
    assert drawn_quirk(rng, share=0.0) is None


def test_of_two_actions_at_once_each_muscle_does_the_stronger() -> None:
    first = {Side.LEFT: {"mentalis": 0.2, "risorius": 0.9}}
    second = {Side.LEFT: {"mentalis": 0.5}, Side.RIGHT: {"platysma": 0.1}}
    assert together(first, second) == {
        Side.LEFT: {"mentalis": 0.5, "risorius": 0.9},
        Side.RIGHT: {"platysma": 0.1},
    }
    assert together(first, None) is first
