"""Values of a scene as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facialis.clinical.anatomy import Branch, Side
from facialis.simulation.appearance import Appearance, drawn_appearance
from facialis.simulation.lesion import Form, standard_lesion
from facialis.simulation.masks import Part
from facialis.simulation.record import appearance_record, as_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.123456, 0.1235),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (True, True),
        ("text", "text"),
        (None, None),
        (Side.LEFT, "left"),
        (Part.FPP, 6),
        ((1, 2.00004), [1, 2.0]),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        ({Branch.BUCCAL: 0.33333}, {"buccal": 0.3333}),
    ],
)
def test_every_kind_of_value_becomes_plain_json(value, expected):
    found = as_json(value)
    assert found == expected
    assert json.loads(json.dumps(found)) == expected


def test_a_lesion_becomes_its_fields():
    lesion = standard_lesion(4, Side.RIGHT, Form.SYNKINETIC)
    found = json.loads(json.dumps(as_json(lesion)))
    assert found["side"] == "right"
    assert found["weakness"]["temporal"] == 1.0
    assert found["couplings"][0].keys() == {"source", "target", "strength"}


def test_an_appearance_leaves_out_what_is_not_worn():
    assert appearance_record(Appearance(seed=3)) == {"seed": 3, "is_flipped": False}


def test_drawn_appearances_can_be_written_and_tell_what_is_worn():
    for seed in range(60):
        look = drawn_appearance(np.random.default_rng(seed))
        found = json.loads(json.dumps(appearance_record(look), allow_nan=False))
        for trait in ("glasses", "fringe", "beard", "lines", "light", "camera"):
            assert (trait in found) == (getattr(look, trait) is not None)
        assert found["seed"] == look.seed
