"""One page on all five papers: the printed figures and ours, each with its data and its split."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from facialis.errors import InputError
from facialis.evaluation.audits import HEADER, audit
from facialis.evaluation.bars import bars_of
from facialis.evaluation.beside import (
    NOT_RUN,
    SPLITS,
    comparison,
    in_unit,
    ours,
    paper_of,
    split_words,
    stands_beside,
)
from facialis.evaluation.differences import are_paired, paired_difference
from facialis.evaluation.published import PUBLISHED
from facialis.evaluation.scoring import VOTE
from facialis.evaluation.tables import markdown_table, number, protocol_words, span
from facialis.report.files import make_directory, replace_file
from facialis.report.html import embedded_fonts, stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from facialis.evaluation.published import PaperNumber, Published
    from facialis.evaluation.result import Result, ScoreRecord, TaskRecord

TITLE: Final = "The five papers and this project, figure by figure"

PAPERS: Final[Mapping[PaperNumber, str]] = {
    "000": "Paper 000: asymmetric face parsing",
    "001": "Paper 001: cascaded encoders for parsing and grading",
    "002": "Paper 002: grading single frames",
    "003": "Paper 003: levels of severity from sequences",
    "004": "Paper 004: palsy or none, from several kinds of input",
}

_LEAKY: Final = "LEAKY"
_EXPLAINED: Final = (
    "A printed figure stands as its paper prints it. Ours stand beside it with the interval over "
    "people (95 %, bootstrap), the data and the split they were measured on. Figures on different "
    "data cannot be ranked: such rows say 'not comparable'. Printed experiments that nobody ran "
    "here come last under each paper and say 'not run'. LEAKY means that the same people were in "
    "training and test."
)
_FIGURES: Final = (
    "table", "method", "metric", "printed", "data", "split", "ours", "95 % interval", "our data",
    "our split", "comparison",
)  # fmt: skip
_OURS: Final = ("result", "task", "tested", "data", "split")
_ABLATION: Final = ("other", "score", "this", "the other", "difference", "95 % interval", "p")
_SHOWN: Final = {
    "segmentation": (
        "mean F1", "mean F1 with weak classes", "mean IoU", "mean IoU with background",
        "pixel accuracy", "mean over people: mean F1",
    ),
    "classification": (
        "accuracy", "balanced accuracy", "macro F1", "quadratic weighted kappa",
        "mean absolute error", "mean AUC", "mean over people: F1",
        "always the commonest class, accuracy", "always positive, F1",
    ),
}  # fmt: skip
_KINDS: Final = {
    "segmentation": "Ours: parts of the face",
    "classification": "Ours: grades, levels, palsy or none",
}
_BESIDE: Final = "Printed figures and ours"
_BARS: Final = "Bars of the printed figures and of ours"
_AGAINST: Final = " against others"
_AUDIT: Final = "What the printed figures say of themselves"
_UNRUN: Final = "Printed figures that nobody ran here"
_OF_A_PERSON: Final = ("mean F1", "pixel accuracy", "accuracy", "F1", "precision", "recall")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page.

    Attributes:
        caption: Above it.
        header: Names of the columns.
        rows: Cells.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def is_of_figures(self) -> bool:
        """Whether it is of printed figures."""
        return self.header == _FIGURES


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        title: Its heading.
        paragraphs: Below the heading.
        tables: Below those; empty ones are left out.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = field(default=())


def write_comparison(out: Path, results: Sequence[Result], against: str = "") -> tuple[Path, Path]:
    """Write the page as ``comparison.md`` and ``comparison.html``, with ``bars-NNN.png`` each.

    Args:
        out: The folder; files that are there are replaced.
        results: Ours; with none, every printed experiment is 'not run'.
        against: Title of a result; others of its rows and splits get their difference from it, as
            those of a whole method do without being asked.

    Returns:
        The two files.

    Raises:
        InputError: No result has that title, or nothing can be paired with it.
        OutputError: A file cannot be written.
    """
    titles = [each.title for each in results]
    if against and against not in titles:
        raise InputError(
            against, "is the title of no result", f"use one of: {'; '.join(dict.fromkeys(titles))}"
        )
    page = sections(results, against)
    if against and not any(
        table.caption.startswith(f"{against}{_AGAINST}") for part in page for table in part.tables
    ):
        raise InputError(
            against, "has no other of its method, rows and splits", "evaluate both on the same"
        )
    make_directory(out)
    written = out / "comparison.md", out / "comparison.html"
    pictures = {title: bars_of(paper, results) for paper, title in PAPERS.items()}
    names = {title: f"bars-{paper}.png" for paper, title in PAPERS.items()}
    for title, data in pictures.items():
        replace_file(out / names[title], data)
    replace_file(written[0], markdown(page, names).encode())
    replace_file(written[1], html(page, pictures).encode())
    return written


def sections(results: Sequence[Result], against: str = "") -> tuple[Section, ...]:
    """Return the page: a section a paper, and one for forms of our own."""
    found = [_paper(paper, title, results, against) for paper, title in PAPERS.items()]
    own = [each for each in results if paper_of(each) not in PAPERS]
    if own:
        tables = tuple(
            each for each in (*_tables_of_ours(own), *_ablations(own, against)) if each.rows
        )
        found.append(Section("Forms of our own", ("No paper prints figures for these.",), tables))
    return tuple(found)


def markdown(page: Sequence[Section], pictures: Mapping[str, str] | None = None) -> str:
    """Return the page as Markdown.

    Args:
        page: Its parts.
        pictures: Names of files that some parts begin with, by title.
    """
    parts = [f"# {TITLE}\n", _EXPLAINED + "\n"]
    for section in page:
        parts += [f"## {section.title}\n", *(f"{each}\n" for each in section.paragraphs)]
        if pictures and section.title in pictures:
            parts.append(f"![{_BARS}]({pictures[section.title]})\n")
        for table in section.tables:
            parts += [f"### {table.caption}\n", markdown_table(table.header, table.rows)]
    return "\n".join(parts)


def html(page: Sequence[Section], pictures: Mapping[str, bytes] | None = None) -> str:
    """Return the page as one HTML file that needs nothing from outside.

    Args:
        page: Its parts.
        pictures: PNGs that some parts begin with, by title.
    """
    environment = Environment(
        loader=PackageLoader("facialis.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own = files("facialis.evaluation").joinpath("templates", "comparison.css").read_text("utf-8")
    return environment.get_template("comparison.html.j2").render(
        title=TITLE,
        explained=_EXPLAINED,
        sections=page,
        pictures={k: b64encode(data).decode() for k, data in (pictures or {}).items()},
        bars=_BARS,
        fonts=embedded_fonts(),
        css=f"{stylesheet()}\n{own}",
        leaky=_LEAKY,
        not_run=NOT_RUN,
    )


def _paper(paper: PaperNumber, title: str, results: Sequence[Result], against: str) -> Section:
    printed = [row for row in PUBLISHED if row.paper == paper]
    mine = [each for each in results if paper_of(each) == paper]
    figures = [line for row in printed for line in _figure(row, mine)]
    beside, unrun = (
        tuple(line for line in figures if (line[-1] == NOT_RUN) is is_unrun)
        for is_unrun in (False, True)
    )
    tables = (
        Table(_BESIDE, _FIGURES, beside),
        *_tables_of_ours(mine),
        *_ablations(mine, against),
        Table(_AUDIT, HEADER, audit(paper)),
        Table(_UNRUN, _FIGURES, unrun),
    )
    return Section(
        title,
        (f"How the paper divided its data: {SPLITS[paper]}.",),
        tuple(each for each in tables if each.rows),
    )


def _figure(row: Published, results: Sequence[Result]) -> Iterator[tuple[str, ...]]:
    unit = f" {row.unit}" if row.unit else ""
    start = (
        row.table,
        f"{row.method} (its own)" if row.is_own else row.method,
        row.metric,
        f"{row.value}{unit}",
        row.data or "not said",
        split_words(row),
    )
    beside = [each for each in results if stands_beside(row, each)]
    for result in beside:
        found = ours(row, result)
        if found is None:
            name, words = result.title, comparison(row, result)
            yield *start, f"{name}: not measured", "", _data(result), protocol_words(result), words
        else:
            task, score = found.task, found.score
            also = f" ({found.name})" if found.name != row.metric else ""
            value = f"{result.title}, {task.title}: {_shown(score.value, row)}{unit}{also}"
            yield (
                *start, value, _range(score, row), _data(result), protocol_words(result),
                comparison(row, result),
            )  # fmt: skip
    if not beside:
        yield *start, NOT_RUN, "", "", "", NOT_RUN


def _shown(value: float | None, row: Published) -> str:
    if value is None:
        return "–"
    shown = in_unit(value, row)
    return f"{shown:.2f}" if row.unit == "%" else f"{shown:.3f}"


def _range(score: ScoreRecord, row: Published) -> str:
    if score.low is None or score.high is None:
        return "–"
    return f"{_shown(score.low, row)} to {_shown(score.high, row)}"


def _data(result: Result) -> str:
    data = result.data
    sources = ", ".join(data.sources)
    words = data.title if sources in ("", data.title) else f"{data.title} ({sources})"
    started = f"; started from {', '.join(result.started_from)}" if result.started_from else ""
    return f"{words}, manifest {data.manifest[:12]}, {data.people} people{started}"


def _tables_of_ours(results: Sequence[Result]) -> Iterator[Table]:
    """Yield a table of parsing and one of classes; a column a score that any of them has."""
    for kind, caption in _KINDS.items():
        found = [(result, task) for result in results for task in result.tasks if task.kind == kind]
        columns = [name for name in _SHOWN[kind] if any(name in t.scores for _, t in found)]
        rows = tuple(
            (
                result.title,
                task.title,
                _tested(task),
                _data(result),
                protocol_words(result),
                *(_scored(task.scores.get(name)) for name in columns),
            )
            for result, task in found
        )
        yield Table(caption, (*_OURS, *columns), rows)


def _scored(score: ScoreRecord | None) -> str:
    if score is None or score.value is None:
        return "–"
    return number(score.value) if score.low is None else f"{number(score.value)} ({span(score)})"


def _tested(task: TaskRecord) -> str:
    return f"{task.rows:,} {'cases' if task.reading == VOTE else 'rows'}"


def _ablations(results: Sequence[Result], against: str) -> Iterator[Table]:
    """Yield a table for each method and data set of which a whole and rows were evaluated.

    The row that is called `against` gets one as well.
    """
    for whole in (each for each in results if not each.variant or each.title == against):
        rows = tuple(
            line
            for other in results
            if other.variant
            and other is not whole
            and other.method == whole.method
            and are_paired(whole, other)
            for line in _ablation(whole, other)
        )
        if rows:
            where = f"{_data(whole)}; {protocol_words(whole)}"
            yield Table(f"{whole.title}{_AGAINST}, means over people: {where}", _ABLATION, rows)


def _ablation(whole: Result, other: Result) -> Iterator[tuple[str, ...]]:
    for task in whole.tasks:
        rival = other.task(task.task, task.reading)
        if rival is None or set(rival.people) != set(task.people):
            continue
        if rival.rows != task.rows or not task.people or task.reading == VOTE:
            continue
        people = (*task.people.values(), *rival.people.values())
        for metric in (m for m in _OF_A_PERSON if all(m in each for each in people)):
            found = paired_difference(task, rival, metric, seed=whole.seed)
            yield (
                other.title,
                f"{task.title}: {metric}",
                *(f"{_mean(each, metric):.3f}" for each in (task, rival)),
                f"{found.value:+.3f}",
                f"{found.interval.low:+.3f} to {found.interval.high:+.3f}",
                f"{found.chance:.2g}",
            )


def _mean(task: TaskRecord, metric: str) -> float:
    return sum(each[metric] or 0.0 for each in task.people.values()) / len(task.people)
