"""The tables of an evaluation, as Markdown and CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from facialis.errors import counted
from facialis.evaluation.scoring import VOTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from facialis.evaluation.result import Result, ScoreRecord, TaskRecord

_COLUMNS = (
    "task",
    "score",
    "value",
    "low",
    "high",
    "undefined",
    "rows",
    "people",
    "started from",
    "protocol",
)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; a bar in a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines) + "\n"


def number(value: float | None) -> str:
    """Return a score with three decimals, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def span(score: ScoreRecord) -> str:
    """Return the interval of a score, or a dash."""
    if score.low is None or score.high is None:
        return "–"
    return f"{score.low:.3f} to {score.high:.3f}"


def facts(result: Result) -> list[tuple[str, str]]:
    """Return what a result was measured on and how, as pairs of words."""
    stages = [
        f"{stage}: {counted(done['epochs'], 'epoch') if 'epochs' in done else '? epochs'}"
        for stage, done in dict((result.training or ({},))[0].get("stages", {})).items()
    ]
    machines = {str(each["device"]) for each in result.training if "device" in each}
    precisions = {str(each["precision"]) for each in result.training if "precision" in each}
    pairs = [
        ("method", result.title),
        ("parameters", f"{result.parameters:,}"),
        ("data", f"{result.data.title} (manifest {result.data.manifest[:12]})"),
        (
            "tested",
            f"{counted(result.data.rows, 'row')} of "
            f"{counted(result.data.people, 'person', 'people')}",
        ),
        ("protocol", protocol_words(result)),
        ("started from", ", ".join(result.started_from)),
        ("training, first split", "; ".join(stages)),
        ("trained on", ", ".join(sorted(machines | precisions))),
        ("seed", str(result.seed)),
        ("scored", f"{result.date}, Facialis {result.version}, {result.hardware}"),
    ]
    return [(term, words) for term, words in pairs if words]


def protocol_words(result: Result) -> str:
    """Return how people were divided; LEAKY if they were not."""
    splits = result.splits
    plural = "split" if splits.count == 1 else "splits"
    name = "LEAKY" if result.is_leaky else splits.protocol.value
    return f"{name}, {splits.count} {plural} ({splits.digest[:12]})"


def result_markdown(result: Result) -> str:
    """Return every score of a result as Markdown."""
    parts = [f"# {result.title}\n"]
    if result.is_leaky:
        parts.append("**LEAKY: the same people in training and test, for comparison only.**\n")
    parts.append(markdown_table(("", ""), facts(result)))
    for task in result.tasks:
        parts += [f"## {task.title}\n", _told(task), _scores(task)]
    if result.splits.caveats or result.notes:
        lines = (*result.splits.caveats, *result.notes)
        parts += ["## Caveats\n", "".join(f"- {each}\n" for each in lines)]
    return "\n".join(parts)


def result_csv(result: Result) -> bytes:
    """Return every score of a result, one line each."""
    rows = [
        (
            task.title,
            name,
            _plain(score.value),
            _plain(score.low),
            _plain(score.high),
            str(score.undefined),
            str(task.rows),
            str(len(task.people)),
            ", ".join(result.started_from),
            "LEAKY" if result.is_leaky else result.splits.protocol.value,
        )
        for task in result.tasks
        for name, score in task.scores.items()
    ]
    return csv_table(_COLUMNS, rows)


def people_csv(result: Result) -> bytes:
    """Return the scores of each person, one line a score."""
    protocol = "LEAKY" if result.is_leaky else result.splits.protocol.value
    rows = [
        (task.title, person, name, _plain(value), protocol)
        for task in result.tasks
        for person, scores in task.people.items()
        for name, value in scores.items()
    ]
    return csv_table(("task", "person", "score", "value", "protocol"), rows)


def csv_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV table in UTF-8."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    return text.getvalue().encode()


def _told(task: TaskRecord) -> str:
    is_vote = task.reading == VOTE
    rows = counted(task.rows, "case" if is_vote else "row")
    words = f"{rows} of {counted(len(task.people), 'person', 'people')}"
    if task.unlabelled:
        reason = "their rows have different classes" if is_vote else "nobody labelled them"
        words += f"; {task.unlabelled:,} left out, for {reason}"
    if task.weak:
        words += f". Labels of {', '.join(task.weak)} are weak: in no mean but those that say so"
    return words + ".\n"


def _scores(task: TaskRecord) -> str:
    rows = [
        (name, number(score.value), span(score), str(score.undefined))
        for name, score in task.scores.items()
    ]
    return markdown_table(("score", "value", "95 % interval over people", "undefined"), rows)


def _plain(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
