"""How each collection's own masks turn into the classes of face parsing.

Every collection is mapped to the finer list (`Attribute`) in one table, `MASKS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from facialis.datasets.hand_drawn import DRAWN, POINTS, drawn_attributes
from facialis.errors import InputError
from facialis.regions.classes import PART_OF, UNKNOWN, Attribute, Part

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from facialis.datasets.sample import Sample

    LabelMap = NDArray[np.uint8]

_ONE_BY_ONE: Final[Mapping[str, int]] = {f"{each.value:02d}": each.value for each in Attribute}

MASKS: Final[Mapping[str, Mapping[str, int]]] = {
    "celebamask_hq": {
        # In the order of the authors' own script: a later part covers an earlier one.
        "skin": Attribute.SKIN,
        "nose": Attribute.NOSE,
        "eye_g": UNKNOWN,  # glasses: what is behind them nobody drew
        "l_eye": Attribute.LEFT_EYE,
        "r_eye": Attribute.RIGHT_EYE,
        "l_brow": Attribute.LEFT_BROW,
        "r_brow": Attribute.RIGHT_BROW,
        "l_ear": Attribute.BACKGROUND,
        "r_ear": Attribute.BACKGROUND,
        "mouth": Attribute.INNER_MOUTH,
        "u_lip": Attribute.UPPER_LIP,
        "l_lip": Attribute.LOWER_LIP,
        "hair": Attribute.HAIR,
        "hat": Attribute.BACKGROUND,
        "ear_r": Attribute.BACKGROUND,
        "neck_l": Attribute.BACKGROUND,
        "neck": Attribute.BACKGROUND,
        "cloth": Attribute.BACKGROUND,
    },
    "lapa": _ONE_BY_ONE,
    "helen": _ONE_BY_ONE,
    "hand_drawn": {each.name.lower(): each.value for each, _ in DRAWN},
}
"""Collection, then the collection's part, then the `Attribute` it is.

Skin is that of the face, without ears and neck, because LaPa and HELEN draw no others. The names of
the paired parts are taken as a pair only: whose left is meant the collections do not say, so
`label_map` tells the sides by their places.
"""

_PAIRS: Final = (
    (Attribute.LEFT_BROW, Attribute.RIGHT_BROW),
    (Attribute.LEFT_EYE, Attribute.RIGHT_EYE),
)
_MIDDLE: Final = (
    (Attribute.NOSE, Attribute.UPPER_LIP, Attribute.INNER_MOUTH, Attribute.LOWER_LIP),
    (Attribute.SKIN,),
)
_DRAWN: Final = 127


def label_map(sample: Sample, classes: type[Part] | type[Attribute]) -> LabelMap:
    """Return the annotation of a sample as the classes of a paper.

    Args:
        sample: A sample of CelebAMask-HQ, LaPa, HELEN or a simulated cohort.
        classes: `Part` or `Attribute`.

    Returns:
        (H, W) uint8 in the annotation's own resolution; `UNKNOWN` where it does not say.

    Raises:
        InputError: The sample has no mask, a mask cannot be read, or its classes are too coarse.
    """
    masks = {
        kind.partition(":")[2]: path
        for kind, path in sample.annotations.items()
        if kind.partition(":")[0] == "mask"
    }
    if not masks:
        raise InputError(sample.path, "has no mask", "use a collection made for face parsing")
    if sample.source not in MASKS:
        return _as_drawn(sample, classes)
    if sample.source == "hand_drawn":
        height, width = _pixels(sample.path).shape
        attributes = drawn_attributes(masks[POINTS], (height, width))
        return attributes if classes is Attribute else _coarser(attributes)
    read = {"celebamask_hq": _painted, "lapa": _numbered, "helen": _likeliest}[sample.source]
    attributes = _with_patients_sides(read(masks))
    return attributes if classes is Attribute else _coarser(attributes)


def _coarser(attributes: LabelMap) -> LabelMap:
    table = np.full(UNKNOWN + 1, UNKNOWN, np.uint8)
    for attribute, part in PART_OF.items():
        table[attribute] = part
    return table[attributes]


def _as_drawn(sample: Sample, classes: type[Part] | type[Attribute]) -> LabelMap:
    """Return a mask that has the classes already: a simulated picture has one of each list."""
    path = sample.annotations.get("mask" if classes is Part else "attributes")
    if path is None:
        raise InputError(
            sample.path,
            f"has no mask of the {len(classes)} classes that are wanted",
            "use CelebAMask-HQ, LaPa, HELEN or a simulated cohort",
        )
    numbers = _pixels(path, as_written=True)
    numbers[numbers > max(classes)] = UNKNOWN
    return numbers


def _painted(masks: Mapping[str, Path]) -> LabelMap:
    canvas: LabelMap | None = None
    for part, attribute in MASKS["celebamask_hq"].items():
        if part in masks:
            drawn = _pixels(masks[part])
            if canvas is None:
                canvas = np.full(drawn.shape, Attribute.BACKGROUND, np.uint8)
            canvas[_same_size(drawn, canvas, masks[part]) > _DRAWN] = attribute
    if canvas is None:
        path = next(iter(masks.values()))
        raise InputError(path, "is no part of CelebAMask-HQ", "copy the masks again")
    return canvas


def _numbered(masks: Mapping[str, Path]) -> LabelMap:
    written = _pixels(masks[""], as_written=True)
    table = np.full(UNKNOWN + 1, UNKNOWN, np.uint8)
    for number, attribute in MASKS["lapa"].items():
        table[int(number)] = attribute
    return table[written]


def _likeliest(masks: Mapping[str, Path]) -> LabelMap:
    """Return the class of the largest value; HELEN writes a map of 0 to 255 for each class."""
    numbers = sorted(number for number in masks if number in MASKS["helen"])
    first = _pixels(masks[numbers[0]])
    values = np.stack([_same_size(_pixels(masks[each]), first, masks[each]) for each in numbers])
    attributes = np.array([MASKS["helen"][each] for each in numbers], np.uint8)
    found: LabelMap = attributes[values.argmax(axis=0)]
    found[values.max(axis=0) == 0] = UNKNOWN
    return found


def _with_patients_sides(attributes: LabelMap) -> LabelMap:
    """Name paired parts by the patient's sides: in a photograph the right one is further left."""
    settled = attributes.copy()
    for left, right in _PAIRS:
        one, other = _mean_x(attributes, (left,)), _mean_x(attributes, (right,))
        if one is not None and other is not None:
            if one < other:
                settled[attributes == left] = right
                settled[attributes == right] = left
            continue
        here = one if one is not None else other
        if here is not None:
            settled[np.isin(attributes, (left, right))] = _alone(attributes, here, left, right)
    return settled


def _alone(attributes: LabelMap, here: float, left: Attribute, right: Attribute) -> int:
    """Return which of a pair one is whose fellow is hidden, by where the middle of the face is."""
    for middle in _MIDDLE:
        x = _mean_x(attributes, middle)
        if x is not None:
            return right if here < x else left
    return UNKNOWN


def _mean_x(attributes: LabelMap, wanted: tuple[Attribute, ...]) -> float | None:
    columns = np.nonzero(np.isin(attributes, wanted))[1]
    return float(columns.mean()) if len(columns) else None


def _pixels(path: Path, *, as_written: bool = False) -> LabelMap:
    """Read one channel; `as_written` keeps the numbers of a picture with a palette."""
    try:
        with Image.open(path) as picture:
            if as_written and picture.mode not in ("L", "P", "I;16", "I", "1"):
                problem = f"is a {picture.mode} picture, not one number a pixel"
                raise InputError(path, problem, "copy the labels again")
            return np.array(picture if as_written else picture.convert("L")).astype(np.uint8)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        raise InputError(path, "is no readable mask", "copy the masks again") from error


def _same_size(drawn: LabelMap, other: LabelMap, path: Path) -> LabelMap:
    if drawn.shape != other.shape:
        problem = f"has the size {drawn.shape[::-1]}, and another part {other.shape[::-1]}"
        raise InputError(path, problem, "copy the masks again")
    return drawn
