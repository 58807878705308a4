"""What a picture is given beside the face: drawn by chance alone, the same for the same seed."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace

import cv2
import numpy as np
import pytest
from skimage import data

from facialis.clinical.anatomy import Side
from facialis.errors import InputError
from facialis.face.landmarks import interocular
from facialis.face.mesh import MIRROR
from facialis.face.search import find_faces
from facialis.media.photo import Frame
from facialis.regions.classes import Part
from facialis.simulation.age import AgeLines
from facialis.simulation.appearance import Appearance, applied, bare_skin, drawn_appearance
from facialis.simulation.beard import Beard
from facialis.simulation.camera import Camera
from facialis.simulation.chart import FaceChart
from facialis.simulation.fringe import Fringe
from facialis.simulation.glasses import Glasses
from facialis.simulation.light import SideLight

TRAITS = {
    "glasses": Glasses(reflection=0.3),
    "fringe": Fringe(side=Side.LEFT, amount=0.8, reach=0.15),
    "beard": Beard(length=0.06, cheeks=0.9, moustache=0.9, chin=1.0),
    "lines": AgeLines(forehead=0.6, frown=0.5, crows_feet=0.6, under_eye=0.6, nasolabial=0.6),
    "light": SideLight(azimuth=50, strength=0.6, shadow=0.8),
    "camera": Camera(exposure=0.2, defocus=0.01, noise=3.0, reduction=1.4, jpeg=70),
}
EVERYTHING = Appearance(**TRAITS, seed=5)


@pytest.fixture(scope="module")
def head() -> np.ndarray:
    """(256, 256, 3) a real head."""
    return cv2.resize(data.astronaut()[:230, 110:340], (256, 256), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def landmarks(head: np.ndarray) -> np.ndarray:
    return find_faces(Frame.from_array(head, name="head"))[0].points


@pytest.fixture(scope="module")
def mask(painted_face) -> np.ndarray:
    """Skin but for the hair round the head."""
    is_hair = (painted_face.pixels.sum(axis=2) < 200).astype(np.uint8)
    return np.where(is_hair, np.uint8(Part.HAIR), np.uint8(Part.SKIN))


def mirrored_points(points: np.ndarray, width: int) -> np.ndarray:
    flipped = points[MIRROR].copy()
    flipped[:, 0] = width - flipped[:, 0]
    return flipped


def test_a_plain_appearance_leaves_picture_and_mask(painted_face, mask) -> None:
    plain = Appearance(seed=3)
    assert plain.is_plain
    picture, parts = applied(painted_face.pixels, painted_face.points, plain, mask=mask)
    np.testing.assert_array_equal(picture, painted_face.pixels)
    np.testing.assert_array_equal(parts, mask)
    assert picture is not painted_face.pixels
    assert applied(painted_face.pixels, painted_face.points, plain)[1] is None


@pytest.mark.parametrize("name", list(TRAITS))
def test_each_trait_shows_and_none_is_lost_among_the_others(painted_face, name: str) -> None:
    alone = Appearance(**{name: TRAITS[name]}, seed=5)
    assert not alone.is_plain
    picture, _ = applied(painted_face.pixels, painted_face.points, alone)
    assert (picture != painted_face.pixels).mean() > 0.005
    all_of_them, _ = applied(painted_face.pixels, painted_face.points, EVERYTHING)
    without = replace(EVERYTHING, **{name: None})
    others, _ = applied(painted_face.pixels, painted_face.points, without)
    assert (all_of_them != others).mean() > 0.005


def test_the_same_appearance_gives_the_same_bytes_and_another_seed_others(painted_face) -> None:
    once, again, other = (
        applied(painted_face.pixels, painted_face.points, appearance)[0]
        for appearance in (EVERYTHING, EVERYTHING, replace(EVERYTHING, seed=6))
    )
    np.testing.assert_array_equal(once, again)
    assert (once != other).mean() > 0.1


def test_what_is_given_stays_unchanged(painted_face, mask) -> None:
    pixels, points, parts = painted_face.pixels.copy(), painted_face.points.copy(), mask.copy()
    applied(pixels, points, EVERYTHING, mask=parts)
    np.testing.assert_array_equal(pixels, painted_face.pixels)
    np.testing.assert_array_equal(points, painted_face.points)
    np.testing.assert_array_equal(parts, mask)


@pytest.mark.parametrize("flipped", [False, True])
def test_the_mirror_image_gets_the_mirrored_appearance(head, landmarks, flipped: bool) -> None:
    appearance = replace(EVERYTHING, is_flipped=flipped)
    parts = np.full((256, 256), Part.SKIN, np.uint8)
    one, one_mask = applied(head, landmarks, appearance, mask=parts)
    other, other_mask = applied(
        np.ascontiguousarray(head[:, ::-1]),
        mirrored_points(landmarks, 256),
        appearance.mirrored(),
        mask=parts,
    )
    np.testing.assert_array_equal(other[:, ::-1], one)
    np.testing.assert_array_equal(other_mask[:, ::-1], one_mask)
    assert appearance.mirrored().mirrored() == appearance


def test_swapping_side_and_lamp_alone_mirrors_the_picture_but_for_chance(painted_face) -> None:
    """Without the flip of chance: the drawing itself prefers no side."""
    one = Appearance(fringe=TRAITS["fringe"], light=TRAITS["light"], glasses=Glasses(), seed=2)
    other = replace(one.mirrored(), is_flipped=False)
    first, second = (
        applied(painted_face.pixels, painted_face.points, a)[0].astype(int) for a in (one, other)
    )
    apart = np.abs(first - second[:, ::-1]).mean()
    assert apart < 0.25 * np.abs(first - second).mean()
    assert apart < 1.5


def test_hair_over_the_brow_becomes_hair_in_the_mask(painted_face, mask) -> None:
    appearance = Appearance(fringe=TRAITS["fringe"], seed=1)
    picture, parts = applied(painted_face.pixels, painted_face.points, appearance, mask=mask)
    changed = parts != mask
    assert changed.sum() > 150
    assert (parts[changed] == Part.HAIR).all()
    darker = painted_face.pixels.astype(int).sum(axis=2) - picture.sum(axis=2)
    skin_before = painted_face.pixels[changed].sum(axis=1) > 400
    assert np.median(darker[changed][skin_before]) > 150


@pytest.mark.parametrize("name", ["glasses", "beard", "lines", "light", "camera"])
def test_nothing_else_changes_a_class(painted_face, mask, name: str) -> None:
    appearance = Appearance(**{name: TRAITS[name]})
    _, parts = applied(painted_face.pixels, painted_face.points, appearance, mask=mask)
    np.testing.assert_array_equal(parts, mask)


def test_bare_skin_is_neither_hair_nor_wall_nor_what_the_mask_calls_otherwise(
    painted_face, mask
) -> None:
    chart = FaceChart(painted_face.points)
    skin = bare_skin(painted_face.pixels, chart, None)
    assert skin[painted_face.box((0.3, 0.5), (0.2, 0.6))].min() > 0.9
    assert skin[painted_face.at(0.4, -0.22)] < 0.3
    assert skin[5, 5] < 0.3
    with_mask = mask.copy()
    with_mask[painted_face.box((0.3, 0.5), (0.2, 0.6))] = Part.FPP
    masked = bare_skin(painted_face.pixels, chart, with_mask)
    assert masked[painted_face.at(0.4, 0.4)] == 0


@pytest.mark.parametrize("size", [96, 192, 512])
def test_every_size_of_face_shows_the_same_scene(head, landmarks, size: int) -> None:
    appearance = replace(EVERYTHING, camera=None)
    medium, _ = applied(head, landmarks, appearance)
    scaled = cv2.resize(head, (size, size), interpolation=cv2.INTER_AREA)
    other, _ = applied(scaled, landmarks * size / 256, appearance)
    reference = cv2.resize(medium, (64, 64), interpolation=cv2.INTER_AREA).astype(float)
    small = cv2.resize(other, (64, 64), interpolation=cv2.INTER_AREA).astype(float)
    assert np.abs(reference - small).mean() < 4


def test_the_landmarker_still_finds_the_face_where_it_was(head, landmarks) -> None:
    for name, trait in TRAITS.items():
        picture, _ = applied(head, landmarks, Appearance(**{name: trait}, seed=2))
        found = find_faces(Frame.from_array(picture, name=name))[0].points
        moved = np.linalg.norm((found - landmarks)[:, :2], axis=1) / interocular(landmarks)
        assert np.median(moved) < 0.025, name


def test_drawing_sees_nothing_but_chance_and_who_can_grow_a_beard() -> None:
    assert list(inspect.signature(drawn_appearance).parameters) == [
        "rng",
        "plain_share",
        "grows_beard",
    ]


def test_traits_are_drawn_as_often_as_pictures_have_them() -> None:
    rng = np.random.default_rng(0)
    drawn = [drawn_appearance(rng) for _ in range(2000)]
    assert drawn[0] == drawn_appearance(np.random.default_rng(0))
    assert 0.15 < np.mean([a.is_plain for a in drawn]) < 0.26
    on_face = [n for n in TRAITS if n != "camera"]
    counts = np.array([sum(getattr(a, n) is not None for n in on_face) for a in drawn])
    assert (counts <= 3).mean() > 0.97
    assert 0.8 < counts.mean() < 1.4
    assert np.mean([a.is_flipped for a in drawn]) == pytest.approx(0.5, abs=0.04)
    assert len({a.seed for a in drawn}) > 1990
    assert all(drawn_appearance(rng, plain_share=1.0).is_plain for _ in range(20))
    assert not any(drawn_appearance(rng, grows_beard=False).beard for _ in range(300))


def test_a_person_without_beard_draws_all_else_alike() -> None:
    can = [drawn_appearance(np.random.default_rng(i)) for i in range(60)]
    cannot = [drawn_appearance(np.random.default_rng(i), grows_beard=False) for i in range(60)]
    assert [replace(a, beard=None) for a in can] == cannot


@pytest.mark.parametrize(
    ("picture", "points", "mask", "says"),
    [
        (np.zeros((8, 8), np.uint8), np.zeros((478, 3)), None, "picture"),
        (np.zeros((8, 8, 3), np.float32), np.zeros((478, 3)), None, "picture"),
        (np.zeros((8, 8, 3), np.uint8), np.zeros((468, 3)), None, "points"),
        (np.zeros((8, 8, 3), np.uint8), np.zeros((478, 3)), np.zeros((4, 8), np.uint8), "mask"),
    ],
)
def test_what_does_not_belong_together_is_refused(picture, points, mask, says: str) -> None:
    with pytest.raises(InputError, match=says):
        applied(picture, points, Appearance(), mask=mask)


def test_every_trait_is_tried_here() -> None:
    assert {f.name for f in fields(Appearance)} == {*TRAITS, "seed", "is_flipped"}
