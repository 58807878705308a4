"""Fingerprints: copies are near, people are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from facialis.datasets.fingerprints import (
    NEAR,
    distance,
    fingerprint,
    near_across,
    near_duplicates,
    near_within,
)
from facialis.errors import InputError


def turned(pixels, degrees):
    height, width = pixels.shape[:2]
    place = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(pixels, place, (width, height), borderMode=cv2.BORDER_REPLICATE)


def jpeg(pixels, quality):
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def cut(pixels, share):
    rows, columns = (round(side * share) for side in pixels.shape[:2])
    return pixels[rows:-rows, columns:-columns]


COPIES = {
    "JPEG of quality 30": lambda p: jpeg(p, 30),
    "half the size": lambda p: cv2.resize(p, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "mirrored": lambda p: p[:, ::-1],
    "turned by 3 degrees": lambda p: turned(p, 3),
    "turned by -2 degrees": lambda p: turned(p, -2),
    "mirrored and turned": lambda p: turned(np.ascontiguousarray(p[:, ::-1]), 3),
    "cropped by 5 %": lambda p: cut(p, 0.05),
    "cropped by 3 %": lambda p: cut(p, 0.03),
    "brighter": lambda p: np.clip(p * 1.15, 0, 255).astype(np.uint8),
    "darker": lambda p: (p * 0.7).astype(np.uint8),
}


@pytest.fixture(scope="module")
def face(portrait):
    return np.asarray(Image.open(portrait).convert("RGB"))


def noise(number, size=96):
    """A picture that looks like no other of another number."""
    coarse = np.random.default_rng(number).integers(0, 256, (12, 12, 3)).astype(np.uint8)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("name", COPIES)
def test_an_altered_copy_is_near(face, name):
    assert distance(fingerprint(face), fingerprint(COPIES[name](face))) <= NEAR


def test_the_mirror_image_is_as_near_as_the_picture_itself(face):
    assert distance(fingerprint(face), fingerprint(face)) == 0
    assert distance(fingerprint(face), fingerprint(face[:, ::-1])) <= 2


def test_the_distance_is_the_same_both_ways():
    one, other = fingerprint(noise(1)), fingerprint(turned(noise(1), 5))
    assert distance(one, other) == distance(other, one)


def test_unrelated_pictures_differ_in_far_more_places():
    marks = [fingerprint(noise(number)) for number in range(12)]
    apart = [distance(a, b) for i, a in enumerate(marks) for b in marks[:i]]
    assert min(apart) > 2 * NEAR


def test_pairs_are_those_whose_distance_is_near(face):
    pictures = [face, noise(1), cut(face, 0.05), noise(2), jpeg(noise(1)[:, ::-1], 40)]
    marks = [fingerprint(each) for each in pictures]
    one_by_one = [
        (i, j) for j in range(5) for i in range(j) if distance(marks[i], marks[j]) <= NEAR
    ]
    assert near_duplicates(marks) == sorted(one_by_one) == [(0, 2), (1, 4)]


def test_pictures_without_a_fingerprint_are_near_to_none():
    mark = fingerprint(noise(3))
    assert near_duplicates(["", mark, "", mark]) == [(1, 3)]
    assert near_duplicates(["", ""]) == near_duplicates([]) == []


def test_pairs_are_found_across_blocks(monkeypatch):
    monkeypatch.setattr("facialis.datasets.fingerprints._BLOCK", 3)
    marks = [fingerprint(noise(number % 5)) for number in range(10)]
    assert near_duplicates(marks) == [(i, i + 5) for i in range(5)]


def test_near_pairs_of_two_sets_are_those_of_both_that_lie_across(monkeypatch, face):
    monkeypatch.setattr("facialis.datasets.fingerprints._BLOCK", 2)
    here = ["", *map(fingerprint, (noise(1), face, noise(2)))]
    there = [fingerprint(jpeg(face, 40)), "", *map(fingerprint, (noise(2), noise(3), noise(2)))]
    both = near_duplicates([*here, *there], ["here"] * len(here) + ["there"] * len(there))
    assert near_across(here, there) == tuple((i, j - len(here)) for i, j in both)
    assert near_across(here, there) == ((2, 0), (3, 2), (3, 4))
    assert near_across([], there) == near_across(here, []) == ()


@pytest.mark.parametrize("strange", ["0f", "no hex", "0" * 378])
def test_what_is_no_fingerprint_is_refused(strange):
    with pytest.raises(InputError, match="not made by this version"):
        distance(strange, fingerprint(noise(1)))


def test_no_two_photographs_of_the_studio_set_are_near(shared_data):
    marks = []
    for path in sorted((shared_data / "faces" / "london").glob("*.jpg")):
        pixels = cv2.imread(str(path), cv2.IMREAD_REDUCED_COLOR_8)
        marks.append(fingerprint(pixels[:, :, ::-1]))
    assert len(marks) == 142
    assert near_duplicates(marks) == []


def test_pairs_of_one_group_are_only_counted():
    mark, other = fingerprint(noise(1)), fingerprint(noise(2))
    marks = [mark, mark, mark, other, mark, other]
    people = ["a", "a", "b", "b", "", ""]
    apart = [(0, 2), (0, 4), (1, 2), (1, 4), (2, 4), (3, 5)]
    assert near_duplicates(marks, people) == apart
    assert near_within(marks, people) == 1
    assert len(near_duplicates(marks)) == len(apart) + 1
    assert near_duplicates(marks, [""] * 6) == near_duplicates(marks)
