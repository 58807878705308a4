"""The truth of a simulated picture, written and read back."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from facialis.clinical.anatomy import Branch, Intensity, Movement, Region, Side
from facialis.datasets.truth import (
    TRUTH_VERSION,
    CouplingTruth,
    LesionTruth,
    SunnybrookTruth,
    Truth,
    read_truth,
)
from facialis.errors import InputError


def a_truth(**changes) -> Truth:
    fields = {
        "subject": "a",
        "case": 2,
        "movement": Movement.SMILE,
        "phase": "hold",
        "effort": {Side.LEFT: 0.9, Side.RIGHT: 1.0},
        "lesion": LesionTruth(
            side=Side.LEFT,
            weakness=dict.fromkeys(Branch, 0.6),
            tone_loss=0.2,
            contracture=0.1,
            central=False,
            couplings=(CouplingTruth(source=Region.EYE, target="mentalis", strength=0.5),),
        ),
        "grade": 4,
        "sunnybrook": SunnybrookTruth(
            eye=1,
            cheek=2,
            mouth=1,
            voluntary={Movement.SMILE: 2},
            synkinesis={Movement.SMILE: 1},
            composite=31,
        ),
        "intensities": dict.fromkeys(Region, Intensity.STRONG),
        "quirk": {Side.RIGHT: {"zygomaticus_major": 0.4}},
        "yaw": 3.5,
        "pitch": -1.0,
        "seconds": 0.75,
        "appearance": {"seed": 5, "light": {"strength": 0.2}},
        "made_from": {"a_neutral.png": "0" * 64},
    }
    return Truth(**(fields | changes))


@pytest.mark.parametrize(
    "truth", [a_truth(), a_truth(lesion=None, sunnybrook=None, grade=1, quirk={}, seconds=None)]
)
def test_a_truth_is_read_back_as_it_was_written(tmp_path, truth):
    file = tmp_path / "x.json"
    file.write_text(truth.model_dump_json(indent=1), encoding="utf-8")
    assert read_truth(file) == truth
    found = json.loads(file.read_text("utf-8"))
    assert found["version"] == TRUTH_VERSION
    assert found["simulated"] is True


def test_nothing_can_be_changed_or_added():
    truth = a_truth()
    with pytest.raises(ValidationError):
        truth.grade = 1
    with pytest.raises(ValidationError):
        a_truth(patient="someone")


def test_nobody_can_say_that_it_is_not_simulated():
    with pytest.raises(ValidationError):
        a_truth(simulated=False)


def test_a_missing_truth_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.json: cannot be read; give the truth"):
        read_truth(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("not json", "the record"),
        ("{}", "subject"),
        (a_truth().model_dump_json().replace('"smile"', '"grin"', 1), "movement"),
        (a_truth().model_dump_json().replace('"side":"left"', '"side":"middle"'), "lesion.side"),
    ],
)
def test_what_is_no_truth_is_refused_with_the_place(tmp_path, text, where):
    file = tmp_path / "bad.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=f"is no truth of version.*{where}") as refusal:
        read_truth(file)
    assert "simulate the cohort again" in str(refusal.value)
