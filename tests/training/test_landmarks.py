"""The network that refines landmarks, trained in folds, and framed faces refined by it."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from facialis.cli.application import main  # noqa: E402
from facialis.datasets.framed_source import FramedSource  # noqa: E402
from facialis.datasets.manifest import Manifest, Row, made_of  # noqa: E402
from facialis.datasets.manifest_files import (  # noqa: E402
    file_digest,
    read_manifest,
    write_manifest,
)
from facialis.datasets.refined import read_refiners  # noqa: E402
from facialis.errors import InputError, WeightsError  # noqa: E402
from facialis.evaluation.predictions import Predictions  # noqa: E402
from facialis.face.mesh import TEMPLATE  # noqa: E402
from facialis.regions.close_ups import EYE_POINTS, MOUTH_POINTS  # noqa: E402
from facialis.regions.refinement import refined_framed  # noqa: E402
from facialis.training.healthy_distance import over_limit  # noqa: E402
from facialis.training.landmark_lessons import read_lessons  # noqa: E402

SIDE = 256
OF_EACH = 25
PEOPLE = ("set/a", "set/b", "set/c", "set/d")
INVENTED = "set/a+set/b"
OFF = 8.0
"""Pixels by which every landmark was found too far to the right."""


@pytest.fixture(scope="module")
def framed(tmp_path_factory):
    """Faces of dots of four people, and of one invented of two of them."""
    root = tmp_path_factory.mktemp("framed")
    chance = np.random.default_rng(0)
    rows = []
    for person in (*PEOPLE, INVENTED):
        for number in range(OF_EACH):
            name = f"{person.replace('/', '-')}-{number}"
            placed = TEMPLATE.copy()
            placed[:, :2] = 120 * placed[:, :2] + [128, 120] + chance.normal(0, 4, 2)
            picture = np.full((SIDE, SIDE, 3), 120, np.uint8)
            for i in (*EYE_POINTS, *MOUTH_POINTS):
                x, y = np.round(placed[i, :2] - 0.5).astype(int).tolist()
                cv2.circle(picture, (x, y), 2, (255, 255, 255), -1)
            cv2.imwrite(str(root / f"{name}.png"), picture)
            np.save(root / f"{name}-placed.npy", placed)
            np.save(root / f"{name}.npy", placed + np.array([OFF, 0, 0]))
            rows.append(
                Row(
                    name=name,
                    path=f"{name}.png",
                    sha256=file_digest(root / f"{name}.png"),
                    subject=person,
                    source="simulated",
                    annotations={"landmarks": f"{name}.npy", "placed": f"{name}-placed.npy"},
                )
            )
    write_manifest(Manifest("dots", tuple(rows)), root)
    return root


def facialis(*words) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def networks(framed, tmp_path_factory):
    """Two networks, each without half of the people, and one of everybody."""
    out = tmp_path_factory.mktemp("networks") / "out"
    words = ("train", "landmarks", "--data", framed, "--out", out, "--folds", 2, "--epochs", 20)
    assert facialis(*words, "--only", "all") == 0
    assert facialis(*words) == 0
    return out


def an_evaluation_that_tests(results, *subjects):
    (results / "predictions").mkdir(parents=True, exist_ok=True)
    said = Predictions(
        names=tuple(str(n) for n in range(len(subjects))),
        subjects=subjects,
        sources=("simulated",) * len(subjects),
        truth={"palsy": np.zeros(len(subjects), np.int64)},
        answers={},
        split="fixed",
    )
    said.save(results / "predictions" / "01.npz")
    (results / "result.json").write_text("{}")


def error_of(points, source):
    true = source.placed()
    chosen = [*EYE_POINTS, *MOUTH_POINTS]
    return float(np.hypot(*(points - true)[chosen, :2].T).mean())


def test_it_learns_where_landmarks_belong(framed, networks):
    manifest = read_manifest(framed)
    network = read_refiners(networks).for_people(("somebody/else",))
    for row in manifest.rows[:3]:
        source = FramedSource(framed, row)
        found = source.landmarks()
        assert error_of(found, source) == pytest.approx(OFF)
        assert error_of(refined_framed(source.picture(), found, network), source) < 0.75 * OFF
    losses = [
        float(row["loss"])
        for row in csv.DictReader((networks / "all.csv").read_text().splitlines())
    ]
    assert len(losses) == 20
    assert losses[-1] < losses[0] / 2


def test_everybody_is_refined_by_a_network_that_has_not_learned_from_them(networks):
    learned = json.loads((networks / "folds.json").read_text())["learned"]
    assert set(learned.pop("all")) == set(PEOPLE)
    assert sorted(person for people in learned.values() for person in people) == list(PEOPLE)
    refiners = read_refiners(networks)
    for name, people in learned.items():
        wanted = file_digest(networks / f"{name}.onnx")
        for person in set(PEOPLE) - set(people):
            assert refiners.for_people((person,)).sha256 == wanted
            # An invented person is left out where either of the two is.
            assert refiners.for_people((person, "set/other")).sha256 == wanted
    assert refiners.for_people(("set/z",)).sha256 == file_digest(networks / "all.onnx")


def test_a_network_learns_from_nobody_who_is_left_out(framed, tmp_path, monkeypatch):
    from facialis.training import landmark_fit

    lessons = read_lessons([read_manifest(framed)])
    assert lessons.people[-1] == ("set/a", "set/b")
    taught = {}

    def spied(given, faces, *rest, checkpoint, **more):
        taught[checkpoint.stem] = {given.people[face] for face in faces}
        return landmark_fit_as_it_is(given, faces, *rest, checkpoint=checkpoint, **more)

    landmark_fit_as_it_is = landmark_fit.fit_refinement
    monkeypatch.setattr(landmark_fit, "fit_refinement", spied)
    an_evaluation_that_tests(tmp_path / "results", "set/c")
    words = ("train", "landmarks", "--data", framed, "--out", tmp_path / "out", "--epochs", 1)
    assert facialis(*words, "--folds", 4, "--without", tmp_path / "results") == 0
    everybody = {(person,) for person in PEOPLE} | {("set/a", "set/b")}
    assert taught.pop("all") == everybody - {("set/c",)}
    assert len(taught) == 4
    for person in PEOPLE:
        assert everybody - {each for each in everybody if person in each} in taught.values()
    # The one without the tested person has learned most, and refines them as it does strangers.
    refiners = read_refiners(tmp_path / "out")
    assert refiners.for_people(("set/c",)) is refiners.for_people(("somebody/else",))


def test_those_of_whom_every_network_has_learned_are_not_refined(framed, tmp_path, capsys):
    out = tmp_path / "out"
    assert facialis("train", "landmarks", "--data", framed, "--out", out, "--epochs", 1) == 0
    assert facialis("data", "refine", framed, "--by", out, "--out", tmp_path / "refined") == 2
    told = capsys.readouterr().err
    assert "set/a: is one of whom all these networks have learned" in told
    assert "--folds" in told


def test_networks_that_see_other_close_ups_are_refused(networks, tmp_path):
    from facialis.weights.store import path

    for name in ("fold-1", "fold-2"):
        shutil.copy(networks / f"{name}.onnx", tmp_path)
    shutil.copy(path("multimodal_fusion-light"), tmp_path / "all.onnx")
    shutil.copy(networks / "folds.json", tmp_path)
    with pytest.raises(WeightsError, match="other close-ups than those of this version"):
        read_refiners(tmp_path)


def test_a_refined_set_is_the_same_with_other_landmarks(framed, networks, tmp_path, capsys):
    out = tmp_path / "refined"
    words = ("data", "refine", framed, "--out", out, "--by", networks)
    assert facialis(*words) == 0
    told = capsys.readouterr().out
    before, after = read_manifest(framed), read_manifest(out)
    assert after.digest in told
    assert after.digest != before.digest
    for old, new in zip(before.rows, after.rows, strict=True):
        assert (old.name, old.sha256, old.subject) == (new.name, new.sha256, new.subject)
        assert (out / new.path).read_bytes() == (framed / old.path).read_bytes()
        found = FramedSource(out, new).found()
        assert found == pytest.approx(FramedSource(framed, old).landmarks())
        assert FramedSource(out, new).placed() == pytest.approx(FramedSource(framed, old).placed())
    # The comparison with healthy faces stays with the landmarks that were found.
    assert over_limit(after.rows[0], after, stated=True) == over_limit(
        before.rows[0], before, stated=True
    )
    row = after.rows[0]
    network = read_refiners(networks).for_people(row.people)
    source = FramedSource(framed, before.rows[0])
    wanted = refined_framed(source.picture(), source.landmarks(), network)
    assert FramedSource(out, row).landmarks() == pytest.approx(wanted, abs=1 / 64)
    # What a network has moved is no truth to learn from.
    assert facialis("data", "frame", out, "--placed", "--out", tmp_path / "again") == 2
    assert "holds framed faces" in capsys.readouterr().err
    (out / "manifest.json").unlink()
    (out / row.annotations["landmarks"]).unlink()
    assert facialis(*words) == 0
    assert read_manifest(out).digest == after.digest


def test_refined_twice_is_refined_once(framed, networks, tmp_path):
    for source, name in ((framed, "once"), (tmp_path / "once", "twice")):
        words = ("data", "refine", source, "--by", networks, "--out", tmp_path / name)
        assert facialis(*words) == 0
    once, twice = (read_manifest(tmp_path / name) for name in ("once", "twice"))
    assert once.digest == twice.digest


def test_a_file_is_copied_where_it_cannot_be_linked(
    framed, networks, tmp_path, monkeypatch, capsys
):
    def refuse(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("facialis.datasets.refined.os.link", refuse)
    words = ("data", "refine", "--by", networks, "--out")
    assert facialis(*words, tmp_path / "out", framed) == 0
    row = read_manifest(tmp_path / "out").rows[0]
    assert (tmp_path / "out" / row.path).read_bytes() == (framed / row.path).read_bytes()
    capsys.readouterr()
    lacking = replace(read_manifest(framed).rows[0], name="x", path="x.png")
    write_manifest(Manifest("lacking", (lacking,), root=framed), tmp_path / "lacking")
    assert facialis(*words, tmp_path / "other", tmp_path / "lacking") == 2
    assert "x.png: is missing" in capsys.readouterr().err


def test_people_whom_an_evaluation_tests_are_left_out(framed, tmp_path, capsys):
    from facialis.training.landmarks import _tested_by

    lessons = read_lessons([read_manifest(framed)])
    results = tmp_path / "results"
    an_evaluation_that_tests(results, "set/a", "set/b+set/c")
    assert _tested_by(results, lessons) == {"set/a"} | set(made_of("set/b+set/c"))
    (results / "result.json").unlink()
    with pytest.raises(InputError, match="holds no finished evaluation"):
        _tested_by(results, lessons)
    an_evaluation_that_tests(results, "other/z")
    with pytest.raises(InputError, match="tests none of these people"):
        _tested_by(results, lessons)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--folds", "1"), "give 0, or 2 and more"),
        (("--folds", "9"), "is more than the 4 people"),
        (("--folds", "2", "--only", "fold-3"), "is no network of these folds"),
        (
            ("--folds", "4"),
            "holds networks of another version, or of other folds, data or settings",
        ),
    ],
)
def test_folds_that_cannot_be_are_refused(framed, networks, capsys, words, told):
    given = ("train", "landmarks", "--data", framed, "--out", networks, *words)
    assert facialis(*given) == 2
    assert told in capsys.readouterr().err


def test_data_without_known_landmarks_or_with_too_few_faces_teach_nothing(framed, tmp_path, capsys):
    rows = read_manifest(framed).rows
    few = Manifest("few", rows[:5], root=framed)
    write_manifest(few, tmp_path / "few")
    words = ("train", "landmarks", "--out", tmp_path / "out", "--data")
    assert facialis(*words, tmp_path / "few") == 2
    assert "leave 5 faces to learn from" in capsys.readouterr().err
    bare = tuple(
        Row(name=r.name, path=r.path, sha256=r.sha256, subject=r.subject, source=r.source)
        for r in rows
    )
    write_manifest(Manifest("bare", bare, root=framed), tmp_path / "bare")
    assert facialis(*words, tmp_path / "bare") == 2
    assert "data frame --placed" in capsys.readouterr().err


def test_refining_by_nothing_and_over_something_is_refused(framed, networks, tmp_path, capsys):
    words = ("data", "refine", framed, "--by")
    assert facialis(*words, tmp_path, "--out", tmp_path / "out") == 2
    assert "holds no networks that refine landmarks" in capsys.readouterr().err
    (tmp_path / "thing").write_text("mine")
    assert facialis(*words, networks, "--out", tmp_path) == 2
    assert "is not empty" in capsys.readouterr().err
    assert (tmp_path / "thing").read_text() == "mine"
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "folds.json").write_bytes((networks / "folds.json").read_bytes())
    with pytest.raises(InputError, match="lacks fold-1, fold-2, all"):
        read_refiners(tmp_path / "half")


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(framed, tmp_path):
    from facialis.training.landmark_fit import RefinementSettings, fit_refinement

    lessons = read_lessons([read_manifest(framed)])
    faces = np.arange(len(lessons))
    settings = RefinementSettings(epochs=3, batch=20)

    def trained(name, stop=None):
        def after(done, _loss):
            if done == stop:
                raise KeyboardInterrupt

        return fit_refinement(
            lessons,
            faces,
            settings,
            checkpoint=tmp_path / f"{name}.pt",
            log=tmp_path / f"{name}.csv",
            after_epoch=after,
        )

    with pytest.raises(KeyboardInterrupt):
        trained("stopped", stop=2)
    with (tmp_path / "stopped.csv").open("a") as log:
        log.write("3,9.9\n")
    gone_on, whole = trained("stopped"), trained("whole")
    assert (tmp_path / "stopped.csv").read_text() == (tmp_path / "whole.csv").read_text()
    for one, other in zip(gone_on.parameters(), whole.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("written", ["nothing of torch", "no table", "another network"])
def test_a_damaged_checkpoint_is_refused(framed, tmp_path, written):
    from facialis.training.landmark_fit import VERSION, RefinementSettings, fit_refinement

    if written == "another network":
        state = {"settings": f"{VERSION} {RefinementSettings(epochs=1)!r} on 60 faces"}
        torch.save(state | {"network": {"maps": torch.zeros(3)}}, tmp_path / "net.pt")
    elif written == "no table":
        torch.save([1, 2], tmp_path / "net.pt")
    else:
        (tmp_path / "net.pt").write_bytes(b"no checkpoint")
    with pytest.raises(InputError, match="is no readable checkpoint"):
        fit_refinement(
            read_lessons([read_manifest(framed)]),
            np.arange(60),
            RefinementSettings(epochs=1),
            checkpoint=tmp_path / "net.pt",
            log=tmp_path / "net.csv",
            after_epoch=lambda *_: None,
        )
