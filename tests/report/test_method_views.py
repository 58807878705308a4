"""What methods saw, with the key of its colours."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from facialis.clinical.anatomy import AffectedSide, Side
from facialis.grading.method_answers import Said
from facialis.methods.answers import Seen
from facialis.methods.asymmetric_parsing.prepare import COLOURS as PART_COLOURS
from facialis.methods.cascaded_encoder.prepare import COLOURS as ATTRIBUTE_COLOURS
from facialis.regions.classes import Attribute, Part
from facialis.regions.framing import Square
from facialis.report.method_views import method_views

PICTURE = np.full((96, 96, 3), 120, np.uint8)
SQUARE = Square(0.0, 0.0, 96.0)


def seen(classes, attention=None):
    labels = np.zeros((48, 48), np.uint8)
    labels[10:20, 10:20], labels[30:40, 30:40] = 1, len(classes) - 1
    return Seen(SQUARE, labels, attention, classes)


@pytest.mark.parametrize(
    ("classes", "colours"), [(Part, PART_COLOURS), (Attribute, ATTRIBUTE_COLOURS)]
)
def test_the_key_below_names_the_classes_that_are_there_and_no_others(classes, colours):
    (view,) = method_views(Said({}, {"toy": seen(classes)}, PICTURE), None)
    below = view.pixels[view.pixels.shape[1] :].reshape(-1, 3)
    keyed = {each for each in classes if each and (below == colours[each]).all(axis=1).sum() > 50}
    assert keyed == {classes(1), classes(len(classes) - 1)}
    assert view.title == "toy: parts of the face"


def test_attention_has_a_scale_from_least_to_most():
    attention = np.eye(6, dtype=np.float32)
    views = method_views(Said({}, {"toy": seen(Attribute, attention)}, PICTURE), None)
    assert [view.title.partition(": ")[2] for view in views] == [
        "parts of the face",
        "attention: where its parsing looks",
    ]
    scale = views[1].pixels[views[1].pixels.shape[1] + 12].astype(int)
    ramp = scale[(scale.max(axis=1) - scale.min(axis=1)) > 60]
    assert ramp[0, 2] > ramp[0, 0]
    assert ramp[-1, 0] > ramp[-1, 2]


def called(palsy, side):
    return SimpleNamespace(palsy_probability=palsy, side=AffectedSide(side))


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        (called(0.9, "left"), "left"),
        (called(0.5, "right"), "right"),
        (called(0.49, "left"), None),
        (called(0.9, "uncertain"), None),
        (called(0.9, "both"), None),
        (called(0.1, "none"), None),
        (None, None),
    ],
)
def test_what_is_paralysed_shows_on_the_side_that_the_headline_calls_and_nowhere_else(
    verdict, shown
):
    labels = np.full((48, 48), Part.SKIN, np.uint8)
    paralysed = {side: np.zeros((48, 48), bool) for side in Side}
    paralysed[Side.RIGHT][20:28, 4:12] = True
    paralysed[Side.LEFT][20:28, 36:44] = True
    found = Seen(SQUARE, labels, None, Part, paralysed)
    (view,) = method_views(Said({}, {"toy": found}, PICTURE), verdict)
    places = {"right": 320 * 8 // 48, "left": 320 * 40 // 48}
    at = {side: view.pixels[160, x].astype(int) for side, x in places.items()}
    red = {side for side, (r, g, _) in at.items() if r > g + 60}
    assert red == ({shown} if shown else set())
    named = (view.pixels[320:] == PART_COLOURS[Part.FPP]).all(axis=-1).sum() > 50
    assert named == (shown is not None)
    assert view.title.endswith("on the side named above") == (shown is not None)


def test_where_nothing_looks_paralysed_nothing_is_said_of_it():
    labels = np.full((48, 48), Part.SKIN, np.uint8)
    nothing = {side: np.zeros((48, 48), bool) for side in Side}
    found = Seen(SQUARE, labels, None, Part, nothing)
    (view,) = method_views(Said({}, {"toy": found}, PICTURE), called(0.9, "left"))
    assert view.title == "toy: parts of the face"
