"""Rendered heads, on a head whose surface is known in closed form, and on the real one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from facialis.cli import main
from facialis.clinical.anatomy import Branch, Movement, Side
from facialis.clinical.scales import Scale
from facialis.datasets.manifest_files import read_manifest, verify
from facialis.datasets.truth import read_truth
from facialis.errors import InputError
from facialis.face.mesh import LEFT_UPPER_LID, MIRROR, RIGHT_UPPER_LID, TEMPLATE
from facialis.face.search import find_faces
from facialis.media.photo import Frame, read_photo
from facialis.regions.classes import Part
from facialis.simulation import drawn_heads, head_cohort
from facialis.simulation.depth import ROTATION_CENTRE, depth_map
from facialis.simulation.head_cohort import HeadCohort, build_head_cohort
from facialis.simulation.head_expressions import EXPRESSIONS_OF_MUSCLES, expression_weights
from facialis.simulation.heads import Look, View, rendered_head
from facialis.simulation.ict_head import (
    FACE_VERTICES,
    LANDMARK_VERTICES,
    Head,
    read_head,
    read_head_file,
)
from facialis.simulation.lesion import Lesion
from facialis.simulation.masks import Palsied
from facialis.simulation.muscles import ACTIONS, MUSCLES
from facialis.simulation.palsy import acted
from facialis.simulation.rasteriser import rasterised

SIDE = 97
FRONT = View(0, 0, 0, 60, (80, 70))
SIZE = (160, 160)
NAMES = ("eyeBlink_L", "eyeBlink_R", "jawOpen", "mouthSmile_L", "mouthSmile_R", "mouthPucker")
EYES = {"Right": -0.35, "Left": 0.35}


def surface(x, y):
    """Depth of the known face: a bowl, its lowest point near the mouth, nearest to the viewer."""
    return -0.45 + 0.9 * x**2 + 0.35 * (y - 0.4) ** 2


def grid_face():
    """9409 vertices on the bowl, the 68 landmarks among them, and its quads."""
    across, down = np.linspace(-0.85, 0.85, SIDE), np.linspace(-1.1, 1.3, SIDE)
    x, y = (g.ravel() for g in np.meshgrid(across, down))
    vertices = np.stack((x, y, surface(x, y)), axis=1)
    index = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    quads = np.stack([e.ravel() for e in (a, b, c, d)], axis=1)
    # A vertex lies under each landmark: it changes its number with the one that has to be there.
    number = np.arange(len(vertices))
    tree = cKDTree(vertices[:, :2])
    taken: set[int] = set()
    for point, vertex in LANDMARK_VERTICES.items():
        near = tree.query(TEMPLATE[point, :2], k=30)[1]
        there = next(int(i) for i in near if int(i) not in taken)
        here = int(np.nonzero(number == vertex)[0][0])
        number[here], number[there] = number[there], number[here]
        taken.add(there)
    ordered = np.empty_like(vertices)
    ordered[number] = vertices
    return ordered, number[quads]


def patch(x, y, z, half):
    """Vertices and the one quad of a small square that faces the viewer."""
    corners = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    return np.column_stack((corners + np.array([x, y]), np.full(4, z)))


def known_file(folder: Path) -> Path:
    """A head file: the bowl, two eyes in front of it, and a back of the head."""
    face, quads = grid_face()
    vertices, polygons = [face], [quads]
    material = ["M_Face"] * len(quads)
    pieces = [("M_BackHead", patch(0, -0.2, 0.95, 1.1)), ("M_EyeLashes", patch(0, 0, -1.5, 0.3))]
    for name, x in EYES.items():
        pieces += [(f"M_Sclera{name}", patch(x, 0.0, -0.34, 0.06))]
        pieces += [(f"M_Iris{name}", patch(x, 0.0, -0.3, 0.02))]
    for name, corners in pieces:
        first = sum(len(v) for v in vertices)
        vertices.append(corners)
        polygons.append(first + np.arange(4)[None])
        material.append(name)
    # The last polygon is a triangle.
    first = sum(len(v) for v in vertices)
    vertices.append(patch(0, 2, 0.9, 0.1)[:3])
    polygons.append(np.array([[first, first + 1, first + 2, -1]]))
    material.append("M_BackHead")
    neutral = np.concatenate(vertices)
    expression = np.zeros((len(NAMES), *neutral.shape))
    x, y = neutral[:, 0], neutral[:, 1]
    skin = np.arange(len(neutral)) < FACE_VERTICES
    for row, sign in ((0, 1), (1, -1)):
        lid = skin & (sign * x > 0.1) & (y < 0) & (y > -0.15)
        expression[row, lid, 1] = 0.08
    expression[2, skin & (y > 0.745), 1] = 0.2
    for row, sign in ((3, 1), (4, -1)):
        expression[row, :, 0] = (
            sign * 0.1 * np.exp(-((x - sign * 0.25) ** 2 + (y - 0.75) ** 2) / 0.02)
        )
    expression[5, :, 2] = -0.2 * np.exp(-(x**2 + (y - 0.75) ** 2) / 0.05)
    axes = np.array([1, -1, -1])
    file = folder / "head.npz"
    np.savez(
        file,
        neutral=7 * neutral * axes,
        identity=np.stack([0.7 * neutral * [0.1, 0, 0], np.zeros_like(neutral)]) * axes,
        expression=7 * expression * axes,
        expression_names=np.array(NAMES),
        faces=np.concatenate(polygons),
        material=np.array(material),
    )
    return file


@pytest.fixture(scope="module")
def head(tmp_path_factory) -> Head:
    return read_head(known_file(tmp_path_factory.mktemp("head")))


def both(name, weight):
    return {side: {name: weight} for side in Side}


def render(head, weights=None, view=FRONT, **options):
    return rendered_head(head, np.zeros(0), weights or {}, view, SIZE, **options)


def test_the_rasteriser_agrees_with_casting_a_ray_through_every_pixel():
    rng = np.random.default_rng(0)
    vertices = rng.uniform([-3, -3, 0], [28, 23, 9], (40, 3))
    faces = rng.permutation(40)[:39].reshape(13, 3)
    found = rasterised(vertices, faces, (20, 25))
    for row in range(20):
        for column in range(25):
            place = np.array([column + 0.5, row + 0.5, 1.0])
            hits = []
            for number, triangle in enumerate(faces):
                corners = vertices[triangle]
                shares = np.linalg.solve(np.vstack((corners[:, :2].T, np.ones(3))), place)
                if (shares >= 0).all():
                    hits.append((shares @ corners[:, 2], number, shares))
            expected = min(hits, key=lambda e: e[0], default=(0, -1, np.zeros(3)))
            assert found.triangle[row, column] == expected[1]
            np.testing.assert_allclose(found.shares[row, column], expected[2], atol=1e-9)


def test_a_triangle_without_area_shows_nowhere():
    line = np.array([[0.0, 0, 0], [10, 10, 0], [20, 20, 0]])
    assert (rasterised(line, np.array([[0, 1, 2]]), (20, 20)).triangle == -1).all()


def test_vertex_values_are_interpolated_and_zero_beside_the_triangles():
    vertices = np.array([[0.0, 0, 0], [20, 0, 0], [0, 20, 0]])
    faces = np.array([[0, 1, 2]])
    values = rasterised(vertices, faces, (20, 20)).interpolated(vertices[:, :2], faces)
    np.testing.assert_allclose(values[5, 7], [7.5, 5.5])
    np.testing.assert_array_equal(values[19, 19], 0)


def test_depth_is_that_of_the_known_surface(head):
    found = render(head)
    y, x = np.nonzero(found.parts == Part.SKIN)
    # The head was laid onto the mean face, so that its own axes have to be found again.
    at = np.linalg.lstsq(
        np.column_stack((TEMPLATE[:468, :2] * 60 + [80, 70], np.ones(468))),
        TEMPLATE[:468, :2],
        rcond=None,
    )[0]
    places = np.column_stack((x + 0.5, y + 0.5, np.ones(len(x)))) @ at
    expected = ROTATION_CENTRE[2] - surface(*places.T)
    error = found.depth[y, x] - expected
    assert np.corrcoef(found.depth[y, x], expected)[0, 1] > 0.98
    assert np.std(error) < 0.05


def test_the_parts_of_a_head_lie_where_they_belong(head):
    parts = render(head).parts
    assert set(np.unique(parts)) == {
        *(Part.BACKGROUND, Part.SKIN, Part.HAIR, Part.EYEBROW, Part.EYE, Part.MOUTH)
    }
    rows = {p: np.nonzero(parts == p)[0].mean() for p in Part if (parts == p).any()}
    assert rows[Part.HAIR] < rows[Part.EYEBROW] < rows[Part.EYE] < rows[Part.MOUTH]
    eyes = np.nonzero(parts == Part.EYE)[1]
    assert abs((eyes < 80).sum() - (eyes >= 80).sum()) < 0.1 * len(eyes)


def test_a_mirrored_movement_gives_the_mirrored_head(head):
    one = render(
        head, {Side.LEFT: {"mouthSmile": 1.0, "mouthPucker": 0.5}}, look=Look(light=(0, -0.6, -1))
    )
    other = render(
        head, {Side.RIGHT: {"mouthSmile": 1.0, "mouthPucker": 0.5}}, look=Look(light=(0, -0.6, -1))
    )
    assert (one.parts == other.parts[:, ::-1]).mean() > 0.98
    assert np.median(np.abs(one.pixels.astype(int) - other.pixels[:, ::-1])) <= 1
    mirrored = (other.points * [-1, 1, 1] + [SIZE[1], 0, 0])[MIRROR]
    assert np.median(np.linalg.norm(one.points - mirrored, axis=1)) < 1.5
    assert not np.array_equal(one.parts, other.parts)


@pytest.mark.parametrize("side", list(Side))
def test_fpp_lies_on_the_affected_side_of_a_turned_head(head, side):
    view = replace(FRONT, yaw=20.0)
    healthy = render(head, view=view)
    sick = render(head, view=view, palsy=Palsied(side, eye=True, mouth=True))
    fpp = sick.parts == Part.FPP
    assert np.isin(healthy.parts[fpp], (Part.EYE, Part.MOUTH)).all()
    np.testing.assert_array_equal(healthy.parts[~fpp], sick.parts[~fpp])
    left = (
        np.nonzero(fpp)[1].mean()
        > np.nonzero(np.isin(sick.parts, (Part.EYE, Part.MOUTH)))[1].mean()
    )
    assert left == (side is Side.LEFT)
    only_eye = render(head, view=view, palsy=Palsied(side, eye=True, mouth=False)).parts
    assert set(healthy.parts[only_eye == Part.FPP]) == {Part.EYE}


def test_landmarks_follow_the_movement_of_their_side(head):
    rest = render(head).points
    smile = render(head, {Side.LEFT: {"mouthSmile": 1.0}}).points
    assert smile[291, 0] - rest[291, 0] > 3
    np.testing.assert_allclose(smile[61], rest[61], atol=0.3)
    jaw = render(head, both("jawOpen", 1.0)).points
    assert jaw[17, 1] - rest[17, 1] == pytest.approx(0.2 * 60, abs=1.5)
    np.testing.assert_allclose(jaw[0], rest[0], atol=0.01)


def test_only_the_asked_side_of_an_undivided_expression_moves(head):
    moved = head.shaped(np.zeros(0), {Side.LEFT: {"mouthPucker": 1.0}}) - head.neutral
    x = head.neutral[:, 0]
    assert np.abs(moved[x < -0.1]).max() < 1e-6
    assert np.abs(moved[x > 0.1]).max() > 0.1
    whole = head.shaped(np.zeros(0), both("mouthPucker", 1.0)) - head.neutral
    np.testing.assert_allclose(whole, head.expression["mouthPucker"], atol=1e-6)


def test_identity_modes_change_the_person(head):
    wide = head.shaped(np.array([1.0, 0.0]), {}) - head.neutral
    assert wide[head.landmarks[263], 0] > 0 > wide[head.landmarks[33], 0]


def test_light_from_the_left_makes_the_left_cheek_brighter(head):
    pixels = render(head, look=Look(light=(1.0, 0.0, -0.5), ambient=0.2)).pixels.astype(int)
    assert pixels[95, 105].sum() > pixels[95, 55].sum() + 60


def test_the_background_has_its_colour_and_no_depth(head):
    found = render(head, look=Look(background=(1.0, 0.0, 0.0)))
    np.testing.assert_array_equal(found.pixels[-1, 0], [255, 0, 0])
    assert found.depth[-1, 0] == 0
    assert found.depth.min() == 0
    assert found.depth.dtype == np.float32


def test_what_the_head_does_not_know_is_refused(head):
    with pytest.raises(InputError, match="earWiggle: is no expression"):
        head.shaped(np.zeros(0), {Side.LEFT: {"earWiggle": 1.0}})
    with pytest.raises(InputError, match="3 identity modes: are too many"):
        head.shaped(np.zeros(3), {})


def test_files_that_are_not_the_head_are_refused(tmp_path):
    file = tmp_path / "no.npz"
    file.write_bytes(b"nothing")
    for read in (read_head, read_head_file):
        with pytest.raises(InputError, match="is not the ICT head"):
            read(file)
    with np.load(known_file(tmp_path)) as archive:
        without = {k: archive[k] for k in archive.files if k != "material"}
    np.savez(file, **without)
    with pytest.raises(InputError, match="is not the ICT head"):
        read_head(file)


def test_every_muscle_and_action_moves_the_head():
    assert set(EXPRESSIONS_OF_MUSCLES) == set(MUSCLES) | set(ACTIONS)


def test_a_healthy_movement_is_the_same_on_both_sides_and_a_palsied_one_is_not():
    lesion = Lesion(Side.LEFT, dict.fromkeys(Branch, 1.0), tone_loss=1.0)
    for movement in Movement:
        healthy = expression_weights(acted(movement, 1.0, None))
        assert healthy[Side.LEFT] == healthy[Side.RIGHT]
        if not healthy[Side.LEFT]:
            continue
        weights = expression_weights(acted(movement, 1.0, lesion))
        moved = {n for n in weights[Side.RIGHT] if n not in ("jawOpen", "cheekPuff")}
        for name in moved - {"browDown", "mouthFrown"}:
            assert weights[Side.LEFT].get(name, 0.0) < weights[Side.RIGHT][name]


def test_the_jaw_opens_both_sides_alike_whatever_the_lesion():
    lesion = Lesion(Side.RIGHT, dict.fromkeys(Branch, 1.0))
    weights = expression_weights(acted(Movement.MOUTH_OPEN, 1.0, lesion))
    assert weights[Side.LEFT]["jawOpen"] == weights[Side.RIGHT]["jawOpen"] > 0.5


def test_a_slack_face_droops_at_rest_on_its_own_side_only():
    lesion = Lesion(Side.LEFT, dict.fromkeys(Branch, 1.0), tone_loss=1.0)
    weights = expression_weights(acted(Movement.REST, 1.0, lesion), lesion)
    assert weights[Side.LEFT]["browDown"] > 0
    assert weights[Side.LEFT]["mouthFrown"] > 0
    assert weights[Side.RIGHT].keys() <= weights[Side.LEFT].keys()
    assert all(w == 0 for w in weights[Side.RIGHT].values())


def test_weights_stay_within_one_and_strange_muscles_are_refused():
    everything = {side: dict.fromkeys(MUSCLES, 1.0) for side in Side}
    assert max(expression_weights(everything)[Side.LEFT].values()) == 1.0
    with pytest.raises(InputError, match="biceps: moves nothing"):
        expression_weights({Side.LEFT: {"biceps": 1.0}})


@pytest.fixture(scope="module")
def ict(shared_data) -> Head:
    return read_head(shared_data / "models" / "ict_facekit" / "ict_facekit_light_f16.npz")


def test_the_landmarker_finds_a_rendered_head_where_its_landmarks_say_it_is(ict):
    identity = np.random.default_rng(5).normal(size=60)
    weights = expression_weights(acted(Movement.SMILE, 1.0, None))
    made = rendered_head(ict, identity, weights, View(10, 5, 0, 140, (200, 180)), (400, 400))
    face = find_faces(Frame.from_array(made.pixels, name="rendered"))[0]
    error = np.linalg.norm(face.points[:, :2] - made.points[:, :2], axis=1) / face.interocular
    assert error.mean() < 0.05
    seen = depth_map(face.points, (400, 400))
    shared = (seen > 0) & np.isin(made.parts, (Part.SKIN, Part.EYE, Part.EYEBROW))
    assert np.corrcoef(seen[shared], made.depth[shared])[0, 1] > 0.9


@pytest.mark.parametrize(
    ("side", "weak", "healthy"),
    [
        (Side.LEFT, LEFT_UPPER_LID, RIGHT_UPPER_LID),
        (Side.RIGHT, RIGHT_UPPER_LID, LEFT_UPPER_LID),
    ],
)
def test_the_eye_of_the_palsied_side_stays_open(ict, side, weak, healthy):
    lesion = Lesion(side, dict.fromkeys(Branch, 1.0))
    weights = expression_weights(acted(Movement.EYE_CLOSE_GENTLE, 1.0, lesion))
    made = rendered_head(
        ict, np.zeros(0), weights, FRONT, SIZE, palsy=Palsied(side, eye=True, mouth=False)
    )
    rest = rendered_head(ict, np.zeros(0), {}, FRONT, SIZE)
    dropped = made.points[:, 1] - rest.points[:, 1]
    assert dropped[list(healthy)].max() > 2
    assert dropped[list(weak)].max() < 0.6 * dropped[list(healthy)].max()
    assert (made.parts == Part.FPP).sum() > 30 > (made.parts == Part.EYE).sum()


@pytest.fixture
def model(tmp_path, monkeypatch, no_processes) -> Path:
    """The known head with all expressions, most of which move nothing, and a hundred modes."""
    monkeypatch.setattr(head_cohort, "workers", no_processes)
    with np.load(known_file(tmp_path)) as archive:
        arrays = dict(archive)
    needed = {name for names in EXPRESSIONS_OF_MUSCLES.values() for name in names}
    given = {str(name).removesuffix("_L").removesuffix("_R") for name in NAMES}
    unevenness = set(drawn_heads.UNEVEN)
    missing = sorted((needed | unevenness) - given)
    still = np.zeros((len(missing), *arrays["neutral"].shape))
    arrays["expression"] = np.concatenate((arrays["expression"], still))
    arrays["expression_names"] = np.array([*NAMES, *missing])
    arrays["identity"] = np.zeros((100, *arrays["neutral"].shape))
    file = tmp_path / "whole.npz"
    np.savez(file, **arrays)
    return file


def test_a_cohort_of_heads_has_every_movement_of_every_case(model, tmp_path):
    seen = []
    cohort = HeadCohort(model, heads=2, cases=2, seed=3)
    made = build_head_cohort(cohort, tmp_path / "out", progress=lambda *done: seen.append(done))
    assert seen == [(0, 2), (1, 2), (2, 2)]
    read = read_manifest(tmp_path / "out")
    assert read.digest == made.digest
    verify(read)
    assert len(read.rows) == 2 * 2 * len(Movement)
    assert {row.subject for row in read.rows} == {"heads-3/h3-0000", "heads-3/h3-0001"}
    cases = Counter((row.subject, row.video) for row in read.rows)
    assert set(cases.values()) == {len(Movement)}
    assert len({row.sha256 for row in read.rows}) == len(read.rows)
    for row in read.rows[::7]:
        truth = read_truth(tmp_path / "out" / row.annotations["truth"])
        grade = next(e.value for e in row.labels if e.scale is Scale.HOUSE_BRACKMANN)
        assert (truth.grade, truth.movement) == (grade, row.movement)
        assert (row.side is None) == (truth.lesion is None) == (grade == 1)
        points = np.load(tmp_path / "out" / row.annotations["landmarks"])
        assert points.shape == (478, 3)
        picture = read_photo(tmp_path / "out" / row.path).pixels
        assert picture.shape == (256, 256, 3)
        assert ((points[:, :2] > 0) & (points[:, :2] < 256)).all()
        assert set(row.annotations) == {"mask", "depth", "landmarks", "truth"}
    told = (tmp_path / "out" / "CARD.md").read_text()
    assert "Nobody was photographed" in told
    assert made.digest in told


def test_a_cohort_of_heads_goes_on_and_is_not_mixed_with_another(model, tmp_path):
    cohort = HeadCohort(model, heads=2, seed=3)
    first = build_head_cohort(cohort, tmp_path / "out")
    kept = (tmp_path / "out" / first.rows[0].path).stat().st_mtime_ns
    (tmp_path / "out" / "people" / "h3-0001.csv").unlink()
    (tmp_path / "out" / first.rows[-1].path).unlink()
    again = build_head_cohort(cohort, tmp_path / "out")
    assert again.digest == first.digest
    assert (tmp_path / "out" / first.rows[0].path).stat().st_mtime_ns == kept
    verify(read_manifest(tmp_path / "out"))
    with pytest.raises(InputError, match="holds another cohort"):
        build_head_cohort(replace(cohort, seed=4), tmp_path / "out")
    other = build_head_cohort(replace(cohort, seed=4), tmp_path / "other")
    assert other.digest != first.digest
    assert {row.subject for row in other.rows}.isdisjoint(row.subject for row in first.rows)


@pytest.mark.parametrize(
    "numbers", [{"heads": 0}, {"heads": 10_000}, {"cases": 0}, {"cases": 1_001}, {"seed": -1}]
)
def test_numbers_of_heads_and_cases_are_checked(model, numbers):
    with pytest.raises(InputError, match="give a number from"):
        HeadCohort(model, **numbers)


def simulate_heads(model, out, *more) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", "heads", "--model", str(model), "--out", str(out), *more])
    return int(ended.value.code or 0)


def test_the_command_renders_heads(model, tmp_path, capsys):
    out = tmp_path / "out"
    assert simulate_heads(model, out, "--heads", "1", "--seed", "5") == 0
    told = capsys.readouterr().out
    assert "Wrote 12 pictures of 1 head to" in told
    assert read_manifest(out).digest[:16] in told
    assert (out / "contact-sheet.jpg").stat().st_size > 5_000
    assert simulate_heads(model, out, "--heads", "0") == 2
    (out / "plan.json").unlink()
    assert simulate_heads(model, out, "--heads", "1", "--seed", "5") == 2
    assert "is not empty and holds no cohort" in capsys.readouterr().err


def without(model, **changed):
    with np.load(model) as archive:
        arrays = dict(archive) | changed
    np.savez(model, **{name: each for name, each in arrays.items() if each is not None})


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda file: file.write_bytes(b"no head"), "is not the ICT head"),
        (lambda file: file.write_bytes(file.read_bytes()[:5000]), "is not the ICT head"),
        (lambda file: without(file, material=None), "is not the ICT head"),
        (lambda file: without(file, faces=np.zeros((3, 4), int)), "is not the ICT head"),
        (lambda file: without(file, identity=np.zeros((2, 1, 3))), "is another head"),
        (lambda file: without(file, neutral=np.zeros((9, 3))), "is not the ICT head"),
    ],
)
def test_what_is_no_head_leaves_no_folder(model, tmp_path, capsys, spoil, told):
    spoil(model)
    assert simulate_heads(model, tmp_path / "out", "--heads", "1") == 2
    said = capsys.readouterr().err
    assert told in said
    assert str(model) in said
    assert not (tmp_path / "out").exists()
