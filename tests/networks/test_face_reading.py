"""What a network learns of any face, and how lessons follow a picture that is altered."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.networks.augmentation import affine, lighting, moved_images, moved_points, relit
from facialis.networks.face_reading import (
    ASYMMETRIES,
    JOINED,
    SCORES,
    FaceReading,
    altered_lesson,
    face_lesson,
    shape_lesson,
)

LOWER_LEFT = (291, 308, 409, 375, 306, 292, 324, 318, 402, 321, 405)


def face(droop=0.0):
    points = 60 * TEMPLATE + [100.0, 100.0, 0.0]
    points[list(LOWER_LEFT), 1] += droop
    return points


def lessons(count=6):
    found = [{"shape": shape_lesson(face(d), 200), **face_lesson(face(d))} for d in range(count)]
    return {name: np.stack([each[name] for each in found]) for name in found[0]}


def test_the_mirror_image_teaches_the_opposite_asymmetry():
    drooping = face(6.0)
    other = drooping[MIRROR] * [-1, 1, 1] + [200, 0, 0]
    here, there = face_lesson(drooping), face_lesson(other)
    assert np.abs(here["asymmetry"]).max() > 0.01
    assert here["asymmetry"] == pytest.approx(-there["asymmetry"], abs=1e-5)
    assert here["seen"] == 1


def test_without_landmarks_there_is_no_lesson():
    found = face_lesson(None)
    assert (found["seen"], found["asymmetry"].shape, found["scores"].shape) == (0, (29,), (52,))
    assert not shape_lesson(None, 96).any()


def test_landmarks_are_placed_from_minus_one_to_one():
    points = np.zeros((478, 3))
    points[0, :2], points[1, :2] = (0, 0), (96, 48)
    found = shape_lesson(points, 96)
    assert found[:2].tolist() == [[-1, -1], [1, 0]]


def test_equal_maps_of_both_pictures_are_read_as_no_asymmetry():
    reading = FaceReading(2 * 3 * 3)
    maps = torch.rand(4, 2, 3, 3)
    read = reading(maps, maps)
    assert read.asymmetry.abs().max() == 0
    assert read.scores.shape == (4, SCORES)
    assert read.shape.shape == (4, 478, 2)


def test_what_is_joined_is_the_same_for_the_mirror_image():
    reading = FaceReading(2 * 3 * 3)
    here, there = torch.rand(2, 4, 2, 3, 3)
    first, second = reading.joined(reading(here, there)), reading.joined(reading(there, here))
    assert first.shape == (4, JOINED)
    assert torch.allclose(first, second, atol=1e-6)


def test_a_reading_that_is_right_costs_nothing():
    reading, arrays = FaceReading(1), lessons()
    reading.meet(arrays)
    batch = {name: torch.as_tensor(each) for name, each in arrays.items()}
    read = type(reading(torch.zeros(1, 1), torch.zeros(1, 1)))(
        batch["asymmetry"] / reading.deviation,
        (batch["scores"] - reading.scores_mean) / reading.scores_deviation,
        (batch["shape"] - reading.mean_shape) * 10,
    )
    assert float(reading.loss(read, batch)["face"]) == pytest.approx(0, abs=1e-6)
    wrong = read._replace(asymmetry=read.asymmetry + 1)
    assert float(reading.loss(wrong, batch)["asymmetry"]) == pytest.approx(0.5, abs=0.01)


def test_pictures_without_a_face_are_not_counted():
    reading, arrays = FaceReading(1), lessons(2)
    reading.meet(arrays)
    batch = {name: torch.as_tensor(each) for name, each in arrays.items()}
    read = reading(torch.ones(2, 1), torch.zeros(2, 1))
    first = {name: each[:1] for name, each in batch.items()}
    alone = reading.loss(type(read)(*(each[:1] for each in read)), first)["face"]
    batch["seen"] = torch.tensor([1.0, 0.0])
    assert torch.allclose(reading.loss(read, batch)["face"], alone)
    batch["seen"] = torch.zeros(2)
    assert float(reading.loss(read, batch)["face"].detach()) == 0


def test_both_sides_share_mean_and_spread_of_their_scores():
    reading = FaceReading(1)
    reading.meet(lessons())
    from facialis.face.expressions import MIRRORED_EXPRESSIONS

    mean = reading.scores_mean
    assert torch.allclose(mean, mean[MIRRORED_EXPRESSIONS])
    assert reading.deviation.shape == (ASYMMETRIES,)


def test_points_move_with_the_picture():
    size, at = 64, (20, 40)
    image = torch.zeros(1, 1, size, size, dtype=torch.uint8)
    image[0, 0, at[1] - 1 : at[1] + 2, at[0] - 1 : at[0] + 2] = 255
    maps = affine(
        degrees=torch.tensor([12.0]),
        scale=torch.tensor([1.1]),
        shift=torch.tensor([[0.1, -0.05]]),
    )
    seen = moved_images(image, maps)[0, 0].double()
    ys, xs = torch.meshgrid(*(torch.arange(size) + 0.5,) * 2, indexing="ij")
    centre = torch.stack(((xs * seen).sum(), (ys * seen).sum())) / seen.sum()
    point = torch.tensor([[[(v + 0.5) / size * 2 - 1 for v in at]]])
    found = (moved_points(point, maps)[0, 0] + 1) / 2 * size
    assert torch.allclose(found.double(), centre, atol=0.2)
    assert torch.equal(altered_lesson({"shape": point}, maps)["shape"], moved_points(point, maps))


def test_light_changes_within_its_bounds_and_nothing_else():
    images = torch.randint(1, 255, (8, 3, 4, 4), dtype=torch.uint8)
    found = relit(images, lighting(0.3, 8, torch.Generator().manual_seed(0)))
    assert found.dtype == torch.uint8
    assert not torch.equal(found, images)
    assert torch.equal(relit(images, lighting(0.0, 8, torch.Generator())), images)
    order = images[0].flatten().argsort()
    assert (found[0].flatten()[order].int().diff() >= 0).all()
