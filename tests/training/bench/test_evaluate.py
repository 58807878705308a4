"""A method is trained and tested on every split; what was done is not done again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from facialis.datasets.fingerprints import fingerprint
from facialis.errors import InputError
from facialis.evaluation import resampling
from facialis.evaluation.leaks import LeakError
from facialis.evaluation.predictions import Predictions
from facialis.evaluation.result import read_result
from facialis.evaluation.splits import Protocol, split_of
from facialis.training import evaluate as module
from facialis.training.evaluate import Division, Plan, evaluate
from facialis.training.fit import Machine
from facialis.training.weights_file import Start, read_weights

CPU = Machine(accelerator="cpu", devices="1")


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    """Intervals are not what is tested here."""
    monkeypatch.setattr(resampling.drawn, "__defaults__", (50,))


@pytest.fixture
def plan(toy_manifest, toy_variant):
    """Three folds of nine people."""
    return Plan(
        variant=toy_variant(epochs=12, rate=0.3, dropout=0.0),
        manifest=toy_manifest(),
        division=Division(protocol=Protocol.KFOLD, folds=3, seed=2),
        machine=CPU,
    )


def test_every_person_is_tested_once_by_a_training_that_has_not_seen_them(plan, tmp_path):
    (result,) = evaluate(plan, tmp_path / "out", lambda _: None)
    tested = []
    for number in (1, 2, 3):
        answers = Predictions.load(tmp_path / "out" / "predictions" / f"{number:02d}.npz")
        run = tmp_path / "out" / "runs" / f"{number:02d}"
        learned = read_weights(run / "weights.pt")["learned_from"]
        assert not set(answers.subjects) & set(learned)
        tested += answers.names
    assert sorted(tested) == sorted(row.name for row in plan.manifest.rows)
    assert result.data.people == 9
    assert result.task("palsy").score("accuracy").value > 0.9
    assert read_result(tmp_path / "out" / "result.json") == result
    names = {each.name for each in (tmp_path / "out").iterdir()}
    assert {
        "table.md",
        "table.csv",
        "people.csv",
        "confusion-palsy.png",
        "worst-palsy.png",
    } <= names
    assert (tmp_path / "out" / "runs" / "01" / "curves.png").read_bytes()[:4] == b"\x89PNG"


def test_s2_14_a_test_is_answered_once_and_after_its_training(plan, tmp_path, monkeypatch):
    calls = []
    fitted, answered = module.fit, module.answered

    def noted_fit(order, *more):
        found = fitted(order, *more)
        calls.append("trained")
        return found

    def noted_answered(learner, examples, rows, *more):
        calls.append(tuple(examples.names[i] for i in rows))
        return answered(learner, examples, rows, *more)

    monkeypatch.setattr(module, "fit", noted_fit)
    monkeypatch.setattr(module, "answered", noted_answered)
    evaluate(plan, tmp_path / "out", lambda _: None)
    assert [each == "trained" for each in calls] == [True, False] * 3
    tested = [name for each in calls[1::2] for name in each]
    assert sorted(tested) == sorted(row.name for row in plan.manifest.rows)
    evaluate(plan, tmp_path / "out", lambda _: None)
    assert len(calls) == 6


def test_the_split_of_each_training_is_kept_and_its_curves_say_what_they_are(plan, tmp_path):
    leaky = replace(plan, division=Division(protocol=Protocol.LEAKY))
    evaluate(leaky, tmp_path / "out", lambda _: None)
    run = tmp_path / "out" / "runs" / "01"
    kept = split_of(json.loads((run / "split.json").read_text()), "split.json")
    assert kept.is_leaky
    assert leaky.title_of(kept).startswith("LEAKY: toy")
    assert not plan.title_of(replace(kept, protocol=Protocol.KFOLD)).startswith("LEAKY")


def test_a_second_call_trains_nothing_even_without_the_weights(plan, tmp_path, monkeypatch):
    (first,) = evaluate(plan, tmp_path / "out", lambda _: None)
    for file in (tmp_path / "out" / "runs").rglob("weights.pt"):
        file.unlink()
    monkeypatch.setattr(module, "fit", None)
    (second,) = evaluate(plan, tmp_path / "out", lambda _: None)
    assert second.tasks == first.tasks
    assert second.training == first.training


@pytest.fixture
def invented_by(toy_manifest):
    """Two pictures of each pair of the nine people, simulated with a seed."""

    def made(seed):
        drawn = toy_manifest(f"invented{seed}", people=36, each=2)
        pairs = iter([f"toy/{a}+toy/{b}" for a in range(9) for b in range(a)])
        whose = {subject: next(pairs) for subject in dict.fromkeys(r.subject for r in drawn.rows)}
        rows = tuple(
            replace(
                r,
                name=f"x-{r.name}",
                sha256=hashlib.sha256(f"{seed} {r.name}".encode()).hexdigest(),
                subject=whose[r.subject],
                source="simulated",
            )
            for r in drawn.rows
        )
        return replace(drawn, rows=rows)

    return made


@pytest.fixture
def invented(invented_by):
    return invented_by("")


def test_invented_people_are_learned_from_where_all_they_are_made_of_are(plan, invented, tmp_path):
    (result,) = evaluate(replace(plan, more=(invented,)), tmp_path / "out", lambda _: None)
    assert (result.data.people, result.data.rows) == (9, 36)
    for number in (1, 2, 3):
        run = tmp_path / "out" / "runs" / f"{number:02d}"
        split = split_of(json.loads((run / "split.json").read_text()), "split.json")
        people = {row.name: row.subject for row in plan.manifest.rows}
        known = {people[name] for name in split.train}
        learned = {each for each in read_weights(run / "weights.pt")["learned_from"] if "+" in each}
        assert learned == {
            row.subject for row in invented.rows if set(row.subject.split("+")) <= known
        }
        facts = json.loads((run / "1-first" / "done.json").read_text())
        assert facts["examples"] == len(split.train) + 2 * len(learned)
        assert facts["validation_examples"] == len(split.validation)
    assert any("learned from besides: Toy invented" in each for each in result.splits.caveats)


def test_two_draws_of_the_same_invented_people_are_both_learned_from(plan, invented_by, tmp_path):
    both = (invented_by(1), invented_by(2))
    assert {row.name for row in both[0].rows} == {row.name for row in both[1].rows}
    evaluate(replace(plan, more=both), tmp_path / "out", lambda _: None)
    for number in (1, 2, 3):
        run = tmp_path / "out" / "runs" / f"{number:02d}"
        split = split_of(json.loads((run / "split.json").read_text()), "split.json")
        learned = {each for each in read_weights(run / "weights.pt")["learned_from"] if "+" in each}
        facts = json.loads((run / "1-first" / "done.json").read_text())
        assert facts["examples"] == len(split.train) + 2 * 2 * len(learned)


def test_data_that_are_named_twice_are_refused(plan, invented, tmp_path):
    for more in ((invented, invented), (plan.manifest,)):
        with pytest.raises(InputError, match="is in two of the data sets; name each data set once"):
            evaluate(replace(plan, more=more), tmp_path / "out", lambda _: None)


def test_a_run_with_more_data_is_another_run(plan, invented, tmp_path):
    evaluate(plan, tmp_path / "out", lambda _: None)
    with pytest.raises(InputError, match="differs in data"):
        evaluate(replace(plan, more=(invented,)), tmp_path / "out", lambda _: None)


def test_more_data_that_show_somebody_held_out_in_every_picture_are_refused(
    plan, invented, tmp_path
):
    rows = tuple(replace(row, subject=f"toy/0+{row.subject}") for row in invented.rows)
    with pytest.raises(InputError, match="shows in every picture somebody, or is made of somebody"):
        evaluate(
            replace(plan, more=(replace(invented, rows=rows),)), tmp_path / "out", lambda _: None
        )


@pytest.fixture
def beside(toy_manifest):
    """Three pictures of each of four people whom the data do not show, and of ``toy/4``."""

    def made(*prints):
        drawn = toy_manifest("heads", people=5, each=3)
        rows = [
            replace(
                row,
                sha256=hashlib.sha256(row.name.encode()).hexdigest(),
                subject=row.subject if i >= 12 else row.subject.replace("toy/", "heads/"),
                fingerprint=prints[i] if i < len(prints) else "",
            )
            for i, row in enumerate(drawn.rows)
        ]
        return replace(drawn, rows=tuple(rows))

    return made


def prints(*seeds):
    """Return fingerprints of pictures that do not look alike."""
    noise = [np.random.default_rng(each).integers(0, 255, (64, 64, 3)) for each in seeds]
    return [fingerprint(each.astype(np.uint8)) for each in noise]


def with_prints(plan, *fingerprints):
    rows = plan.manifest.rows
    first = [replace(row, fingerprint=f) for row, f in zip(rows, fingerprints, strict=False)]
    return replace(plan.manifest, rows=(*first, *rows[len(first) :]))


def test_people_whom_the_data_do_not_show_are_learned_from_in_every_split(plan, beside, tmp_path):
    unlike = replace(plan, manifest=with_prints(plan, *prints(1)), more=(beside(*prints(2, 3)),))
    (result,) = evaluate(unlike, tmp_path / "out", lambda _: None)
    assert (result.data.people, result.data.rows) == (9, 36)
    for number in (1, 2, 3):
        run = tmp_path / "out" / "runs" / f"{number:02d}"
        split = split_of(json.loads((run / "split.json").read_text()), "split.json")
        people = {row.name: row.subject for row in plan.manifest.rows}
        is_known = "toy/4" in {people[name] for name in split.train}
        learned = set(read_weights(run / "weights.pt")["learned_from"])
        assert {each for each in learned if each.startswith("heads/")} == {
            f"heads/{i}" for i in range(4)
        }
        facts = json.loads((run / "1-first" / "done.json").read_text())
        assert facts["examples"] == len(split.train) + 12 + 3 * is_known
    told = [each for each in result.splits.caveats if "whom the data do not show" in each]
    assert ["4 (heads/0, heads/1, heads/2, heads/3)" in each for each in told] == [True]


@pytest.mark.parametrize("where", ["data", "also"])
def test_strangers_who_look_like_people_of_the_data_are_refused(plan, beside, tmp_path, where):
    shown, other = prints(1, 2)
    data = with_prints(plan, shown if where == "data" else other)
    also = (replace(with_prints(plan, shown), title="Others"),) if where == "also" else ()
    changed = replace(plan, manifest=data, also=also, more=(beside("", shown),))
    with pytest.raises(InputError, match=r"heads/0, whom .* like 0-0 of toy/0; 1 pair"):
        evaluate(changed, tmp_path / "out", lambda _: None)
    leaky = replace(changed, division=Division(protocol=Protocol.LEAKY), also=())
    assert leaky.splits(plan.variant.learner()).protocol is Protocol.LEAKY


def test_a_known_person_may_look_like_themselves(plan, beside):
    shown, *others = prints(*range(1, 14))
    near = beside(*others, shown)
    assert near.rows[12].subject == "toy/4"
    found = replace(plan, manifest=with_prints(plan, shown), more=(near,))
    assert found.splits(plan.variant.learner()).splits


def test_other_data_of_tested_people_are_answered_by_the_training_that_has_not_seen_them(
    plan, toy_manifest, tmp_path
):
    other = toy_manifest("photographs", people=12, each=1)
    _, result = evaluate(replace(plan, also=(other,)), tmp_path / "out", lambda _: None)
    assert result.data.title == "Toy photographs"
    assert (result.data.people, result.data.rows) == (9, 9)
    assert any("learned from other data: Toy data" in each for each in result.splits.caveats)
    assert any("people whom no split tests" in each for each in result.splits.caveats)
    assert (tmp_path / "out" / "also-1" / "result.json").is_file()


def test_other_data_without_tested_people_are_refused(plan, toy_manifest, tmp_path):
    other = toy_manifest("strangers", people=2)
    strangers = replace(
        other, rows=tuple(replace(row, subject=f"else/{row.subject}") for row in other.rows)
    )
    with pytest.raises(InputError, match="shows nobody who is tested"):
        evaluate(replace(plan, also=(strangers,)), tmp_path / "out", lambda _: None)


def test_a_split_that_leaks_is_refused_before_anything_is_trained(plan, tmp_path):
    rows = tuple(replace(row, part="train" if row.frame else "test") for row in plan.manifest.rows)
    leaking = replace(plan, manifest=replace(plan.manifest, rows=rows),
                      division=Division(protocol=Protocol.FIXED))  # fmt: skip
    with pytest.raises(LeakError):
        evaluate(leaking, tmp_path / "out", lambda _: None)
    assert not (tmp_path / "out").exists()


def test_the_leaky_protocol_says_so_in_its_result(plan, tmp_path):
    leaky = replace(plan, division=Division(protocol=Protocol.LEAKY))
    (result,) = evaluate(leaky, tmp_path / "out", lambda _: None)
    assert result.is_leaky
    assert all("LEAKY" in sentence for sentence in result.sentences)
    assert "LEAKY" in (tmp_path / "out" / "table.md").read_text()


def test_fixed_takes_thirds_and_sixths_of_people_where_the_manifest_fixes_nothing(plan):
    learner = plan.variant.learner()
    splits = replace(plan, division=Division(protocol=Protocol.FIXED)).splits(learner)
    subjects = {row.name: row.subject for row in plan.manifest.rows}
    (split,) = splits.splits
    counted = {part: len({subjects[n] for n in names}) for part, names in split.parts.items()}
    assert counted == {"train": 6, "validation": 1, "test": 2}


def test_cross_trains_on_some_collections_and_tests_on_others(plan):
    rows = tuple(
        replace(row, source="a" if int(row.subject[-1]) < 5 else "b") for row in plan.manifest.rows
    )
    manifest = replace(plan.manifest, rows=rows)
    division = Division(protocol=Protocol.CROSS, train_on=("a",), test_on=("b",))
    (split,) = (
        replace(plan, manifest=manifest, division=division).splits(plan.variant.learner()).splits
    )
    assert {name[0] for name in split.test} == {"5", "6", "7", "8"}


def test_a_folder_with_answers_of_other_settings_is_refused(plan, toy_variant, tmp_path):
    evaluate(plan, tmp_path / "out", lambda _: None)
    with pytest.raises(InputError, match="differs in settings"):
        evaluate(replace(plan, variant=toy_variant(epochs=2)), tmp_path / "out", lambda _: None)


def test_a_folder_that_holds_something_else_is_refused(plan, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no evaluation"):
        evaluate(plan, tmp_path / "own", lambda _: None)
    assert [each.name for each in (tmp_path / "own").iterdir()] == ["notes.txt"]


def test_how_it_was_trained_stands_beside_the_run(plan, tmp_path):
    evaluate(plan, tmp_path / "out", lambda _: None)
    facts = json.loads((tmp_path / "out" / "runs" / "01" / "facts.json").read_text())
    assert facts["stages"]["first"]["epochs"] == 12
    assert facts["started_from"] == "random weights"


@pytest.fixture
def once(plan):
    """One split of the nine people."""
    return replace(plan, division=Division(protocol=Protocol.FIXED, seed=2))


def test_training_starts_from_a_run_that_has_not_seen_who_is_tested(once, tmp_path):
    evaluate(once, tmp_path / "one", lambda _: None)
    start = Start.read(tmp_path / "one" / "runs" / "01")
    (result,) = evaluate(replace(once, start=start), tmp_path / "two", lambda _: None)
    assert result.started_from == (f"weights of toy (SHA-256 {start.digest[:12]})",)


def test_weights_that_have_seen_who_is_tested_are_no_start(plan, once, tmp_path):
    evaluate(once, tmp_path / "one", lambda _: None)
    start = Start.read(tmp_path / "one" / "runs" / "01")
    with pytest.raises(InputError, match=r"learned from \d people whom .* tests"):
        evaluate(replace(plan, start=start), tmp_path / "two", lambda _: None)
    tested = once.split(once.variant.learner(), 1).test
    person = next(row.subject for row in once.manifest.rows if row.name in tested)
    start.state["learned_from"] = [f"{person}+toy/else"]
    with pytest.raises(InputError, match=f"learned from 1 people .*such as {person}"):
        evaluate(replace(once, start=start), tmp_path / "three", lambda _: None)
