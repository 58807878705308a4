"""Muscles move the mesh as anatomy says, on both sides alike."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.clinical.anatomy import Branch, Movement, Side
from facialis.errors import InputError
from facialis.face import mesh
from facialis.face.mesh import MIRROR, TEMPLATE, triangles
from facialis.simulation.movements import MOVEMENTS
from facialis.simulation.muscles import (
    ACTIONS,
    JAW,
    MUSCLES,
    Contractions,
    Crease,
    Kind,
    contracted,
    creases,
)
from facialis.simulation.skin import below_the_mouth, distances, half

Points = NDArray[np.float64]
MILLIMETRES = 90.0


def moved(contractions: Contractions) -> Points:
    return contracted(TEMPLATE, contractions) - TEMPLATE


def both(muscles: dict[str, float]) -> Contractions:
    return dict.fromkeys(Side, muscles)


def reflected(face: Points) -> Points:
    return face[MIRROR] * [-1, 1, 1]


@pytest.fixture
def uneven() -> Points:
    """A face that is nobody's mean: an eye narrower, a mouth ajar, a jaw to one side."""
    face = TEMPLATE + np.random.default_rng(5).normal(0, 0.004, TEMPLATE.shape)
    face[list(mesh.LEFT_UPPER_LID[1:-1]), 1] += 0.02
    face[list(mesh.RIGHT_LOWER_LIP_INNER[1:]), 1] += 0.05
    face[list(mesh.LEFT_LOWER_LIP_INNER[1:]), 1] += 0.05
    return face


@pytest.mark.parametrize(
    ("muscle", "branch"),
    [
        ("frontalis_medial", Branch.TEMPORAL),
        ("frontalis_lateral", Branch.TEMPORAL),
        ("corrugator", Branch.TEMPORAL),
        ("orbicularis_oculi_palpebral", Branch.ZYGOMATIC),
        ("zygomaticus_major", Branch.BUCCAL),
        ("levator_labii_superioris", Branch.BUCCAL),
        ("buccinator", Branch.BUCCAL),
        ("orbicularis_oris_upper", Branch.BUCCAL),
        ("orbicularis_oris_lower", Branch.MARGINAL_MANDIBULAR),
        ("depressor_anguli_oris", Branch.MARGINAL_MANDIBULAR),
        ("mentalis", Branch.MARGINAL_MANDIBULAR),
        ("platysma", Branch.CERVICAL),
    ],
)
def test_a_muscle_has_the_branch_that_anatomy_gives_it(muscle: str, branch: Branch) -> None:
    assert MUSCLES[muscle].branch is branch


def test_the_eye_is_opened_by_no_facial_muscle() -> None:
    assert not any("palpebrae" in m.name for m in MUSCLES.values())
    assert {m.name for m in MUSCLES.values() if m.kind is Kind.SPHINCTER} == {
        "orbicularis_oculi_palpebral",
        "orbicularis_oculi_orbital",
        "orbicularis_oris_upper",
        "orbicularis_oris_lower",
    }


def test_every_point_of_the_table_lies_on_the_right_half_or_the_midline() -> None:
    for muscle in MUSCLES.values():
        assert (TEMPLATE[[*muscle.origin, *muscle.insertion], 0] <= 1e-9).all(), muscle.name


@pytest.mark.parametrize("muscle", [m for m in MUSCLES.values() if m.kind is Kind.VECTOR])
def test_a_vector_muscle_draws_its_insertion_along_its_pull(muscle) -> None:
    way = moved({Side.RIGHT: {muscle.name: 1.0}})[list(muscle.insertion)].mean(axis=0)
    pull = np.array(muscle.pull) * [-1, 1, 1] / np.linalg.norm(muscle.pull)
    assert way @ pull > 0.3 * muscle.excursion
    assert way @ pull > 0.8 * np.linalg.norm(way)


@pytest.mark.parametrize("name", [*MUSCLES, *ACTIONS])
def test_either_side_moves_as_the_mirror_image_of_the_other(name: str, uneven: Points) -> None:
    right = contracted(uneven, {Side.RIGHT: {name: 0.7}})
    left = contracted(reflected(uneven), {Side.LEFT: {name: 0.7}})
    np.testing.assert_allclose(reflected(left), right, atol=1e-9)


@pytest.mark.parametrize("name", sorted(MUSCLES))
def test_irises_stay_and_the_other_half_hardly_follows(name: str) -> None:
    way = np.linalg.norm(moved({Side.RIGHT: {name: 1.0}}), axis=1)
    assert way[468:].max() == 0
    beyond = (TEMPLATE[:, 0] > 0.32) & (np.arange(478) < 468)
    # The other corner of the mouth is drawn along; all else there moves less than 2 mm.
    assert way[beyond].max() < 0.035
    assert np.quantile(way[beyond], 0.9) < 0.02


def test_no_contraction_leaves_the_face_as_it_is() -> None:
    np.testing.assert_array_equal(moved({}), 0)


@pytest.mark.parametrize(
    ("muscles", "point", "least", "most"),
    [
        # Excursions of healthy adults in the literature: brow 7-10 mm, commissure 7-14 mm.
        (MOVEMENTS[Movement.BROW_RAISE], 105, 7.0, 11.0),
        (MOVEMENTS[Movement.SMILE], mesh.RIGHT_COMMISSURE, 9.0, 14.0),
        (MOVEMENTS[Movement.PUCKER], mesh.RIGHT_COMMISSURE, 5.0, 10.0),
        (MOVEMENTS[Movement.SNARL], 39, 5.0, 10.0),
        (MOVEMENTS[Movement.LOWER_TEETH], 181, 5.0, 11.0),
    ],
)
def test_full_effort_moves_as_far_as_people_do(muscles, point, least, most) -> None:
    way = MILLIMETRES * np.linalg.norm(moved(both(muscles))[point, :2])
    assert least < way < most


def test_a_smile_lifts_and_widens_and_a_pucker_narrows() -> None:
    smile = moved(both(MOVEMENTS[Movement.SMILE]))[mesh.LEFT_COMMISSURE]
    assert smile[0] > 0.05
    assert smile[1] < -0.05
    assert moved(both(MOVEMENTS[Movement.PUCKER]))[mesh.LEFT_COMMISSURE, 0] < -0.05


def test_a_smile_of_one_side_draws_philtrum_and_the_other_corner_after_it() -> None:
    way = moved({Side.LEFT: MOVEMENTS[Movement.SMILE]})
    for point in (mesh.UPPER_LIP_TOP, mesh.SUBNASALE, mesh.RIGHT_COMMISSURE):
        assert way[point, 0] > 0.005
    assert way[mesh.LEFT_COMMISSURE, 0] > way[mesh.UPPER_LIP_TOP, 0]


@pytest.mark.parametrize("squeeze", [0.0, 1.0])
def test_closed_eyes_meet_whatever_their_opening(uneven: Points, squeeze: float) -> None:
    face = contracted(
        uneven,
        both({"orbicularis_oculi_palpebral": 1.0, "orbicularis_oculi_orbital": squeeze}),
    )
    for upper, lower in (
        (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID),
        (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID),
    ):
        np.testing.assert_allclose(face[list(upper)], face[list(lower)], atol=1e-9)


def test_the_eye_closes_steadily_and_mostly_from_above() -> None:
    openings = []
    for contraction in np.linspace(0, 0.5, 6):
        face = contracted(TEMPLATE, both({"orbicularis_oculi_palpebral": float(contraction)}))
        openings.append(face[145, 1] - face[159, 1])
    steps = np.diff(openings)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert openings[-1] == pytest.approx(0, abs=1e-9)
    closed = moved(both({"orbicularis_oculi_palpebral": 1.0}))
    assert closed[159, 1] > 3 * -closed[145, 1] > 0


def test_squeezing_lowers_the_brow_and_lifts_the_cheek() -> None:
    way = moved(both({"orbicularis_oculi_orbital": 1.0}))
    assert way[52, 1] > 0.02
    assert way[118, 1] < -0.02


@pytest.mark.parametrize("movement", list(Movement))
def test_lips_and_lids_never_pass_through_each_other(movement: Movement, uneven: Points) -> None:
    for side in Side:
        face = contracted(uneven, {side: MOVEMENTS[movement]})
        for upper, lower in (
            (mesh.RIGHT_UPPER_LIP_INNER, mesh.RIGHT_LOWER_LIP_INNER),
            (mesh.LEFT_UPPER_LIP_INNER, mesh.LEFT_LOWER_LIP_INNER),
            (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID),
            (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID),
        ):
            gap = face[list(lower[1:]), 1] - face[list(upper[1:]), 1]
            before = uneven[list(lower[1:]), 1] - uneven[list(upper[1:]), 1]
            assert (gap >= np.minimum(before, 0) - 1e-9).all()


@pytest.mark.parametrize(
    "movement", [m for m in Movement if not m.closes_the_eyes and m is not Movement.REST]
)
def test_the_skin_does_not_fold_over_itself(movement: Movement) -> None:
    front = triangles()
    front = front[(TEMPLATE[front, 2].max(axis=1) < 0.15)]
    # Around the openings lips and lids are thinner than landmarks are certain.
    rim = np.flatnonzero(np.abs(areas(TEMPLATE, front)) > 4e-4)
    for sides in ((Side.LEFT,), tuple(Side)):
        face = contracted(TEMPLATE, dict.fromkeys(sides, MOVEMENTS[movement]))
        before, after = areas(TEMPLATE, front)[rim], areas(face, front)[rim]
        assert (np.sign(before) == np.sign(after)).all()
        assert (after / before > 0.15).all()


def areas(face: Points, faces: NDArray[np.intp]) -> Points:
    a, b, c = (face[faces[:, i], :2] for i in range(3))
    return (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]


def test_pressed_lips_stay_closed_in_a_closed_smile_and_part_in_an_open_one() -> None:
    def gap(movement: Movement) -> float:
        face = contracted(TEMPLATE, both(dict(MOVEMENTS[movement])))
        return float(face[mesh.LOWER_LIP_INNER, 1] - face[mesh.UPPER_LIP_INNER, 1])

    assert gap(Movement.SMILE_CLOSED) < 0.005
    assert gap(Movement.SMILE) > 0.03
    assert gap(Movement.MOUTH_OPEN) > 0.2


def test_the_jaw_is_one_bone() -> None:
    np.testing.assert_allclose(moved({Side.RIGHT: {JAW: 0.8}}), moved(both({JAW: 0.4})), atol=1e-12)


def test_an_unknown_muscle_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="masseter"):
        contracted(TEMPLATE, {Side.LEFT: {"masseter": 1.0}})


def test_each_movement_deepens_its_own_lines_on_its_own_side() -> None:
    lines = creases({Side.LEFT: MOVEMENTS[Movement.BROW_RAISE]})
    assert lines[Side.LEFT, Crease.FOREHEAD_LINES] == 1
    assert lines[Side.RIGHT, Crease.FOREHEAD_LINES] == 0
    assert lines[Side.LEFT, Crease.NASOLABIAL_FOLD] == 0
    smile = creases(both(dict(MOVEMENTS[Movement.SMILE])))
    assert smile[Side.LEFT, Crease.NASOLABIAL_FOLD] > 0.8
    snarl = creases(both(dict(MOVEMENTS[Movement.SNARL])))
    assert snarl[Side.RIGHT, Crease.NASAL_LINES] > 0.7
    assert all(0 <= c <= 1 for lines in (smile, snarl) for c in lines.values())


def test_the_way_along_the_skin_is_symmetric_and_goes_round_the_mouth() -> None:
    way = distances()
    np.testing.assert_allclose(way, way.T)
    np.testing.assert_allclose(way, way[MIRROR][:, MIRROR])
    straight = np.linalg.norm(TEMPLATE[:468, None] - TEMPLATE[None, :468], axis=2)
    assert (way[:468, :468] >= straight - 1e-9).all()
    assert way[13, 14] > 0.4
    assert np.isinf(way[468, 0])


def test_halves_sum_to_one_and_the_mouth_divides_the_lips() -> None:
    np.testing.assert_allclose(half(Side.LEFT, 0.1) + half(Side.RIGHT, 0.1), 1)
    np.testing.assert_allclose(half(Side.LEFT, 0.1)[[0, 4, 152]], 0.5, atol=0.02)
    below = below_the_mouth()
    assert below[[13, 0, 37, 105]].max() < 0.05
    assert below[[14, 17, 84, 152]].min() > 0.95
    assert below[mesh.RIGHT_COMMISSURE] == pytest.approx(0.5, abs=0.2)
