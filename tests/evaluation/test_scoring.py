"""Scores of stored answers, against loops and other code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.evaluation import protocols
from facialis.evaluation.calibration import expected_calibration_error, reliability
from facialis.evaluation.differences import are_paired, paired_difference
from facialis.evaluation.divided import Divided
from facialis.evaluation.intervals import bootstrap
from facialis.evaluation.leaks import LeakError
from facialis.evaluation.metrics import accuracy, confusion_matrix, roc_auc
from facialis.evaluation.predictions import Predictions
from facialis.evaluation.resampling import resampled_auc, resampled_means
from facialis.evaluation.result import (
    read_result,
    read_results,
    result_schema,
    shipped_results,
)
from facialis.evaluation.scoring import OF_PEOPLE, VOTE, WITH_WEAK, Scored, numbered
from facialis.evaluation.scoring_classes import answered, class_scores, readings, score_answers
from facialis.evaluation.scoring_parts import PixelCounts, parts_scores
from facialis.evaluation.splits import Protocol, Split, Splits
from facialis.evaluation.stacks import stacked_class_scores, stacked_parts_scores
from facialis.evaluation.tables import result_markdown
from facialis.evaluation.writing import Shown, write_evaluation


def test_intervals_are_those_of_the_plain_bootstrap_over_people(bench: Any) -> None:
    names = tuple(f"p{person:02d}-{frame}" for person in range(8) for frame in range(1 + person))
    given = bench.answered([bench.predictions(names)])
    scored = score_answers(given, {}, seed=5)
    called = given.probabilities.argmax(axis=1)

    def share(truth: np.ndarray, calls: np.ndarray) -> float:
        return accuracy(confusion_matrix(truth, calls, 6))

    expected = bootstrap(share, given.subjects, given.truth, called, seed=5)
    found = scored.figures["accuracy"].interval
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    area = bootstrap(
        roc_auc, given.subjects, given.truth == 2, given.probabilities[:, 2], seed=5, draws=2000
    )
    drawn = scored.figures["AUC III"].interval
    assert drawn is not None
    assert (drawn.low, drawn.high) == pytest.approx((area.low, area.high))
    assert drawn.undefined == area.undefined


def scored_parts(bench: Any, given: list[Predictions]) -> Scored:
    counts = PixelCounts(bench.PARTS)
    for each in given:
        counts.add(each)
    return counts.scored(seed=0)


def test_segmentation_pools_pixels_and_leaves_weak_classes_out_of_the_mean(bench: Any) -> None:
    given = [bench.predictions(("p00-0", "p01-0")), bench.predictions(("p02-0", "p02-1"), seed=1)]
    scored = scored_parts(bench, given)
    hits, sizes = np.zeros(3), np.zeros(3)
    for each in given:
        for truth, answer in zip(each.truth["mask"], each.answers["labels"], strict=True):
            for t, a in zip(truth.ravel(), answer.ravel(), strict=True):
                if t != 255:
                    hits[t] += t == a
                    sizes[t] += 1
                    sizes[a] += 1
    f1 = 2 * hits / sizes
    assert scored.figures["F1 skin"].value == pytest.approx(f1[1])
    assert scored.figures["mean F1"].value == pytest.approx(f1[1])
    assert scored.figures[WITH_WEAK].value == pytest.approx((f1[1] + f1[2]) / 2)
    assert scored.figures["F1 FPP"].value == pytest.approx(f1[2])
    assert (scored.rows, set(scored.people)) == (4, {"p00", "p01", "p02"})
    assert scored.matrix.sum() == 4 * 35


def test_rows_without_a_label_are_left_out_and_counted(bench: Any) -> None:
    whole = bench.predictions(("p00-0", "p00-1", "p01-0"))
    nothing = np.full_like(whole.truth["mask"], 255)
    truth = {"grade": np.array([0, -1, 1]), "mask": nothing}
    given = replace(whole, truth=truth)
    scored = score_answers(bench.answered([given]), {}, seed=0)
    assert (scored.rows, scored.unlabelled) == (2, 1)
    empty = scored_parts(bench, [given])
    assert (empty.rows, empty.unlabelled, empty.people) == (0, 3, {})
    unknown = replace(given, truth={"grade": np.full(3, -1), "mask": nothing})
    none = score_answers(bench.answered([unknown]), {}, seed=0)
    assert (none.rows, none.unlabelled) == (0, 3)


def test_each_collection_has_its_accuracy_where_there_are_several(bench: Any) -> None:
    names = ("p00-0", "p00-1", "p01-0", "p02-0", "p02-1", "p03-0")
    mixed = replace(
        bench.predictions(names, skill=1.0),
        sources=("clinic", "clinic", "clinic", "studio", "studio", "studio"),
    )
    scored = score_answers(bench.answered([mixed]), {}, seed=0)
    right = mixed.answers["chances"].argmax(axis=1) == mixed.truth["grade"]
    for source, rows in (("clinic", slice(0, 3)), ("studio", slice(3, 6))):
        figure = scored.figures[f"accuracy on {source}"]
        assert figure.value == pytest.approx(right[rows].mean())

        people = [right[rows][:2], right[rows][2:]]
        drawn = figure.interval
        assert drawn is not None
        assert min(map(np.mean, people)) <= drawn.low <= drawn.high <= max(map(np.mean, people))
    one = score_answers(bench.answered([bench.predictions(names)]), {}, seed=0)
    assert not [name for name in one.figures if name.startswith("accuracy on")]


def test_levels_and_palsy_are_of_summed_probabilities(bench: Any) -> None:
    """The level of the likeliest grade (I) is not the likeliest level (D8-3)."""
    chances = np.array([[0.4, 0.3, 0.3, 0.0, 0.0, 0.0]])
    given = replace(
        bench.predictions(("p01-0",)), truth={"grade": np.array([1])}, answers={"chances": chances}
    )
    found = {each.reading: each for each in readings(bench.answered([given]))}
    assert list(found) == ["", "level", "palsy"], "one row has nothing to vote"
    assert found["level"].truth.tolist() == [1]
    assert found["level"].probabilities.tolist() == [[0.4, 0.6, 0.0]]
    assert found["palsy"].probabilities[0] == pytest.approx([0.4, 0.6])
    assert score_answers(found["level"], {}, seed=0).figures["accuracy"].value == 1


def test_a_vote_is_the_mean_of_a_persons_probabilities(bench: Any) -> None:
    given = bench.predictions(("p00-0", "p00-1", "p01-0"))
    vote = list(readings(bench.answered([given])))[-1]
    expected = given.answers["chances"][:2].astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(vote.probabilities[0], expected)
    mixed = replace(given, truth={"grade": np.array([0, 2, 1]), "mask": given.truth["mask"]})
    assert list(readings(bench.answered([mixed])))[-1].truth.tolist() == [-1, 1]


def test_a_vote_is_of_one_case_where_a_person_has_several(bench: Any) -> None:
    """A person of grades I and III in two cases has two votes, and is drawn as one person."""
    names = ("p00-0", "p00-1", "p00-2", "p00-3", "p01-0")
    grades = np.array([0, 0, 2, 2, 1])
    given = bench.predictions(names)
    given = replace(given, truth={"grade": grades, "mask": given.truth["mask"]})
    cases = dict(zip(names, ("case0", "case0", "case1", "case1", ""), strict=True))
    vote = list(readings(bench.answered([given], cases)))[-1]
    assert vote.names == ("p00 case0", "p00 case1", "p01")
    assert vote.truth.tolist() == [0, 2, 1]
    assert (vote.subjects, vote.splits) == (("p00", "p00", "p01"), ("toy",) * 3)
    expected = given.answers["chances"][2:4].astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(vote.probabilities[1], expected)
    scored = score_answers(vote, {}, seed=0)
    assert (scored.rows, len(scored.people)) == (3, 2)
    assert scored.title == "grade as vote of a case"


def test_the_recordings_of_a_manifest_make_the_votes_of_a_result(
    bench: Any, tmp_path: Path
) -> None:
    data = bench.manifest()
    rows = tuple(replace(row, video=f"case{int(row.name[-1]) // 2}") for row in data.rows)
    data = replace(data, rows=rows)
    splits = protocols.kfold(data, seed=0)
    first = splits.splits[0]
    bench.predictions(first.test, first.name).save(tmp_path / "0.npz")
    vote = bench.described(data, splits, [tmp_path / "0.npz"]).task("grade", VOTE)
    assert vote is not None
    tested = [row for row in rows if row.name in first.test]
    assert vote.rows == len({(row.subject, row.video) for row in tested}) < len(tested)


def test_what_nobody_labelled_is_in_no_result_table_or_picture(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bench.manifest()
    splits = protocols.kfold(data, seed=0)
    first, file = splits.splits[0], tmp_path / "0.npz"
    given = bench.predictions(first.test, first.name)
    unknown = np.full(len(given.names), -1)
    replace(given, truth=dict(given.truth) | {"grade": unknown}).save(file)
    loaded: list[Path] = []
    load = Predictions.load
    monkeypatch.setattr(Predictions, "load", lambda path: loaded.append(path) or load(path))
    result = bench.described(data, splits, [file])
    assert loaded == [file]
    assert [task.title for task in result.tasks] == ["parts"]
    assert all("0 samples" not in each for each in result.sentences)
    shown = Shown(lambda name: np.zeros((4, 4, 3), np.uint8), {})
    write_evaluation(tmp_path / "out", result, [file], (bench.PARTS, bench.GRADE), shown)
    assert loaded == [file, file]
    assert not list((tmp_path / "out").glob("*grade*"))
    assert "grade" not in (tmp_path / "out" / "table.md").read_text()


def test_cases_whose_rows_disagree_are_told_as_such(bench: Any, tmp_path: Path) -> None:
    data = bench.manifest()
    splits = protocols.kfold(data, seed=0)
    first = splits.splits[0]
    given = bench.predictions(first.test, first.name)
    grades = np.array(given.truth["grade"])
    grades[0] = (grades[0] + 1) % 6
    replace(given, truth=dict(given.truth) | {"grade": grades}).save(tmp_path / "0.npz")
    text = result_markdown(bench.described(data, splits, [tmp_path / "0.npz"]))
    people = len(set(given.subjects))
    assert people == 2
    assert "1 case of 1 person; 1 left out, for their rows have different classes" in text


def test_the_commonest_class_is_that_of_the_training_rows_of_each_split(
    make_manifest: Any, bench: Any
) -> None:
    """Split a learned mostly II and tests I, II, II: 2 right; b learned III, tests II: none."""
    data = make_manifest({"p0": 1, "p1": 2, "p2": 2, "p3": 3, "p4": 3, "p5": None}, frames=1)
    parts = {"a": (("p1-0", "p2-0", "p3-0", "p5-0"), ("p0-0",)), "b": (("p3-0", "p4-0"), ("p1-0",))}
    splits = Splits(
        Protocol.KFOLD,
        tuple(
            Split(name, Protocol.KFOLD, train, (), test) for name, (train, test) in parts.items()
        ),
    )
    learned = Divided(data, splits).training_classes(bench.GRADE)
    assert {name: counts.tolist() for name, counts in learned.items()} == {
        "a": [0, 2, 1, 0, 0, 0],
        "b": [0, 0, 2, 0, 0, 0],
    }
    levels = replace(bench.GRADE, scale=Scale.LEVEL, classes=("I", "II", "III"))
    assert Divided(data, splits).training_classes(levels)["a"].tolist() == [0, 3, 0]
    assert not Divided(data, splits).training_classes(replace(levels, classes=("I", "II")))
    given = [
        replace(
            bench.predictions(("p0-0", "p1-0", "p2-0"), "a"), truth={"grade": np.array([0, 1, 1])}
        ),
        replace(bench.predictions(("p4-0",), "b"), truth={"grade": np.array([1])}),
    ]
    name = "always the commonest class, accuracy"
    whole = bench.answered(given)
    assert score_answers(whole, learned, seed=0).figures[name].value == pytest.approx(2 / 4)
    assert name not in score_answers(whole, {"a": learned["a"]}, seed=0).figures


def test_stacked_scores_are_those_of_each_matrix(bench: Any) -> None:
    rng = np.random.default_rng(2)
    matrices = rng.integers(0, 4, size=(40, 3, 3)) * (rng.random((40, 3, 3)) < 0.6)
    matrices[:, 0, 0] += 1
    matrices[0] = np.diag([5, 0, 0])
    classes = ("I", "II", "III")
    for stacked, single in (
        (stacked_class_scores(matrices, classes), lambda each: class_scores(each, classes)),
        (
            stacked_parts_scores(matrices, bench.PARTS),
            lambda each: parts_scores(each, bench.PARTS),
        ),
    ):
        expected = [single(each) for each in matrices]
        assert stacked.keys() == expected[0].keys()
        for name, values in stacked.items():
            np.testing.assert_allclose(values, [each[name].value for each in expected])


def test_the_interval_of_the_calibration_error_is_that_of_the_plain_bootstrap(bench: Any) -> None:
    names = tuple(f"p{person:02d}-{frame}" for person in range(6) for frame in range(1 + person))
    given = bench.answered([bench.predictions(names)])

    def error(truth: np.ndarray, chances: np.ndarray) -> float:
        return expected_calibration_error(reliability(truth, chances))

    expected = bootstrap(error, given.subjects, given.truth, given.probabilities, seed=7)
    found = score_answers(given, {}, seed=7).figures["expected calibration error"].interval
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_sx_16_the_mean_over_people_stands_beside_the_pooled_score(bench: Any) -> None:
    names = ("p00-0", "p00-1", "p00-2", "p01-0")
    chances = np.eye(6)[[0, 0, 0, 5]]
    given = replace(bench.predictions(names), answers={"chances": chances})
    scored = score_answers(bench.answered([given]), {}, seed=0)
    assert scored.figures["accuracy"].value == pytest.approx(3 / 4)
    assert scored.figures[f"{OF_PEOPLE}accuracy"].value == pytest.approx(1 / 2)


def test_two_classes_are_told_with_their_prevalence_and_its_baseline(bench: Any) -> None:
    palsy = replace(bench.GRADE, scale=Scale.PALSY, classes=("no", "yes"))
    chances = np.array([[0.2, 0.8], [0.3, 0.7], [0.9, 0.1], [0.4, 0.6], [0.1, 0.9]])
    given = replace(
        bench.predictions(("p0-0", "p0-1", "p1-0", "p1-1", "p2-0")),
        truth={"grade": np.array([1, 1, 0, 0, 1])},
        answers={"chances": chances},
    )
    learned = {"toy": np.array([9, 1])}
    figures = score_answers(answered(palsy, [given], {}), learned, seed=0).figures
    assert figures["prevalence"].value == pytest.approx(0.6)
    assert figures["always positive, F1"].value == pytest.approx(0.75)
    assert figures["always the commonest class, accuracy"].value == pytest.approx(0.4)
    assert figures["F1 yes"].value == pytest.approx(6 / 7)
    assert figures[f"{OF_PEOPLE}F1"].undefined == 1


def test_s4_15_a_patient_without_a_defined_score_counts_as_0_in_the_mean(bench: Any) -> None:
    palsy = replace(bench.GRADE, scale=Scale.PALSY, classes=("no", "yes"))
    truth = {"p0": (1, 1, 1, 0), "p1": (0, 0, 0, 0), "p2": (1, 0, 0, 0)}
    called = {"p0": (1, 1, 0, 0), "p1": (0, 0, 0, 0), "p2": (1, 1, 1, 0)}
    names = tuple(f"{person}-{frame}" for person in truth for frame in range(4))
    chances = np.eye(2)[[each for answers in called.values() for each in answers]]
    given = replace(
        bench.predictions(names),
        truth={"grade": np.array([each for labels in truth.values() for each in labels])},
        answers={"chances": chances},
    )
    figures = score_answers(answered(palsy, [given], {}), {"toy": np.array([9, 1])}, seed=0).figures
    by_hand = {
        "precision": (1 + 0 + 1 / 3) / 3,
        "recall": (2 / 3 + 0 + 1) / 3,
        "F1": (4 / 5 + 0 + 1 / 2) / 3,
    }
    for name, value in by_hand.items():
        figure = figures[OF_PEOPLE + name]
        assert figure.value == pytest.approx(value), name
        assert figure.undefined == 1, name


def test_resampled_means_count_an_undefined_patient_as_0() -> None:
    times = np.array([[1, 1, 1], [0, 3, 0], [2, 1, 0]])
    found = resampled_means(np.array([0.9, np.nan, 0.3]), times)
    assert found == pytest.approx([0.4, 0.0, 0.6])


def test_resampled_areas_count_ties_half() -> None:
    positive = np.array([True, True, True, False, False, False])
    scores = np.array([0.5, 0.5, 0.9, 0.5, 0.1, 0.9])
    people = [0, 1, 2, 0, 1, 2]
    (found,) = resampled_auc(positive, scores, people, np.array([[2, 1, 1]]))
    drawn = [0, 0, 1, 2, 3, 3, 4, 5]
    above = [scores[i] for i in drawn if positive[i]]
    below = [scores[i] for i in drawn if not positive[i]]
    wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a in above for b in below]
    assert found == pytest.approx(np.mean(wins))


def test_the_mean_area_leaves_out_classes_that_nobody_has(bench: Any) -> None:
    names = ("p0-0", "p0-1", "p1-0", "p1-1")
    chances = np.full((4, 6), 0.1)
    chances[[0, 1, 2, 3], [0, 1, 0, 1]] = 0.5
    given = replace(
        bench.predictions(names),
        truth={"grade": np.array([0, 1, 0, 1])},
        answers={"chances": chances},
    )
    figures = score_answers(bench.answered([given]), {}, seed=0).figures
    assert figures["mean AUC"].value == pytest.approx(1.0)
    assert figures["mean AUC"].undefined == 4


def test_a_confidence_on_the_edge_belongs_to_the_bin_below() -> None:
    chances = np.array([[0.75, 0.25], [0.5, 0.5], [1.0, 0.0]])
    bins = reliability(np.array([0, 0, 0]), chances)
    assert [(each.low, each.high) for each in bins] == [(0.4, 0.5), (0.7, 0.8), (0.9, 1.0)]


def test_a_difference_that_goes_either_way_has_an_interval_about_0(
    bench: Any, tmp_path: Path
) -> None:
    first, _ = bench.evaluated(tmp_path)
    task = first.tasks[0]
    people = {f"p{i:02d}": {"accuracy": 0.5 + 0.1 * (-1) ** i} for i in range(20)}
    even = {name: {"accuracy": 0.5} for name in people}
    one, other = (task.model_copy(update={"people": each}) for each in (people, even))
    found = paired_difference(one, other, "accuracy", seed=0)
    assert found.value == pytest.approx(0)
    assert found.interval.low < 0 < found.interval.high
    back = paired_difference(other, one, "accuracy", seed=0)
    assert back.interval.low == pytest.approx(-found.interval.high)


def test_calibration_error_is_the_weighted_gap_of_confidence_and_truth() -> None:
    chances = np.array([[0.95, 0.05], [0.95, 0.05], [0.35, 0.65], [0.5, 0.5]])
    bins = reliability(np.array([0, 1, 1, 0]), chances)
    assert [each.rows for each in bins] == [1, 1, 2]
    assert expected_calibration_error(bins) == pytest.approx((0.5 + 0.35 + 2 * 0.45) / 4)


def test_each_split_has_its_accuracy_and_all_weigh_alike_in_their_mean(bench: Any) -> None:
    first = bench.predictions(("p0-0", "p1-0", "p2-0"), "b")
    given = bench.answered([first, bench.predictions(("p4-0",), "a")])
    found = score_answers(given, {}, seed=0).figures
    right = given.probabilities.argmax(axis=1) == given.truth
    of_each = [right[:3].mean(), right[3:].mean()]
    assert [found[f"accuracy, split {n}"].value for n in (1, 2)] == pytest.approx(of_each)
    assert found["mean over splits: accuracy"].value == pytest.approx(np.mean(of_each))
    alone = score_answers(bench.answered([first]), {}, seed=0).figures
    assert not [name for name in alone if "split" in name]


def test_mean_iou_of_paper_000_has_every_class(bench: Any) -> None:
    matrix = np.array([[5, 1, 0], [0, 2, 2], [1, 0, 4]])
    found = parts_scores(matrix, bench.PARTS)
    every = np.mean([5 / 7, 2 / 5, 4 / 7])
    assert bench.PARTS.weak
    assert found["mean IoU with background and weak classes"].value == pytest.approx(every)


def test_answers_that_do_not_fit_are_refused(bench: Any) -> None:
    given = bench.predictions(("p00-0",))
    with pytest.raises(InputError, match="do not fit 6 classes"):
        bench.answered([replace(given, answers={"chances": np.ones((1, 5))})])
    with pytest.raises(InputError, match="holds the classes 6 to 6"):
        bench.answered([replace(given, truth={"grade": np.array([6])})])


def test_people_are_numbered_alphabetically() -> None:
    names, place = numbered(["b", "a", "b"])
    assert (names, place.tolist()) == (("a", "b"), [1, 0, 1])


def test_a_result_is_read_as_it_was_written_and_follows_its_schema(
    bench: Any, tmp_path: Path
) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    result, _ = bench.evaluated(tmp_path)
    result.save(tmp_path / "result.json")
    assert read_result(tmp_path / "result.json") == result
    assert read_results([tmp_path, tmp_path / "result.json"]) == (result,)
    jsonschema.validate(json.loads((tmp_path / "result.json").read_text()), result_schema())
    assert result.started_from == ("random weights",)
    assert (result.data.people, result.data.rows, result.splits.count) == (12, 36, 5)


def test_a_damaged_result_is_named(bench: Any, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    with pytest.raises(InputError, match="cannot be read"):
        read_result(file)
    with pytest.raises(InputError, match="holds no result"):
        read_results([tmp_path])
    file.write_text("{")
    with pytest.raises(InputError, match="is no result"):
        read_results([tmp_path])
    result, _ = bench.evaluated(tmp_path)
    record = result.model_dump(mode="json") | {"format": "9"}
    file.write_text(json.dumps(record))
    with pytest.raises(InputError, match="format"):
        read_result(file)


def test_the_shipped_results_are_whole() -> None:
    assert all(each.tasks for each in shipped_results())


def test_a_leaky_result_says_so_everywhere(bench: Any, tmp_path: Path) -> None:
    result, files = bench.evaluated(tmp_path, leaky=True)
    assert result.title.startswith("LEAKY")
    assert all("LEAKY" in each for each in result.sentences)
    shown = Shown(lambda name: np.zeros((4, 4, 3), np.uint8), {})
    write_evaluation(tmp_path / "out", result, files, (), shown)
    assert "**LEAKY" in (tmp_path / "out" / "table.md").read_text()
    lines = (tmp_path / "out" / "table.csv").read_text().splitlines()[1:]
    assert lines
    assert all(line.endswith("LEAKY") for line in lines)


def test_a_leak_under_an_honest_name_makes_no_result(bench: Any, tmp_path: Path) -> None:
    data = bench.manifest()
    honest = protocols.kfold(data, seed=0)
    first = honest.splits[0]
    spoilt = Split(first.name, first.protocol, (*first.train, first.test[0]), (), first.test)
    bench.predictions(first.test, first.name).save(tmp_path / "0.npz")
    with pytest.raises(LeakError):
        bench.described(data, replace(honest, splits=(spoilt,)), [tmp_path / "0.npz"])


def test_predictions_of_other_rows_make_no_result(bench: Any, tmp_path: Path) -> None:
    data = bench.manifest()
    splits = protocols.kfold(data, seed=0)
    file = tmp_path / "0.npz"
    bench.predictions(splits.splits[1].test, splits.splits[0].name).save(file)
    with pytest.raises(InputError, match="does not test"):
        bench.described(data, splits, [file])
    bench.predictions(splits.splits[0].test, "another").save(file)
    with pytest.raises(InputError, match="answers the split another"):
        bench.described(data, splits, [file])


def test_splits_without_an_answer_are_told(bench: Any, tmp_path: Path) -> None:
    data = bench.manifest()
    splits = protocols.kfold(data, seed=0)
    bench.predictions(splits.splits[0].test, splits.splits[0].name).save(tmp_path / "0.npz")
    result = bench.described(data, splits, [tmp_path / "0.npz"])
    assert "splits without an answer: 4." in result.splits.caveats


def test_a_difference_is_paired_by_person(bench: Any, tmp_path: Path) -> None:
    (good, _), (bad, _) = (
        bench.evaluated(tmp_path),
        bench.evaluated(tmp_path, variant="x", skill=0.0),
    )
    assert are_paired(good, bad)
    pair = [each.task("grade") for each in (good, bad)]
    assert pair[0] is not None
    assert pair[1] is not None
    found = paired_difference(pair[0], pair[1], "accuracy", seed=0)
    gaps = [
        (pair[0].people[name]["accuracy"] or 0) - (pair[1].people[name]["accuracy"] or 0)
        for name in pair[0].people
    ]
    assert found.value == pytest.approx(sum(gaps) / 12)
    assert found.interval.low <= found.value <= found.interval.high
    assert found.chance < 0.05
    with pytest.raises(InputError, match="no score of a person"):
        paired_difference(pair[0], pair[1], "beauty", seed=0)
