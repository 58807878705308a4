"""The page that puts printed figures and ours side by side, and the pictures of an evaluation."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from facialis import methods
from facialis.errors import InputError
from facialis.evaluation import bars, canvas, plots
from facialis.evaluation.beside import NOT_COMPARABLE, NOT_RUN, comparison, stands_beside
from facialis.evaluation.compare import PAPERS, html, markdown, sections, write_comparison
from facialis.evaluation.plots import Bar, learning_curves, precision_recall_points, roc_points
from facialis.evaluation.predictions import Predictions
from facialis.evaluation.published import PUBLISHED, published
from facialis.evaluation.result import Result, read_result
from facialis.evaluation.sheet import SHOWN, WorstParts, worst_answers
from facialis.evaluation.writing import Shown, write_evaluation
from facialis.methods.card import Card

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture(autouse=True)
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know one method, of paper 000."""
    known = Card(
        name="asymmetric_parsing",
        title="toy",
        paper="000",
        citation="nobody",
        task="nothing",
        inputs=(),
        outputs=(),
        parameters={"total": 10},
    )
    monkeypatch.setattr(methods, "names", lambda: (known.name,))
    monkeypatch.setattr(methods, "card", lambda name: {known.name: known}[name])


def _rows(page: str) -> dict[str, list[dict[str, str]]]:
    """Parse a page back: by heading of the paper, the rows of its figures."""
    found: dict[str, list[dict[str, str]]] = {}
    title, header, in_figures = "", [""], False
    for line in page.splitlines():
        if line.startswith("## "):
            title = line[3:]
        elif line.startswith("### "):
            in_figures, header = line.startswith("### Printed figures"), []
        elif line.startswith("|") and in_figures:
            cells = [each.strip() for each in line.strip("|").split(" | ")]
            if not header:
                header = cells
            elif set(line) - set("|- "):
                found.setdefault(title, []).append(dict(zip(header, cells, strict=True)))
    return found


def _page(*results: Result) -> dict[str, list[dict[str, str]]]:
    return _rows(markdown(sections(results)))


def test_sx_15_the_page_holds_every_printed_figure_and_ours(bench: Any, tmp_path: Path) -> None:
    (whole, _), (leaky, _) = bench.evaluated(tmp_path), bench.evaluated(tmp_path, leaky=True)
    found = _page(whole, leaky)
    for row in PUBLISHED:
        unit = f" {row.unit}" if row.unit else ""
        here = [
            each
            for each in found[PAPERS[row.paper]]
            if each["table"] == row.table
            and each["method"] in (row.method, f"{row.method} (its own)")
            and each["metric"] == row.metric
            and each["printed"] == f"{row.value}{unit}"
            and each["data"] == (row.data or "not said")
        ]
        assert here, row
        assert all(each["split"] for each in here)
        own = row.paper == "000" and row.is_own
        assert {each["comparison"] for each in here} == {NOT_COMPARABLE if own else NOT_RUN}
    skin = whole.tasks[0].scores["F1 skin"]
    assert skin.value is not None
    ours = [
        each
        for each in found[PAPERS["000"]]
        if each["metric"] == "F1 skin" and each["method"].startswith("Proposed")
    ]
    assert f"parts: {100 * skin.value:.2f} %" in ours[0]["ours"]
    assert f"{100 * (skin.low or 0):.2f} to" in ours[0]["95 % interval"]
    manifest = whole.data.manifest[:12]
    assert ours[0]["our data"] == (
        f"toy cohort (simulated), manifest {manifest}, 12 people; started from random weights"
    )
    assert ours[0]["our split"].startswith("kfold, 5 splits")
    assert ours[1]["ours"].startswith("LEAKY")
    assert ours[1]["our split"].startswith("LEAKY")


def test_the_same_collection_can_be_compared_and_another_split_is_told(
    bench: Any, tmp_path: Path
) -> None:
    whole, _ = bench.evaluated(tmp_path)
    on_yfp = whole.model_copy(update={"data": whole.data.model_copy(update={"sources": ("yfp",)})})
    table1, table2 = (published("000", table, "Proposed")[0] for table in ("Table 1", "Table 2"))
    assert comparison(table1, on_yfp) == "the same data, another split"
    assert comparison(table2, on_yfp) == NOT_COMPARABLE
    assert comparison(table1, whole) == NOT_COMPARABLE


def test_a_row_of_an_experiment_stands_beside_its_namesake(bench: Any, tmp_path: Path) -> None:
    rival, _ = bench.evaluated(tmp_path, variant="DeepLabv3+")
    beside = {row.method for row in PUBLISHED if stands_beside(row, rival)}
    assert beside == {"DeepLabv3+"}


def test_ablations_carry_paired_differences(bench: Any, tmp_path: Path) -> None:
    (whole, _), (less, _) = (
        bench.evaluated(tmp_path),
        bench.evaluated(tmp_path, variant="without depth", skill=0),
    )
    page = markdown(sections((whole, less)))
    lines = [line for line in page.splitlines() if line.startswith("| asymmetric_parsing, without")]
    assert any("grade: accuracy" in line and "+0." in line for line in lines)


def test_what_was_run_comes_before_what_was_not(bench: Any, tmp_path: Path) -> None:
    whole, _ = bench.evaluated(tmp_path)
    captions = [table.caption for table in sections((whole,))[0].tables]
    assert captions == [
        "Printed figures and ours",
        "Ours: parts of the face",
        "Ours: grades, levels, palsy or none",
        "What the printed figures say of themselves",
        "Printed figures that nobody ran here",
    ]
    parts = sections((whole,))[0].tables[1]
    score = whole.tasks[0].scores["mean F1"]
    row = dict(zip(parts.header, parts.rows[0], strict=True))
    assert row["mean F1"] == f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"


def test_any_row_may_be_what_others_are_held_against(bench: Any, tmp_path: Path) -> None:
    rows = [
        bench.evaluated(tmp_path, variant=name, skill=skill)[0]
        for name, skill in (("without depth", 0), ("without edges", 1))
    ]
    assert "against others" not in markdown(sections(rows))
    (table,) = [t for t in sections(rows, rows[1].title)[0].tables if "against others" in t.caption]
    assert table.caption.startswith("asymmetric_parsing, without edges")
    assert {line[0] for line in table.rows} == {"asymmetric_parsing, without depth"}
    with pytest.raises(InputError, match="without edges"):
        write_comparison(tmp_path, rows, "without ears")
    with pytest.raises(InputError, match="has no other of its method"):
        write_comparison(tmp_path, rows[:1], rows[0].title)


def test_without_results_everything_is_not_run(tmp_path: Path) -> None:
    files = write_comparison(tmp_path / "page", ())
    rows = [row for each in _rows(files[0].read_text()).values() for row in each]
    assert len(rows) == len(PUBLISHED)
    assert all(row["ours"] == NOT_RUN for row in rows)
    assert "<script" not in files[1].read_text()


def test_html_escapes_and_needs_nothing_from_outside(bench: Any, tmp_path: Path) -> None:
    whole, _ = bench.evaluated(tmp_path)
    odd = whole.model_copy(update={"variant": "<b>DeepLabv3+</b>"})
    page = html(sections((odd,)))
    assert "<b>DeepLab" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "&lt;b&gt;DeepLabv3+" in page


def test_d2_7_the_page_says_what_a_network_started_from(bench: Any, tmp_path: Path) -> None:
    result, files = bench.evaluated(tmp_path)
    assert "started from random weights" in markdown(sections((result,)))
    write_evaluation(tmp_path / "out", result, files, (), Shown(lambda name: np.zeros(0), {}))
    table = csv.DictReader((tmp_path / "out" / "table.csv").read_text().splitlines())
    assert {row["started from"] for row in table} == {"random weights"}


def test_each_paper_has_its_bars_and_ours_are_among_them(
    bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: dict[str, list[Bar]] = {}

    def keep(found: list[Bar], title: str, below: str) -> bytes:
        drawn[title] = found
        return below.encode()

    monkeypatch.setattr(bars, "bars", keep)
    result, _ = bench.evaluated(tmp_path)
    write_comparison(tmp_path / "page", (result,))
    assert len(drawn) == len(PAPERS)
    parsing = next(found for title, found in drawn.items() if title.startswith("Paper 000"))
    assert [each.words for each in parsing if "its own" in each.words] == ["Proposed (its own)"]
    (mine,) = [each for each in parsing if each.is_ours]
    score = result.task("parts").score("mean F1 with weak classes")
    assert mine.value == pytest.approx(100 * score.value)
    below = (tmp_path / "page" / "bars-000.png").read_text()
    assert below.startswith("mean F1, % (ours: mean F1 with weak classes); ")
    page = (tmp_path / "page" / "comparison.md").read_text()
    assert f"{100 * score.value:.2f} % (mean F1 with weak classes)" in page
    assert mine.span == pytest.approx((100 * score.low, 100 * score.high))


def test_a_picture_of_bars_is_drawn_and_the_page_holds_it(bench: Any, tmp_path: Path) -> None:
    result, _ = bench.evaluated(tmp_path)
    written = write_comparison(tmp_path / "page", (result,))
    for paper in PAPERS:
        with Image.open(tmp_path / "page" / f"bars-{paper}.png") as opened:
            opened.load()
            assert min(opened.size) > 200
        assert f"(bars-{paper}.png)" in written[0].read_text()
    assert written[1].read_text().count("data:image/png;base64,") == len(PAPERS)


def result_rows(files: list[Path]) -> list[str]:
    return [name for file in files for name in Predictions.load(file).names]


def test_s0_23_every_tested_picture_has_an_overlay_coloured_exactly_on_the_predicted_parts(
    bench: Any, tmp_path: Path
) -> None:
    result, files = bench.evaluated(tmp_path)
    shown = Shown(lambda name: np.full((30, 20, 3), 90 + len(name), np.uint8), {})
    out = tmp_path / "out"
    write_evaluation(out, result, files, (bench.PARTS, bench.GRADE), shown)
    written = sorted((out / "overlays" / "parts").iterdir())
    names = result_rows(files)
    assert [each.name for each in written] == [
        f"{number:05d}-{name}.png" for number, name in enumerate(names, start=1)
    ]
    answers = np.concatenate([Predictions.load(file).answers["labels"] for file in files])
    for file, labels in zip(written, answers, strict=True):
        with Image.open(file) as opened:
            pixels = np.asarray(opened.convert("RGB"))
        coloured = pixels.max(axis=2) != pixels.min(axis=2)
        assert np.array_equal(coloured, labels > 0)
        for part in (1, 2):
            assert len(np.unique(pixels[labels == part], axis=0)) == 1


def test_s2_12_every_file_of_a_leaky_evaluation_says_so(bench: Any, tmp_path: Path) -> None:
    result, files = bench.evaluated(tmp_path, leaky=True)
    shown = Shown(lambda name: np.zeros((4, 4, 3), np.uint8), {})
    write_evaluation(tmp_path / "out", result, files, (bench.PARTS, bench.GRADE), shown)
    write_comparison(tmp_path / "out", (result,))
    texts = [f for f in (tmp_path / "out").iterdir() if f.suffix in (".md", ".csv", ".html")]
    assert len(texts) == 5
    for file in texts:
        assert "LEAKY" in file.read_text(), file.name
    assert read_result(tmp_path / "out" / "result.json").is_leaky
    for file in ("table.csv", "people.csv"):
        lines = (tmp_path / "out" / file).read_text().splitlines()[1:]
        assert lines
        assert all(line.endswith(",LEAKY") for line in lines)


def test_s4_15_undefined_scores_of_people_are_counted_in_the_tables(
    bench: Any, tmp_path: Path
) -> None:
    result, files = bench.evaluated(tmp_path)
    shown = Shown(lambda name: np.zeros((4, 4, 3), np.uint8), {})
    write_evaluation(tmp_path / "out", result, files, (bench.GRADE,), shown)
    table = list(csv.DictReader((tmp_path / "out" / "table.csv").read_text().splitlines()))
    of_people = [row for row in table if row["score"].startswith("mean over people: F1")]
    assert of_people
    page = (tmp_path / "out" / "table.md").read_text()
    for row in of_people:
        counted = result.task(*row["task"].split(" as ")).score(row["score"]).undefined
        assert row["undefined"] == str(counted)
        assert f"| {row['score']} | {float(row['value']):.3f} |" in page
    lines = [line for line in page.splitlines() if line.startswith("| mean over people: F1")]
    assert {line.split("|")[-2].strip() for line in lines} == {
        row["undefined"] for row in of_people
    }
    assert any(int(row["undefined"]) for row in of_people)


def test_an_evaluation_is_written_whole(bench: Any, tmp_path: Path) -> None:
    result, files = bench.evaluated(tmp_path)
    asked: list[str] = []

    def picture(name: str) -> np.ndarray:
        asked.append(name)
        return np.full((30, 20, 3), 90, dtype=np.uint8)

    out = tmp_path / "out"
    write_evaluation(out, result, files, (bench.PARTS, bench.GRADE), Shown(picture, {}))
    assert read_result(out / "result.json") == result
    for name in (
        "confusion-parts", "people-parts", "worst-parts", "confusion-grade", "roc-grade",
        "calibration-grade", "people-grade", "worst-grade", "roc-grade-as-palsy",
        "precision-grade-as-palsy",
    ):  # fmt: skip
        with Image.open(out / f"{name}.png") as opened:
            opened.load()
            assert min(opened.size) > 200
    assert len(asked) == 2 * SHOWN + len(result_rows(files))
    assert "| quadratic weighted kappa |" in (out / "table.md").read_text()
    assert (out / "people.csv").read_text().startswith("task,person,score,value,protocol\n")


def stored(files: Sequence[Path]) -> tuple[list[Predictions], Any, Any]:
    """What was predicted, with the true grades and their chances of all splits together."""
    loaded = [Predictions.load(file) for file in files]
    truth = np.concatenate([each.truth["grade"] for each in loaded])
    chances = np.concatenate([each.answers["chances"] for each in loaded]).astype(float)
    return loaded, truth, chances


def test_s2_16_numbers_in_tables_are_those_of_the_stored_predictions(
    bench: Any, tmp_path: Path
) -> None:
    result, files = bench.evaluated(tmp_path)
    metrics = pytest.importorskip("sklearn.metrics")
    _, truth, chances = stored(files)
    task = result.task("grade")
    assert task is not None
    matrix = metrics.confusion_matrix(truth, chances.argmax(axis=1), labels=range(6))
    assert json.loads(json.dumps(task.confusion)) == matrix.tolist()
    for number, name in enumerate(bench.GRADE.classes):
        area = metrics.roc_auc_score(truth == number, chances[:, number])
        assert task.score(f"AUC {name}").value == pytest.approx(area)
        false, true = roc_points(truth == number, chances[:, number])
        assert metrics.auc(false, true) == pytest.approx(area)
        recall, precision = precision_recall_points(truth == number, chances[:, number])
        average = metrics.average_precision_score(truth == number, chances[:, number])
        assert np.sum(np.diff(recall) * precision[1:]) == pytest.approx(average)
    shown = Shown(lambda name: np.zeros((4, 4, 3), np.uint8), {})
    write_evaluation(tmp_path / "out", result, files, (bench.GRADE,), shown)
    table = csv.DictReader((tmp_path / "out" / "table.csv").read_text().splitlines())
    printed = {row["score"]: float(row["value"]) for row in table
               if row["task"] == "grade" and row["value"]}  # fmt: skip
    assert printed["accuracy"] == pytest.approx(metrics.accuracy_score(truth, chances.argmax(1)))
    assert printed["macro F1"] == pytest.approx(
        metrics.f1_score(truth, chances.argmax(1), average="macro")
    )
    for number, name in enumerate(bench.GRADE.classes):
        area = metrics.roc_auc_score(truth == number, chances[:, number])
        assert printed[f"AUC {name}"] == pytest.approx(area)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Figures in the order in which they are made into PNGs."""
    figures: list[Any] = []
    real = canvas.png

    def kept(figure: Any) -> bytes:
        figures.append(figure)
        return real(figure)

    monkeypatch.setattr(canvas, "png", kept)
    return figures


def test_s2_16_numbers_that_are_drawn_are_those_of_the_stored_predictions(
    bench: Any, tmp_path: Path, drawn: list[Any]
) -> None:
    result, files = bench.evaluated(tmp_path)
    metrics = pytest.importorskip("sklearn.metrics")
    loaded, truth, chances = stored(files)
    task = result.task("grade")
    plots.confusion(task, "grades")
    plots.roc(bench.answered(loaded), task, "grades")
    matrix, curves = (figure.axes[0] for figure in drawn)
    expected = metrics.confusion_matrix(truth, chances.argmax(axis=1), labels=range(6))
    cells = np.zeros_like(expected)
    for text in matrix.texts:
        column, row = (round(each) for each in text.get_position())
        cells[row, column] = int(text.get_text().split("\n")[0].replace(",", ""))
    assert cells.tolist() == expected.tolist()
    areas = {line.get_label().split()[0]: line for line in curves.lines[1:]}
    assert set(areas) == set(bench.GRADE.classes)
    for number, name in enumerate(bench.GRADE.classes):
        area = metrics.roc_auc_score(truth == number, chances[:, number])
        assert areas[name].get_label().endswith(f"{area:.3f}")
        assert metrics.auc(*areas[name].get_data()) == pytest.approx(area)


def test_s2_16_learning_curves_show_what_was_logged(drawn: list[Any]) -> None:
    logged = {
        "train_total": [(1, 2.0), (2, 1.0)],
        "val_total": [(1, 2.2), (2, 1.2)],
        "val_accuracy_grade": [(1, 0.2), (2, 0.7)],
    }
    learning_curves({"fit": logged})
    losses, scores = (
        {line.get_label(): list(zip(*line.get_data(), strict=True)) for line in axes.lines}
        for axes in drawn[0].axes
    )
    assert losses == {"training": logged["train_total"], "validation": logged["val_total"]}
    assert list(scores.values()) == [logged["val_accuracy_grade"]]


def test_the_worst_cases_are_the_worst(bench: Any) -> None:
    given = bench.predictions(tuple(f"p{i:02d}-0" for i in range(30)))
    known = bench.answered([given])
    chances = known.probabilities[np.arange(30), known.truth]
    worst = [each.name for each in worst_answers(known)]
    assert worst == [known.names[i] for i in np.argsort(chances, kind="stable")[:SHOWN]]
    gathered = WorstParts(bench.PARTS)
    gathered.add(given)
    parts = gathered.cases
    scores = [float(each.lines[1].split()[-1]) for each in parts]
    assert len(parts) == SHOWN
    assert scores == sorted(scores)


def test_no_more_than_two_of_the_worst_cases_are_of_one_person(bench: Any) -> None:
    names = tuple(f"p{person:02d}-{frame}" for person in range(3) for frame in range(9))
    given = bench.predictions(names)
    gathered = WorstParts(bench.PARTS)
    for rows in (slice(0, 9), slice(9, None)):
        gathered.add(
            replace(
                given,
                names=given.names[rows],
                subjects=given.subjects[rows],
                sources=given.sources[rows],
                truth={key: each[rows] for key, each in given.truth.items()},
                answers={key: each[rows] for key, each in given.answers.items()},
            )
        )
    for cases in (worst_answers(bench.answered([given])), gathered.cases):
        people = [each.name.split("-")[0] for each in cases]
        assert {person: people.count(person) for person in people} == {"p00": 2, "p01": 2, "p02": 2}
    chances = np.take_along_axis(given.answers["chances"], given.truth["grade"][:, None], axis=1)
    least = names[int(chances.argmin())]
    assert worst_answers(bench.answered([given]))[0].name == least


def test_learning_curves_take_gaps_and_stages_without_scores() -> None:
    losses = {"train_total": [(1, 2.0), (2, 1.0)], "val_total": [(2, 1.2)]}
    for stages in (
        {"fit": losses},
        {"one": losses, "two": {**losses, "val_accuracy": [(1, 0.2), (2, 0.7)], "lr": [(1, 3.0)]}},
    ):
        with Image.open(io.BytesIO(learning_curves(stages))) as opened:
            opened.load()
            assert opened.format == "PNG"
