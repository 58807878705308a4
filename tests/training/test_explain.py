"""What moved the answers of a trained fusion, drawn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from facialis.cli.application import main  # noqa: E402
from facialis.clinical.scales import Scale  # noqa: E402
from facialis.datasets.manifest import Manifest, Row  # noqa: E402
from facialis.datasets.manifest_files import (  # noqa: E402
    file_digest,
    read_manifest,
    write_manifest,
)
from facialis.datasets.sample import Label  # noqa: E402
from facialis.errors import InputError  # noqa: E402
from facialis.face.expressions import EXPRESSION_NAMES  # noqa: E402
from facialis.face.search import find_faces  # noqa: E402
from facialis.media.photo import read_photo  # noqa: E402
from facialis.methods.multimodal_fusion.explain import vector_attribution  # noqa: E402
from facialis.regions.points125 import POINTS_125  # noqa: E402
from facialis.training.examples import read_examples  # noqa: E402
from facialis.training.explain_run import FILE_NAME, TOLD, explain_run  # noqa: E402
from facialis.training.finished_run import finished_run  # noqa: E402

SMALL = {"backbone": "small", "size": 64, "pretrained": False}


@pytest.fixture
def data(portrait, tmp_path):
    """One face with the landmarks of three people: learned from, healthy, palsied."""
    root = tmp_path / "data"
    root.mkdir()
    (root / "face.jpg").write_bytes(portrait.read_bytes())
    (face,) = find_faces(read_photo(portrait))
    rows = []
    for person, palsy, shift in (("a", 0, 0.0), ("b", 0, 2.0), ("c", 1, 5.0)):
        points = face.points.copy()
        points[POINTS_125[90:], 0] += shift
        np.save(root / f"{person}.npy", points)
        rows.append(
            Row(
                name=person,
                path="face.jpg",
                sha256=file_digest(root / "face.jpg"),
                subject=person,
                source="own",
                labels=(Label(Scale.PALSY, palsy),),
                annotations={"landmarks": f"{person}.npy"},
            )
        )
    write_manifest(Manifest("three", tuple(rows)), root)
    return root


@pytest.fixture
def read(data):
    """The manifest of the three."""
    return read_manifest(data)


def test_every_modality_is_drawn_and_told_for_people_new_to_the_run(write_run, data, tmp_path):
    write_run(tmp_path / "run", "multimodal_fusion", model="attention_fusion", **SMALL)
    out = tmp_path / "out"
    words = ["explain", str(tmp_path / "run"), "--data", str(data), "--out", str(out)]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    told = json.loads((out / FILE_NAME).read_text())
    assert {each["row"] for each in told} == {"b", "c"}
    right = [each["palsy"] if each["truth"] == "palsy" else 1 - each["palsy"] for each in told]
    assert right == sorted(right)
    for each in told:
        assert not each["learned_from"]
        assert len(each["expression_scores"]) == len(each["landmarks"]) == TOLD
        assert set(each["expression_scores"]) <= set(EXPRESSION_NAMES)
        assert set(map(int, each["landmarks"])) <= set(POINTS_125)
        with Image.open(out / each["picture"]) as picture:
            assert picture.size == (3 * 332 + 12, 416)


def test_pictures_of_an_earlier_call_do_not_stay(write_run, data, tmp_path):
    write_run(tmp_path / "run", "multimodal_fusion", model="coordinates", **SMALL)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.png").write_bytes(b"mine")
    for row, picture in (("a", "01-a.png"), ("c", "01-c.png")):
        words = ["explain", str(tmp_path / "run"), "--data", str(data), "--row", row]
        with pytest.raises(SystemExit) as ended:
            main([*words, "--out", str(tmp_path / "out")])
        assert ended.value.code == 0
        found = {each.name for each in (tmp_path / "out").iterdir()}
        assert found == {"mine.png", picture, FILE_NAME}


def test_scores_are_told_by_what_they_add_to_the_usual_face(write_run, read, tmp_path):
    write_run(tmp_path / "run", "multimodal_fusion", model="expressions")
    (found,) = explain_run(tmp_path / "run", read, tmp_path / "out", rows=["c"])
    _, learner = finished_run(tmp_path / "run")
    scores = torch.from_numpy(read_examples(read, learner).arrays["expressions"])
    wanted = vector_attribution(learner.network, scores[2:], scores[0])[0]
    strongest = int(wanted.abs().argmax())
    assert found.scores[0] == (EXPRESSION_NAMES[strongest], pytest.approx(float(wanted[strongest])))
    assert (found.landmarks, found.is_new) == ((), True)


@pytest.mark.parametrize(
    ("method", "settings", "rows", "told"),
    [
        ("multimodal_fusion-light", {}, [], "is a run of multimodal_fusion-light"),
        ("multimodal_fusion", {"model": "lines_rgb", **SMALL}, [], "joins its streams"),
        ("multimodal_fusion", {"model": "expressions"}, ["z"], "z: is no picture of the data"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    write_run, read, tmp_path, method, settings, rows, told
):
    write_run(tmp_path / "run", method, **settings)
    with pytest.raises(InputError) as refused:
        explain_run(tmp_path / "run", read, tmp_path / "out", rows=rows)
    assert told in str(refused.value)


def test_a_run_that_has_learned_from_everybody_needs_named_pictures(write_run, read, tmp_path):
    everybody = ("a", "b", "c")
    write_run(tmp_path / "run", "multimodal_fusion", learned_from=everybody, model="expressions")
    with pytest.raises(InputError, match="nobody new"):
        explain_run(tmp_path / "run", read, tmp_path / "out")
    (found,) = explain_run(tmp_path / "run", read, tmp_path / "out", rows=["a"])
    assert not found.is_new
