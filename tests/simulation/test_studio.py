"""The studio: a picture, its masks, its depth, its landmarks and its truth fit one another."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from facialis.clinical.anatomy import Branch, Intensity, Movement, Region, Side
from facialis.face import mesh
from facialis.face.pose import head_pose
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.simulation.appearance import Appearance
from facialis.simulation.compose import Sitter
from facialis.simulation.course import Phase
from facialis.simulation.fringe import drawn_fringe
from facialis.simulation.lesion import Form, Lesion, standard_lesion
from facialis.simulation.masks import Attribute, Part
from facialis.simulation.nature import NaturalAsymmetry
from facialis.simulation.plan import Placement, Plan, Scene
from facialis.simulation.scoring import intensities, sunnybrook
from facialis.simulation.studio import Studio, palsied

SIDE = 160
EYES = {Side.RIGHT: Attribute.RIGHT_EYE, Side.LEFT: Attribute.LEFT_EYE}


def a_scene(movement: Movement = Movement.REST, lesion: Lesion | None = None, **changes) -> Scene:
    scene = Scene(
        name="x",
        subject="a",
        case=0,
        grade=1 if lesion is None else 4,
        lesion=lesion,
        movement=movement,
        phase=Phase.REST if movement is Movement.REST else Phase.HOLD,
        effort=dict.fromkeys(Side, 1.0),
        habit_seed=(0, 1, 2),
        quirk=None,
        yaw=0.0,
        pitch=0.0,
        placement=Placement(),
        appearance=Appearance(),
    )
    return replace(scene, **changes)


def weak(side: Side, **weakness: float) -> Lesion:
    return Lesion(side, {Branch(b): w for b, w in weakness.items()})


@pytest.fixture(scope="module")
def studio(photographed, smiling, resting) -> Studio:
    neutral = type(resting).of(resting.pixels, resting.points).cropped(200)
    return Studio(Sitter(neutral, smiling.cropped(200)), None, None, {"a_neutral.png": "0"}, SIDE)


@pytest.fixture(scope="module")
def picture(studio):
    return studio.rendered(a_scene())


def under(points, values):
    x, y = np.floor(points[:, :2]).astype(int).T
    return values[y, x]


def test_a_picture_and_all_that_belongs_to_it_have_one_size(picture):
    assert picture.pixels.shape == (SIDE, SIDE, 3)
    assert picture.parts.shape == picture.attributes.shape == picture.depth.shape == (SIDE, SIDE)
    assert picture.pixels.dtype == picture.parts.dtype == picture.attributes.dtype == np.uint8
    assert picture.depth.dtype == np.float32
    assert picture.points.shape == (478, 3)


def test_landmarks_lie_in_the_parts_that_they_mark(picture):
    irises = [mesh.RIGHT_IRIS_CENTRE, mesh.LEFT_IRIS_CENTRE]
    assert (under(picture.points[irises], picture.parts) == Part.EYE).all()
    np.testing.assert_array_equal(
        under(picture.points[irises], picture.attributes),
        [Attribute.RIGHT_EYE, Attribute.LEFT_EYE],
    )
    assert under(picture.points[[mesh.NOSE_TIP]], picture.attributes)[0] == Attribute.NOSE
    assert (under(picture.points[[50, 280]], picture.parts) == Part.SKIN).all()
    lips = picture.points[[mesh.UPPER_LIP_TOP, mesh.LOWER_LIP_BOTTOM]] + [[0, 1.5, 0], [0, -1.5, 0]]
    np.testing.assert_array_equal(
        under(lips, picture.attributes), [Attribute.UPPER_LIP, Attribute.LOWER_LIP]
    )
    assert picture.parts[-1, SIDE // 2] == Part.BACKGROUND
    assert (picture.parts == Part.HAIR).mean() > 0.1


def test_parts_and_attributes_agree(picture):
    pairs = {
        Part.BACKGROUND: [Attribute.BACKGROUND],
        Part.HAIR: [Attribute.HAIR],
        Part.EYE: [Attribute.LEFT_EYE, Attribute.RIGHT_EYE],
        Part.EYEBROW: [Attribute.LEFT_BROW, Attribute.RIGHT_BROW],
        Part.MOUTH: [Attribute.UPPER_LIP, Attribute.INNER_MOUTH, Attribute.LOWER_LIP],
        Part.SKIN: [Attribute.SKIN, Attribute.NOSE],
    }
    for part, attributes in pairs.items():
        np.testing.assert_array_equal(
            picture.parts == part, np.isin(picture.attributes, attributes)
        )


def test_depth_is_nearest_at_the_tip_of_the_nose(picture):
    row, column = np.unravel_index(picture.depth.argmax(), picture.depth.shape)
    gap = np.array([column + 0.5, row + 0.5]) - picture.points[mesh.NOSE_TIP, :2]
    assert np.linalg.norm(gap) < 0.12 * head_pose(picture.points).scale
    assert 0.8 < picture.depth.max() < 1.5
    assert picture.depth[2, 2] == 0


def test_the_landmarker_finds_the_face_where_its_landmarks_are_put(studio):
    scene = a_scene(placement=Placement(roll=6.0, zoom=1.05, shift=(0.02, -0.01)), yaw=4.0)
    made = studio.rendered(scene)
    (found,) = find_faces(Frame.from_array(made.pixels))
    off = np.linalg.norm(found.points[:, :2] - made.points[:, :2], axis=1)
    assert off.mean() < 0.04 * head_pose(made.points).scale


@pytest.mark.parametrize("roll", [-8.0, 5.0])
def test_placement_rolls_enlarges_and_shifts_everything_alike(studio, picture, roll):
    placement = Placement(roll=roll, zoom=1.06, shift=(0.03, -0.02))
    made = studio.rendered(a_scene(placement=placement))
    before, after = head_pose(picture.points), head_pose(made.points)
    assert after.roll - before.roll == pytest.approx(roll, abs=0.01)
    assert after.scale / before.scale == pytest.approx(1.06, rel=1e-3)
    cos, sin = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    turn = 1.06 * np.array([[cos, -sin], [sin, cos]])
    shift = SIDE / 2 + SIDE * np.array([0.03, -0.02]) - turn @ np.full(2, SIDE / 2)
    expected = picture.points[:, :2] @ turn.T + shift
    np.testing.assert_allclose(made.points[:, :2], expected, atol=1e-6)
    by_centres = np.column_stack((turn, shift + turn.sum(axis=1) / 2 - 0.5))
    for one, other in (
        (made.parts == Part.EYEBROW, picture.parts == Part.EYEBROW),
        (made.depth > 0.3, picture.depth > 0.3),
    ):
        moved = cv2.warpAffine(other.astype(np.float32), by_centres, (SIDE, SIDE)) > 0.5
        assert (one & moved).sum() > 0.8 * (one | moved).sum()


@pytest.mark.parametrize("roll", [-8.0, 0.0, 8.0])
def test_pixels_are_carried_to_where_landmarks_are(studio, roll):
    """The red of the photograph tells x, the green y."""
    portrait = studio.sitter.neutral
    y, x = np.mgrid[: portrait.pixels.shape[0], : portrait.pixels.shape[1]]
    ramp = type(portrait).of(np.stack((x, y, 0 * x), -1).astype(np.uint8), portrait.points)
    own = replace(studio, sitter=Sitter(ramp))
    made = own.untouched(a_scene(placement=Placement(roll=roll, zoom=0.92)))
    at, places = made.points[:, :2], np.floor(made.points[:, :2]) + 0.5
    cos, sin = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    zoom = head_pose(made.points).scale / portrait.pose.scale
    back = (places - at) @ np.array([[cos, -sin], [sin, cos]]) / zoom
    expected = portrait.points[:, :2] + back - 0.5
    gap = under(made.points, made.pixels)[:, :2] - expected
    assert np.abs(gap).max() < 1.2
    assert np.abs(gap.mean(axis=0)).max() < 0.06


def test_closed_eyes_have_no_eye_pixels(studio):
    made = studio.rendered(a_scene(Movement.EYE_CLOSE_GENTLE))
    assert (made.parts == Part.EYE).sum() < 8


@pytest.mark.parametrize("side", Side)
def test_a_weak_eye_and_half_mouth_are_fpp_and_the_healthy_ones_are_not(studio, side):
    lesion = weak(side, zygomatic=0.6, buccal=0.6)
    made, well = studio.rendered(a_scene(lesion=lesion)), studio.rendered(a_scene())
    fpp = made.parts == Part.FPP
    columns = np.arange(SIDE) + 0.5
    middle = made.points[168, 0]
    affected = columns > middle - 4 if side is Side.LEFT else columns < middle + 4
    assert fpp.sum() > 40
    assert not fpp[:, ~affected].any()
    assert (made.attributes[fpp] == EYES[side]).any()
    assert not (made.attributes[fpp] == EYES[side.opposite]).any()
    assert not (well.parts == Part.FPP).any()
    half_mouth = np.isin(made.attributes, [Attribute.UPPER_LIP, Attribute.LOWER_LIP])
    assert 0.2 < (fpp & half_mouth).sum() / half_mouth.sum() < 0.8


@pytest.mark.parametrize(
    ("weakness", "eye", "mouth"),
    [
        ({"zygomatic": 0.25, "buccal": 0.24}, True, False),
        ({"zygomatic": 0.24, "buccal": 0.25}, False, True),
        ({"marginal_mandibular": 0.25}, False, True),
        ({"temporal": 1.0, "cervical": 1.0, "zygomatic": 0.249}, None, None),
        ({"zygomatic": 1.0, "buccal": 1.0}, True, True),
    ],
)
def test_a_part_is_fpp_from_a_quarter_of_weakness_of_its_branch_on(weakness, eye, mouth):
    found = palsied(weak(Side.LEFT, **weakness))
    if eye is None:
        assert found is None
    else:
        assert (found.side, found.eye, found.mouth) == (Side.LEFT, eye, mouth)


def test_healthy_people_have_no_palsied_part():
    assert palsied(None) is None


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("side", Side)
def test_the_truth_is_the_lesion(studio, form, side):
    lesion = standard_lesion(4, side, form)
    truth = studio.rendered(a_scene(Movement.SMILE, lesion, yaw=2.0, case=3)).truth
    assert truth.lesion.side == side
    assert truth.lesion.weakness == {b: pytest.approx(lesion.weakness_of(b)) for b in Branch}
    assert truth.lesion.tone_loss == pytest.approx(lesion.tone_loss)
    assert truth.lesion.contracture == pytest.approx(lesion.contracture)
    assert len(truth.lesion.couplings) == len(lesion.couplings)
    assert truth.grade == 4
    form_ = sunnybrook(lesion)
    assert truth.sunnybrook.composite == form_.composite
    assert truth.sunnybrook.voluntary == form_.voluntary
    assert truth.intensities == intensities(lesion, Movement.SMILE)
    assert (truth.subject, truth.case, truth.movement) == ("a", 3, Movement.SMILE)
    assert (truth.yaw, truth.pitch, truth.phase) == (2.0, 0.0, "hold")
    assert truth.made_from == {"a_neutral.png": "0"}


def test_the_truth_of_a_healthy_face_has_no_lesion(picture):
    assert picture.truth.lesion is None
    assert picture.truth.sunnybrook is None
    assert picture.truth.grade == 1
    assert set(picture.truth.intensities.values()) == {Intensity.NONE}
    assert set(picture.truth.intensities) == set(Region)


def test_a_movement_hardly_begun_is_seen_as_rest(studio):
    lesion = Lesion(Side.LEFT, dict.fromkeys(Branch, 0.6))
    begun = a_scene(Movement.SMILE, lesion, effort=dict.fromkeys(Side, 0.1))
    assert intensities(lesion, Movement.REST) != intensities(lesion, Movement.SMILE)
    assert studio.rendered(begun).truth.intensities == intensities(lesion, Movement.REST)


def test_a_quirk_is_told_and_seen(studio):
    quirk = {Side.RIGHT: {"orbicularis_oculi_palpebral": 1.0}, Side.LEFT: {}}
    made = studio.rendered(a_scene(quirk=quirk))
    assert made.truth.quirk == {Side.RIGHT: {"orbicularis_oculi_palpebral": 1.0}}
    assert (made.attributes == Attribute.RIGHT_EYE).sum() < 6
    assert (made.attributes == Attribute.LEFT_EYE).sum() > 15


def test_hair_that_hides_the_face_is_hair_in_both_maps(studio, picture):
    fringe = drawn_fringe(np.random.default_rng(1))
    made = studio.rendered(a_scene(appearance=Appearance(fringe=fringe, seed=4)))
    covered = (made.parts == Part.HAIR) & (picture.parts != Part.HAIR)
    assert covered.sum() > 20
    np.testing.assert_array_equal(made.parts == Part.HAIR, made.attributes == Attribute.HAIR)
    assert "fringe" in made.truth.appearance


def test_nobody_without_hair_has_it_combed_over_the_brow(studio):
    bald = Studio(Sitter(_shaven(studio.sitter.neutral)), None, None, studio.made_from, studio.side)
    appearance = Appearance(fringe=drawn_fringe(np.random.default_rng(1)), seed=4)
    made = bald.rendered(a_scene(appearance=appearance))
    assert "fringe" not in made.truth.appearance
    assert (made.parts == Part.HAIR).mean() < 0.05


def _shaven(portrait):
    """The head without hair: its forehead's colour above, the wall beside."""
    pixels = portrait.pixels.copy()
    oval = portrait.points[list(mesh.FACE_OVAL), :2]
    face = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(face, [np.round(oval).astype(np.int32)], 1)
    skin = pixels[face > 0].reshape(-1, 3).mean(axis=0)
    wall = pixels[:8, :8].reshape(-1, 3).mean(axis=0)
    centre, unit = oval.mean(axis=0), portrait.pose.scale
    dome = np.zeros_like(face)
    at = (round(centre[0]), round(centre[1] - 0.35 * unit))
    cv2.ellipse(dome, at, (round(0.8 * unit), round(0.95 * unit)), 0, 0, 360, 1, -1)
    above = np.arange(pixels.shape[0])[:, None] < portrait.points[152, 1]
    pixels[(face == 0) & above] = wall
    pixels[(dome > 0) & (face == 0) & above] = skin
    return type(portrait).of(pixels, portrait.points)


def test_a_habit_belongs_to_its_seed(studio, smiling, resting):
    faces = [resting.face, smiling.face, resting.face * [1.02, 1, 1] + [0.004, 0, 0]]
    own = replace(studio, asymmetry=NaturalAsymmetry.of(faces))
    one = own.rendered(a_scene())
    np.testing.assert_array_equal(one.points, own.rendered(a_scene()).points)
    other = own.rendered(a_scene(habit_seed=(9, 9)))
    assert np.abs(one.points - other.points).max() > 0.02
    plain = studio.rendered(a_scene())
    assert np.abs(one.points - plain.points).max() > 0.02


def test_every_picture_can_be_made_again(studio):
    scene = next(iter(Plan(per_subject=1, seed=4).scenes("a")))
    one, two = studio.rendered(scene), studio.rendered(scene)
    for kind in ("pixels", "points", "parts", "attributes", "depth"):
        np.testing.assert_array_equal(getattr(one, kind), getattr(two, kind))
    assert one.truth == two.truth


@pytest.mark.parametrize("movement", [Movement.REST, Movement.SMILE])
def test_an_untouched_picture_is_the_photograph_placed_like_the_scene(studio, movement):
    placement = Placement(roll=3.0, zoom=0.95)
    scene = a_scene(movement, placement=placement)
    control, made = studio.untouched(scene), studio.rendered(scene)
    np.testing.assert_allclose(control.points, made.points, atol=0.02)
    gap = np.abs(control.pixels.astype(int) - made.pixels).max(axis=2)
    assert gap.mean() < 1.5
    alone = replace(studio, sitter=Sitter(studio.sitter.neutral))
    assert alone.untouched(scene).pixels.shape == (SIDE, SIDE, 3)


@pytest.mark.slow
def test_real_people_are_rendered_with_eyes_where_their_irises_are(real_sitters):
    for sitter in real_sitters:
        studio = Studio(sitter, None, None, {}, 256)
        for scene in list(Plan(per_subject=8, seed=1).scenes("a"))[:8]:
            made = studio.rendered(scene)
            if scene.movement.closes_the_eyes or scene.quirk:
                continue
            irises = [mesh.RIGHT_IRIS_CENTRE, mesh.LEFT_IRIS_CENTRE]
            seen = under(made.points[irises], made.parts)
            assert np.isin(seen, [Part.EYE, Part.FPP, Part.HAIR]).all()
