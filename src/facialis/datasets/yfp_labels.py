"""The label files of the YouTube Facial Palsy database, whole or damaged.

A file is VOC-like XML: an ``object`` for the eyes and one for the mouth, whose ``name`` joins the
intensity to the zone (``SlightPalsy_Eyes``). Some files lack a closing tag or misspell it. They are
read by their opening tags, which gives the same for a whole file, and counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers.expat import ExpatError, ParserCreate

from facialis.clinical.anatomy import Intensity, Side
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Literal

    PoseNames = Literal["image", "subject"]

WORDS: Final = {
    "normal": Intensity.NONE,
    "slightpalsy": Intensity.SLIGHT,
    "strongpalsy": Intensity.STRONG,
}
"""The authors' words; their tables write 0, 0.5 and 1.0."""

_ZONES: Final = {"eye": "eyes", "eyes": "eyes", "mouth": "mouth"}
_EDGES: Final = ("xmin", "ymin", "xmax", "ymax")
_LEAF = re.compile(r"<\s*(object|name|pose|xmin|ymin|xmax|ymax)\s*>([^<]*)(?=<)", re.IGNORECASE)
_NAME = re.compile(r"([a-z]+)_([a-z]+)")


@dataclass(frozen=True, slots=True)
class Region:
    """What a label file says of one zone.

    Attributes:
        zone: ``eyes`` or ``mouth``.
        intensity: How strong the palsy is.
        pose: As written (``Left``), the side of nobody in particular; empty if not written.
        box: x and y of the first, x and y of the last pixel, as written; empty if incomplete.
    """

    zone: str
    intensity: Intensity
    pose: str = ""
    box: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """What could be read of a label file.

    Attributes:
        regions: The zones it labels, each once.
        is_whole: Whether the file is well-formed XML.
        unknown: Names of objects that mean nothing here.
        contradictory: Zones that it gives two intensities, which `regions` lacks.
    """

    regions: tuple[Region, ...]
    is_whole: bool
    unknown: tuple[str, ...] = ()
    contradictory: tuple[str, ...] = ()


@dataclass(slots=True)
class _Object:
    name: str = ""
    pose: str = ""
    edges: dict[str, str] = field(default_factory=dict)


def read_annotation(path: Path) -> Annotation:
    """Read a label file.

    Raises:
        InputError: If it cannot be opened, or is damaged so that no region can be told.
    """
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise InputError(
            path, f"cannot be read ({error.strerror})", "check the name and access"
        ) from error
    is_whole = _is_well_formed(octets)
    found: dict[str, set[Region]] = {}
    unknown = []
    for each in _objects(octets.decode("utf-8", "replace")):
        region = _region(each)
        if region is None:
            unknown.append(each.name)
        else:
            found.setdefault(region.zone, set()).add(region)
    if not found and not is_whole:
        raise InputError(path, "is damaged, and no region can be told", "copy it again")
    clear = {zone: all_ for zone, all_ in found.items() if len(_intensities(all_)) == 1}
    return Annotation(
        regions=tuple(_joined(zone, clear[zone]) for zone in sorted(clear)),
        is_whole=is_whole,
        unknown=tuple(unknown),
        contradictory=tuple(sorted(set(found) - set(clear))),
    )


def side_of_pose(pose: str, names: PoseNames) -> Side | None:
    """Return the patient's affected side that a ``pose`` means, or None if it names no side.

    Args:
        pose: As written.
        names: Whether the writer named sides of the ``image`` as the viewer sees it, or of the
            ``subject``. The authors do not say.
    """
    sides: Mapping[str, Side] = {"left": Side.LEFT, "right": Side.RIGHT}
    side = sides.get(pose.strip().lower())
    return side.opposite if side is not None and names == "image" else side


def _is_well_formed(octets: bytes) -> bool:
    try:
        ParserCreate().Parse(octets, True)
    except ExpatError:
        return False
    return True


def _objects(text: str) -> Iterator[_Object]:
    current: _Object | None = None
    for match in _LEAF.finditer(text):
        tag, value = match[1].lower(), match[2].strip()
        if tag == "object":
            if current is not None:
                yield current
            current = _Object()
        elif tag == "name" and value and (current is None or current.name):
            if current is not None:  # the tag that opens this object is missing or misspelt
                yield current
            current = _Object(value)
        elif current is None:
            continue
        elif tag in _EDGES:
            current.edges.setdefault(tag, value)
        elif not getattr(current, tag):
            setattr(current, tag, value)
    if current is not None:
        yield current


def _region(each: _Object) -> Region | None:
    match = _NAME.fullmatch(each.name.replace(" ", "").lower())
    if match is None or match[1] not in WORDS or match[2] not in _ZONES:
        return None
    edges = [each.edges.get(edge, "") for edge in _EDGES]
    whole = all(edge.isascii() and edge.isdigit() for edge in edges)
    box = tuple(map(int, edges)) if whole else ()
    return Region(_ZONES[match[2]], WORDS[match[1]], each.pose, box)


def _intensities(regions: set[Region]) -> set[Intensity]:
    return {each.intensity for each in regions}


def _joined(zone: str, regions: set[Region]) -> Region:
    """Join what several objects agree on; what they do not agree on stays empty."""
    poses = {each.pose for each in regions}
    boxes = {each.box for each in regions}
    (intensity,) = _intensities(regions)
    pose = poses.pop() if len(poses) == 1 else ""
    return Region(zone, intensity, pose, boxes.pop() if len(boxes) == 1 else ())
