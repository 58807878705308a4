"""A method whose examples are whole cases, trained and tested on a manifest."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import read_manifest, write_manifest
from facialis.datasets.sample import Label
from facialis.errors import InputError
from facialis.evaluation.predictions import Predictions, prediction_files
from facialis.face.mesh import TEMPLATE
from facialis.methods.multimodal_fusion.examination_recipe import COUNT, OF_SOME
from facialis.methods.multimodal_fusion.recipe import EXAMINATION, Settings, learner
from facialis.training.examples import read_examples

SHOWN = (Movement.REST, Movement.SMILE, Movement.SNARL)
PEOPLE, CASES = 12, 3


def written(file, number):
    """Write a small picture like no other, and return its digest."""
    pixels = np.full((32, 32, 3), number, np.uint8)
    file.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def cases(tmp_path):
    """Three cases of each of twelve people, three movements each, and one picture besides."""
    root, rows = tmp_path / "cases", []
    root.mkdir()
    random = np.random.default_rng(0)
    for number in range(PEOPLE * CASES):
        person, case = divmod(number, CASES)
        grade = 1 + number % 6
        for movement in SHOWN:
            points = 60 * TEMPLATE + 100 + random.normal(0, 0.3, TEMPLATE.shape)
            points[[61, 78, 91], 1] += 2 * (grade - 1) * (movement is not Movement.REST)
            name = f"{person:02d}-{case}-{movement}"
            np.save(root / f"{name}.npy", points)
            digest = written(root / f"{name}.png", len(rows))
            rows.append(
                Row(
                    name=name,
                    path=f"{name}.png",
                    sha256=digest,
                    subject=f"s/{person:02d}",
                    source="s",
                    movement=movement,
                    video=f"case{case}",
                    labels=(Label(Scale.HOUSE_BRACKMANN, grade),),
                    annotations={"landmarks": f"{name}.npy"},
                )
            )
    again = written(root / "again.png", len(rows))
    rows.append(replace(rows[1], name="again", path="again.png", sha256=again))
    write_manifest(Manifest("cases", tuple(rows)), root)
    return root


def test_each_case_is_one_example_under_the_name_of_its_first_picture(cases):
    found = read_examples(read_manifest(cases), learner(EXAMINATION, Settings()))
    assert len(found) == PEOPLE * CASES
    assert found.names[:2] == ("00-0-rest", "00-1-rest")
    assert found.subjects[CASES] == "s/01"
    assert found.arrays["asymmetry"].shape == (PEOPLE * CASES, 12, 29)
    assert found.arrays["shown"].sum(axis=1).tolist() == [3] * (PEOPLE * CASES)
    assert found.arrays["grade"][:7].tolist() == [0, 1, 2, 3, 4, 5, 0]
    assert found.left_out == {"pictures that are no case's first of a movement": 1}


def test_data_without_movements_are_refused(cases):
    data = read_manifest(cases)
    bare = replace(data, rows=tuple(replace(row, movement=None) for row in data.rows))
    with pytest.raises(InputError, match="names no movements"):
        read_examples(bare, learner(EXAMINATION, Settings()))


def test_an_evaluation_answers_cases_of_people_that_it_had_not_seen(cases, tmp_path, capsys):
    from facialis.cli.application import main

    words = ["--data", str(cases), "--protocol", "kfold", "--folds", "3", "--seed", "1"]
    settings = ["--set", "epochs=2", "--set", "batch=8", "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", EXAMINATION, *words, *settings])
    assert not ended.value.code
    told = capsys.readouterr().out
    assert f"{PEOPLE * CASES} samples of {PEOPLE} people" in told
    assert "vote" not in told
    said = [Predictions.load(file) for file in prediction_files(tmp_path / "out")]
    assert sorted(name for each in said for name in each.names) == sorted(
        f"{person:02d}-{case}-rest" for person in range(PEOPLE) for case in range(CASES)
    )
    people = [set(each.subjects) for each in said]
    assert sum(map(len, people)) == len(set.union(*people)) == PEOPLE
    for each in said:
        assert each.answers[OF_SOME].shape == (len(each.names), 12, 22, 6)
        assert each.answers[COUNT].tolist() == [3] * len(each.names)
        np.testing.assert_allclose(
            each.answers[OF_SOME][:, 2, 0], each.answers["grade_probability"], atol=1e-6
        )
