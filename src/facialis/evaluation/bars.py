"""Bars of what the papers print and of ours, one picture a paper ([002] Fig. 14 and 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.evaluation.beside import ours, paper_of
from facialis.evaluation.plots import Bar, bars
from facialis.evaluation.published import PUBLISHED
from facialis.evaluation.tables import protocol_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from facialis.evaluation.beside import Counterpart
    from facialis.evaluation.published import Published
    from facialis.evaluation.result import Result

_HEADLINES: Final = {
    "000": (("Table 1",), "mean F1"),
    "001": (("Table 3",), "average accuracy"),
    "002": (("Table 4", "Fig. 15"), "accuracy"),
    "003": (("Table IV",), "accuracy"),
    "004": (("results table",), "F1"),
}
"""Tables and metric by which each paper ranks; ours of these are all shares."""


def bars_of(paper: str, results: Sequence[Result]) -> bytes:
    """Return a picture (PNG) of a paper's headline figures and of ours that have the same metric.

    Args:
        paper: Its number.
        results: Of any method.
    """
    tables, metric = _HEADLINES[paper]
    rows = [r for r in PUBLISHED if r.paper == paper and r.table in tables and r.metric == metric]
    printed = {row.method: row for row in reversed(rows)}
    mine = [each for each in results if paper_of(each) == paper]
    told = [(each, ours(rows[0], each)) for each in mine]
    measured = [(each, found) for each, found in told if found is not None]
    title = f"Paper {paper}: {metric} as printed, each on its own data, and ours"
    names = {found.name for _, found in measured}
    also = f" (ours: {', '.join(sorted(names))})" if names - {metric} else ""
    return bars(
        [*map(_printed, reversed(printed.values())), *_measured(measured)],
        title,
        f"{metric}, %{also}; figures on different data cannot be ranked",
    )


def _printed(row: Published) -> Bar:
    share = row.value if row.unit == "%" else 100 * row.value
    words = f"{row.method} (its own)" if row.is_own else row.method
    return Bar(words, share, None, is_ours=False)


def _measured(ours: Sequence[tuple[Result, Counterpart]]) -> Iterator[Bar]:
    names = [_words(each) for each, _ in ours]
    for (result, found), name in zip(ours, names, strict=True):
        score = found.score
        ends = [100 * each for each in (score.low, score.high) if each is not None]
        span = (ends[0], ends[1]) if len(ends) == len(("low", "high")) else None
        words = name if names.count(name) == 1 else f"{name}, {result.data.title}"
        yield Bar(words, 100 * (score.value or 0), span, is_ours=True)


def _words(result: Result) -> str:
    return f"{result.variant or result.method} ({protocol_words(result).partition(',')[0]})"
