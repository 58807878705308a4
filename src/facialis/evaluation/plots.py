"""Pictures of an evaluation: confusion, ROC, precision, calibration, people, bars, learning.

Each function returns the bytes of a PNG. Colours are those of Okabe and Ito (2008), which
colour-blind readers tell apart, and lines differ in their dashes too.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from facialis.evaluation import canvas
from facialis.evaluation.scoring import OF_PEOPLE
from facialis.report.palette import ACCENT, ACCENT_LIGHT, INK, MUTED, RULE, css

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from facialis.evaluation.metrics import Floats
    from facialis.evaluation.result import TaskRecord
    from facialis.evaluation.scoring_classes import Answered

Curves = dict[str, list[tuple[int, float]]]
"""For each logged name its values by epoch, counted from 1."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure to be drawn as a bar.

    Attributes:
        words: Beside it.
        value: Its length, 0 to 100.
        span: Ends of its interval, if it has one.
        is_ours: Whether it was measured here.
    """

    words: str
    value: float
    span: tuple[float, float] | None
    is_ours: bool


COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))

_BAR_LETTERS: Final = 56
"""Of a line beside a bar."""
_DARK: Final = 0.55
_SHORT: Final = 8
_NAMED: Final = 90
_MANY: Final = 40
_FEW: Final = 60


def confusion(task: TaskRecord, title: str) -> bytes:
    """Return the confusion matrix: share of each true class, with counts unless of pixels.

    Args:
        task: What was scored.
        title: Above the picture.
    """
    counts = np.array(task.confusion, dtype=np.float64)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    side = max(4.6, 0.78 * len(counts) + 2.2)
    figure, axes = canvas.new(side + 0.6, side)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    pixels = task.kind == "segmentation"
    for row in range(len(counts)):
        for column in range(len(counts)):
            if counts[row, column]:
                share = _percent(shares[row, column])
                text = share if pixels else f"{int(counts[row, column]):,}\n{share}"
                colour = "white" if shares[row, column] > _DARK else css(INK)
                canvas.text(
                    axes, column, row, text, fontsize=8.5, color=colour, ha="center", va="center"
                )
    numbers = range(len(counts))
    axes.set_xticks(numbers, task.classes)
    if max(map(len, task.classes)) > _SHORT:
        axes.tick_params(axis="x", labelrotation=35)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_yticks(numbers, task.classes)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    canvas.label(axes, title, "predicted", "true")
    bar = figure.colorbar(image, ax=axes, fraction=0.046, pad=0.03, ticks=(0, 0.5, 1))
    bar.ax.set_yticklabels(("0 %", "50 %", "100 %"))
    bar.outline.set_visible(False)
    canvas.use_fonts(bar.ax)
    return canvas.png(figure)


def roc(given: Answered, task: TaskRecord, title: str) -> bytes:
    """Return the ROC curve of each class against the rest, with its area.

    Args:
        given: Answers with what is true.
        task: The scores of the same answers; the areas in the legend are these.
        title: Above the picture.
    """
    known = given.labelled
    figure, axes = canvas.unit_square()
    if all(task.score(f"AUC {name}").value is None for name in task.classes):
        style = {"ha": "center", "va": "center", "color": css(MUTED), "fontsize": 9.5}
        canvas.text(axes, 0.5, 0.6, "all samples are of one class: there is no curve", **style)
    axes.plot((0, 1), (0, 1), color=css(RULE), linewidth=1)
    two = len(task.classes) == len(("no", "yes"))
    for number, name in enumerate(task.classes):
        area = task.score(f"AUC {name}").value
        if area is None or (two and not number):
            continue
        points = roc_points(known.truth == number, known.probabilities[:, number])
        place = number % len(COLOURS)
        axes.plot(
            *points,
            color=COLOURS[place],
            linestyle="-" if two else DASHES[place],
            linewidth=1.8,
            label=f"{name}  {area:.3f}",
        )
    canvas.legend(axes, "area under the curve", loc="lower right")
    canvas.label(axes, title, "false positive rate", "true positive rate")
    return canvas.png(figure)


def roc_points(positive: Any, scores: Any) -> tuple[Floats, Floats]:
    """Return false and true positive rates, one pair a threshold, from (0, 0) to (1, 1)."""
    values = np.asarray(scores, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    hits = np.asarray(positive, dtype=bool)[order]
    last = np.flatnonzero(np.r_[values[order][1:] != values[order][:-1], True])
    true = np.r_[0, hits.cumsum()[last]] / hits.sum()
    false = np.r_[0, (~hits).cumsum()[last]] / (~hits).sum()
    return false, true


def precision_recall(given: Answered, task: TaskRecord, title: str) -> bytes:
    """Return precision over recall of the second of two classes.

    Args:
        given: Answers with what is true.
        task: The scores of the same answers, of two classes.
        title: Above the picture.
    """
    known = given.labelled
    recall, precision = precision_recall_points(known.truth == 1, known.probabilities[:, 1])
    share = float(np.mean(known.truth == 1))
    area = float(np.sum(np.diff(recall) * precision[1:]))
    figure, axes = canvas.unit_square()
    always, label = f"always {task.classes[1]}  {share:.3f}", f"{task.classes[1]}  {area:.3f}"
    axes.axhline(share, color=css(MUTED), linewidth=1, label=always)
    axes.step(recall, precision, where="pre", color=COLOURS[0], linewidth=1.8, label=label)
    canvas.legend(axes, "area under the curve", loc="lower left")
    canvas.label(axes, title, "recall", "precision")
    return canvas.png(figure)


def precision_recall_points(positive: Any, scores: Any) -> tuple[Floats, Floats]:
    """Return recall and precision, one pair a threshold, after a first one of recall 0."""
    values, right = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    order = np.argsort(-values, kind="stable")
    hits = right[order].cumsum()
    last = np.flatnonzero(np.r_[values[order][1:] != values[order][:-1], True])
    precision = hits[last] / (last + 1)
    return np.r_[0, hits[last] / hits[-1]], np.r_[precision[0], precision]


def bars(found: Sequence[Bar], title: str, below: str) -> bytes:
    """Return a horizontal bar for each figure of 0 to 100, printed ones and ours in two colours.

    Args:
        found: From the top.
        title: Above the picture.
        below: What the figures are.
    """
    beside = [textwrap.fill(each.words, _BAR_LETTERS) for each in found]
    rooms = np.array([0.34 + 0.17 * each.count("\n") for each in beside])
    figure, axes = canvas.new(9.6, float(rooms.sum()) + 1.5)
    places = rooms.sum() - rooms.cumsum() + rooms / 2  # inches above the axis
    for place, each in zip(places, found, strict=True):
        colour = css(ACCENT) if each.is_ours else css(RULE)
        axes.barh(place, each.value, height=0.25, color=colour)
        end = each.value
        if each.span is not None:
            low, end = each.span
            axes.plot((low, end), (place, place), color=css(INK), linewidth=1.4)
        canvas.text(
            axes, max(end, each.value) + 1, place, f"{each.value:.1f}", fontsize=8.5, va="center"
        )
    axes.set_yticks(places, beside)
    axes.set_ylim(-0.03, rooms.sum() + 0.03)
    axes.set_xlim(0, 108)
    canvas.plain(axes)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=css(RULE), linewidth=0.6)
    axes.tick_params(axis="y", length=0)
    legend = {"as printed": RULE, "ours, with its 95 % interval over people": ACCENT}
    for words, ink in legend.items():
        axes.add_patch(Rectangle((0, 0), 0, 0, color=css(ink), label=words))
    canvas.legend(axes, "", loc="lower left", bbox_to_anchor=(0, 1), ncol=2, frameon=False)
    figure.suptitle(title, x=0.01, ha="left", color=css(INK), fontproperties=canvas.HEADING)
    canvas.label(axes, "", below, "")
    return canvas.png(figure)


def calibration(task: TaskRecord, title: str) -> bytes:
    """Return how often answers of each confidence are right, and how many there are.

    Args:
        task: What was scored.
        title: Above the picture.
    """
    figure = Figure(figsize=(6.0, 6.2), dpi=canvas.DPI, layout="constrained")
    FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    upper.plot((0, 1), (0, 1), color=css(MUTED), linewidth=1, linestyle="--")
    middles = [(each.low + each.high) / 2 for each in task.reliability]
    width = 0.092
    right = [each.right for each in task.reliability]
    upper.bar(middles, right, width=width, color=css(ACCENT_LIGHT), label="share that is right")
    upper.plot(
        [each.confidence for each in task.reliability],
        right,
        "o",
        color=css(ACCENT),
        markersize=5,
        label="at the mean confidence",
    )
    upper.set_ylim(0, 1.02)
    upper.set_xlim(0, 1)
    lower.bar(middles, [each.rows for each in task.reliability], width=width, color=css(MUTED))
    lower.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    for axes in (upper, lower):
        canvas.plain(axes)
    canvas.legend(upper, "", loc="upper left")
    error = task.score("expected calibration error").value
    shown = "" if error is None else f"\nexpected calibration error {error:.3f}"
    canvas.label(upper, title + shown, "", "share that is right")
    canvas.label(lower, "", "confidence of the answer", "answers")
    return canvas.png(figure)


def people(task: TaskRecord, metric: str, title: str) -> bytes:
    """Return a bar for each person, worst first, with the mean over people and its interval.

    Args:
        task: What was scored.
        metric: Which of the scores of a person.
        title: Above the picture.
    """
    values = {name: scores[metric] for name, scores in task.people.items() if metric in scores}
    ordered = sorted(values, key=lambda name: (values[name] or 0.0, name))
    figure, axes = canvas.new(min(16.0, max(6.5, 0.2 * len(ordered) + 2)), 4.6)
    places = np.arange(len(ordered))
    axes.bar(places, [values[name] or 0 for name in ordered], color=css(ACCENT_LIGHT), width=0.78)
    for place, name in enumerate(ordered):
        if values[name] is None:
            canvas.text(axes, place, 0.01, "×", fontsize=8, ha="center", color=css(MUTED))
    mean = task.scores.get(OF_PEOPLE + metric)
    if mean is not None and mean.value is not None:
        label = f"mean over people {mean.value:.3f}"
        if mean.low is not None and mean.high is not None:
            axes.axhspan(mean.low, mean.high, color=css(ACCENT), alpha=0.16, linewidth=0)
            label += f" ({mean.low:.3f} to {mean.high:.3f})"
        axes.axhline(mean.value, color=css(ACCENT), linewidth=1.6, label=label)
        axes.set_ylim(0, 1.16)
        canvas.legend(axes, "", loc="upper left")
    axes.set_yticks((0, 0.2, 0.4, 0.6, 0.8, 1))
    named = len(ordered) <= _NAMED
    axes.set_xticks(places if named else [], ordered if named else [], rotation=90)
    axes.set_xlim(-0.7, len(ordered) - 0.3)
    canvas.plain(axes)
    size = 8 if len(ordered) <= _MANY else 7
    below = f"{len(ordered)} people, worst first"
    below += "; × undefined" if None in values.values() else ""
    canvas.label(axes, title, below, metric)
    for tick in axes.get_xticklabels():
        tick.set_fontproperties(canvas.PLAIN)
        tick.set_fontsize(size)
    return canvas.png(figure)


def learning_curves(stages: Mapping[str, Curves], title: str = "") -> bytes:
    """Return loss and scores by epoch, a column a stage: training and validation.

    Args:
        stages: By stage, what was logged: ``train_total`` and ``val_total`` are losses,
            ``train_accuracy_...`` and ``val_accuracy_...`` are scores; parts of the loss are not
            drawn.
        title: Above all of it.
    """
    shown = {name: _drawn(curves) for name, curves in stages.items()}
    rows = 2 if any(scores for _, scores in shown.values()) else 1
    width = max(6.2, 5.0 * len(shown))
    figure = Figure(figsize=(width, 3.5 * rows), dpi=canvas.DPI, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, len(shown), squeeze=False)
    for column, (stage, (losses, scores)) in enumerate(shown.items()):
        _curves(grid[0, column], losses, stage, "loss")
        if rows > 1:
            _curves(grid[1, column], scores, "", "score")
            if scores:
                grid[1, column].set_ylim(-0.02, 1.04)
            else:
                grid[1, column].set_visible(False)
    if title:
        figure.suptitle(
            canvas.wrapped(title, width - canvas.BESIDE_TITLE / 2), fontproperties=canvas.HEADING
        )
    return canvas.png(figure)


def _drawn(curves: Curves) -> tuple[Curves, Curves]:
    losses = {name: curves[name] for name in ("train_total", "val_total") if curves.get(name)}
    scores = {
        name: points
        for name, points in curves.items()
        if points and name.startswith(("train_accuracy", "val_accuracy"))
    }
    return losses, scores


def _curves(axes: Axes, curves: Curves, title: str, what: str) -> None:
    kinds = list(dict.fromkeys(name.partition("_")[2] for name in curves))
    for name, points in curves.items():
        part, _, kind = name.partition("_")
        words = "training" if part == "train" else "validation"
        colour = kinds.index(kind) * 2 if what == "score" else 0
        marker = ("o" if part == "train" else "s") if len(points) < _FEW else ""
        axes.plot(
            [epoch for epoch, _ in points],
            [value for _, value in points],
            color=COLOURS[(colour + (what == "loss" and part == "val")) % len(COLOURS)],
            linestyle="--" if part == "train" else "-",
            marker=marker,
            markersize=3,
            linewidth=1.6,
            label=words if what == "loss" else f"{kind.replace('_', ' ')}, {words}",
        )
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    epochs = {epoch for points in curves.values() for epoch, _ in points}
    if len(epochs) == 1:
        axes.set_xlim(min(epochs) - 1, max(epochs) + 1)
        axes.set_xticks(sorted(epochs))
    canvas.plain(axes)
    canvas.label(axes, title, "epoch", what)
    if curves:
        canvas.legend(axes, "", loc="best")


def _percent(share: float) -> str:
    least = 0.001
    if share < least:
        return "<0.1 %"
    return f"{100 * share:.0f} %" if share >= 10 * least else f"{100 * share:.1f} %"
