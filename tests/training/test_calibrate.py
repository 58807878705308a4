"""Fitting the rule that joins the fusion with the norms."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="calibration needs the extra 'train'")

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale, levels_of_grades
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import write_manifest
from facialis.datasets.sample import Label
from facialis.errors import InputError
from facialis.evaluation import resampling
from facialis.evaluation.predictions import Predictions
from facialis.evaluation.result import FILE_NAME, DataRecord, Result, SplitsRecord
from facialis.evaluation.splits import Protocol
from facialis.face.mesh import TEMPLATE
from facialis.grading.combined import FUSION, GRADER
from facialis.grading.cuts import even_odds
from facialis.methods.multimodal_fusion.prepare import GRADES, LEVELS
from facialis.training import conformal
from facialis.training.calibrate import answered_pictures, calibrated
from facialis.training.conformal import COVERAGE

PEOPLE, EACH = 20, 10


def finished(folder, manifest, protocol=Protocol.KFOLD):
    """Write what an evaluation leaves last."""
    result = Result(
        method="multimodal_fusion-light",
        variant="",
        settings={},
        parameters=1,
        training=(),
        data=DataRecord(
            title=manifest.title, manifest=manifest.digest, sources=("s",), people=20, rows=200
        ),
        splits=SplitsRecord(protocol=protocol, digest="0" * 64, count=1, caveats=()),
        seed=0,
        tasks=(),
        date="today",
        version="0",
        hardware="none",
    )
    result.save(folder / FILE_NAME)


LOWER_LEFT = (291, 308, 409, 375, 306, 292, 324, 318, 402, 321, 405)


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    monkeypatch.setattr(resampling.drawn, "__defaults__", (20,))


@pytest.fixture
def simulated(tmp_path):
    """Faces whose mouth droops where there is a palsy, and answers that know it half of the time.

    Returns:
        Folder of results, and the manifest with its folder.
    """
    rng = np.random.default_rng(0)
    data, results = tmp_path / "data", tmp_path / "results"
    (data / "landmarks").mkdir(parents=True)
    (results / "predictions").mkdir(parents=True)
    rows, palsy, level = [], [], []
    for number in range(PEOPLE * EACH):
        case = number // 2
        grade = case % 3
        points = 100 * TEMPLATE + 300 + rng.normal(0, 0.3, TEMPLATE.shape)
        points[list(LOWER_LEFT), 1] += 5 * grade
        name = f"{number // EACH:02d}-{number % EACH}"
        np.save(data / "landmarks" / f"{name}.npy", points)
        (data / f"{name}.png").write_bytes(b"not read")
        rows.append(
            Row(
                name=name,
                path=f"{name}.png",
                sha256="0" * 64,
                subject=f"s/{number // EACH}",
                source="s",
                movement=Movement.REST,
                video=f"case{case}",
                labels=(Label(Scale.HOUSE_BRACKMANN, 2 * grade + 1),),
                annotations={"landmarks": f"landmarks/{name}.npy"},
            )
        )
        palsy.append(int(grade > 0))
        level.append(grade)
    told = rng.uniform(0.3, 0.7, len(rows)) + 0.2 * (2 * np.array(palsy) - 1)
    grades = rng.dirichlet((1,) * 6, len(rows)) + 0.5 * np.eye(6)[2 * np.array(level)]
    grades /= grades.sum(axis=1, keepdims=True)
    said = Predictions(
        names=tuple(row.name for row in rows),
        subjects=tuple(row.subject for row in rows),
        sources=("s",) * len(rows),
        truth={
            "palsy": np.array(palsy),
            "level": np.array(level),
            "grade": 2 * np.array(level),
        },
        answers={
            "palsy_probability": np.column_stack((1 - told, told)).astype(np.float32),
            "level_probability": levels_of_grades(grades).astype(np.float32),
            "grade_probability": grades.astype(np.float32),
        },
        split="fold 1",
    )
    said.save(results / "predictions" / "01.npz")
    manifest = Manifest("Simulated droop", tuple(rows), root=data)
    finished(results, manifest)
    return results, manifest


def test_the_rule_is_at_least_as_good_as_each_reading_and_covers_what_it_says(simulated):
    results, manifest = simulated
    steps = []
    rule = calibrated(results, manifest, lambda done, count: steps.append((done, count)))
    assert steps[-1] == (PEOPLE * EACH, PEOPLE * EACH)
    assert (rule.people, rule.pictures, rule.data) == (PEOPLE, PEOPLE * EACH, "Simulated droop")
    assert rule.weight > 0
    assert rule.methods == (FUSION,)
    alone = max(rule.measured[f"AUC, {name} alone"][0] for name in ("fusion", "norms"))
    assert rule.measured["AUC, combined"][0] >= alone - 0.02
    for name in ("palsy", "healthy", "levels"):
        value, low, high = rule.measured[f"coverage, {name}"]
        assert low <= COVERAGE <= high or value > COVERAGE - 0.1
    assert rule.probability((0.9,), 2.0) > 0.5 > rule.probability((0.1,), 0.2)
    assert rule.measured["quadratic kappa of levels"][0] > 0.5


def test_a_rule_has_cut_offs_of_grades_where_all_of_them_were_answered(simulated):
    results, manifest = simulated
    rule = calibrated(results, manifest)
    assert tuple(rule.photograph.least) == LEVELS, "of three grades alone"
    assert "coverage, grades" not in rule.measured
    file = results / "predictions" / "01.npz"
    said = Predictions.load(file)
    level = said.truth["level"]
    rng = np.random.default_rng(3)
    among = rng.integers(1, 4, len(level)), rng.integers(4, 6, len(level))
    grade = np.choose(level, (0 * level, *among))
    told = rng.dirichlet((1,) * 6, len(grade)) + np.eye(6)[grade]
    told /= told.sum(axis=1, keepdims=True)
    replace(
        said,
        truth=said.truth | {"grade": grade},
        answers=said.answers
        | {"grade_probability": told, "level_probability": levels_of_grades(told)},
    ).save(file)
    rule = calibrated(results, manifest)
    assert tuple(rule.photograph.least) == GRADES
    pictures, _ = answered_pictures(results, manifest)
    np.testing.assert_allclose(levels_of_grades(pictures.grades), pictures.levels, rtol=1e-6)
    for number, name in enumerate(GRADES):
        of_grade = pictures.grades[pictures.grade == number, number]
        assert rule.photograph.least[name] == pytest.approx(conformal.least(of_grade), abs=1e-4)
    sure = dict(zip(GRADES, (0.0, 0.0, 1.0, 0.0, 0.0, 0.0), strict=True))
    assert rule.photograph.kept(sure) == ("III",)
    value, low, high = rule.measured["coverage, grades"]
    assert low <= COVERAGE <= high or value > COVERAGE - 0.1
    of_levels = rule.measured["coverage, levels"][0]
    assert of_levels >= value, "a grade that is left open leaves its level open"
    assert rule.measured["levels that are kept"][0] <= rule.measured["grades that are kept"][0]
    assert rule.measured["quadratic kappa of grades"][0] > 0.5
    assert rule.measured["within one grade"][0] >= rule.measured["grade right"][0]


def test_a_rule_for_pictures_of_no_stated_movement_is_fitted_on_answers_without_it(simulated):
    results, manifest = simulated
    with pytest.raises(InputError, match="holds no answers that were given without the movement"):
        calibrated(results, manifest, stated=False)
    file = results / "predictions" / "01.npz"
    said = Predictions.load(file)
    wanted = calibrated(results, manifest)
    turned = {name: each[:, ::-1] for name, each in said.answers.items()}
    unstated = {f"{name}_unstated": each for name, each in said.answers.items()}
    replace(said, answers={**turned, **unstated}).save(file)
    found = calibrated(results, manifest, stated=False)
    assert found.photograph.least == wanted.photograph.least
    assert found.measured["AUC, fusion alone"] == wanted.measured["AUC, fusion alone"]
    assert calibrated(results, manifest).photograph.least != wanted.photograph.least


def test_a_rule_reads_the_distance_that_a_stated_movement_gives(simulated):
    results, manifest = simulated
    file = results / "predictions" / "01.npz"
    said = Predictions.load(file)
    more = {f"{name}_unstated": each for name, each in said.answers.items()}
    replace(said, answers={**said.answers, **more}).save(file)
    told, untold = (
        answered_pictures(results, manifest, stated=stated)[0].read for stated in (True, False)
    )
    assert (told[:, 0] == untold[:, 0]).all()
    assert (told[:, 1] != untold[:, 1]).all(), "rest has a norm and a limit of its own"


def test_a_palsy_of_the_rule_is_a_level_above_i_whether_or_not_it_shows(simulated):
    results, manifest = simulated
    file = results / "predictions" / "01.npz"
    said = Predictions.load(file)
    hidden = replace(said, truth=said.truth | {"palsy": np.zeros_like(said.truth["palsy"])})
    shown = calibrated(results, manifest)
    hidden.save(file)
    pictures, shares = answered_pictures(results, manifest)
    assert shares.palsy == 0, "what the fusion learned from is paper 004's label"
    lesions = float((said.truth["level"] > 0).mean())
    assert shares.lesion == pytest.approx(lesions, abs=1e-4)
    told = said.answers["level_probability"]
    odds = told[:, 1:].sum(axis=1) / told[:, 0] * (1 - shares.lesion) / shares.lesion
    assert 1 / pictures.levels[:, 0] - 1 == pytest.approx(odds, rel=1e-5)
    assert pictures.palsy.tolist() == (said.truth["level"] > 0).astype(int).tolist()
    unknown = said.truth["level"].copy()
    unknown[:5] = -1
    replace(said, truth=said.truth | {"level": unknown}).save(file)
    pictures, _ = answered_pictures(results, manifest)
    assert pictures.palsy[:5].tolist() == said.truth["palsy"][:5].tolist()
    assert shown.people == PEOPLE


def test_the_command_writes_what_the_package_can_read(simulated, tmp_path, capsys):
    from pydantic import TypeAdapter

    from facialis.cli import main
    from facialis.grading.combined import Rule

    results, manifest = simulated
    write_manifest(manifest, manifest.root)
    out = tmp_path / "new" / "combined.json"
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", str(results), "--data", str(manifest.root), "--out", str(out)])
    assert not ended.value.code
    assert "200 pictures of 20 people" in capsys.readouterr().out
    rule = TypeAdapter(Rule).validate_json(out.read_bytes())
    assert json.loads(out.read_text())["intercept"] == rule.intercept


@pytest.fixture
def graded(simulated, tmp_path):
    """Answers of a grader to the same faces, in another order, and the manifest with grades."""
    results, manifest = simulated
    said = Predictions.load(results / "predictions" / "01.npz")
    rng = np.random.default_rng(1)
    grade = said.truth["level"] * 2
    probability = rng.dirichlet((1,) * 6, len(grade)) + np.eye(6)[grade]
    order = rng.permutation(len(grade))
    answered = Predictions(
        names=tuple(said.names[i] for i in order),
        subjects=tuple(said.subjects[i] for i in order),
        sources=said.sources,
        truth={"grade": grade[order]},
        answers={
            "grade_probability": (probability / probability.sum(axis=1, keepdims=True))[order]
        },
        split="fold 1",
    )
    (tmp_path / "graded" / "predictions").mkdir(parents=True)
    answered.save(tmp_path / "graded" / "predictions" / "01.npz")
    finished(tmp_path / "graded", manifest)
    return tmp_path / "graded", manifest


def test_answers_on_the_grade_get_a_cut_for_each_grade(graded):
    results, manifest = graded
    found = calibrated(results, manifest)
    assert tuple(found.least) == ("I", "II", "III", "IV", "V", "VI")
    grades = np.array([row.labels[0].value for row in manifest.rows])
    assert found.palsy_share == pytest.approx(float((grades > 1).mean()), abs=1e-4)
    value, low, high = found.measured["coverage"]
    assert low <= COVERAGE <= high or value > COVERAGE - 0.1
    assert found.measured["grade right"][0] > 0.9


def test_a_grader_is_joined_with_the_fusion_picture_by_picture(simulated, graded):
    from pydantic import TypeAdapter

    from facialis.cli import main
    from facialis.grading.combined import Rule

    results, _ = simulated
    grader, manifest = graded
    alone = calibrated(results, manifest)
    rule = calibrated(results, manifest, graded=grader)
    assert rule.methods == (FUSION, GRADER)
    assert rule.palsy_share == alone.palsy_share
    assert rule.measured["AUC, fusion alone"] == alone.measured["AUC, fusion alone"]
    assert rule.measured["AUC, grader alone"][0] > 0.9
    assert rule.measured["AUC, combined"][0] >= alone.measured["AUC, combined"][0]
    write_manifest(manifest, manifest.root)
    out, data = manifest.root / "rule.json", str(manifest.root)
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", str(results), "--with", str(grader), "--data", data, "--out", str(out)])
    assert not ended.value.code
    assert TypeAdapter(Rule).validate_json(out.read_bytes()) == rule
    assert rule.photograph.least == alone.photograph.least


def test_a_grader_may_have_answered_before_landmarks_were_refined(simulated, graded):
    results, _ = simulated
    grader, before = graded
    wanted = calibrated(results, before, graded=grader)
    rows = tuple(
        replace(row, annotations={**row.annotations, "found": row.annotations["landmarks"]})
        for row in before.rows
    )
    made = {"preparation": "framed faces, landmarks refined", "parent": before.digest}
    after = Manifest(before.title, rows, made, root=before.root)
    finished(results, after)
    assert calibrated(results, after, graded=grader) == wanted
    with pytest.raises(InputError, match="answers Simulated droop"):
        calibrated(results, replace(after, made={**made, "preparation": "other"}), graded=grader)


def test_a_grader_that_answers_other_pictures_or_no_grades_is_refused(simulated, graded, tmp_path):
    results, _ = simulated
    grader, manifest = graded
    with pytest.raises(InputError, match=r"is of the fusion itself.*fp_vggface-light"):
        calibrated(results, manifest, graded=results)
    with pytest.raises(InputError, match="is of no method that a grader can be joined with"):
        calibrated(grader, manifest, graded=grader)
    said = Predictions.load(grader / "predictions" / "01.npz")
    fewer = replace(
        said,
        names=said.names[1:],
        subjects=said.subjects[1:],
        sources=said.sources[1:],
        truth={"grade": said.truth["grade"][1:]},
        answers={"grade_probability": said.answers["grade_probability"][1:]},
    )
    (tmp_path / "fewer" / "predictions").mkdir(parents=True)
    fewer.save(tmp_path / "fewer" / "predictions" / "01.npz")
    finished(tmp_path / "fewer", manifest)
    with pytest.raises(InputError, match="does not answer 1 of the pictures"):
        calibrated(results, manifest, graded=tmp_path / "fewer")
    file = grader / "predictions" / "01.npz"
    said = Predictions.load(file)
    levels = {"level_probability": levels_of_grades(said.answers["grade_probability"])}
    replace(said, truth={"level": said.truth["grade"] // 2}, answers=levels).save(file)
    with pytest.raises(InputError, match="holds no grades"):
        calibrated(results, manifest, graded=grader)


def test_answers_on_the_level_alone_get_a_cut_for_each_level(simulated, tmp_path, capsys):
    from pydantic import TypeAdapter

    from facialis.cli import main
    from facialis.grading.cuts import ClassCuts

    results, manifest = simulated
    said = Predictions.load(results / "predictions" / "01.npz")
    level = said.truth["level"].copy()
    level[0] = -1
    probability = np.random.default_rng(1).dirichlet((1,) * 3, len(level)) + np.eye(3)[level]
    told = replace(
        said,
        truth={"level": level},
        answers={"level_probability": probability / probability.sum(axis=1, keepdims=True)},
    )
    (tmp_path / "told" / "predictions").mkdir(parents=True)
    told.save(tmp_path / "told" / "predictions" / "01.npz")
    finished(tmp_path / "told", manifest)
    write_manifest(manifest, manifest.root)
    out = tmp_path / "levels.json"
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", str(tmp_path / "told"), "--data", str(manifest.root), "--out", str(out)])
    assert not ended.value.code
    assert "199 examples of 20 people" in capsys.readouterr().out
    found = TypeAdapter(ClassCuts).validate_json(out.read_bytes())
    assert tuple(found.least) == ("I", "II", "III")
    assert found.palsy_share == pytest.approx(2 / 3)
    even = even_odds(told.answers["level_probability"][1:], 2 / 3)
    for number, name in enumerate(("I", "II", "III")):
        of_level = even[level[1:] == number, number]
        assert found.least[name] == pytest.approx(conformal.least(of_level), abs=1e-4)
    assert found.measured["level right"][0] > 0.85


def test_a_rule_of_too_few_people_is_refused(simulated):
    results, manifest = simulated
    file = results / "predictions" / "01.npz"
    said = Predictions.load(file)
    few = [place for place, person in enumerate(said.subjects) if person in {"s/0", "s/1", "s/2"}]
    part = replace(
        said,
        names=tuple(said.names[i] for i in few),
        subjects=tuple(said.subjects[i] for i in few),
        sources=tuple(said.sources[i] for i in few),
        truth={name: each[few] for name, each in said.truth.items()},
        answers={name: each[few] for name, each in said.answers.items()},
    )
    part.save(file)
    with pytest.raises(InputError, match="has fewer than 5 tested people with a known palsy"):
        calibrated(results, manifest)


def test_answers_to_other_data_are_refused(simulated):
    results, manifest = simulated
    with pytest.raises(InputError, match=r"answers Simulated droop \(manifest .* is other \("):
        calibrated(results, Manifest("other", manifest.rows[:-1], root=manifest.root))


def test_answers_of_a_network_that_had_seen_the_people_are_refused(simulated):
    results, manifest = simulated
    finished(results, manifest, Protocol.LEAKY)
    with pytest.raises(InputError, match="is LEAKY"):
        calibrated(results, manifest)


def test_answers_to_data_that_were_tested_besides_are_not_fitted_on(simulated):
    results, manifest = simulated
    rule = calibrated(results, manifest)
    said = Predictions.load(results / "predictions" / "01.npz")
    wrong = {"palsy": 1 - said.truth["palsy"], "level": 2 - said.truth["level"]}
    replace(said, truth=wrong).save(results / "predictions" / "also-1-01.npz")
    assert calibrated(results, manifest) == rule


def test_answers_on_examinations_get_cut_offs_by_how_many_movements(simulated, tmp_path, capsys):
    from pydantic import TypeAdapter

    from facialis.cli import main
    from facialis.grading.cuts import ExaminationCuts

    _, manifest = simulated
    rows = manifest.rows
    grade = np.arange(len(rows)) % 6
    graded = Manifest(
        manifest.title,
        tuple(
            replace(row, labels=(Label(Scale.HOUSE_BRACKMANN, int(each) + 1),))
            for row, each in zip(rows, grade, strict=True)
        ),
        root=manifest.root,
    )
    some = np.random.default_rng(0).dirichlet((1,) * 6, (len(rows), 12, 22))
    told = Predictions(
        names=tuple(row.name for row in rows),
        subjects=tuple(row.subject for row in rows),
        sources=("s",) * len(rows),
        truth={"grade": grade},
        answers={
            "grade_probability": some[:, -1, 0],
            "grade_probability_of_some": some,
            "movements": np.full(len(rows), 12),
            "has_rest": np.ones(len(rows), np.int64),
        },
        split="fold 1",
    )
    (tmp_path / "told" / "predictions").mkdir(parents=True)
    told.save(tmp_path / "told" / "predictions" / "01.npz")
    finished(tmp_path / "told", graded)
    write_manifest(graded, graded.root)
    out = tmp_path / "examinations.json"
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", str(tmp_path / "told"), "--data", str(graded.root), "--out", str(out)])
    assert not ended.value.code
    assert "200 examinations of 20 people" in capsys.readouterr().out
    found = TypeAdapter(ExaminationCuts).validate_json(out.read_bytes())
    assert (len(found.with_rest), len(found.without_rest)) == (12, 11)
    assert found.palsy_share == pytest.approx(float((grade > 0).mean()), abs=1e-4)


def test_a_folder_without_the_right_answers_is_refused(simulated, tmp_path):
    _, manifest = simulated
    with pytest.raises(InputError, match="holds no finished evaluation"):
        calibrated(tmp_path, manifest)
    finished(tmp_path, manifest)
    with pytest.raises(
        InputError,
        match="holds no answers on palsy, level and grade, on the grade, or on the level",
    ):
        calibrated(tmp_path, manifest)


def test_a_cut_lets_through_the_stated_share_of_one_more_face():
    scores = np.arange(1, 20) / 20
    assert conformal.least(scores) == 0.1
    assert conformal.least(scores[:5]) == 0.0


def test_a_grader_of_whole_examinations_is_not_joined_with_pictures(simulated, graded):
    results, _ = simulated
    grader, manifest = graded
    file = grader / "predictions" / "01.npz"
    said = Predictions.load(file)
    some = np.full((len(said.names), 12, 22, 6), 1 / 6)
    replace(said, answers=said.answers | {"grade_probability_of_some": some}).save(file)
    with pytest.raises(InputError, match="grades whole examinations and no pictures"):
        calibrated(results, manifest, graded=grader)
