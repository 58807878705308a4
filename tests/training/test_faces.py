"""Where training faces come from: photographs, a head model, and what is made of them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.transform import Rotation

from facialis.errors import InputError
from facialis.face.expressions import EXPRESSION_POINTS
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.simulation.ict_head import LANDMARK_VERTICES
from facialis.training import face_pool, labelled_faces
from facialis.training.face_pool import FacePool, normalised, read_faces, turned
from facialis.training.face_sampler import FaceSampler
from facialis.training.head_model import read_head_model

CHOSEN = list(EXPRESSION_POINTS)
RIGHT_CANTHUS, LEFT_CANTHUS = CHOSEN.index(33), CHOSEN.index(263)


class PaintedLandmarker:
    """Finds the mean face in every picture but black ones."""

    name = "painted"

    def in_both_orientations(self, pixels):
        if pixels.max() == 0:
            return [], []
        face = 20 * TEMPLATE + [pixels.shape[1] / 2 + 3, 40, 0]
        back = (face * [-1, 1, 1] + [pixels.shape[1], 0, 0])[MIRROR]
        return [face], [back + np.array([2, 0, 0])]


def photographs(folder, names, level=128):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (100, 90), (level, level, level)).save(file)


def test_faces_are_read_in_both_orientations_with_person_and_expression(tmp_path):
    photographs(tmp_path, ["london/001_neutral.jpg", "london/001_smile.jpg", "composite/a.jpg"])
    photographs(tmp_path, ["london/002_neutral.jpg"], level=0)
    pool = read_faces(tmp_path, PaintedLandmarker())
    assert pool.photographs == ("composite/a", "london/001_neutral", "london/001_smile")
    assert pool.people == ("composite/a", "london/001", "london/001")
    assert pool.smiling == (False, False, True)
    as_is, _, averaged = pool.points[0]
    np.testing.assert_allclose(averaged, as_is - [1, 0, 0])


def test_a_folder_without_faces_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no photograph with a face"):
        read_faces(tmp_path, PaintedLandmarker())


def test_no_person_is_both_learned_on_and_held_out(pool):
    known, held_out = pool.split(2, seed=3)
    assert len(set(held_out.people)) == 2
    assert set(known.people).isdisjoint(held_out.people)
    assert len(known.photographs) + len(held_out.photographs) == len(pool.photographs)
    assert pool.split(2, seed=3)[1].people == held_out.people


def test_normalised_faces_have_level_canthi_one_unit_apart(pool):
    rolled = turned(pool.points[:, 0], *(np.full(12, a) for a in (0.2, -0.1, 0.7)))
    faces = normalised(rolled)
    across = faces[:, LEFT_CANTHUS] - faces[:, RIGHT_CANTHUS]
    np.testing.assert_allclose(np.linalg.norm(across, axis=1), 1)
    np.testing.assert_allclose(across[:, 1], 0, atol=1e-9)
    assert (across[:, 0] > 0).all()


def test_turning_agrees_with_scipys_rotations(pool):
    yaw, pitch, roll = 0.4, -0.3, 1.1
    angles = (np.full(12, a) for a in (yaw, pitch, roll))
    found = turned(pool.points[:, 0], *angles)
    about_y = Rotation.from_euler("y", -yaw)
    about_x = Rotation.from_euler("x", pitch)
    about_z = Rotation.from_euler("z", roll)
    rotation = (about_z * about_x * about_y).as_matrix()
    np.testing.assert_allclose(found, pool.points[:, 0] @ rotation.T)


def test_invented_faces_depend_on_the_seed_alone(pool, head):
    sampler = FaceSampler(pool, head)
    one, two, other = (sampler.sample(np.random.default_rng(s), 200) for s in (0, 0, 1))
    assert one.shape == (200, 146, 2)
    assert np.isfinite(one).all()
    assert (one == two).all()
    assert (one != other).any()


def test_invented_faces_vary_and_stay_near_real_ones(pool, head):
    faces = FaceSampler(pool, head).sample(np.random.default_rng(0), 2000)
    across = np.linalg.norm(faces[:, LEFT_CANTHUS] - faces[:, RIGHT_CANTHUS], axis=1)
    assert 120 < np.percentile(across, 5) < np.percentile(across, 95) < 280
    assert faces.std(axis=0).min() > 1


def test_a_pool_without_smiles_or_head_model_can_be_drawn_from(pool):
    resting = [i for i, s in enumerate(pool.smiling) if not s]
    still = FacePool(
        pool.points[resting],
        tuple(pool.photographs[i] for i in resting),
        tuple(pool.people[i] for i in resting),
        tuple(False for _ in resting),
    )
    assert FaceSampler(still, None).sample(np.random.default_rng(0), 10).shape == (10, 146, 2)


@pytest.fixture
def ict(tmp_path):
    """Write a head whose landmark vertices lie where the mean face has its points."""
    rng = np.random.default_rng(0)
    vertices = rng.uniform([-0.8, -0.6, -0.5], [0.8, 1.3, 0.6], (9500, 3))
    for point, vertex in LANDMARK_VERTICES.items():
        vertices[vertex] = TEMPLATE[point]
    blink = np.zeros_like(vertices)
    blink[:4000, 1] = np.where(vertices[:4000, 1] < 0, 0.1, 0)
    for upper in (1542, 1537, 3751, 3756):
        blink[upper, 1] = 0.1
    jaw = np.zeros_like(vertices)
    jaw[:, 1] = np.where(vertices[:, 1] > 0.745, 0.3, 0)
    turn = Rotation.from_euler("xyz", [0.1, 0.2, -0.1]).as_matrix()
    axes = np.array([1, -1, -1])
    file = tmp_path / "head.npz"
    np.savez(
        file,
        neutral=(9 * vertices @ turn + 3) * axes,
        identity=(9 * rng.normal(size=(2, *vertices.shape)) @ turn * axes),
        expression=9 * np.stack([blink, 0 * blink, jaw]) @ turn * axes,
        expression_names=np.array(["eyeBlink_L", "eyeBlink_R", "jawOpen"]),
    )
    return file


def test_a_head_model_is_carried_over_in_our_axes_and_unit(ict):
    model = read_head_model(ict)
    assert model.identity.shape == (2, 146, 3)
    jaw = model.expression[model.expression_names.index("jawOpen")]
    np.testing.assert_allclose(jaw[CHOSEN.index(17)], [0, 0.3, 0], atol=1e-6)
    np.testing.assert_allclose(jaw[CHOSEN.index(0)], 0, atol=1e-6)


def test_the_lips_take_their_fields_from_their_own_side_of_the_mouth(ict):
    model = read_head_model(ict)
    jaw = model.expression[model.expression_names.index("jawOpen")]
    for upper, lower in ((80, 88), (81, 178), (310, 318)):
        assert jaw[CHOSEN.index(upper), 1] < 0.01
        assert jaw[CHOSEN.index(lower), 1] > 0.29


def test_irises_do_not_follow_the_skin(ict):
    model = read_head_model(ict)
    assert (model.expression[:, CHOSEN.index(468) :] == 0).all()


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_a_file_that_is_no_head_model_is_refused(tmp_path, content):
    file = tmp_path / "head.npz"
    file.write_bytes(content)
    with pytest.raises(InputError, match="is not the ICT head"):
        read_head_model(file)


def test_pieces_that_are_there_are_kept_and_the_missing_one_is_made_alike(pool, teacher, tmp_path):
    calls = []

    def counting(points):
        calls.append(len(points))
        return teacher(points)

    sampler = FaceSampler(pool, None)
    settings = {"count": 250, "seed": 4, "piece": 100}
    assert list(labelled_faces.label(sampler, counting, tmp_path, **settings)) == [100, 200, 300]
    first = labelled_faces.read_labelled(tmp_path, count=250, piece=100)
    (tmp_path / "001.npz").unlink()
    list(labelled_faces.label(sampler, counting, tmp_path, **settings))
    again = labelled_faces.read_labelled(tmp_path, count=250, piece=100)
    assert calls == [100, 100, 100, 100]
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    scores = 1 / (1 + np.exp(-again[1]))
    np.testing.assert_allclose(scores, teacher(again[0]), atol=1e-5)


def test_reading_needs_no_landmarker_of_its_own_until_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(face_pool, "default_landmarker", PaintedLandmarker)
    photographs(tmp_path, ["london/001_neutral.jpg"])
    assert read_faces(tmp_path).people == ("london/001",)
