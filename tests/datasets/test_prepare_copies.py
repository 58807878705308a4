"""Altered copies of pictures."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from PIL import Image

from facialis.clinical.anatomy import Side
from facialis.datasets.folder import LabelledFolders
from facialis.datasets.prepare_copies import Alteration, altered, altered_copy, drawn_alteration
from facialis.datasets.prepare_draft import Draft
from facialis.datasets.sample import Sample
from facialis.errors import OutputError

STILL = Alteration(turn=0, zoom=1, shear=0, is_mirrored=False)


def spot(x, y, side=101):
    """A black picture with a white spot."""
    pixels = np.zeros((side, side, 3), np.uint8)
    pixels[y - 1 : y + 2, x - 1 : x + 2] = 255
    return pixels


def place(pixels):
    """Where the spot is, from the middle."""
    rows, columns = np.nonzero(pixels[:, :, 0] > 100)
    return columns.mean() - 50, rows.mean() - 50


def test_alterations_stay_within_the_paper_s_ranges_and_use_them():
    rng = np.random.default_rng(0)
    drawn = [drawn_alteration(rng) for _ in range(2000)]
    for values, least, most in (
        ([each.turn for each in drawn], -20, 20),
        ([each.zoom for each in drawn], 0.8, 1.2),
        ([each.shear for each in drawn], -0.2, 0.2),
    ):
        margin = 0.02 * (most - least)
        assert least <= min(values) < least + margin
        assert most - margin < max(values) <= most
    assert 0.45 < sum(each.is_mirrored for each in drawn) / 2000 < 0.55


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (30, 0)),
        ({"is_mirrored": True}, (-30, 0)),
        ({"zoom": 1.2}, (36, 0)),
        ({"turn": 20}, (30 * math.cos(math.radians(20)), 30 * math.sin(math.radians(20)))),
        ({"shear": 0.2}, (30, 0)),
    ],
)
def test_a_spot_moves_as_the_geometry_says(change, expected):
    moved = altered(spot(80, 50), dataclasses.replace(STILL, **change))
    assert place(moved) == pytest.approx(expected, abs=0.6)


def test_shear_slants_what_is_upright():
    x, y = place(altered(spot(50, 80), dataclasses.replace(STILL, shear=0.2)))
    assert (x, y) == pytest.approx((-30 * math.sin(0.2), 30 * math.cos(0.2)), abs=0.6)


@pytest.fixture
def draft(tmp_path, picture):
    """A draft over a folder with one picture."""
    picture(tmp_path / "in" / "smile" / "anna_1.png", 3)
    return Draft(collections=(LabelledFolders(tmp_path / "in"),), out=tmp_path / "out", seed=5)


@pytest.fixture
def original(tmp_path):
    return Sample(
        path=tmp_path / "in" / "smile" / "anna_1.png",
        subject="anna",
        source="in",
        side=Side.LEFT,
        annotations={"mask": tmp_path / "m.png"},
    )


def test_copies_of_a_picture_differ_and_come_again_the_same(draft, original):
    first, second = altered_copy(draft, original, 0), altered_copy(draft, original, 1)
    octets = first.path.read_bytes()
    assert octets != second.path.read_bytes()
    first.path.unlink()
    again = altered_copy(draft, original, 0)
    assert (again.path, again.path.read_bytes()) == (first.path, octets)
    with Image.open(first.path) as copy, Image.open(original.path) as before:
        assert copy.size == before.size


def test_a_mirrored_copy_has_its_side_exchanged_and_no_annotations(draft, original):
    copies = [altered_copy(draft, original, number) for number in range(12)]
    assert {each.side for each in copies} == {Side.LEFT, Side.RIGHT}
    assert all(each.annotations == {} for each in copies)
    assert {each.subject for each in copies} == {"anna"}


def test_a_side_that_nobody_stated_stays_so(draft, original):
    nobody = dataclasses.replace(original, side=None)
    assert {altered_copy(draft, nobody, number).side for number in range(6)} == {None}


def test_a_copy_of_a_finished_manifest_is_never_changed(draft, original):
    copy = altered_copy(draft, original, 0).path
    draft.is_finished = True
    altered_copy(draft, original, 0)
    copy.write_bytes(b"edited")
    with pytest.raises(OutputError, match="part of a finished manifest"):
        altered_copy(draft, original, 0)
