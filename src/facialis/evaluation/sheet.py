"""A sheet of the worst cases: the picture, what is true, and what was answered."""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from facialis.evaluation.segmentation import IGNORED, class_dice, pixel_confusion
from facialis.report import fonts
from facialis.report.palette import INK, MUTED, PAPER, WASH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.evaluation.predictions import Predictions
    from facialis.evaluation.scoring_classes import Answered
    from facialis.methods.tasks import Segmentation

PictureOf = Callable[[str], NDArray[np.uint8]]
"""The picture (H, W, 3) RGB of a row."""

SHOWN: Final = 12
"""Cases on a sheet."""

PANEL: Final = 168
"""Width and height of a picture on a sheet, pixels; of several in a grid, twice that."""

OF_ONE: Final = 2
"""Cases of one person on a sheet; pictures of a person are much alike."""

CLASS_COLOURS: Final = (
    (0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
    (213, 94, 0), (204, 121, 167), (150, 75, 0), (110, 60, 170), (110, 110, 110), (180, 230, 180),
)  # fmt: skip
"""Of the numbers of the classes, background first (Okabe and Ito 2008, and five more)."""

_GAP: Final = 12
_LINE: Final = 18
_COLUMNS: Final = 6
_WIDE: Final = 2
_LEGEND: Final = 34


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the sheet.

    Attributes:
        name: The row.
        lines: Below the pictures; the first in ink, the others muted.
        maps: True and predicted label map, of a segmentation.
    """

    name: str
    lines: tuple[str, ...]
    maps: tuple[NDArray[Any], NDArray[Any]] | None = None


class WorstParts:
    """Gathers the worst cases of a segmentation, split by split.

    Attributes:
        task: What was answered.
    """

    def __init__(self, task: Segmentation) -> None:
        """Begin without a case."""
        self.task = task
        self._kept: dict[str, list[tuple[float, Case]]] = {}

    def add(self, given: Predictions) -> None:
        """Look at one split's answers; of each person the worst maps are kept."""
        count = len(self.task.classes)
        maps = given.truth[self.task.truth], given.answers[self.task.predicted]
        rows = zip(given.names, given.subjects, *maps, strict=True)
        for name, subject, truth, answer in rows:
            dice = class_dice(pixel_confusion(truth, answer, count))[1:]
            there = dice[~np.isnan(dice)]
            if there.size:
                score = float(there.mean())
                lines = (name, f"mean F1 {score:.3f}")
                self._keep(subject, score, Case(name, lines, (truth, answer)))

    @property
    def cases(self) -> list[Case]:
        """The rows with the lowest mean F1 of their foreground, worst first.

        No more than `OF_ONE` are of one person.
        """
        every = [pair for kept in self._kept.values() for pair in kept]
        return [case for _, case in sorted(every, key=lambda pair: pair[0])[:SHOWN]]

    def _keep(self, subject: str, score: float, case: Case) -> None:
        kept = self._kept.setdefault(subject, [])
        if len(kept) < OF_ONE or score < kept[-1][0]:
            maps = case.maps and (case.maps[0].copy(), case.maps[1].copy())
            kept.append((score, replace(case, maps=maps)))
            kept.sort(key=lambda pair: pair[0])
            del kept[OF_ONE:]


def worst_answers(given: Answered) -> list[Case]:
    """Return the rows whose true class was thought least likely, worst first.

    No more than `OF_ONE` are of one person.
    """
    known = given.labelled
    classes = given.task.classes
    chances = known.probabilities[np.arange(len(known.names)), known.truth]
    shown, cases = Counter[str](), list[Case]()
    for i in np.argsort(chances, kind="stable"):
        shown[known.subjects[i]] += 1
        if shown[known.subjects[i]] > OF_ONE:
            continue
        called = known.probabilities[i].argmax()
        lines = (
            known.names[i],
            f"is {classes[known.truth[i]]}",
            f"called {classes[called]} ({known.probabilities[i, called]:.2f})",
        )
        cases.append(Case(known.names[i], lines))
    return cases[:SHOWN]


def draw_sheet(
    cases: list[Case],
    picture: PictureOf,
    title: str,
    classes: Iterable[str],
    *,
    panel: int = PANEL,
) -> bytes:
    """Return the sheet as PNG.

    Args:
        cases: Worst first.
        picture: Gives the picture of a row.
        title: Above the sheet.
        classes: Of the label maps, for the legend; nothing if the cases have no maps.
        panel: Width and height of a picture, pixels.
    """
    panels = 3 if cases and cases[0].maps is not None else 1
    columns = _WIDE if panels > 1 else _COLUMNS * PANEL // panel
    cell = panels * panel + (panels - 1) * 3
    rows = -(-max(len(cases), 1) // columns)
    width = columns * (cell + _GAP) + _GAP
    lines = _legend_lines(tuple(classes), width) if panels > 1 else []
    top = 46 + (_LEGEND - _LINE + _LINE * len(lines) if lines else 0)
    below = 6 + _LINE * max((len(case.lines) for case in cases), default=0)
    size = (
        width,
        top + rows * (panel + below + _GAP) + _GAP,
    )
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP, 12), _fitted(title, size[0] - 2 * _GAP, _STRONG), fill=INK, font=_STRONG)
    for number, swatches in enumerate(lines):
        _draw_legend(draw, 46 + _LINE * number, swatches)
    for number, case in enumerate(cases):
        row, column = divmod(number, columns)
        x = _GAP + column * (cell + _GAP)
        y = top + row * (panel + below + _GAP)
        for place, shown in enumerate(_panels(case, picture(case.name), panel)):
            sheet.paste(Image.fromarray(shown), (x + place * (panel + 3), y))
        for line, words in enumerate(case.lines):
            corner = (x, y + panel + 3 + _LINE * line)
            colour = MUTED if line else INK
            draw.text(corner, _fitted(words, cell, _SMALL), fill=colour, font=_SMALL)
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue()


def _panels(case: Case, picture: NDArray[np.uint8], panel: int) -> list[NDArray[np.uint8]]:
    shown = squared(np.ascontiguousarray(picture[..., :3]), panel)
    if case.maps is None:
        return [shown]
    panels = [shown]
    for labels in case.maps:
        colours = np.full((*labels.shape, 3), WASH, dtype=np.uint8)
        known = labels != IGNORED
        palette = np.array(CLASS_COLOURS, dtype=np.uint8)
        colours[known] = palette[labels[known].astype(np.intp) % len(palette)]
        panels.append(squared(colours, panel, cv2.INTER_NEAREST))
    return panels


def squared(picture: NDArray[np.uint8], side: int, way: int = cv2.INTER_AREA) -> NDArray[np.uint8]:
    """Return a picture in the middle of a square panel.

    Args:
        picture: (H, W, 3), RGB.
        side: Of the panel, pixels.
        way: How OpenCV interpolates.
    """
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=way)
    panel = np.full((side, side, 3), WASH, dtype=np.uint8)
    y, x = (side - size[1]) // 2, (side - size[0]) // 2
    panel[y : y + size[1], x : x + size[0]] = small
    return panel


def in_a_grid(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return pictures (H, W, 3) side by side, in rows that make them about square together.

    One alone stays as it is; others are put into squares as large as the first is long.
    """
    if len(pictures) == 1:
        return pictures[0]
    side = max(pictures[0].shape[:2])
    columns = math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    grid = np.full((rows * side, columns * side, 3), WASH, dtype=np.uint8)
    for number, picture in enumerate(pictures):
        y, x = (side * place for place in divmod(number, columns))
        panel = squared(np.ascontiguousarray(picture[..., :3]), side)
        grid[y : y + side, x : x + side] = panel
    return grid


Swatch = tuple[int, str, tuple[int, int, int] | None]
"""A word of the legend: where it begins, the word, and its colour, if it has one."""


def _legend_lines(classes: tuple[str, ...], width: int) -> list[list[Swatch]]:
    """Return the legend, broken into lines that fit."""
    first = "picture, truth, answer:"
    lines: list[list[Swatch]] = [[(_GAP, first, None)]]
    x = _GAP + round(_SMALL.getlength(first)) + 14
    known = [(name, CLASS_COLOURS[k % len(CLASS_COLOURS)]) for k, name in enumerate(classes)]
    for name, colour in (*known, ("not labelled", WASH)):
        length = round(_SMALL.getlength(name))
        if x + 18 + length > width - _GAP:
            lines.append([])
            x = _GAP
        lines[-1].append((x, name, colour))
        x += length + 32
    return lines


def _draw_legend(draw: ImageDraw.ImageDraw, y: int, line: list[Swatch]) -> None:
    for x, name, colour in line:
        if colour is None:
            draw.text((x, y), name, fill=MUTED, font=_SMALL)
        else:
            draw.rectangle((x, y + 3, x + 13, y + 16), fill=colour, outline=MUTED)
            draw.text((x + 18, y), name, fill=INK, font=_SMALL)


def _fitted(text: str, width: int, font: ImageFont.FreeTypeFont) -> str:
    """Return the text, cut in its middle where it is too long."""
    if font.getlength(text) <= width:
        return text
    kept = len(text)
    while kept > 1 and font.getlength(_cut(text, kept)) > width:
        kept -= 1
    return _cut(text, kept)


def _cut(text: str, kept: int) -> str:
    return f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"


_SMALL: Final = ImageFont.truetype(str(fonts.REGULAR), 14)
_STRONG: Final = ImageFont.truetype(str(fonts.SEMIBOLD), 17)
